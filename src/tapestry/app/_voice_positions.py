"""Where somebody says by voice that they are: typed by a named person of the watch, marked so in the track."""

from datetime import datetime, timedelta
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from tapestry.access import Action, Principal
from tapestry.app._access import DeskPorts, access_vehicle, require
from tapestry.app._directory import DirectoryVehicle
from tapestry.app._known_places import known_places
from tapestry.app._refusals import Invalid
from tapestry.app._text_senders import TextSenders, movement_of
from tapestry.app._told_positions import ToldPositions
from tapestry.model import Flag
from tapestry.posrep import KnownPlace, PosRep, read_posrep

OLDEST: Final = timedelta(hours=24)  # what was heard the day before is for the watch log
AHEAD: Final = timedelta(minutes=3)


class VoicePosition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was heard, and what of it is the place."""

    vehicle_id: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None
    callsign: Annotated[str, Meta(max_length=40)] = ""  # in the place of vehicle_id
    place: Annotated[str, Meta(max_length=200)] = ""  # MGRS, degrees, or words as in a text message
    checkpoint: Annotated[int, Meta(ge=1, le=1_000)] | None = (
        None  # of the sheet, from 1, in the place of `place`
    )
    at: Annotated[datetime, Meta(tz=True)] | None = None  # when they were there; None: now
    means: Literal["radio", "phone", "satellite-phone", "other"] = "radio"
    heard: Annotated[str, Meta(max_length=500)] = ""  # the words
    only_read: bool = False  # nothing is done; the answer shows how it would be read


class VoicePositionTaken(msgspec.Struct, frozen=True, kw_only=True):
    """How it was read, and what became of it."""

    vehicle_id: int
    callsign: str
    posrep: PosRep
    placed: bool  # False: only read, or the vehicle was in no movement then


class VoicePositions:
    """Takes positions by voice."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports
        self._senders = TextSenders(ports)
        self._positions = ToldPositions(ports)

    async def report(self, who: Principal, report: VoicePosition) -> VoicePositionTaken:
        """Put a position that was heard into the vehicle's track, or read it only."""
        require(self._ports, who, Action.REPORT_POSITION)
        vehicle = self._vehicle(who, report)
        told = await self._read(report, vehicle)
        placed = False
        if not report.only_read:
            placed = await self._positions.put(vehicle.vehicle_id, told, by=Flag.BY_VOICE, proved=True)
            assert told.fixed_at is not None
            details = {
                "heard": report.heard.strip(), "means": report.means, "place": told.place, "form": told.form,
                "at": told.fixed_at.isoformat(), "placed": placed,
            }  # fmt: skip
            subject = f"vehicle/{vehicle.vehicle_id}"
            await self._ports.entries.note(who.user_name, "report-position", subject, details)
        return VoicePositionTaken(
            vehicle_id=vehicle.vehicle_id, callsign=vehicle.callsign, posrep=told, placed=placed
        )

    def _vehicle(self, who: Principal, report: VoicePosition) -> DirectoryVehicle:
        if report.vehicle_id is not None:
            return self._ports.live.directory.vehicles[access_vehicle(self._ports, who, report.vehicle_id)]
        vehicle = self._senders.vehicle(report.callsign)
        if vehicle is None:
            raise Invalid(
                "unknown-callsign",
                "No vehicle on the roster, or more than one, has this callsign.",
                "Ask for the callsign again, or choose the vehicle on the map.",
            )
        access_vehicle(self._ports, who, vehicle.vehicle_id)
        return vehicle

    async def _read(self, report: VoicePosition, vehicle: DirectoryVehicle) -> PosRep:
        now = self._ports.now()
        if report.at is not None and not now - OLDEST <= report.at <= now + AHEAD:
            raise Invalid("bad-time", "It lies ahead, or more than a day back.", "Correct the time.")
        movement_id = movement_of(vehicle, report.at or now)
        known = await known_places(self._ports, movement_id)
        if report.checkpoint is not None:
            told = _at_checkpoint(known, report.checkpoint, now)
        else:
            told = read_posrep(report.place, sent_at=now, known=known)
        if told.code != "read":
            raise Invalid(
                told.code if told.code != "none" else "bad-place",
                "The place is not clear: it is no grid reference, no degrees and no place known here.",
                "Ask for it again: 38SMB4414084706, or 33.31, 44.36, or a checkpoint's name.",
            )
        if report.at is not None and told.when:
            raise Invalid("two-times", "There is a time among the words too.", "Leave one of the two.")
        return told if report.at is None else msgspec.structs.replace(told, fixed_at=report.at)


def _at_checkpoint(known: list[KnownPlace], number: int, now: datetime) -> PosRep:
    place = next((it for it in known if it.number == number), None)
    if place is None:
        return PosRep(code="unknown-place")
    return PosRep(
        code="read", lat_deg=place.lat_deg, lon_deg=place.lon_deg, accuracy_m=place.accuracy_m, fixed_at=now,
        form="name", place=place.names[0],
    )  # fmt: skip
