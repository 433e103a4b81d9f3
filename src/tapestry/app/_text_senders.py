"""Whom a text message speaks for: a person on the roster, a vehicle, or a convoy, by the number that sent it."""

from datetime import datetime
from typing import Final

import msgspec

from tapestry.app._access import DeskPorts
from tapestry.app._directory import DirectoryVehicle
from tapestry.app._sheet_lines import UNDER_WAY
from tapestry.app._telephone import plain_number
from tapestry.distress import ReadText
from tapestry.model import MovementId, MovementRequest, Person, VehicleId

MAX_SHEETS: Final = 1_000
NUMBER_SCHEME: Final = "sms"  # of the identity under which a number is bound to a vehicle, as a tracker's is


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """What a number speaks for."""

    known: bool
    person: Person | None = None
    vehicle: DirectoryVehicle | None = None
    movement_id: MovementId | None = None
    note: str = ""  # code of what is not known of it
    callsign: str = ""  # as it stands in the text, when it is the vehicle's
    other: bool = False  # the text names a vehicle that this number does not speak for


class TextSenders:
    """Finds out whom a text speaks for."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports

    async def seat(self, sender: str, read: ReadText, now: datetime) -> Seat:
        """Return the seat of a number: a person's first, then a vehicle's own, then a convoy's."""
        person = await self._person(sender)
        if person is not None:
            return await self._of_person(person, read, now)
        bound = self._ports.live.directory.trackers.get(f"{NUMBER_SCHEME}:{sender}")
        if bound is not None and bound.vehicle_id is not None:
            vehicle = self._ports.live.directory.vehicles.get(bound.vehicle_id)
            if vehicle is not None:
                named = self._like_one(read.callsign)
                return Seat(
                    known=True, vehicle=vehicle, movement_id=movement_of(vehicle, now),
                    callsign=read.callsign if named else "",
                    other=named and _plain(vehicle.callsign) != _plain(read.callsign),
                )  # fmt: skip
        return await self._of_convoy(sender, read, now)

    async def _person(self, sender: str) -> Person | None:
        """Return the one person on the roster who has a number; two who share one are nobody."""
        if not sender:
            return None
        found = [
            person
            for person in await self._ports.store.people()
            if person.active and sender in {plain_number(it.value) for it in person.contacts}
        ]
        return found[0] if len(found) == 1 else None

    async def _of_person(self, person: Person, read: ReadText, now: datetime) -> Seat:
        if read.callsign:
            named = self.vehicle(read.callsign)
            if named is not None and named.operator_id == person.operator_id:
                return Seat(
                    known=True, person=person, vehicle=named, movement_id=movement_of(named, now),
                    callsign=read.callsign,
                )  # fmt: skip
        note = "unknown-callsign" if read.callsign else ""
        lines = await self._ports.store.sheet_lines_with(vehicle_ids=(), person_ids=[person.person_id])
        lines = [line for line in lines if line.state in UNDER_WAY]
        if not lines:
            return Seat(known=True, person=person, note=note or "in-no-movement")
        sheet = await self._ports.store.sheet(lines[-1].movement_id)
        assert sheet is not None
        seats = {it.person_id: it.vehicle_id for it in sheet.request.crew}
        vehicle_id = seats.get(person.person_id)
        vehicle = None if vehicle_id is None else self._ports.live.directory.vehicles.get(vehicle_id)
        return Seat(
            known=True, person=person, vehicle=vehicle, movement_id=sheet.movement_id, note=note,
            callsign=read.callsign if (other := self._like_one(read.callsign)) else "", other=other,
        )  # fmt: skip

    async def _of_convoy(self, sender: str, read: ReadText, now: datetime) -> Seat:
        """Return the seat of a number that is written on the sheet of one convoy under way."""
        lines = await self._ports.store.sheet_lines(only_open=True, limit=MAX_SHEETS)
        ids = [line.movement_id for line in lines if line.state in UNDER_WAY]
        sheets = await self._ports.store.sheets(ids) if ids and sender else []
        found = [it for it in sheets if sender in {plain_number(way.value) for way in it.request.contacts}]
        if len(found) != 1:
            return Seat(known=False, note="unknown-number")
        (sheet,) = found
        named = self.vehicle(read.callsign) if read.callsign else None
        planned = {it.vehicle_id for it in sheet.request.vehicles}
        if named is not None and named.vehicle_id in planned:
            return Seat(known=True, vehicle=named, movement_id=sheet.movement_id, callsign=read.callsign)
        vehicle_id = _commanders_vehicle(sheet.request)
        vehicle = None if vehicle_id is None else self._ports.live.directory.vehicles.get(vehicle_id)
        note = "" if vehicle is not None else "which-vehicle"
        return Seat(
            known=True, vehicle=vehicle, movement_id=sheet.movement_id, note=note,
            callsign=read.callsign if (other := self._like_one(read.callsign)) else "", other=other,
        )  # fmt: skip

    def _like_one(self, callsign: str) -> bool:
        """Return whether words are made like a callsign of the roster: "PALM 99" beside PALM 1, and not "fuel 40"."""
        name = _name_of(callsign)
        return bool(name) and any(
            _name_of(it.callsign) == name for it in self._ports.live.directory.vehicles.values()
        )

    def vehicle(self, callsign: str) -> DirectoryVehicle | None:
        """Return the vehicle of a callsign, None when none has it, or more than one."""
        wanted = _plain(callsign)
        found = [it for it in self._ports.live.directory.vehicles.values() if _plain(it.callsign) == wanted]
        return found[0] if len(found) == 1 else None


def movement_of(vehicle: DirectoryVehicle, now: datetime) -> MovementId | None:
    """Return the movement that a vehicle is in at a moment."""
    at_us = round(now.timestamp() * 1_000_000)
    return next((it.movement_id for it in vehicle.windows if it.from_us <= at_us < it.until_us), None)


def _commanders_vehicle(request: MovementRequest) -> VehicleId | None:
    """Return the vehicle in which a convoy's own telephone is: its commander's, or the only one."""
    for member in request.crew:
        if member.person_id == request.commander_id:
            return member.vehicle_id
    return request.vehicles[0].vehicle_id if len(request.vehicles) == 1 else None


def _name_of(callsign: str) -> str:
    return "".join(it for it in callsign.casefold() if it.isalpha())


def _plain(callsign: str) -> str:
    return "".join(it for it in callsign.casefold() if it.isalnum())
