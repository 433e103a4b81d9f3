"""The contact plan with its checks, and roll calls."""

from datetime import datetime, timedelta
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from tapestry import watch
from tapestry.access import Action, Principal
from tapestry.app._access import DeskPorts, require
from tapestry.app._open_items import KeptLine, missed_of
from tapestry.app._refusals import Invalid
from tapestry.app._settings_desk import SettingsDesk
from tapestry.app._sheet_lines import UNDER_WAY
from tapestry.app._watch_log import written
from tapestry.app._watch_records import Kept, Records, allowed
from tapestry.model import Contact
from tapestry.watch import Answer, CalledRoll, CheckMade, RollLine

MAX_LINES: Final = 300
MAX_ROLLS: Final = 50
KEPT_CHECKS: Final = 20  # of a line; all of them are in the Log
MAX_AHEAD: Final = timedelta(minutes=2)
Line = Annotated[str, Meta(max_length=200)]
Minutes = Annotated[float, Meta(gt=0, le=1_440)]
Scope = Literal["movements", "teams", "centres"]


class NewLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How somebody is called, and how often."""

    callsign: Line
    net: Line = ""
    means: Line  # frequency or number, as people write it
    every_minutes: Minutes
    grace_minutes: Annotated[float, Meta(ge=0, le=720)] = 5.0
    first_check_at: Annotated[datetime, Meta(tz=True)] | None = None  # None: one interval from now
    about: Line = ""


class Heard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That somebody was heard."""

    words: Annotated[str, Meta(max_length=500)] = ""
    at: Annotated[datetime, Meta(tz=True)] | None = None


