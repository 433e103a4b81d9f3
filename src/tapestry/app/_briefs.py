"""Briefs at the desk: drafted from the Log at any time, issued by a named person, never changed after that."""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from tapestry import brief as briefs
from tapestry import dispatch
from tapestry.access import Action, Principal
from tapestry.app._access import DeskPorts, require
from tapestry.app._brief_pages import pages_of_brief
from tapestry.app._document_port import DocumentPort, Language
from tapestry.app._open_items import open_items
from tapestry.app._refusals import Invalid
from tapestry.app._sheet_lines import UNDER_WAY, WAITING
from tapestry.app._watch_desk import WatchDesk
from tapestry.app._watch_port import LogPlace, LogQuery
from tapestry.app._watch_records import Kept, Records
from tapestry.brief import COUNTS, Brief, BriefKind, Deed, Line
from tapestry.model import DistressCase

LONGEST: Final = timedelta(days=92)
USUAL: Final = {
    BriefKind.SITREP: timedelta(days=1),
    BriefKind.INTSUM: timedelta(days=7),
    BriefKind.HAND_OVER: timedelta(hours=12),
}
AHEAD: Final = timedelta(days=1)  # of what comes
PAGE: Final = 5_000
MOST_DEEDS: Final = 200_000
MOST_BRIEFS: Final = 200
WRITTEN: Final = ("note-watch", "correct-entry")
DEPARTURES: Final = ("depart-movement", "in-contact-movement", "lose-contact-movement")
Text = Annotated[str, Meta(max_length=8_000)]


class BriefQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """Which brief is wanted."""

    kind: BriefKind
    since: Annotated[datetime, Meta(tz=True)] | None = None
    until: Annotated[datetime, Meta(tz=True)] | None = None


