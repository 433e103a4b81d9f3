"""The state machine of a tasking: one table. Whatever is not in it may not be done."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from tapestry.dispatch._fault import NotDone
from tapestry.model import Tasking, TaskingStep
from tapestry.model import TaskingState as S

MAX_REASON_LENGTH: Final = 500
TEAM_COMMANDS: Final = frozenset({"accept", "decline", "launch", "arrive", "complete"})
NEEDS_REASON: Final = frozenset({"decline", "cancel"})
OPEN: Final = frozenset({S.REQUESTED, S.RELAYED, S.ACCEPTED, S.LAUNCHED, S.ON_SCENE})
UNANSWERED: Final = frozenset({S.REQUESTED, S.RELAYED})


class TaskingWay(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table: from any of these states a command leads to one state."""

    command: str
    before: frozenset[S]
    after: S


TASKING_WAYS: Final = (
    TaskingWay(command="relay", before=frozenset({S.REQUESTED}), after=S.RELAYED),
    TaskingWay(command="accept", before=UNANSWERED, after=S.ACCEPTED),
    TaskingWay(command="decline", before=UNANSWERED | {S.ACCEPTED}, after=S.DECLINED),
    TaskingWay(command="launch", before=frozenset({S.ACCEPTED}), after=S.LAUNCHED),
    TaskingWay(command="arrive", before=frozenset({S.ACCEPTED, S.LAUNCHED}), after=S.ON_SCENE),
    TaskingWay(command="complete", before=frozenset({S.ON_SCENE}), after=S.COMPLETE),
    TaskingWay(command="cancel", before=OPEN, after=S.CANCELLED),
)


def apply_tasking(
    tasking: Tasking,
    command: str,
    *,
    by: str,
    at: datetime,
    reason: str = "",
    said_at: datetime | None = None,
) -> Tasking:
    """Return a tasking after a command.

    Args:
        tasking: Before it.
        command: Of the table.
        by: Who gave it.
        at: Hub's clock.
        reason: Needed to decline and to cancel.
        said_at: The team's clock, when it is told later.

    Raises:
        NotDone: The table does not have it, or the reason is missing.
    """
    way = next((it for it in TASKING_WAYS if it.command == command and tasking.state in it.before), None)
    if way is None:
        raise NotDone(
            "not-now",
            f"A tasking that is {tasking.state} does not take this.",
            "Load it again and see what became of it.",
        )
    reason = " ".join(reason.split())
    if (command in NEEDS_REASON and not reason) or len(reason) > MAX_REASON_LENGTH:
        raise NotDone(
            "reason-needed",
            f"This needs a reason of 1 to {MAX_REASON_LENGTH} characters.",
            "Say in a few words why.",
        )
    step = TaskingStep(at=at, by=by, command=command, state=way.after, reason=reason, said_at=said_at)
    return msgspec.structs.replace(
        tasking, state=way.after, version=tasking.version + 1, steps=(*tasking.steps, step)
    )


def tasking_commands(state: S) -> tuple[str, ...]:
    """Return what may be done to a tasking of this state."""
    return tuple(way.command for way in TASKING_WAYS if state in way.before)


def is_unanswered(tasking: Tasking, *, now: datetime) -> bool:
    """Return whether a team has not answered in time."""
    return tasking.state in UNANSWERED and now >= tasking.unanswered_at


def unanswered_at(ordered_at: datetime, *, minutes: float) -> datetime:
    """Return when the officer is told that no answer came."""
    return ordered_at + timedelta(minutes=minutes)


def tasking_diagram() -> str:
    """Return the table as a Mermaid state diagram."""
    ways = [(b, way.after, way.command) for way in TASKING_WAYS for b in S if b in way.before]
    ends = (S.COMPLETE, S.DECLINED, S.CANCELLED)
    return drawn("requested", ways, ends)


def drawn(first: str, ways: Iterable[tuple[str, str, str]], ends: Iterable[str]) -> str:
    """Return a state diagram of (from, to, command)."""
    words: dict[tuple[str, str], list[str]] = {}
    for before, after, command in ways:
        words.setdefault((str(before), str(after)), []).append(command)
    lines = ["stateDiagram-v2", f"    [*] --> {first}"]
    lines += [
        f"    {before.replace('-', '_')} --> {after.replace('-', '_')}: {', '.join(commands)}"
        for (before, after), commands in words.items()
    ]
    return "\n".join([*lines, *(f"    {str(end).replace('-', '_')} --> [*]" for end in ends)])
