"""The state machine of a movement: one table. Whatever is not in it may not be done."""

from typing import Final

import msgspec

from tapestry.model import MovementSheet
from tapestry.model import MovementState as S

UNDER_WAY: Final = frozenset(
    {S.DEPARTED, S.EN_ROUTE, S.HALTED, S.DIVERTED, S.OVERDUE, S.LOST_CONTACT, S.IN_CONTACT}
)
CLEARED: Final = frozenset({S.APPROVED, S.BRIEFED})
ASKED: Final = frozenset({S.SUBMITTED, S.UNDER_REVIEW, S.DECONFLICTED})
STOPPED: Final = frozenset({"depart", "resume", "divert"})  # what an order to stop forbids
ENDED: Final = frozenset({S.ARRIVED, S.DENIED, S.CANCELLED, S.ABORTED})


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table: from any of these states a command leads to one state."""

    command: str  # its tag; "decide:go" and "decide:no-go" are two
    before: frozenset[S]
    after: S | None  # None: the state stays


def _ways(after: S | None, before: frozenset[S], *commands: str) -> tuple[Way, ...]:
    return tuple(Way(command=command, before=before, after=after) for command in commands)


TRANSITIONS: Final[tuple[Way, ...]] = (
    *_ways(None, frozenset({S.DRAFT, S.RETURNED}), "edit"),
    *_ways(S.SUBMITTED, frozenset({S.DRAFT, S.RETURNED}), "submit"),
    *_ways(S.UNDER_REVIEW, frozenset({S.SUBMITTED}), "review"),
    *_ways(S.RETURNED, ASKED, "return"),
    *_ways(S.DENIED, ASKED, "deny"),
    *_ways(
        None,
        frozenset({S.UNDER_REVIEW, S.DECONFLICTED}) | CLEARED | UNDER_WAY,
        "request-clearance",
        "acknowledge-clearance",
        "grant-clearance",
        "object-clearance",
    ),
    *_ways(S.DECONFLICTED, frozenset({S.UNDER_REVIEW}), "deconflict"),
    *_ways(S.APPROVED, frozenset({S.DECONFLICTED}), "decide:go"),
    *_ways(S.DENIED, frozenset({S.DECONFLICTED}), "decide:no-go"),
    *_ways(None, ASKED | CLEARED | UNDER_WAY | ENDED, "dissent"),
    *_ways(S.BRIEFED, CLEARED, "brief"),
    *_ways(None, CLEARED | UNDER_WAY | {S.ARRIVED, S.ABORTED}, "roll-call"),
    *_ways(S.DEPARTED, frozenset({S.BRIEFED}), "depart"),
    *_ways(
        S.EN_ROUTE,
        frozenset({S.DEPARTED, S.EN_ROUTE, S.DIVERTED, S.OVERDUE, S.LOST_CONTACT}),
        "pass-checkpoint",
    ),
    *_ways(None, frozenset({S.HALTED, S.IN_CONTACT}), "pass-checkpoint"),
    *_ways(S.HALTED, UNDER_WAY - {S.HALTED, S.LOST_CONTACT}, "halt"),
    *_ways(S.EN_ROUTE, frozenset({S.HALTED, S.IN_CONTACT}), "resume"),
    *_ways(S.DIVERTED, UNDER_WAY - {S.LOST_CONTACT}, "divert"),
    *_ways(S.OVERDUE, frozenset({S.DEPARTED, S.EN_ROUTE, S.HALTED, S.DIVERTED}), "overdue"),
    *_ways(S.LOST_CONTACT, UNDER_WAY - {S.LOST_CONTACT}, "lose-contact"),
    *_ways(S.EN_ROUTE, frozenset({S.LOST_CONTACT, S.OVERDUE}), "regain-contact"),
    *_ways(S.IN_CONTACT, UNDER_WAY, "in-contact"),
    *_ways(
        None,
        CLEARED | UNDER_WAY,
        "try-contact",
        "offer-handover",
        "confirm-handover",
        "stop",
        "acknowledge-stop",
        "lift-stop",
    ),
    *_ways(S.ARRIVED, UNDER_WAY, "arrive"),
    *_ways(S.ABORTED, UNDER_WAY, "abort"),
    *_ways(S.CANCELLED, ASKED | CLEARED | {S.DRAFT, S.RETURNED}, "cancel"),
    *_ways(S.CLOSED, ENDED, "close"),
)

_AFTER: Final = {(way.command, state): way.after or state for way in TRANSITIONS for state in way.before}


def state_after(command: str, before: S) -> S | None:
    """Return the state that a command leads to, None when it may not be given."""
    return _AFTER.get((command, before))


def allowed_commands(sheet: MovementSheet) -> frozenset[str]:
    """Return the tags of the commands that the table and what is on the sheet leave."""
    tags = {command.partition(":")[0] for command, before in _AFTER if before is sheet.state}
    if sheet.stop is None:
        tags -= {"acknowledge-stop", "lift-stop"}
    else:
        tags -= STOPPED | {"stop"}
        if sheet.stop.acknowledged_at is not None:
            tags.discard("acknowledge-stop")
    if not (sheet.handovers and sheet.handovers[-1].confirmed_at is None):
        tags.discard("confirm-handover")
    if not sheet.clearances:
        tags -= {"acknowledge-clearance", "grant-clearance", "object-clearance"}
    if not sheet.request.checkpoints:
        tags.discard("pass-checkpoint")
    return frozenset(tags)


def diagram() -> str:
    """Return the table as a Mermaid state diagram; commands that leave the state are not drawn."""
    words: dict[tuple[S, S], list[str]] = {}
    for way in TRANSITIONS:
        for state in sorted(way.before):
            if way.after is not None and way.after is not state:
                words.setdefault((state, way.after), []).append(way.command)
    lines = ["stateDiagram-v2", "    [*] --> draft"]
    lines += [
        f"    {_drawn(before)} --> {_drawn(after)}: {', '.join(commands)}"
        for (before, after), commands in words.items()
    ]
    return "\n".join([*lines, "    closed --> [*]"])


def _drawn(state: S) -> str:
    return state.value.replace("-", "_")
