"""The watch log: the Log without its looks, the alerts beside it, and what people write into it."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from tapestry.access import Action, Principal
from tapestry.app._access import DeskPorts, require
from tapestry.app._refusals import Invalid, Missing
from tapestry.app._watch_port import DeedRow, LogPlace, LogQuery, RaisedRow
from tapestry.model import AlertId

MAX_ENTRIES: Final = 200
MAX_AHEAD: Final = timedelta(minutes=2)  # of the hub's clock, what is written down may have happened
WRITTEN: Final = ("note-watch", "correct-entry")

KINDS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "written": (WRITTEN, ()),
    "distress": ((), ("case/", "call/", "text/")),
    "dispatch": ((), ("tasking/", "team/", "medevac/")),
    "movement": ((), ("movement/",)),
    "order": ((), ("stop-order/", "route-status/")),
    "watch": ((), ("watch", "hand-over/", "shift/", "task/", "contact/", "roll-call/", "brief/")),
}
"""Kind of entries -> actions, and beginnings of subjects."""

Line = Annotated[str, Meta(max_length=200)]


class WatchLogQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries somebody wants to see."""

    before: Line = ""  # key of the oldest entry shown
    kind: Line = ""
    who: Line = ""
    about: Line = ""
    since: Annotated[datetime, Meta(tz=True)] | None = None
    until: Annotated[datetime, Meta(tz=True)] | None = None
    words: Line = ""
    limit: Annotated[int, Meta(ge=1, le=MAX_ENTRIES)] = 100


class WatchEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the watch log."""

    key: str  # "log/12" or "alert/…"
    at: datetime  # when the hub knew
    happened_at: datetime  # when it was so
    who: str  # user name, "hub" for what it did by itself
    what: str  # action, or "raise-alert"
    about: str
    text: str = ""  # what somebody wrote
    details: dict[str, object] = {}
    seq: int | None = None
    corrects: int | None = None
    corrected_by: int | None = None


class NewEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody writes down."""

    text: Annotated[str, Meta(max_length=4_000)]
    at: Annotated[datetime, Meta(tz=True)] | None = None  # when it happened; None: now
    about: Line = ""


