"""The overdue ladder: late at a checkpoint, and what has to be done when nobody says why."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from tapestry.model import MovementSheet, Passage
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
    due_at: datetime
    late_minutes: float


def overdue(
    sheet: MovementSheet, passages: Sequence[Passage], *, now: datetime, ladder: OverdueLadder
) -> OverdueStep | None:
    """Return the step that a movement has reached, None while nothing is late.

    A checkpoint counts as passed when it or a later one was: by a position, or as a person said. A halt that
    somebody reported and that goes on moves what is due: the convoy is known to stand.
    """
    if sheet.state not in UNDER_WAY:
        return None
    due = next_due(sheet, passages)
    if due is None:
        return None
    checkpoint, name, due_at = due
    late_minutes = (now - due_at - _halted(sheet, now)).total_seconds() / 60
    steps = (
        (ladder.lost_minutes, OverdueLevel.LOST),
        (ladder.region_minutes, OverdueLevel.REGION),
        (ladder.watch_minutes, OverdueLevel.WATCH),
        (ladder.amber_minutes, OverdueLevel.AMBER),
    )
    for minutes, level in steps:
        if late_minutes > minutes:
            return OverdueStep(
                level=level,
                checkpoint=checkpoint,
                name=name,
                due_at=due_at,
                late_minutes=round(late_minutes, 1),
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


def _halted(sheet: MovementSheet, now: datetime) -> timedelta:
    if sheet.halts and sheet.halts[-1].ended_at is None:
        return max(timedelta(0), now - sheet.halts[-1].began_at)
    return timedelta(0)
