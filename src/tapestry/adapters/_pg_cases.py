"""Distress cases in PostgreSQL: a call joins its case in the transaction that stores its alert."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from tapestry.adapters._pg_database import Connection, Database
from tapestry.adapters._pg_queries import load_queries
from tapestry.app.ports import CALLS_WITH_CASE, ChangeCase
from tapestry.distress import AWAITED, OPEN, STORM_ENDS_AFTER, call_of, join
from tapestry.model import (
    Alert,
    AlertId,
    CaseCall,
    CaseDelivery,
    CaseEntry,
    CaseId,
    CaseState,
    Distress,
    DistressCase,
    LadderStep,
)

_SQL: Final = load_queries("cases")
PARTS: Final = ("calls", "deliveries", "steps", "entries")  # of a case, in tables of their own


async def join_case(connection: Connection, alert_id: AlertId, distress: Distress) -> None:
    """Let a call join its case, or open one; the same call twice changes nothing."""
    await connection.execute(_SQL["lock_joining"])
    known = await connection.execute(_SQL["known_call"], {"alert_id": alert_id})
    if await known.fetchone() is not None:
        return
    call = call_of(alert_id, distress)
    params = msgspec.structs.asdict(call) | {"since": call.received_at - STORM_ENDS_AFTER}
    found = await connection.execute(_SQL["joinable"], params)
    case = join(call, [_head(row) for row in await found.fetchall()])
    if not case.case_id:
        new = await (await connection.execute(_SQL["new_case_id"])).fetchone()
        assert new is not None
        case = msgspec.structs.replace(case, case_id=CaseId(new["case_id"]))
    await _put(connection, case, case.entries)
    await connection.execute(
        _SQL["add_call"], msgspec.structs.asdict(call) | {"case_id": case.case_id, "n": case.call_count}
    )


async def _put(connection: Connection, case: DistressCase, entries: Sequence[CaseEntry]) -> None:
    bare = msgspec.structs.replace(case, **dict.fromkeys(PARTS, ()))
    params = {
        "case_id": case.case_id,
        "joinable": case.state in OPEN,
        "awaited": case.state in AWAITED,
        "resolved": case.state is CaseState.RESOLVED,
        "unverified": case.unverified,
        "opened_at": case.opened_at,
        "last_call_at": case.last_call_at,
        "movement_id": case.movement_id,
        "vehicle_ids": list(case.vehicle_ids),
        "identities": list(case.identities),
        "head": msgspec.json.encode(bare).decode(),
    }
    await connection.execute(_SQL["put_case"], params)
    for entry in entries:
        await connection.execute(_SQL["add_entry"], msgspec.structs.asdict(entry) | {"case_id": case.case_id})


class PgCases:
    """The cases' part of the store."""

    _database: Database

    async def case_of_alert(self, alert_id: AlertId) -> CaseId | None:
        """Return the case that a call's alert belongs to, None when it belongs to none."""
        row = await self._database.row(_SQL["case_of_alert"], {"alert_id": alert_id})
        return None if row is None else CaseId(row["case_id"])

    async def case(self, case_id: CaseId) -> DistressCase | None:
        """Return a case whole, with its newest calls; None when there is none."""
        async with self._database.transaction() as connection:
            row = await (await connection.execute(_SQL["case"], {"case_id": case_id})).fetchone()
            if row is None:
                return None
            params = {"case_id": case_id, "limit": CALLS_WITH_CASE}
            parts: dict[str, Any] = {
                "calls": await _rows(connection, "newest_calls", params, CaseCall),
                "deliveries": await _rows(connection, "deliveries", params, CaseDelivery),
                "steps": await _rows(connection, "steps", params, LadderStep),
                "entries": await _rows(connection, "entries", params, CaseEntry),
            }
        return msgspec.structs.replace(_head(row), **parts)

    async def cases(self, *, only_open: bool, limit: int) -> list[DistressCase]:
        """Return cases with their deliveries alone, newest first."""
        statement = _SQL["open_cases" if only_open else "cases"]
        async with self._database.transaction() as connection:
            found = await connection.execute(statement, {"limit": limit})
            heads = [_head(row) for row in await found.fetchall()]
            params = {"case_ids": [case.case_id for case in heads]}
            rows = await (await connection.execute(_SQL["deliveries_of"], params)).fetchall()
        told: dict[int, list[CaseDelivery]] = {}
        for row in rows:
            told.setdefault(row["case_id"], []).append(msgspec.convert(row, CaseDelivery))
        return [msgspec.structs.replace(it, deliveries=tuple(told.get(it.case_id, ()))) for it in heads]

    async def awaited_cases(self) -> list[CaseId]:
        """Return the cases that no human has acknowledged, by id."""
        return [CaseId(row["case_id"]) for row in await self._database.rows(_SQL["awaited_cases"])]

    async def cases_between(self, since: datetime, until: datetime, *, limit: int) -> list[DistressCase]:
        """Return the cases opened in a span, oldest first, without calls and history."""
        params = {"since": since, "until": until, "limit": limit}
        return [_head(row) for row in await self._database.rows(_SQL["cases_between"], params)]

    async def case_calls(self, case_id: CaseId, *, after: int, limit: int) -> list[CaseCall]:
        """Return a case's calls from the one after number `after`, the oldest first."""
        params = {"case_id": case_id, "after": after, "limit": limit}
        return msgspec.convert(await self._database.rows(_SQL["calls"], params), list[CaseCall])

    async def change_case(self, case_id: CaseId, change: ChangeCase) -> DistressCase | None:
        """Put what `change` makes of a case in its place, in one transaction; None when there is no such case."""
        params = {"case_id": case_id}
        async with self._database.transaction() as connection:
            row = await (await connection.execute(_SQL["case_for_change"], params)).fetchone()
            if row is None:
                return None
            entries = await _rows(connection, "entries", params, CaseEntry)
            before = msgspec.structs.replace(_head(row), entries=entries)
            after = change(before)
            if after != before:
                await _put(connection, after, after.entries[len(before.entries) :])
                await _decide_alerts(connection, before, after)
        return after

    async def alerts_of_case(self, case_id: CaseId) -> list[Alert]:
        """Return the alerts of a case's calls."""
        rows = await self._database.rows(_SQL["alerts_of_case"], {"case_id": case_id})
        return [msgspec.convert({**row, "facts": msgspec.json.decode(row["facts"])}, Alert) for row in rows]

    async def add_deliveries(self, case_id: CaseId, deliveries: Sequence[CaseDelivery]) -> None:
        """Note desks that are to see a case; those that are there stay as they are."""
        async with self._database.transaction() as connection:
            await add_deliveries(connection, case_id, deliveries)

    async def mark_told(self, case_id: CaseId, desks: Sequence[str], *, at: datetime) -> int:
        """Note that consoles of these desks were sent a case; return how many were not before."""
        params = {"case_id": case_id, "desks": list(desks), "at": at}
        return await self._database.run(_SQL["mark_told"], params)

    async def mark_shown(self, case_id: CaseId, desks: Sequence[str], *, by: str, at: datetime) -> list[str]:
        """Note that a console showed a case; return the desks for which it was the first."""
        params = {"case_id": case_id, "desks": list(desks), "by": by, "at": at}
        return sorted(row["desk"] for row in await self._database.rows(_SQL["mark_shown"], params))


