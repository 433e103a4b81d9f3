"""What devices say of themselves and of their vehicles beside the place: the newest of each, and never a history.

The gateway keeps it in memory, by vehicle: what came with a fix, and what came without one. It is asked for when
somebody looks at a vehicle. It is gone when the gateway ends, and comes again with the next reports.
"""

from datetime import datetime
from typing import Final

import msgspec

from tapestry.access import Action, Principal
from tapestry.app._access import DeskPorts, access_vehicle, may
from tapestry.app._live_words import utc_of
from tapestry.app._refusals import Missing
from tapestry.app._scope import resource_of
from tapestry.app._text_senders import movement_of
from tapestry.app.ports import Bus
from tapestry.wire import Readings

READINGS_SUBJECT: Final = "readings"
ANSWER_WITHIN_S: Final = 3.0
LEFT_OUT: Final = {"alarms", "codes"}  # alarms are raised, codes are a protocol's own

Value = bool | int | float


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a device said last."""

    name: str  # of `wire.Readings`, with its unit
    value: Value
    at: datetime | None


class VehicleReadings(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a vehicle beside its place."""

    vehicle_id: int
    readings: tuple[Reading, ...] = ()


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    """A reading on its way from the gateway."""

    name: str
    value: Value
    at_us: int


class NewestReadings:
    """What vehicles said last."""

    def __init__(self) -> None:
        self._with_fix: dict[int, tuple[int, Readings]] = {}  # by vehicle_id; when, and what
        self._without: dict[int, tuple[int, Readings]] = {}

    def note_fix(self, vehicle_id: int, fixed_at_us: int, now_us: int, readings: Readings) -> None:
        """Keep what came with a fix, unless something newer did. On the hot path of the gateway.

        A device whose clock is ahead counts from now: what it says later must not be older for ever.
        """
        at_us = min(now_us, fixed_at_us)
        kept = self._with_fix.get(vehicle_id)
        if kept is None or at_us >= kept[0]:
            self._with_fix[vehicle_id] = (at_us, readings)

    def note_contact(self, vehicle_id: int, now_us: int, readings: Readings) -> None:
        """Keep what came without a fix."""
        self._without[vehicle_id] = (now_us, readings)

    def of(self, vehicle_id: int) -> list[_Told]:
        """Return the newest of each kind that is known of a vehicle, by name."""
        newest: dict[str, _Told] = {}
        for kept in (self._with_fix.get(vehicle_id), self._without.get(vehicle_id)):
            if kept is None:
                continue
            at_us, readings = kept
            for name in readings.__struct_fields__:
                value = getattr(readings, name)
                before = newest.get(name)
                if value is not None and name not in LEFT_OUT and (before is None or before.at_us <= at_us):
                    newest[name] = _Told(name=name, value=value, at_us=at_us)
        return [newest[name] for name in sorted(newest)]

    async def answer_on(self, bus: Bus) -> None:
        """Answer whoever asks on the bus what is known of a vehicle."""

        async def answer(asked: bytes) -> bytes:
            return msgspec.json.encode(self.of(int(asked)) if asked.isdigit() else [])

        await bus.answer(READINGS_SUBJECT, answer)


class ReadingsDesk:
    """Shows readings to people."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports

    async def of_vehicle(self, who: Principal, vehicle_id: int) -> VehicleReadings:
        """Return what a vehicle's devices said last, to whoever may see where exactly it is.

        Outside a movement it is nothing, as no place is kept then.

        Raises:
            Missing: There is no such vehicle, or it is not for this person to see exactly.
            OutsideFault: The gateway does not answer.
        """
        known = access_vehicle(self._ports, who, vehicle_id)
        directory = self._ports.live.directory
        vehicle = directory.vehicles[known]
        movement_id = movement_of(vehicle, self._ports.now())
        if not may(self._ports, who, Action.VIEW_EXACT_PLACE, resource_of(directory, known, movement_id)):
            raise Missing
        if movement_id is None and not vehicle.always_tracked:
            return VehicleReadings(vehicle_id=known)
        body = await self._ports.bus.ask(READINGS_SUBJECT, b"%d" % known, timeout_s=ANSWER_WITHIN_S)
        told = msgspec.json.decode(body, type=list[_Told])
        await self._ports.entries.note(who.user_name, "view-readings", f"vehicle/{known}")
        return VehicleReadings(
            vehicle_id=known,
            readings=tuple(Reading(name=it.name, value=it.value, at=utc_of(it.at_us)) for it in told),
        )
