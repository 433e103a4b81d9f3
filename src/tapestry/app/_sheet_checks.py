"""What the checks of a request need to know of roster, devices and other movements, and what they notice."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
import numpy as np

from tapestry.app._access import DeskPorts
from tapestry.app._settings_desk import SettingsDesk
from tapestry.app._sheet_lines import UNDER_WAY, WAITING
from tapestry.app._sheet_meetings import SheetMeetings
from tapestry.app._sheet_views import CheckView
from tapestry.app.ports import SheetLine
from tapestry.model import (
    Finding,
    MovementId,
    MovementRequest,
    MovementSheet,
    OperatorId,
    Permit,
    Person,
    PersonId,
    VehicleId,
)
from tapestry.movement import RosterFacts, Window, check_request, responsible

BOOKS: Final = WAITING | UNDER_WAY
"""States in which a movement books its vehicles and its crew."""
PAPERS: Final = frozenset({"permit-expires", "permit-not-yet-valid", "permit-missing"})
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Papers(msgspec.Struct, frozen=True, kw_only=True):
    """People and permits of every operator."""

    people: Sequence[Person]
    permits: Sequence[Permit]

    def of(self, operator_id: OperatorId, vehicles: frozenset[VehicleId]) -> RosterFacts:
        """Return what is known of an operator: these vehicles, its people who are active, its permits."""
        return RosterFacts(
            vehicles=vehicles,
            people=frozenset(
                it.person_id for it in self.people if it.operator_id == operator_id and it.active
            ),
            permits={it.permit_id: it for it in self.permits if it.operator_id == operator_id},
        )


class SheetChecks:
    """Checks requests with what the hub knows."""

    def __init__(self, ports: DeskPorts, settings: SettingsDesk, meetings: SheetMeetings) -> None:
        self._ports = ports
        self._settings = settings
        self._meetings = meetings

    async def view(self, request: MovementRequest, movement_id: MovementId | None = None) -> CheckView:
        """Return everything that is noticed of a request.

        Args:
            request: As it stands.
            movement_id: Of its own sheet, None while it has none: what it books itself does not count.
        """
        settings = await self._settings.current()
        return CheckView(
            findings=await self._findings(request, movement_id),
            clearances=responsible(request, settings),
            meetings=await self._meetings.of_request(request),
        )

    async def flags_of(self, sheet: MovementSheet) -> tuple[Finding, ...]:
        """Return what a check notices of a sheet's request now."""
        return await self._findings(sheet.request, sheet.movement_id)

    async def papers_of(self, sheets: Sequence[MovementSheet]) -> list[tuple[Finding, ...]]:
        """Return for each sheet what is noticed of the papers that its movement needs."""
        settings, papers = await self._settings.current(), await self._papers()
        found = []
        for sheet in sheets:
            request = sheet.request
            roster = papers.of(request.operator_id, self._vehicles_of(request))
            findings = check_request(
                request,
                at=self._ports.now(),
                settings=settings,
                roster=roster,
                movement_id=sheet.movement_id,
            )
            found.append(tuple(it for it in findings if it.code in PAPERS))
        return found

    async def _findings(
        self, request: MovementRequest, movement_id: MovementId | None
    ) -> tuple[Finding, ...]:
        return check_request(
            request,
            at=self._ports.now(),
            settings=await self._settings.current(),
            roster=await self._facts(request, movement_id),
            movement_id=movement_id,
        )

    async def _facts(self, request: MovementRequest, movement_id: MovementId | None) -> RosterFacts:
        """Return what the roster knows of those in a request."""
        asked = {vehicle.vehicle_id for vehicle in request.vehicles}
        crew = {member.person_id for member in request.crew}
        lines = await self._ports.store.sheet_lines_with(vehicle_ids=sorted(asked), person_ids=sorted(crew))
        booking = [line for line in lines if line.movement_id != movement_id and line.state in BOOKS]
        papers = await self._papers()
        return msgspec.structs.replace(
            papers.of(request.operator_id, self._vehicles_of(request)),
            vehicle_windows=self._vehicle_windows(asked, booking, movement_id),
            person_windows=_windows(crew, booking),
            last_contacts=self._last_contacts(asked),
            tracked=frozenset(
                tracker.vehicle_id
                for tracker in self._ports.live.directory.trackers.values()
                if tracker.vehicle_id is not None and tracker.vehicle_id in asked
            ),
        )

    async def _papers(self) -> Papers:
        store = self._ports.store
        return Papers(people=await store.people(), permits=await store.permits())

    def _vehicles_of(self, request: MovementRequest) -> frozenset[VehicleId]:
        """Return the vehicles of a request that are its operator's."""
        known = self._ports.live.directory.vehicles
        return frozenset(
            vehicle.vehicle_id
            for vehicle in request.vehicles
            if vehicle.vehicle_id in known and known[vehicle.vehicle_id].operator_id == request.operator_id
        )

    def _vehicle_windows(
        self, asked: set[VehicleId], booking: Sequence[SheetLine], movement_id: MovementId | None
    ) -> dict[VehicleId, tuple[Window, ...]]:
        """Return when vehicles are booked: by other sheets, and by plans that have none."""
        sheets = {line.movement_id for line in booking} | {movement_id}
        windows: dict[VehicleId, tuple[Window, ...]] = {}
        for vehicle_id in asked:
            known = self._ports.live.directory.vehicles.get(vehicle_id)
            plans = () if known is None else known.windows
            found = [
                Window(
                    movement_id=it.movement_id,
                    begins_at=EPOCH + timedelta(microseconds=it.from_us),
                    ends_at=EPOCH + timedelta(microseconds=it.until_us),
                )
                for it in plans
                if it.movement_id not in sheets
            ]
            found += [_window(line) for line in booking if vehicle_id in line.vehicle_ids and _timed(line)]
            windows[vehicle_id] = tuple(found)
        return windows

    def _last_contacts(self, asked: Iterable[VehicleId]) -> dict[VehicleId, datetime]:
        """Return when each vehicle was heard last, as the live picture has it."""
        rows = self._ports.live.picture.rows
        chosen = rows[np.isin(rows["vehicle_id"], sorted(asked)) & (rows["contact_at_us"] > 0)]
        pairs = zip(chosen["vehicle_id"].tolist(), chosen["contact_at_us"].tolist(), strict=True)
        return {VehicleId(vehicle_id): EPOCH + timedelta(microseconds=at_us) for vehicle_id, at_us in pairs}


def _windows(people: Iterable[PersonId], booking: Sequence[SheetLine]) -> dict[PersonId, tuple[Window, ...]]:
    return {
        person: tuple(_window(line) for line in booking if person in line.person_ids and _timed(line))
        for person in people
    }


def _timed(line: SheetLine) -> bool:
    return line.depart_at is not None and line.arrive_at is not None


def _window(line: SheetLine) -> Window:
    assert line.depart_at is not None
    assert line.arrive_at is not None
    return Window(movement_id=line.movement_id, begins_at=line.depart_at, ends_at=line.arrive_at)
