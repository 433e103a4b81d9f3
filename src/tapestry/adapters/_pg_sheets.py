"""Tracking sheets, their notices and settings in PostgreSQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from tapestry.adapters._pg_database import Connection, Database
from tapestry.adapters._pg_queries import load_queries
from tapestry.app.ports import Notice, SheetLine, SheetVersion, SheetWrite, StoredSetting
from tapestry.model import MovementId, MovementPlan, MovementSheet, PersonId, VehicleId

_SQL: Final = load_queries("sheets")


class PgSheets:
    """The sheets' part of the store."""

    _database: Database

    async def add_sheet(self, write: SheetWrite) -> MovementSheet:
        """Store a new sheet as version 1 under the next movement id; ids are shared with plans.

        Raises:
            Refused: There is no such operator.
        """
        async with self._database.transaction() as connection:
            new = await (await connection.execute(_SQL["new_movement_id"])).fetchone()
            assert new is not None
            movement_id = MovementId(new["movement_id"])
            sheet = msgspec.structs.replace(write.sheet, movement_id=movement_id, version=1)
            line = msgspec.structs.replace(write.line, movement_id=movement_id, version=1, request_version=1)
            await _put(connection, [msgspec.structs.replace(write, sheet=sheet, line=line)])
        return sheet

    async def put_sheets(self, writes: Sequence[SheetWrite]) -> list[bool]:
        """Store the next version of each sheet and the plan that goes with it, all in one transaction.

        Returns:
            For each, False when somebody else stored that version of the sheet or of the plan before: nothing
            of that write was stored.
        """
        movement_ids = sorted(write.sheet.movement_id for write in writes)
        async with self._database.transaction() as connection:
            await connection.execute(_SQL["lock_sheets"], {"movement_ids": movement_ids})
            found = await connection.execute(_SQL["newest_sheet_versions"], {"movement_ids": movement_ids})
            newest = {row["movement_id"]: row["version"] for row in await found.fetchall()}
            fits = [
                newest.get(write.sheet.movement_id) == write.sheet.version - 1
                and await _plan_fits(connection, write)
                for write in writes
            ]
            await _put(connection, [write for write, fit in zip(writes, fits, strict=True) if fit])
        return fits

    async def sheet(self, movement_id: MovementId, *, version: int | None = None) -> MovementSheet | None:
        """Return a version of a sheet, the newest by default; None when there is none."""
        params = {"movement_id": movement_id, "version": version}
        row = await self._database.row(_SQL["sheet"], params)
        return None if row is None else _sheet(row)

    async def sheets(self, movement_ids: Sequence[MovementId]) -> list[MovementSheet]:
        """Return the newest versions, by id; ids that are not there are left out."""
        rows = await self._database.rows(_SQL["sheets"], {"movement_ids": list(movement_ids)})
        return [_sheet(row) for row in rows]

    async def sheet_versions(self, movement_id: MovementId) -> list[SheetVersion]:
        """Return a sheet's versions, the oldest first."""
        rows = await self._database.rows(_SQL["sheet_versions"], {"movement_id": movement_id})
        return msgspec.convert(rows, list[SheetVersion])

    async def sheet_line(self, movement_id: MovementId) -> SheetLine | None:
        """Return a sheet's line, None when there is no such sheet."""
        row = await self._database.row(_SQL["sheet_line"], {"movement_id": movement_id})
        return None if row is None else msgspec.convert(row, SheetLine)

    async def sheet_lines(self, *, only_open: bool, limit: int) -> list[SheetLine]:
        """Return lines, the latest departure first, those without one before them."""
        statement = _SQL["open_sheet_lines" if only_open else "sheet_lines"]
        return msgspec.convert(await self._database.rows(statement, {"limit": limit}), list[SheetLine])

    async def sheet_lines_with(
        self, *, vehicle_ids: Sequence[VehicleId], person_ids: Sequence[PersonId]
    ) -> list[SheetLine]:
        """Return the open lines that have any of these vehicles or people, by id."""
        params = {"vehicle_ids": list(vehicle_ids), "person_ids": list(person_ids)}
        rows = await self._database.rows(_SQL["sheet_lines_with"], params)
        return msgspec.convert(rows, list[SheetLine])

    async def set_due(self, movement_id: MovementId, *, version: int, due_at: datetime | None) -> None:
        """Note when the next thing is due, unless the line has another version by now."""
        params = {"movement_id": movement_id, "version": version, "due_at": due_at}
        await self._database.run(_SQL["set_due"], params)

    async def plan_versions(self) -> dict[MovementId, int]:
        """Return the newest version of every movement's plan, without reading any."""
        rows = await self._database.rows(_SQL["plan_versions"])
        return {MovementId(row["movement_id"]): row["version"] for row in rows}

    async def plans(self, movement_ids: Sequence[MovementId]) -> list[MovementPlan]:
        """Return the newest plans of movements, by id; ids that have none are left out."""
        rows = await self._database.rows(_SQL["plans"], {"movement_ids": list(movement_ids)})
        return [msgspec.json.decode(row["plan"], type=MovementPlan) for row in rows]

    async def add_notices(self, notices: Sequence[Notice]) -> list[Notice]:
        """Store those whose key is new for their movement; return just these, with their ids."""
        added = []
        async with self._database.transaction() as connection:
            for notice in notices:
                facts = msgspec.json.encode(notice.facts).decode()
                params = {**msgspec.structs.asdict(notice), "facts": facts}
                row = await (await connection.execute(_SQL["add_notice"], params)).fetchone()
                if row is not None:
                    added.append(msgspec.structs.replace(notice, notice_id=row["notice_id"]))
        return added

    async def notices(self, movement_id: MovementId, *, after: int, limit: int) -> list[Notice]:
        """Return the newest notices with an id above `after`, by id."""
        params = {"movement_id": movement_id, "after": after, "limit": limit}
        return [
            msgspec.convert({**row, "facts": msgspec.json.decode(row["facts"])}, Notice)
            for row in await self._database.rows(_SQL["notices"], params)
        ]

    async def setting(self, name: str) -> StoredSetting | None:
        """Return the newest version of a setting, None when it was never set."""
        row = await self._database.row(_SQL["setting"], {"name": name})
        return None if row is None else msgspec.convert(row, StoredSetting)

    async def put_setting(self, setting: StoredSetting) -> bool:
        """Store the next version; return False when somebody else stored that one before."""
        return bool(await self._database.run(_SQL["put_setting"], msgspec.structs.asdict(setting)))