class WatchLog:
    """What people read in the watch log, and write into it."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports

    async def entries(self, who: Principal, question: WatchLogQuestion) -> list[WatchEntry]:
        """Return entries, the newest first."""
        require(self._ports, who, Action.VIEW_WATCH)
        if question.kind and question.kind not in (*KINDS, "alert"):
            raise Invalid(
                "no-such-kind", f"There is no kind {question.kind!r} of entries.", "Choose one of the list."
            )
        actions, subjects = KINDS.get(question.kind, ((), ()))
        query = LogQuery(
            before=await self._place(question.before),
            since=question.since,
            until=question.until,
            actor=question.who,
            about=question.about,
            actions=actions,
            subjects=subjects,
            words=question.words,
            limit=question.limit,
        )
        found: list[WatchEntry] = []
        if question.kind != "alert":
            found += [_of_deed(row) for row in await self._ports.store.deeds(query)]
        if question.kind in ("", "alert") and not question.words and question.who in ("", "hub"):
            found += [self._of_alert(row) for row in await self._ports.store.raised_alerts(query)]
        # of one moment, deeds come before alerts: as the store pages
        found.sort(key=lambda it: (it.at, it.seq is not None, it.seq or 0, it.key), reverse=True)
        await self._ports.entries.note(
            who.user_name, "view-watch-log", "watch", {"kind": question.kind, "about": question.about}
        )
        return found[: question.limit]

    async def entry(self, who: Principal, seq: int) -> WatchEntry:
        """Return one entry of the Log."""
        require(self._ports, who, Action.VIEW_WATCH)
        row = await self._ports.store.deed(seq) if 0 <= seq < 2**53 else None
        if row is None:
            raise Missing
        await self._ports.entries.note(who.user_name, "view-watch-log", "watch", {"entry": seq})
        return _of_deed(row)

    async def write(self, who: Principal, new: NewEntry) -> None:
        """Write something down."""
        require(self._ports, who, Action.KEEP_WATCH)
        text, now = written(new.text), self._ports.now()
        at = new.at or now
        if at > now + MAX_AHEAD:
            raise Invalid("ahead", "It would have happened in the future.", "Correct the time.")
        details = {"text": text, "happened_at": at.isoformat()}
        await self._append(who, "note-watch", new.about or "watch", details)

    async def correct(self, who: Principal, seq: int, text: str) -> None:
        """Write a correction of an entry that somebody wrote: both stay."""
        require(self._ports, who, Action.KEEP_WATCH)
        row = await self._ports.store.deed(seq) if 0 <= seq < 2**53 else None
        if row is None:
            raise Missing
        if row.action not in WRITTEN:
            raise Invalid(
                "not-written", "Only what somebody wrote is corrected.", "Write a new entry about it."
            )
        corrects = row.details.get("corrects", seq)  # a correction of a correction is one of the first
        details: dict[str, Any] = {
            "text": written(text),
            "corrects": corrects,
            "happened_at": row.details.get("happened_at", row.at.isoformat()),
        }
        await self._append(who, "correct-entry", row.subject, details)

    async def _append(self, who: Principal, action: str, subject: str, details: dict[str, Any]) -> None:
        """Write an entry at once: what somebody wrote down is in the Log when they are told so."""
        await self._ports.store.append_log(
            at=self._ports.now(), actor=who.user_name, action=action, subject=subject, details=details
        )

    async def _place(self, key: str) -> LogPlace | None:
        """Return where an entry stands.

        Raises:
            Invalid: There is no such entry.
        """
        if not key:
            return None
        kind, _, name = key.partition("/")
        if kind == "log" and name.isdecimal() and len(name) < 16:
            row = await self._ports.store.deed(int(name))
            if row is not None:
                return LogPlace(at=row.at, seq=row.seq)
        elif kind == "alert":
            alert = await self._ports.store.alert(AlertId(name))
            if alert is not None:
                return LogPlace(at=alert.received_at, alert_id=alert.alert_id)
        raise Invalid("no-such-entry", "There is no such entry.", "Load the watch log again.")

    def _of_alert(self, row: RaisedRow) -> WatchEntry:
        directory = self._ports.live.directory
        vehicle = None if row.vehicle_id is None else directory.vehicles.get(row.vehicle_id)
        about = f"movement/{row.movement_id}" if row.movement_id is not None else ""
        if not about and row.vehicle_id is not None:
            about = f"vehicle/{row.vehicle_id}"
        details: dict[str, object] = {"rule": row.rule, "severity": row.severity}
        if vehicle is not None:
            details["callsign"] = vehicle.callsign
        if row.closed_at is not None:
            details |= {"closed_at": row.closed_at, "closed_by": row.closed_by, "reason": row.close_reason}
        return WatchEntry(
            key=f"alert/{row.alert_id}", at=row.at, happened_at=row.started_at, who="hub", what="raise-alert",
            about=about, details=details,
        )  # fmt: skip


def written(text: str) -> str:
    """Return what somebody wrote, without blanks around it.

    Raises:
        Invalid: Nothing was written, or characters that cannot be printed.
    """
    text = text.strip()
    if not text or not text.replace("\n", "").replace("\t", "").isprintable():
        raise Invalid(
            "bad-text", "Nothing was written, or characters that cannot be printed.", "Write it plainly."
        )
    return text


def _of_deed(row: DeedRow) -> WatchEntry:
    details = dict(row.details)
    text, corrects = details.pop("text", ""), details.pop("corrects", None)
    happened = details.pop("happened_at", None)
    return WatchEntry(
        key=f"log/{row.seq}",
        at=row.at,
        happened_at=datetime.fromisoformat(happened) if isinstance(happened, str) else row.at,
        who=row.actor,
        what=row.action,
        about=row.subject,
        text=text if isinstance(text, str) else "",
        details=details,
        seq=row.seq,
        corrects=corrects if isinstance(corrects, int) else None,
        corrected_by=row.corrected_by,
    )
