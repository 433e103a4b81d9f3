"""What a simulation is made of: convoys, their devices, the radio, and the script of what happens."""

from enum import StrEnum

import msgspec

from tapestry.model import DistressKind, MovementPlan, VehicleId
from tapestry.wire import DistressCall, Fix


class EpisodeKind(StrEnum):
    """What may happen on the way. A test knows from the script what really happened."""

    SPOOF = "spoof"  # GNSS shows the vehicle somewhere else
    STRAGGLE = "straggle"  # drives slower than its convoy; the others pass it
    BREAKDOWN = "breakdown"  # stops; the others pass it
    HALT = "halt"  # the head of the convoy stops off plan, the others close up behind it
    EXCURSION = "excursion"  # leaves the route to one side and comes back
    COVERAGE_GAP = "coverage-gap"  # nothing gets out; fixes are stored and come late in a burst
    DISTRESS = "distress"  # the button is pressed at the start


class Episode(msgspec.Struct, frozen=True, kw_only=True):
    """One scripted event."""

    kind: EpisodeKind
    starts_s: float  # after the start of the simulation
    lasts_s: float = 0.0
    vehicle_id: VehicleId | None = None  # None: every vehicle of the convoy; the one in front for HALT
    shift_north_m: float = 0.0  # SPOOF: where the false position lies from the true one
    shift_east_m: float = 0.0  # SPOOF
    offset_m: float = 0.0  # EXCURSION: farthest from the route, to the right; negative is left
    speed_factor: float = 1.0  # STRAGGLE: share of the convoy's speed
    distress: DistressKind = DistressKind.SOS  # DISTRESS: which button


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """The tracker in one vehicle."""

    vehicle_id: VehicleId
    identity: str  # "<scheme>:<value>"
    protocol: str  # name in the protocol tables: "gt06"
    report_interval_s: float = 10.0  # 1 to 30 s is usual
    newest_first: bool = False  # after a coverage gap the current fix leaves before the stored ones


class ConvoySpec(msgspec.Struct, frozen=True, kw_only=True):
    """One convoy to drive: what it plans, what it carries, what happens to it."""

    plan: MovementPlan
    devices: tuple[Device, ...]  # a vehicle without one drives unseen
    cruise_mps: float = 20.0  # on the open road; towns are slower
    start_progress_m: float = 0.0  # of the last vehicle along the route, standing
    episodes: tuple[Episode, ...] = ()


class RadioModel(msgspec.Struct, frozen=True, kw_only=True):
    """How well positions are found and carried."""

    noise_m: float = 3.0  # GNSS error, standard deviation per axis
    noise_memory_s: float = 60.0  # the error wanders: correlation time of a first-order Gauss-Markov process
    speed_noise_mps: float = 0.2  # standard deviation
    loss_share: float = 0.0  # of reports that never arrive
    duplicate_share: float = 0.0  # of reports that are sent twice


class Report(msgspec.Struct, frozen=True, gc=False):
    """One thing that a device sends."""

    vehicle_id: VehicleId
    identity: str
    protocol: str
    sent_at_us: int  # simulated time of sending; later than the fix after a coverage gap
    content: Fix | DistressCall
