"""Who has the watch of a centre, and who is to have it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from tapestry.watch._fault import NotAllowed

LONGEST_SHIFT: Final = timedelta(hours=24)


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One person's time on watch; the newest turn of a centre is the one that stands."""

    user_name: str
    taken_at: datetime
    before: str = ""  # who had it; empty: nobody
    reason: str = ""  # why it was taken without a hand-over; empty: it was handed over, or nobody had it
    hand_over_id: int | None = None


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """When somebody is planned to be there."""

    user_name: str
    begins_at: datetime
    ends_at: datetime
    lead: bool = True  # has the watch; False: is on duty beside whoever has it
    planned_by: str = ""


def plan(shift: Shift, others: Iterable[Shift]) -> Shift:
    """Return a shift that can stand beside others.

    Raises:
        NotAllowed: It ends before it begins, is too long, or another one has the watch then.
    """
    length = shift.ends_at - shift.begins_at
    if not timedelta(0) < length <= LONGEST_SHIFT:
        raise NotAllowed(
            "bad-shift",
            f"A shift of {length}, expected more than nothing and at most {LONGEST_SHIFT}.",
            "Correct its times.",
        )
    for other in others:
        apart = shift.ends_at <= other.begins_at or other.ends_at <= shift.begins_at
        if not apart and ((shift.lead and other.lead) or shift.user_name == other.user_name):
            raise NotAllowed(
                "shift-taken",
                f"{other.user_name!r} is planned from {other.begins_at:%d %H:%MZ} to {other.ends_at:%d %H:%MZ}.",
                "Choose another time, or take that shift back.",
            )
    return shift


def take(turn: Turn | None, by: str, now: datetime, *, reason: str) -> Turn:
    """Return the turn of somebody who takes the watch without a hand-over.

    Raises:
        NotAllowed: They have it, or somebody else has it and no reason was given.
    """
    if turn is not None and turn.user_name == by:
        raise NotAllowed("on-watch", f"{by!r} has the watch already.", "Nothing needs to be done.")
    if turn is not None and not reason.strip():
        raise NotAllowed(
            "reason-needed",
            f"{turn.user_name!r} has the watch and did not hand it over.",
            "Have it handed over, or write why it is taken without that.",
        )
    return Turn(
        user_name=by, taken_at=now, before="" if turn is None else turn.user_name, reason=reason.strip()
    )


def shift_now(shifts: Iterable[Shift], user_name: str, now: datetime) -> Shift | None:
    """Return the shift that somebody is in, or the one of theirs that ended last; None when there is none."""
    begun = [it for it in shifts if it.user_name == user_name and it.begins_at <= now]
    return max(begun, key=lambda it: it.begins_at, default=None)
