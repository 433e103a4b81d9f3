"""The state machine of a distress case: one table. Whatever is not in it may not be done; nothing in it is time."""

from typing import Final

import msgspec

from tapestry.model import CaseState as S
from tapestry.model import DistressCase

AWAITED: Final = frozenset({S.RAISED, S.DELIVERED})  # no human has it
IN_HAND: Final = frozenset({S.ACKNOWLEDGED, S.VERIFYING})
REAL: Final = frozenset({S.CONFIRMED, S.RESPONDING})
OPEN: Final = AWAITED | IN_HAND | REAL  # further calls join these
SYSTEM_COMMANDS: Final = frozenset({"deliver", "graver-call"})  # the hub's own; no person gives them


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table: from any of these states a command leads to one state."""

    command: str  # its tag
    before: frozenset[S]
    after: S | None  # None: the state stays


def _way(command: str, before: frozenset[S], after: S | None) -> Way:
    return Way(command=command, before=before, after=after)


TRANSITIONS: Final[tuple[Way, ...]] = (
    _way("deliver", frozenset({S.RAISED}), S.DELIVERED),
    _way("acknowledge", AWAITED, S.ACKNOWLEDGED),
    _way("check", frozenset({S.ACKNOWLEDGED}), S.VERIFYING),
    _way("check", frozenset({S.VERIFYING}) | REAL, None),
    _way("confirm", IN_HAND, S.CONFIRMED),
    _way("confirm", frozenset({S.RESPONDING}), None),
    _way("judge-false", IN_HAND | REAL, S.FALSE),
    _way("judge-test", IN_HAND | REAL, S.TEST),
    _way("respond", IN_HAND | {S.CONFIRMED}, S.RESPONDING),
    _way("resolve", REAL | {S.FALSE, S.TEST}, S.RESOLVED),
    _way("note", OPEN | {S.FALSE, S.TEST}, None),
    _way("graver-call", OPEN, S.RAISED),
)

_AFTER: Final = {(way.command, state): way.after or state for way in TRANSITIONS for state in way.before}


def state_after(command: str, before: S) -> S | None:
    """Return the state that a command leads to, None when it may not be given."""
    return _AFTER.get((command, before))


def allowed_commands(case: DistressCase) -> frozenset[str]:
    """Return the tags of the commands that people may give to a case as it is."""
    tags = {command for command, before in _AFTER if before is case.state} - SYSTEM_COMMANDS
    if case.state is S.RESPONDING and case.verdict is None:
        tags.discard("resolve")
    if case.state is S.RESPONDING and case.verdict is S.CONFIRMED:
        tags.discard("confirm")
    return frozenset(tags)


def diagram() -> str:
    """Return the table as a Mermaid state diagram; commands that leave the state are not drawn."""
    words: dict[tuple[S, S], list[str]] = {}
    order = list(S)
    for way in TRANSITIONS:
        for state in sorted(way.before, key=order.index):
            if way.after is not None and way.after is not state:
                words.setdefault((state, way.after), []).append(way.command)
    lines = ["stateDiagram-v2", "    [*] --> raised"]
    lines += [
        f"    {before} --> {after}: {', '.join(commands)}" for (before, after), commands in words.items()
    ]
    return "\n".join([*lines, "    resolved --> [*]"])
