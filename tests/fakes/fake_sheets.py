"""Sheets, roads and settings in memory, kept to the same contract suite as PostgreSQL."""

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from tapestry.app.ports import Notice, SheetLine, SheetVersion, SheetWrite, StandingStop, StoredSetting
from tapestry.model import (
    MovementId,
    MovementPlan,
    MovementSheet,
    Operator,
    OperatorId,
    PersonId,
    Refused,
    RouteStatus,
    RouteStatusId,
    VehicleId,
)

LAST = datetime.max.replace(tzinfo=UTC)


class FakeSheets:
    _operators: dict[OperatorId, Operator]
    _movements: dict[MovementId, list[MovementPlan]]

    def __init__(self) -> None:
        super().__init__()
        self._sheets: dict[MovementId, list[SheetWrite]] = {}
        self._notices: dict[tuple[MovementId, str], Notice] = {}
        self._settings: dict[str, list[StoredSetting]] = {}

    def keep_sheet(self, write: SheetWrite) -> None:
        """Put the first version of a sheet in under its own id: for tests, beside a plan that is there."""
        self._sheets[write.sheet.movement_id] = [write]

    async def add_sheet(self, write: SheetWrite) -> MovementSheet:
        if write.sheet.operator_id not in self._operators:
            raise Refused("store: sheet needs an operator (table movement_sheet); change the value")
        number = MovementId(max([0, *self._sheets, *self._movements]) + 1)
        sheet = replace(write.sheet, movement_id=number, version=1)
        line = replace(write.line, movement_id=number, version=1, request_version=1)
        self._sheets[number] = [replace(write, sheet=sheet, line=line)]
        return sheet

    async def put_sheets(self, writes: Sequence[SheetWrite]) -> list[bool]:
        fits = []
        for write in writes:
            versions = self._sheets.get(write.sheet.movement_id, [])
            fit = bool(versions) and len(versions) == write.sheet.version - 1
            if write.plan is not None:
                plans = self._movements.get(write.plan.movement_id, [])
                fit = fit and len(plans) == write.plan.version - 1
            fits.append(fit)
            if fit:
                line = replace(
                    write.line,
                    request_version=write.line.request_version or versions[-1].line.request_version,
                )
                versions.append(replace(write, line=line))
                if write.plan is not None:
                    self._movements.setdefault(write.plan.movement_id, []).append(write.plan)
        return fits

    async def sheet(self, movement_id: MovementId, *, version: int | None = None) -> MovementSheet | None:
        versions = self._sheets.get(movement_id, [])
        chosen = [it.sheet for it in versions if version is None or it.sheet.version == version]
        return chosen[-1] if chosen else None

    async def sheets(self, movement_ids: Sequence[MovementId]) -> list[MovementSheet]:
        return [self._sheets[it][-1].sheet for it in sorted(set(movement_ids)) if it in self._sheets]

    async def sheet_versions(self, movement_id: MovementId) -> list[SheetVersion]:
        return [
            SheetVersion(
                version=it.sheet.version, at=it.at, by=it.by, command=it.command, state=it.sheet.state
            )
            for it in self._sheets.get(movement_id, [])
        ]

    async def sheet_line(self, movement_id: MovementId) -> SheetLine | None:
        return self._sheets[movement_id][-1].line if movement_id in self._sheets else None

    def _lines(self) -> list[SheetLine]:
        return [versions[-1].line for versions in self._sheets.values()]

    async def sheet_lines(self, *, only_open: bool, limit: int) -> list[SheetLine]:
        chosen = [line for line in self._lines() if line.open or not only_open]
        chosen.sort(key=lambda line: (line.depart_at or LAST, line.movement_id), reverse=True)
        return chosen[:limit]

    async def sheet_lines_with(
        self, *, vehicle_ids: Sequence[VehicleId], person_ids: Sequence[PersonId]
    ) -> list[SheetLine]:
        chosen = [
            line
            for line in self._lines()
            if line.open
            and (set(line.vehicle_ids) & set(vehicle_ids) or set(line.person_ids) & set(person_ids))
        ]
        return sorted(chosen, key=lambda line: line.movement_id)

    async def set_due(self, movement_id: MovementId, *, version: int, due_at: datetime | None) -> None:
        versions = self._sheets.get(movement_id, [])
        if versions and versions[-1].sheet.version == version:
            versions[-1] = replace(versions[-1], line=replace(versions[-1].line, due_at=due_at))

    async def plan_versions(self) -> dict[MovementId, int]:
        return {number: plans[-1].version for number, plans in self._movements.items()}

    async def plans(self, movement_ids: Sequence[MovementId]) -> list[MovementPlan]:
        return [self._movements[it][-1] for it in sorted(set(movement_ids)) if it in self._movements]

    async def add_notices(self, notices: Sequence[Notice]) -> list[Notice]:
        added = []
        for notice in notices:
            if (notice.movement_id, notice.key) not in self._notices:
                added.append(replace(notice, notice_id=len(self._notices) + 1))
                self._notices[notice.movement_id, notice.key] = added[-1]
        return added

    async def notices(self, movement_id: MovementId, *, after: int, limit: int) -> list[Notice]:
        chosen = [
            it for it in self._notices.values() if it.movement_id == movement_id and it.notice_id > after
        ]
        return chosen[-limit:]

    async def setting(self, name: str) -> StoredSetting | None:
        return self._settings[name][-1] if name in self._settings else None

    async def put_setting(self, setting: StoredSetting) -> bool:
        versions = self._settings.get(setting.name, [])
        if len(versions) != setting.version - 1:
            return False
        self._settings[setting.name] = [*versions, setting]
        return True


class FakeRoads:
    def __init__(self) -> None:
        super().__init__()
        self._statuses: dict[RouteStatusId, RouteStatus] = {}
        self._stops: dict[int, StandingStop] = {}

    async def add_route_status(self, status: RouteStatus) -> RouteStatus:
        added = replace(status, status_id=RouteStatusId(len(self._statuses) + 1))
        self._statuses[added.status_id] = added
        return added

    async def route_status(self, status_id: RouteStatusId) -> RouteStatus | None:
        return self._statuses.get(status_id)

    async def route_statuses(self, *, valid_after: datetime) -> list[RouteStatus]:
        return [it for it in reversed(self._statuses.values()) if it.valid_until > valid_after]

    async def withdraw_route_status(
        self, status_id: RouteStatusId, *, by: str, at: datetime, reason: str
    ) -> bool:
        known = self._statuses.get(status_id)
        if known is None or known.withdrawn:
            return False
        self._statuses[status_id] = replace(known, withdrawn=True)
        return True

    async def add_stop_order(self, order: StandingStop) -> StandingStop:
        added = replace(order, stop_id=len(self._stops) + 1)
        self._stops[added.stop_id] = added
        return added

    async def stop_orders(self, *, only_standing: bool, limit: int) -> list[StandingStop]:
        chosen = [it for it in reversed(self._stops.values()) if it.lifted_at is None or not only_standing]
        return chosen[:limit]

    async def lift_stop_order(self, stop_id: int, *, by: str, at: datetime, reason: str) -> bool:
        known = self._stops.get(stop_id)
        if known is None or known.lifted_at is not None:
            return False
        self._stops[stop_id] = replace(known, lifted_at=at, lifted_by=by, lift_reason=reason)
        return True
