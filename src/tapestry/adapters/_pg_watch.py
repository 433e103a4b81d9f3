"""Records of the watch, and the watch log, in PostgreSQL."""

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from tapestry.adapters._pg_database import Database
from tapestry.adapters._pg_queries import load_queries
from tapestry.app.ports import ANY_NUMBER, DeedRow, LogQuery, RaisedRow, RecordKind, WatchRecord

_SQL: Final = load_queries("watch")
_WORD: Final = re.compile(r"\w+")
NEVER: Final = "infinity"


class PgWatch:
    """The part of the store that the watch uses."""

    _database: Database

    async def add_watch_record(self, kind: RecordKind, body: bytes, *, is_open: bool) -> WatchRecord:
        """Store a new record as version 1 under a new id."""
        params = {"kind": kind, "body": body.decode(), "open": is_open}
        row = await self._database.row(_SQL["add_watch_record"], params)
        assert row is not None
        return _record(row)

    async def put_watch_record(self, record: WatchRecord) -> bool:
        """Store the next version; return False when somebody else stored that one before."""
        params = msgspec.structs.asdict(record) | {"body": record.body.decode()}
        return bool(await self._database.run(_SQL["put_watch_record"], params))

    async def watch_record(self, kind: RecordKind, record_id: int) -> WatchRecord | None:
        """Return a record, None when there is none."""
        row = await self._database.row(_SQL["watch_record"], {"kind": kind, "record_id": record_id})
        return None if row is None else _record(row)

    async def watch_records(
        self, kind: RecordKind, *, only_open: bool, limit: int, numbers: range = ANY_NUMBER
    ) -> list[WatchRecord]:
        """Return those with one of these numbers, the newest of a centre first."""
        statement = _SQL["open_watch_records" if only_open else "watch_records"]
        params = {"kind": kind, "limit": limit, "first": numbers.start, "last": numbers.stop - 1}
        return [_record(row) for row in await self._database.rows(statement, params)]

    async def deeds(self, query: LogQuery) -> list[DeedRow]:
        """Return entries of the Log that are no looks, the newest first."""
        words = _WORD.findall(query.words)
        if query.words.strip() and not words:
            return []
        place = query.before
        params = {
            "actor": query.actor,
            "about": query.about,
            "actions": list(query.actions),
            "subjects": [f"{it}%" for it in query.subjects],
            "words": " & ".join(f"{word}:*" for word in words),
            "since": query.since or "-infinity",
            "until": query.until or NEVER,
            "before_at": NEVER if place is None else place.at,
            "before_seq": 0 if place is None or place.seq is None else place.seq,
            "limit": query.limit,
        }
        name = "deeds_with_words" if words else "deeds_about" if query.about else "deeds"
        return await self._told(await self._database.rows(_SQL[name], params))

    async def deed(self, seq: int) -> DeedRow | None:
        """Return an entry, None when there is none or it is a look."""
        found = await self._told(await self._database.rows(_SQL["deed"], {"seq": seq}))
        return found[0] if found else None

    async def raised_alerts(self, query: LogQuery) -> list[RaisedRow]:
        """Return alerts by the moment at which the hub knew, the newest first."""
        place = query.before
        params = {
            "about": query.about,
            "since": query.since or "-infinity",
            "until": query.until or NEVER,
            "before_at": NEVER if place is None else place.at,
            # of one moment, deeds come before alerts: all alerts of it come after a deed
            "before_id": "" if place is None else place.alert_id or "\U0010ffff",
            "limit": query.limit,
        }
        return msgspec.convert(await self._database.rows(_SQL["raised_alerts"], params), list[RaisedRow])

    async def _told(self, rows: Sequence[dict[str, Any]]) -> list[DeedRow]:
        numbers = [str(row["seq"]) for row in rows]
        corrections = await self._database.rows(_SQL["corrections_of"], {"numbers": numbers}) if rows else []
        newest = {int(row["corrects"]): row["seq"] for row in corrections}
        return [
            DeedRow(
                seq=row["seq"],
                at=row["at"],
                actor=row["actor"],
                action=row["action"],
                subject=row["subject"],
                details=msgspec.json.decode(row["details"]),
                corrected_by=newest.get(row["seq"]),
            )
            for row in rows
        ]


def _record(row: dict[str, Any]) -> WatchRecord:
    return msgspec.convert(row | {"body": row["body"].encode()}, WatchRecord)