async def _plan_fits(connection: Connection, write: SheetWrite) -> bool:
    """Return whether the plan of a write is the next version of its movement's; no plan always fits."""
    if write.plan is None:
        return True
    movement_id = write.plan.movement_id
    await connection.execute(_SQL["lock_plan"], {"movement_id": movement_id})
    found = await connection.execute(_SQL["newest_plan_version"], {"movement_id": movement_id})
    newest = await found.fetchone()
    assert newest is not None
    return bool(newest["version"] == write.plan.version - 1)


async def _put(connection: Connection, writes: Sequence[SheetWrite]) -> None:
    plans = [write.plan for write in writes if write.plan is not None]
    async with connection.pipeline(), connection.cursor() as cursor:
        await cursor.executemany(_SQL["put_sheet"], [_sheet_params(write) for write in writes])
        lines = [msgspec.structs.asdict(write.line) | _lists(write.line) for write in writes]
        await cursor.executemany(_SQL["put_line"], lines)
        await cursor.executemany(
            _SQL["put_plan"],
            [
                {
                    "movement_id": plan.movement_id,
                    "version": plan.version,
                    "operator_id": plan.operator_id,
                    "plan": msgspec.json.encode(plan).decode(),
                }
                for plan in plans
            ],
        )


def _sheet_params(write: SheetWrite) -> dict[str, Any]:
    return {
        "movement_id": write.sheet.movement_id,
        "version": write.sheet.version,
        "operator_id": write.sheet.operator_id,
        "state": write.sheet.state,
        "at": write.at,
        "by": write.by,
        "command": write.command,
        "sheet": msgspec.json.encode(write.sheet).decode(),
        "releasable_to": list(write.line.releasable_to),
    }


def _lists(line: SheetLine) -> dict[str, Any]:
    """Return the columns of a line that PostgreSQL takes as arrays."""
    return {
        "vehicle_ids": list(line.vehicle_ids),
        "person_ids": list(line.person_ids),
        "releasable_to": list(line.releasable_to),
    }


def _sheet(row: Mapping[str, Any]) -> MovementSheet:
    return msgspec.json.decode(row["sheet"], type=MovementSheet)
