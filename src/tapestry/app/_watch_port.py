"""What the house asks of its store about the watch."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, Protocol

import msgspec

ANY_NUMBER: Final = range(2**31)
RecordKind = Literal["turn", "shift", "hand-over", "task", "contact-line", "roll-call", "brief"]


class WatchRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One record of the watch, as it is stored."""

    record_id: int
    kind: RecordKind
    version: int
    open: bool
    body: bytes  # JSON of the room's record


class LogPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A place in the watch log, from which older entries are read: an entry of the Log, or an alert."""

    at: datetime
    seq: int | None = None
    alert_id: str | None = None


class LogQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries of the watch log are wanted. Empty and None: any."""

    before: LogPlace | None = None
    since: datetime | None = None
    until: datetime | None = None
    actor: str = ""
    about: str = ""  # "movement/12"
    actions: Sequence[str] = ()
    subjects: Sequence[str] = ()  # beginnings: "case/"
    words: str = ""  # each of them, from its beginning
    limit: int = 100


class DeedRow(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the Log that is no look."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, object]
    corrected_by: int | None = None  # the newest entry that corrects this one


class RaisedRow(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that was raised."""

    alert_id: str
    at: datetime  # when the hub knew
    started_at: datetime
    rule: str
    severity: str
    movement_id: int | None
    vehicle_id: int | None
    closed_at: datetime | None
    closed_by: str | None
    close_reason: str | None


class WatchStore(Protocol):
    """Records of the watch, and the Log read as a watch log."""

    async def add_watch_record(self, kind: RecordKind, body: bytes, *, is_open: bool) -> WatchRecord: ...
    async def put_watch_record(self, record: WatchRecord) -> bool:
        """Store the next version; return False when somebody else stored that one before."""
        ...

    async def watch_record(self, kind: RecordKind, record_id: int) -> WatchRecord | None: ...
    async def watch_records(
        self, kind: RecordKind, *, only_open: bool, limit: int, numbers: range = ANY_NUMBER
    ) -> list[WatchRecord]:
        """Return those with one of these numbers, the newest of a centre first."""
        ...

    async def deeds(self, query: LogQuery) -> list[DeedRow]:
        """Return entries of the Log that are no looks, the newest first."""
        ...

    async def deed(self, seq: int) -> DeedRow | None: ...
    async def raised_alerts(self, query: LogQuery) -> list[RaisedRow]:
        """Return alerts by when the hub knew, the newest first; of `query` count place, times and `about`."""
        ...
