"""Who has the watch, who is planned to have it, and how it changes hands."""

from datetime import datetime, timedelta
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from tapestry import watch
from tapestry.access import Action, Principal
from tapestry.app._access import DeskPorts, require
from tapestry.app._open_items import open_items
from tapestry.app._refusals import Changed, Invalid
from tapestry.app._watch_records import Kept, Records, allowed
from tapestry.watch import HandOver, HandOverState, OpenItem, Shift, Turn

MAX_SHIFTS: Final = 400
ROLES: Final = frozenset({"watch_officer", "administrator"})
SHOWN_BACK: Final = timedelta(days=2)  # shifts that ended longer ago are not told
Text = Annotated[str, Meta(max_length=1_000)]
Name = Annotated[str, Meta(max_length=100)]


class NewShift(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When somebody is to be there."""

    user_name: Name
    begins_at: Annotated[datetime, Meta(tz=True)]
    ends_at: Annotated[datetime, Meta(tz=True)]
    lead: bool = True


class NewHandOver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the outgoing officer writes on the sheet."""

    note: Text = ""
    notes: dict[Annotated[str, Meta(max_length=200)], Text] = {}  # by item's key


class ShiftView(msgspec.Struct, frozen=True, kw_only=True):
    """A planned shift."""

    number: int
    shift: Shift


class HandOverView(msgspec.Struct, frozen=True, kw_only=True):
    """The sheet of a hand-over."""

    number: int
    sheet: HandOver
    unticked: tuple[str, ...]
    opened_since: tuple[OpenItem, ...]  # has to be closed again for these


class WatchView(msgspec.Struct, frozen=True, kw_only=True):
    """Who has the watch, and what is open."""

    at: datetime
    turn: Turn | None
    until: datetime | None  # the end of their shift, where one is planned
    overrun: bool  # it is past
    shifts: tuple[ShiftView, ...]
    officers: tuple[str, ...]  # who may be planned
    hand_over: HandOverView | None  # the sheet that was closed and not signed yet
    open: tuple[OpenItem, ...]


class TurnView(msgspec.Struct, frozen=True, kw_only=True):
    """Who has the watch."""

    turn: Turn | None
    until: datetime | None
    overrun: bool


class WatchDesk:
    """What people do with the watch itself."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports
        self._turns = Records(ports, "turn", Turn)
        self._shifts = Records(ports, "shift", Shift)
        self._sheets = Records(ports, "hand-over", HandOver)

    async def view(self, who: Principal) -> WatchView:
        """Return who has the watch, the shifts, the sheet that waits, and everything that is open."""
        require(self._ports, who, Action.VIEW_WATCH)
        view = await self._view()
        await self._ports.entries.note(who.user_name, "view-watch", "watch", {"open": len(view.open)})
        return view

    async def told_turn(self, who: Principal) -> TurnView:
        """Return who has the watch, for the head of every page."""
        require(self._ports, who, Action.VIEW_WATCH)
        turn, until, overrun = await self._until()
        return TurnView(turn=turn, until=until, overrun=overrun)

    async def turn(self) -> Turn | None:
        """Return who has the watch of this centre; None: nobody.

        A signature after which the power was cut counts: the turn that it gives is written now.
        """
        found = await self._turns.newest(only_open=True, limit=50)
        sheet = await self.last_hand_over()
        if sheet is not None and sheet.value.state is HandOverState.SIGNED:
            every = await self._turns.newest(only_open=False, limit=50)
            held_from = max((it.value.taken_at for it in every), default=None)
            turn = _turn_of(sheet)
            if (held_from is None or held_from < turn.taken_at) and all(
                it.value.hand_over_id != sheet.number for it in every
            ):
                await self._pass(found, turn)
                return turn
        return found[0].value if found else None

    async def take(self, who: Principal, reason: str) -> WatchView:
        """Take the watch that nobody has, or that was not handed over, with the reason."""
        require(self._ports, who, Action.KEEP_WATCH)
        held = await self.turn()
        before = await self._turns.newest(only_open=True, limit=50)
        turn = allowed(lambda: watch.take(held, who.user_name, self._ports.now(), reason=reason))
        await self._pass(before, turn)
        details = {"before": turn.before, "reason": turn.reason}
        await self._ports.entries.note(who.user_name, "take-watch", "watch", details)
        return await self._view()

    async def plan_shift(self, who: Principal, new: NewShift) -> WatchView:
        """Plan when somebody is to be there."""
        require(self._ports, who, Action.KEEP_WATCH)
        if new.user_name not in await self._officers():
            raise Invalid("no-officer", "Nobody of this name may keep a watch.", "Choose one of the list.")
        shift = Shift(
            user_name=new.user_name, begins_at=new.begins_at, ends_at=new.ends_at, lead=new.lead,
            planned_by=who.user_name,
        )  # fmt: skip
        others = [it.value for it in await self._shifts.newest(only_open=True, limit=MAX_SHIFTS)]
        planned = await self._shifts.add(allowed(lambda: watch.plan(shift, others)))
        await self._noted_shift(who, "set-shift", planned)
        return await self._view()

    async def drop_shift(self, who: Principal, number: int) -> WatchView:
        """Take a planned shift back."""
        require(self._ports, who, Action.KEEP_WATCH)
        known = await self._shifts.get(number)
        dropped = await self._shifts.put(known, known.value, is_open=False)
        await self._noted_shift(who, "drop-shift", dropped)
        return await self._view()

    async def close(self, who: Principal, new: NewHandOver) -> WatchView:
        """Close the sheet: everything that is open now stands on it. Closing again keeps ticks that still fit."""
        require(self._ports, who, Action.KEEP_WATCH)
        turn = await self.turn()
        if turn is None:
            raise Invalid("nobody-on-watch", "Nobody has the watch.", "Take it first.")
        items = tuple(
            msgspec.structs.replace(item, note=new.notes.get(item.key, "").strip())
            for item in await open_items(self._ports)
        )
        sheet = allowed(
            lambda: watch.close(
                who.user_name, items, self._ports.now(), on_watch=turn.user_name, note=new.note
            )
        )
        known = await self._waiting()
        if known is None:
            kept = await self._sheets.add(sheet)
        else:
            keys = {item.key for item in items}
            sheet = msgspec.structs.replace(
                sheet, ticked=known.value.ticked & keys, incoming=known.value.incoming
            )
            kept = await self._sheets.put(known, sheet, is_open=True)
        details = {"items": len(items), "version": kept.version}
        await self._ports.entries.note(who.user_name, "close-hand-over", f"hand-over/{kept.number}", details)
        return await self._view()

    async def tick(self, who: Principal, number: int, key: str) -> WatchView:
        """Tick one item of the sheet: the incoming officer has understood it."""
        require(self._ports, who, Action.KEEP_WATCH)
        await self._sheets.change(number, lambda sheet: watch.tick(sheet, who.user_name, key), _is_waiting)
        await self._ports.entries.note(who.user_name, "tick-hand-over", f"hand-over/{number}", {"item": key})
        return await self._view()

    async def sign(self, who: Principal, number: int) -> WatchView:
        """Sign the sheet: the incoming officer has the watch from now on."""
        require(self._ports, who, Action.KEEP_WATCH)
        now = self._ports.now()
        opened = await open_items(self._ports)
        before = await self._turns.newest(only_open=True, limit=50)
        signed = await self._sheets.change(
            number, lambda sheet: watch.sign(sheet, who.user_name, now, open_now=opened), _is_waiting
        )
        await self._pass(before, _turn_of(signed))
        details = {"from": signed.value.outgoing, "items": len(signed.value.items)}
        await self._ports.entries.note(who.user_name, "sign-hand-over", f"hand-over/{number}", details)
        return await self._view()

    async def hand_over(self, who: Principal, number: int) -> HandOverView:
        """Return a hand-over, signed or not."""
        require(self._ports, who, Action.VIEW_WATCH)
        known = await self._sheets.get(number)
        await self._ports.entries.note(who.user_name, "view-hand-over", f"hand-over/{number}")
        return self._sheet_view(known, known.value.items)

    async def last_hand_over(self) -> Kept[HandOver] | None:
        """Return the newest hand-over of this centre, signed or not."""
        found = await self._sheets.newest(only_open=False, limit=1)
        return found[0] if found else None

    async def _pass(self, before: list[Kept[Turn]], turn: Turn) -> None:
        """Let a new turn stand in the place of those before."""
        await self._turns.add(turn)
        for known in before:
            try:
                await self._turns.put(known, known.value, is_open=False)
            except Changed:
                continue  # somebody took it in the same moment: the newest turn counts

    async def _waiting(self) -> Kept[HandOver] | None:
        found = await self._sheets.newest(only_open=True, limit=1)
        return found[0] if found else None

    async def _view(self) -> WatchView:
        now = self._ports.now()
        turn, until, overrun = await self._until()
        planned = await self._shifts.newest(only_open=True, limit=MAX_SHIFTS)
        opened = await open_items(self._ports)
        waiting = await self._waiting()
        if waiting is not None and (turn is None or waiting.value.outgoing != turn.user_name):
            waiting = None  # the watch was taken without it
        shown = [it for it in planned if it.value.ends_at > now - SHOWN_BACK]
        shifts = sorted(shown, key=lambda it: it.value.begins_at)
        return WatchView(
            at=now,
            turn=turn,
            until=until,
            overrun=overrun,
            shifts=tuple(ShiftView(number=it.number, shift=it.value) for it in shifts),
            officers=tuple(sorted(await self._officers())),
            hand_over=None if waiting is None else self._sheet_view(waiting, opened),
            open=opened,
        )

    async def _until(self) -> tuple[Turn | None, datetime | None, bool]:
        """Return who has the watch, until when they are planned to, and whether that is past."""
        now, turn = self._ports.now(), await self.turn()
        if turn is None:
            return None, None, False
        planned = await self._shifts.newest(only_open=True, limit=MAX_SHIFTS)
        own = watch.shift_now([it.value for it in planned if it.value.lead], turn.user_name, now)
        return turn, None if own is None else own.ends_at, own is not None and own.ends_at < now

    def _sheet_view(self, known: Kept[HandOver], opened: tuple[OpenItem, ...]) -> HandOverView:
        on_sheet = {item.key for item in known.value.items}
        return HandOverView(
            number=known.number,
            sheet=known.value,
            unticked=tuple(item.key for item in watch.unticked(known.value)),
            opened_since=tuple(item for item in opened if item.key not in on_sheet),
        )

    async def _officers(self) -> set[str]:
        accounts = await self._ports.store.accounts()
        return {it.user_name for it in accounts if it.role in ROLES and not it.disabled}

    async def _noted_shift(self, who: Principal, action: str, kept: Kept[Shift]) -> None:
        shift = kept.value
        details = {
            "user_name": shift.user_name,
            "begins_at": shift.begins_at.isoformat(),
            "ends_at": shift.ends_at.isoformat(),
            "lead": shift.lead,
        }
        await self._ports.entries.note(who.user_name, action, f"shift/{kept.number}", details)


def _turn_of(sheet: Kept[HandOver]) -> Turn:
    """Return the turn that a signed sheet gives."""
    assert sheet.value.signed_at is not None
    return Turn(
        user_name=sheet.value.incoming,
        taken_at=sheet.value.signed_at,
        before=sheet.value.outgoing,
        hand_over_id=sheet.number,
    )


def _is_waiting(sheet: HandOver) -> bool:
    return sheet.state is HandOverState.CLOSED
