"""The hand-over: the outgoing officer closes the sheet, the incoming one ticks every open item and signs."""

from datetime import datetime
from enum import StrEnum

import msgspec

from tapestry.watch._fault import NotAllowed


class OpenKind(StrEnum):
    """What may be open when the watch changes."""

    ALERT = "alert"
    CASE = "case"
    TASKING = "tasking"
    MOVEMENT = "movement"  # under way, late or not
    STOP_ORDER = "stop-order"
    TASK = "task"
    LINK = "link"  # down
    CHECK = "check"  # a radio check that was missed
    MEDEVAC = "medevac"


class OpenItem(msgspec.Struct, frozen=True, kw_only=True):
    """One open thing, as it stood when the sheet was closed."""

    kind: OpenKind
    item_id: str  # of its kind
    text: str
    since: datetime | None = None
    note: str = ""  # of the outgoing officer

    @property
    def key(self) -> str:
        """Name the item among all kinds."""
        return f"{self.kind}:{self.item_id}"


class HandOverState(StrEnum):
    """How far a hand-over is."""

    CLOSED = "closed"  # the outgoing officer closed the sheet and still has the watch
    SIGNED = "signed"  # the incoming one has the watch


class HandOver(msgspec.Struct, frozen=True, kw_only=True):
    """One change of the watch of a centre."""

    outgoing: str  # user name
    closed_at: datetime
    items: tuple[OpenItem, ...]
    note: str = ""  # of the outgoing officer, to all of it
    ticked: frozenset[str] = frozenset()  # keys of items
    state: HandOverState = HandOverState.CLOSED
    incoming: str = ""  # user name, once signed
    signed_at: datetime | None = None


def close(
    outgoing: str, items: tuple[OpenItem, ...], now: datetime, *, on_watch: str, note: str = ""
) -> HandOver:
    """Return the sheet that the outgoing officer closes.

    Raises:
        NotAllowed: Somebody else has the watch, or an item is there twice.
    """
    if outgoing != on_watch:
        raise NotAllowed(
            "not-on-watch",
            f"{outgoing!r} closes a hand-over sheet, expected {on_watch!r}, who has the watch.",
            "Let the officer on watch close it.",
        )
    if len({item.key for item in items}) != len(items):
        raise NotAllowed("item-twice", "An open item is there twice, expected once.", "List every item once.")
    return HandOver(outgoing=outgoing, closed_at=now, items=items, note=note.strip())


def tick(sheet: HandOver, by: str, key: str) -> HandOver:
    """Return the sheet with one item ticked by the incoming officer.

    Raises:
        NotAllowed: The sheet is signed, the item is not on it, or the outgoing officer ticks.
    """
    _verify_incoming(sheet, by)
    if key not in {item.key for item in sheet.items}:
        raise NotAllowed(
            "no-such-item",
            f"Item {key!r} was ticked, expected one of the sheet.",
            "Tick an item of the sheet.",
        )
    if sheet.incoming not in ("", by):
        raise NotAllowed(
            "another-takes-over",
            f"{by!r} ticks, expected {sheet.incoming!r}, who began to.",
            "Let one officer tick every item.",
        )
    return msgspec.structs.replace(sheet, ticked=sheet.ticked | {key}, incoming=by)


def unticked(sheet: HandOver) -> tuple[OpenItem, ...]:
    """Return the items that the incoming officer has not ticked, in the order of the sheet."""
    return tuple(item for item in sheet.items if item.key not in sheet.ticked)


def sign(sheet: HandOver, by: str, now: datetime, *, open_now: tuple[OpenItem, ...]) -> HandOver:
    """Return the sheet signed by the incoming officer, who has the watch from now.

    What opened since the sheet was closed has to be on it too: nothing slips between two watches.

    Raises:
        NotAllowed: An item is not ticked, something opened meanwhile, or another person ticked.
    """
    _verify_incoming(sheet, by)
    if sheet.incoming not in ("", by):
        raise NotAllowed(
            "another-takes-over",
            f"{by!r} signs, expected {sheet.incoming!r}, who ticked.",
            "Let the officer who ticked sign.",
        )
    on_sheet = {item.key for item in sheet.items}
    fresh = [item.key for item in open_now if item.key not in on_sheet]
    if fresh:
        raise NotAllowed(
            "opened-meanwhile",
            f"{', '.join(fresh)} opened after the sheet was closed, expected every open item on it.",
            "Let the outgoing officer close the sheet again.",
        )
    left = [item.key for item in unticked(sheet)]
    if left:
        raise NotAllowed(
            "not-ticked", f"{', '.join(left)} not ticked, expected every item.", "Tick every item, then sign."
        )
    return msgspec.structs.replace(sheet, state=HandOverState.SIGNED, incoming=by, signed_at=now)


def _verify_incoming(sheet: HandOver, by: str) -> None:
    if sheet.state is HandOverState.SIGNED:
        raise NotAllowed(
            "signed-already", "The sheet is signed, expected one that is not.", "Begin a new hand-over."
        )
    if by == sheet.outgoing:
        raise NotAllowed(
            "own-hand-over",
            f"{by!r} takes over from {by!r}, expected another person.",
            "Let another officer take over.",
        )
