"""A call for help from a convoy."""

from datetime import datetime
from enum import StrEnum

import msgspec

from tapestry.model._movement import MovementId
from tapestry.model._roster import TrackerId, VehicleId


class DistressKind(StrEnum):
    """The three buttons, and the alarms that trackers raise by themselves."""

    SOS = "sos"  # emergency
    HELP = "help"  # help, not an emergency
    DELAY = "delay"
    CONTACT = "contact"  # in contact: under attack
    TAMPER = "tamper"  # the tracker's power was cut or its case opened


class Distress(msgspec.Struct, frozen=True, kw_only=True):
    """One distress call as it arrived; never expires, however late it comes."""

    identity: str  # the tracker's claimed identity, known to the roster or not
    kind: DistressKind
    raised_at: datetime  # device's clock, UTC
    received_at: datetime  # hub's clock, UTC
    tracker_id: TrackerId | None = None  # None: an unknown tracker; the call is shown all the same
    vehicle_id: VehicleId | None = None
    movement_id: MovementId | None = None
    lat_deg: float | None = None
    lon_deg: float | None = None
    silent: bool = False  # the convoy asked for no sound and no call-back