class NewRoll(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is called."""

    scope: Scope


class RollAnswer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody answered."""

    about: Line
    answer: Answer
    note: Line = ""


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the contact plan."""

    number: int
    line: KeptLine
    next_at: datetime
    missed: int  # checks since somebody was heard last
    heard_at: datetime | None


class NumberView(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to call."""

    name: str
    kind: str  # centre | authority | team
    contacts: tuple[Contact, ...] = ()
    text: str = ""  # as the settings have it


class RollView(msgspec.Struct, frozen=True, kw_only=True):
    """A roll call."""

    number: int
    roll: CalledRoll
    complete: bool


class ContactView(msgspec.Struct, frozen=True, kw_only=True):
    """The page of the contact plan."""

    at: datetime
    lines: tuple[LineView, ...]
    rolls: tuple[RollView, ...]
    numbers: tuple[NumberView, ...]


class ContactDesk:
    """What people do with the contact plan and with roll calls."""

    def __init__(self, ports: DeskPorts, settings: SettingsDesk) -> None:
        self._ports = ports
        self._settings = settings
        self._lines = Records(ports, "contact-line", KeptLine)
        self._rolls = Records(ports, "roll-call", CalledRoll)

    async def view(self, who: Principal) -> ContactView:
        """Return the plan, who was not heard, roll calls, and numbers to call."""
        require(self._ports, who, Action.VIEW_WATCH)
        lines = [self._line_view(it) for it in await self._lines.newest(only_open=True, limit=MAX_LINES)]
        rolls = await self._rolls.newest(only_open=False, limit=MAX_ROLLS)
        await self._ports.entries.note(who.user_name, "view-contact-plan", "watch", {"lines": len(lines)})
        return ContactView(
            at=self._ports.now(),
            lines=tuple(sorted(lines, key=lambda it: (-it.missed, it.next_at))),
            rolls=tuple(_roll_view(it) for it in rolls),
            numbers=await self._numbers(),
        )

    async def add(self, who: Principal, new: NewLine) -> LineView:
        """Put a line into the plan."""
        require(self._ports, who, Action.KEEP_WATCH)
        now, every = self._ports.now(), timedelta(minutes=new.every_minutes)
        callsign = written(new.callsign)
        line = allowed(
            lambda: KeptLine(
                line_id=callsign, callsign=callsign, net=new.net.strip(), means=written(new.means),
                first_check_at=new.first_check_at or now + every, every=every,
                grace=timedelta(minutes=new.grace_minutes), about=new.about, begun_at=now,
            )
        )  # fmt: skip
        kept = await self._lines.add(line)
        await self._noted(who, "add-contact-line", kept, {"every_minutes": new.every_minutes})
        return self._line_view(kept)

    async def heard(self, who: Principal, number: int, heard: Heard) -> LineView:
        """Note that somebody was heard."""
        require(self._ports, who, Action.KEEP_WATCH)
        now = self._ports.now()
        at = heard.at or now
        if at > now + MAX_AHEAD:
            raise Invalid("ahead", "It would have happened in the future.", "Correct the time.")

        def noted(line: KeptLine) -> KeptLine:
            checks = (*line.heard, CheckMade(line_id=line.line_id, at=at))[-KEPT_CHECKS:]
            return msgspec.structs.replace(line, heard=tuple(sorted(checks, key=lambda it: it.at)))

        kept = await self._lines.change(number, noted, lambda line: line.ended_at is None)
        await self._noted(
            who, "hear-contact", kept, {"happened_at": at.isoformat(), "text": heard.words.strip()}
        )
        return self._line_view(kept)

    async def end(self, who: Principal, number: int) -> None:
        """Take a line out of the plan."""
        require(self._ports, who, Action.KEEP_WATCH)
        now = self._ports.now()
        kept = await self._lines.change(
            number,
            lambda line: msgspec.structs.replace(line, ended_at=now, ended_by=who.user_name),
            lambda line: False,
        )
        await self._noted(who, "end-contact-line", kept, {"missed": missed_of(kept.value, now)})

    async def call_roll(self, who: Principal, new: NewRoll) -> RollView:
        """Begin a roll call of all movements under way, of all teams or of all centres."""
        require(self._ports, who, Action.KEEP_WATCH)
        lines = await self._called(new.scope)
        if not lines:
            raise Invalid("nobody-to-call", "There is nobody to call.", "Nothing needs to be done.")
        roll = CalledRoll(
            scope=new.scope, called_at=self._ports.now(), called_by=who.user_name, lines=tuple(lines)
        )
        kept = await self._rolls.add(roll)
        details = {"scope": new.scope, "called": len(lines)}
        await self._ports.entries.note(who.user_name, "call-roll", f"roll-call/{kept.number}", details)
        return _roll_view(kept)

    async def answer(self, who: Principal, number: int, said: RollAnswer) -> RollView:
        """Write down what somebody answered."""
        require(self._ports, who, Action.KEEP_WATCH)
        now = self._ports.now()
        kept = await self._rolls.change(
            number,
            lambda roll: watch.answer(
                roll, said.about, said.answer, by=who.user_name, now=now, note=said.note
            ),
            lambda roll: not roll.complete,
        )
        details = {"about": said.about, "answer": said.answer.value, "text": said.note}
        await self._ports.entries.note(who.user_name, "answer-roll", f"roll-call/{number}", details)
        return _roll_view(kept)

    async def _called(self, scope: Scope) -> list[RollLine]:
        if scope == "teams":
            teams = await self._ports.store.teams()
            return [RollLine(about=f"team/{it.team_id}", name=it.name) for it in teams]
        if scope == "centres":
            return [
                RollLine(about=f"centre/{it.centre.number}", name=it.centre.name)
                for it in self._ports.links.links
            ]
        sheets = await self._ports.store.sheet_lines(only_open=True, limit=500)
        return [
            RollLine(about=f"movement/{it.movement_id}", name=it.callsign)
            for it in sheets
            if it.state in UNDER_WAY
        ]

    async def _numbers(self) -> tuple[NumberView, ...]:
        settings = await self._settings.current()
        called = [
            NumberView(name=it.name, kind="centre", text=it.contact) for it in settings.centres if it.contact
        ]
        called += [
            NumberView(name=it.name, kind="authority", text=it.contact)
            for it in settings.authorities
            if it.contact
        ]
        teams = await self._ports.store.teams()
        return (*called, *(NumberView(name=it.name, kind="team", contacts=it.contacts) for it in teams))

    async def _noted(
        self, who: Principal, action: str, kept: Kept[KeptLine], details: dict[str, object]
    ) -> None:
        told = {"callsign": kept.value.callsign, "about": kept.value.about} | details
        await self._ports.entries.note(who.user_name, action, f"contact/{kept.number}", told)

    def _line_view(self, kept: Kept[KeptLine]) -> LineView:
        now = self._ports.now()
        return LineView(
            number=kept.number,
            line=kept.value,
            next_at=watch.next_check_at(kept.value, now),
            missed=missed_of(kept.value, now),
            heard_at=max((it.at for it in kept.value.heard), default=None),
        )


def _roll_view(kept: Kept[CalledRoll]) -> RollView:
    return RollView(number=kept.number, roll=kept.value, complete=kept.value.complete)
