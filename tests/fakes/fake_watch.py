"""Records of the watch, and the watch log, in memory, kept to the same contract suite as PostgreSQL."""

import re
from datetime import UTC, datetime
from typing import Any

from tapestry.app.ports import ANY_NUMBER, DeedRow, LogEntry, LogQuery, RaisedRow, RecordKind, WatchRecord
from tapestry.model import Alert, AlertId

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
LOOKS = ("view-", "plan-", "print-")
OTHER_LOOKS = {"open-live-view", "show-case", "download-form", "propose-teams", "export-roster"}


class FakeWatch:
    entries: list[LogEntry]
    _alerts: dict[AlertId, Alert]

    def __init__(self) -> None:
        super().__init__()
        self._watch_records: dict[int, WatchRecord] = {}
        self.next_watch_record = 1

    async def add_watch_record(self, kind: RecordKind, body: bytes, *, is_open: bool) -> WatchRecord:
        record = WatchRecord(record_id=self.next_watch_record, kind=kind, version=1, open=is_open, body=body)
        self.next_watch_record += 1
        self._watch_records[record.record_id] = record
        return record

    async def put_watch_record(self, record: WatchRecord) -> bool:
        known = self._watch_records.get(record.record_id)
        if known is None or (known.kind, known.version) != (record.kind, record.version - 1):
            return False
        self._watch_records[record.record_id] = record
        return True

    async def watch_record(self, kind: RecordKind, record_id: int) -> WatchRecord | None:
        found = self._watch_records.get(record_id)
        return found if found is not None and found.kind == kind else None

    async def watch_records(
        self, kind: RecordKind, *, only_open: bool, limit: int, numbers: range = ANY_NUMBER
    ) -> list[WatchRecord]:
        found = [
            it
            for it in self._watch_records.values()
            if it.kind == kind and (it.open or not only_open) and it.record_id in numbers
        ]
        return sorted(found, key=lambda it: -it.record_id)[:limit]

    async def deeds(self, query: LogQuery) -> list[DeedRow]:
        place = query.before
        edge = (LAST, 0) if place is None else (place.at, 0 if place.seq is None else place.seq)
        words = re.findall(r"\w+", query.words.lower())
        if query.words.strip() and not words:
            return []
        found = [
            entry
            for entry in self.entries
            if not entry.action.startswith(LOOKS)
            and entry.action not in OTHER_LOOKS
            and (entry.at, entry.seq) < edge
            and (query.since or FIRST) <= entry.at < (query.until or LAST)
            and query.actor in ("", entry.actor)
            and query.about in ("", entry.subject)
            and (
                not (query.actions or query.subjects)
                or entry.action in query.actions
                or entry.subject.startswith(tuple(query.subjects))
            )
            and all(any(it.startswith(word) for it in _words(entry)) for word in words)
        ]
        newest = sorted(found, key=lambda it: (it.at, it.seq), reverse=True)[: query.limit]
        return [self._deed(entry) for entry in newest]

    async def deed(self, seq: int) -> DeedRow | None:
        if not 0 <= seq < len(self.entries) or self.entries[seq].action.startswith(LOOKS):
            return None
        return self._deed(self.entries[seq])

    async def raised_alerts(self, query: LogQuery) -> list[RaisedRow]:
        place = query.before
        edge = (LAST, "") if place is None else (place.at, place.alert_id or "\U0010ffff")
        found = [
            it
            for it in self._alerts.values()
            if (it.received_at, it.alert_id) < edge
            and (query.since or FIRST) <= it.received_at < (query.until or LAST)
            and query.about in ("", f"movement/{it.movement_id}", f"vehicle/{it.vehicle_id}")
        ]
        newest = sorted(found, key=lambda it: (it.received_at, it.alert_id), reverse=True)
        return [_raised(it) for it in newest[: query.limit]]

    def _deed(self, entry: LogEntry) -> DeedRow:
        corrections = [
            it.seq
            for it in self.entries
            if it.action == "correct-entry" and it.details.get("corrects") == entry.seq
        ]
        return DeedRow(
            seq=entry.seq,
            at=entry.at,
            actor=entry.actor,
            action=entry.action,
            subject=entry.subject,
            details=entry.details,
            corrected_by=max(corrections, default=None),
        )


def _words(entry: LogEntry) -> list[str]:
    text = f"{entry.actor} {entry.action} {entry.subject.replace('/', ' ')} {_flat(entry.details)}"
    return re.findall(r"\w+", text.lower())


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key} {_flat(it)}" for key, it in value.items())
    return " ".join(map(_flat, value)) if isinstance(value, list) else str(value)


def _raised(alert: Alert) -> RaisedRow:
    return RaisedRow(
        alert_id=alert.alert_id, at=alert.received_at, started_at=alert.started_at, rule=alert.rule,
        severity=alert.severity, movement_id=alert.movement_id, vehicle_id=alert.vehicle_id,
        closed_at=alert.closed_at, closed_by=alert.closed_by, close_reason=alert.close_reason,
    )  # fmt: skip