class NewBrief(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A brief that somebody issues: its period, and the words beside the numbers."""

    kind: BriefKind
    since: Annotated[datetime, Meta(tz=True)]
    until: Annotated[datetime, Meta(tz=True)]
    assessment: Text = ""
    remarks: Text = ""
    corrects: int | None = None  # number of the brief that this one takes the place of


class IssuedBrief(msgspec.Struct, frozen=True, kw_only=True):
    """A brief as it was issued."""

    brief: Brief
    assessment: str
    remarks: str
    issued_by: str
    issued_at: datetime
    sha256: str  # of the brief's JSON, in hexadecimal
    corrects: int | None = None


class BriefView(msgspec.Struct, frozen=True, kw_only=True):
    """An issued brief with its number."""

    number: int
    issued: IssuedBrief
    corrected_by: int | None = None


class BriefDesk:
    """What people do with briefs."""

    def __init__(self, ports: DeskPorts, documents: DocumentPort, watches: WatchDesk) -> None:
        self._ports = ports
        self._documents = documents
        self._watches = watches
        self._issued = Records(ports, "brief", IssuedBrief)

    async def draft(self, who: Principal, question: BriefQuestion) -> Brief:
        """Return a brief of a period as it is now."""
        require(self._ports, who, Action.VIEW_WATCH)
        made = await self._make(question)
        details = {"kind": made.kind.value, "since": made.since.isoformat(), "until": made.until.isoformat()}
        await self._ports.entries.note(who.user_name, "view-brief-draft", "watch", details)
        return made

    async def issue(self, who: Principal, new: NewBrief) -> BriefView:
        """Issue a brief: drafted once more, kept with its hash, for good."""
        require(self._ports, who, Action.ISSUE_BRIEF)
        if new.corrects is not None:
            await self._issued.get(new.corrects)
        made = await self._make(BriefQuestion(kind=new.kind, since=new.since, until=new.until))
        issued = IssuedBrief(
            brief=made,
            assessment=new.assessment.strip(),
            remarks=new.remarks.strip(),
            issued_by=who.user_name,
            issued_at=self._ports.now(),
            sha256=hashlib.sha256(msgspec.json.encode(made)).hexdigest(),
            corrects=new.corrects,
        )
        kept = await self._issued.add(issued, is_open=False)
        details = {"kind": new.kind.value, "sha256": issued.sha256, "corrects": new.corrects}
        await self._ports.entries.note(who.user_name, "issue-brief", f"brief/{kept.number}", details)
        return BriefView(number=kept.number, issued=issued)

    async def issued(self, who: Principal) -> list[BriefView]:
        """Return the briefs that were issued, the newest first."""
        require(self._ports, who, Action.VIEW_WATCH)
        found = await self._all()
        await self._ports.entries.note(who.user_name, "view-briefs", "watch", {"count": len(found)})
        return found

    async def get(self, who: Principal, number: int) -> BriefView:
        """Return one brief."""
        require(self._ports, who, Action.VIEW_WATCH)
        view = _view(await self._issued.get(number), await self._all())
        await self._ports.entries.note(who.user_name, "view-brief", f"brief/{number}")
        return view

    async def printed(self, who: Principal, number: int, language: Language) -> bytes:
        """Return one brief as it is printed."""
        require(self._ports, who, Action.VIEW_WATCH)
        view = _view(await self._issued.get(number), await self._all())
        own = self._ports.links.own
        pages = pages_of_brief(view.number, view.issued, centre="" if own is None else own.name)
        details = {"language": language.value}
        await self._ports.entries.note(who.user_name, "print-brief", f"brief/{number}", details)
        return await asyncio.to_thread(self._documents.report, pages, language)

    async def _all(self) -> list[BriefView]:
        kept = await self._issued.newest(only_open=False, limit=MOST_BRIEFS)
        corrected = {it.value.corrects: it.number for it in reversed(kept) if it.value.corrects is not None}
        return [
            BriefView(number=it.number, issued=it.value, corrected_by=corrected.get(it.number)) for it in kept
        ]

    async def _make(self, question: BriefQuestion) -> Brief:
        now = self._ports.now()
        until = min(question.until or now, now)
        since = question.since or until - USUAL[question.kind]
        if not timedelta(0) < until - since <= LONGEST:
            raise Invalid(
                "bad-period",
                f"A period of {until - since}, expected up to {LONGEST.days} days.",
                "Correct it.",
            )
        match question.kind:
            case BriefKind.SITREP:
                return await self._sitrep(since, until, now)
            case BriefKind.INTSUM:
                return await self._intsum(since, until, now)
        return await self._hand_over(since, until, now)

    async def _sitrep(self, since: datetime, until: datetime, now: datetime) -> Brief:
        actions = sorted({count.action for counts in COUNTS.values() for count in counts})
        deeds = [*await self._deeds(since, until, actions), *await self._alerts(since, until)]
        deeds += [_opened(case) for case in await self._cases(since, until)]
        items = [
            Line(at=it.since, text=f"{it.kind}: {it.text}", keys=(f"{it.kind}/{it.item_id}",))
            for it in await open_items(self._ports)
        ]
        return briefs.sitrep(
            deeds, since=since, until=until, as_at=now, open_now=items, coming=await self._coming(now)
        )

    async def _intsum(self, since: datetime, until: datetime, now: datetime) -> Brief:
        earlier = since - (until - since)
        spans = [(since, until), (earlier, since)]
        found = [
            [*await self._deeds(begin, end, DEPARTURES), *map(_opened, await self._cases(begin, end))]
            for begin, end in spans
        ]
        return briefs.intsum(found[0], found[1], since=since, until=until, as_at=now)

    async def _hand_over(self, since: datetime, until: datetime, now: datetime) -> Brief:
        last = await self._watches.last_hand_over()
        items = last.value.items if last is not None else await open_items(self._ports)
        lines = [
            Line(
                at=it.since, text=f"{it.kind}: {it.text}" + (f" – {it.note}" if it.note else ""),
                keys=(f"{it.kind}/{it.item_id}",),
            )
            for it in items
        ]  # fmt: skip
        remarks = []
        if last is not None:
            sheet, key = last.value, (f"hand-over/{last.number}",)
            remarks.append(
                Line(at=sheet.closed_at, text=f"{sheet.outgoing} → {sheet.incoming or '–'}", keys=key)
            )
            remarks += [Line(at=sheet.closed_at, text=sheet.note, keys=key)] if sheet.note else []
        return briefs.hand_over_sheet(
            await self._deeds(since, until, WRITTEN), since=since, until=until, as_at=now, items=lines,
            remarks=remarks,
        )  # fmt: skip

    async def _deeds(self, since: datetime, until: datetime, actions: Sequence[str]) -> list[Deed]:
        """Return the period's entries of some actions."""
        found: list[Deed] = []
        place: LogPlace | None = None
        while True:
            query = LogQuery(before=place, since=since, until=until, actions=actions, limit=PAGE)
            rows = await self._ports.store.deeds(query)
            found += [
                Deed(
                    key=f"log/{it.seq}",
                    at=it.at,
                    who=it.actor,
                    what=it.action,
                    about=it.subject,
                    facts=it.details,
                )
                for it in rows
            ]
            if len(rows) < PAGE:
                return found
            _refuse_cut(len(found))
            place = LogPlace(at=rows[-1].at, seq=rows[-1].seq)

    async def _alerts(self, since: datetime, until: datetime) -> list[Deed]:
        rows = await self._ports.store.raised_alerts(LogQuery(since=since, until=until, limit=MOST_DEEDS))
        _refuse_cut(len(rows))
        return [
            Deed(
                key=f"alert/{it.alert_id}", at=it.at, who="hub", what="raise-alert",
                about=f"movement/{it.movement_id}" if it.movement_id else "", facts={"rule": it.rule},
            )
            for it in rows
        ]  # fmt: skip

    async def _cases(self, since: datetime, until: datetime) -> list[DistressCase]:
        found = await self._ports.store.cases_between(since, until, limit=MOST_DEEDS)
        _refuse_cut(len(found))
        return found

    async def _coming(self, now: datetime) -> list[Line]:
        lines = await self._ports.store.sheet_lines(only_open=True, limit=1_000)
        coming = [
            it
            for it in lines
            if it.depart_at is not None
            and now <= it.depart_at < now + AHEAD
            and it.state in WAITING - UNDER_WAY
        ]
        return [
            Line(
                at=it.depart_at, text=f"{it.callsign} {it.state}: {it.origin} → {it.destination}",
                keys=(f"movement/{it.movement_id}",),
            )
            for it in sorted(coming, key=lambda it: (it.depart_at or now, it.movement_id))
        ]  # fmt: skip


def _refuse_cut(count: int) -> None:
    """Raise Invalid where a period has more than is read: a number that leaves some out would be wrong."""
    if count >= MOST_DEEDS:
        raise Invalid(
            "too-much", f"The period has {MOST_DEEDS} things of one sort or more.", "Choose a shorter one."
        )


def _opened(case: DistressCase) -> Deed:
    place = None
    if case.lat_deg is not None and case.lon_deg is not None:
        place = dispatch.governorate_at(lat_deg=case.lat_deg, lon_deg=case.lon_deg)
    facts: dict[str, object] = {
        "kind": case.kind.value,
        "governorate": place,
        "verdict": None if case.verdict is None else case.verdict.value,
    }
    about = f"case/{case.case_id}"
    return Deed(key=about, at=case.opened_at, who="hub", what="open-case", about=about, facts=facts)


def _view(kept: Kept[IssuedBrief], known: list[BriefView]) -> BriefView:
    corrected_by = next((it.corrected_by for it in known if it.number == kept.number), None)
    return BriefView(number=kept.number, issued=kept.value, corrected_by=corrected_by)
