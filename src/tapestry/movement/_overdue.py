"""The overdue ladder: late at a checkpoint, and what has to be done when nobody says why.

Theory of operation. The clock of the ladder starts when the next checkpoint is due. What is known of a delay moves the
start: a late departure, lateness at the checkpoint before, halts that were reported since. A halt that goes on does so
for a while only. When a person in the convoy answers, the ladder rests, then starts anew: nobody is lost who spoke just
now, and nobody is forgotten who spoke once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from tapestry.model import ContactAttempt, ContactMeans, MovementSheet, Passage
from tapestry.movement._settings import OverdueLadder
from tapestry.movement._table import UNDER_WAY


class OverdueLevel(StrEnum):
    """Steps of the ladder, each with its own deed."""

    AMBER = "amber"  # contact on all means, by itself
    WATCH = "watch"  # a watch officer calls
    REGION = "region"  # the regional cell; the quick-reaction force is warned
    LOST = "lost"  # lost contact


class OverdueStep(msgspec.Struct, frozen=True, kw_only=True):
    """Where on the ladder a movement stands."""

    level: OverdueLevel
    checkpoint: int  # from 0; the number of checkpoints means the destination
    name: str
    due_at: datetime  # as planned
    expected_at: datetime  # with every delay that is known
    late_minutes: float  # since it was expected


def overdue(
    sheet: MovementSheet, passages: Sequence[Passage], *, now: datetime, ladder: OverdueLadder
) -> OverdueStep | None:
    """Return the step that a movement has reached, None while nothing is late or all of it is explained.

    A checkpoint counts as passed when it or a later one was: by a position, or as a person said.
    """
    if sheet.state not in UNDER_WAY:
        return None
    due = next_due(sheet, passages)
    if due is None:
        return None
    checkpoint, name, due_at = due
    expected_at = due_at + _known_delay(sheet, passages, now, ladder)
    rest = timedelta(minutes=ladder.answered_minutes)
    starts_at = max([expected_at, *(it.at + rest for it in sheet.contacts if _is_word(it))])
    minutes = (now - starts_at).total_seconds() / 60
    steps = (
        (ladder.lost_minutes, OverdueLevel.LOST),
        (ladder.region_minutes, OverdueLevel.REGION),
        (ladder.watch_minutes, OverdueLevel.WATCH),
        (ladder.amber_minutes, OverdueLevel.AMBER),
    )
    for least_minutes, level in steps:
        if minutes > least_minutes:
            return OverdueStep(
                level=level,
                checkpoint=checkpoint,
                name=name,
                due_at=due_at,
                expected_at=expected_at,
                late_minutes=round((now - expected_at).total_seconds() / 60, 1),
            )
    return None


def next_due(sheet: MovementSheet, passages: Sequence[Passage]) -> tuple[int, str, datetime] | None:
    """Return (index, name, time) of the next thing that is due: a checkpoint, or the destination."""
    request = sheet.request
    shown = [passage.checkpoint for passage in passages]
    first = max([*shown, *(passage.checkpoint for passage in sheet.passages)], default=-1) + 1
    for index in range(first, len(request.checkpoints)):
        planned_at = request.checkpoints[index].planned_at
        if planned_at is not None:
            return index, request.checkpoints[index].name, planned_at
    if request.arrive_at is None:
        return None
    name = "" if request.destination is None else request.destination.name
    return len(request.checkpoints), name, request.arrive_at


def _is_word(contact: ContactAttempt) -> bool:
    """Return whether a person in the convoy spoke; that a tracker sends is no word of its people."""
    return contact.answered and contact.means is not ContactMeans.TRACKER


def _known_delay(
    sheet: MovementSheet, passages: Sequence[Passage], now: datetime, ladder: OverdueLadder
) -> timedelta:
    """Return how much later than planned a convoy is expected, by what was seen and said of it."""
    seen_at, delay = _last_seen(sheet, passages)
    longest = timedelta(minutes=ladder.halt_minutes)
    for halt in sheet.halts:
        ended_at = halt.ended_at or min(now, halt.began_at + longest)
        delay += max(ended_at - max(halt.began_at, seen_at or halt.began_at), timedelta(0))
    return delay


def _last_seen(sheet: MovementSheet, passages: Sequence[Passage]) -> tuple[datetime | None, timedelta]:
    """Return when a convoy was last where its plan names a time, and how late it was there; 0 when early."""
    passed: dict[int, datetime] = {}
    for index, passed_at in [(it.checkpoint, it.passed_at) for it in passages] + [
        (it.checkpoint, it.passed_at) for it in sheet.passages
    ]:
        passed[index] = min(passed_at, passed.get(index, passed_at))
    for index in sorted(passed, reverse=True):
        if index < len(sheet.request.checkpoints):
            planned_at = sheet.request.checkpoints[index].planned_at
            if planned_at is not None:
                return passed[index], max(passed[index] - planned_at, timedelta(0))
    if sheet.departed_at is None or sheet.request.depart_at is None:
        return None, timedelta(0)
    return sheet.departed_at, max(sheet.departed_at - sheet.request.depart_at, timedelta(0))