async def _rows(connection: Connection, name: str, params: Mapping[str, Any], kind: type) -> Any:
    rows = await (await connection.execute(_SQL[name], params)).fetchall()
    return msgspec.convert(rows, tuple[kind, ...])  # type: ignore[valid-type]


async def add_deliveries(connection: Connection, case_id: CaseId, deliveries: Sequence[CaseDelivery]) -> None:
    """Note desks that are to see a case; those that are there stay as they are."""
    for it in deliveries:
        params = {"case_id": case_id, "desk": it.desk, "reason": it.reason, "due_at": it.due_at}
        await connection.execute(_SQL["add_delivery"], params)


async def _decide_alerts(connection: Connection, before: DistressCase, after: DistressCase) -> None:
    """Let alerts of calls and messages follow what a person decided of their case."""
    params = {"case_id": after.case_id, "at": after.acknowledged_at, "by": after.acknowledged_by}
    if before.acknowledged_at is None and after.acknowledged_at is not None:
        await connection.execute(_SQL["acknowledge_alerts"], params | {"reason": f"case {after.case_id}"})
        await connection.execute(_SQL["stop_messages"], params)
    if before.resolved_at is None and after.resolved_at is not None:
        reason = f"case {after.case_id}: {after.resolve_reason}"
        params |= {"at": after.resolved_at, "by": after.resolved_by, "reason": reason}
        await connection.execute(_SQL["close_alerts"], params)


def _head(row: Mapping[str, Any]) -> DistressCase:
    return msgspec.json.decode(row["head"], type=DistressCase)
