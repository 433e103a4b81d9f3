"""Whether a device's clock can be right: a call cannot come before it was made."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

import msgspec

from tapestry.model import CaseCall

AHEAD_FROM: Final = timedelta(minutes=2)  # no device is asked to keep better time
LATE_FROM: Final = timedelta(minutes=2)  # later than that, it waited in the device, or its clock is behind


class Clock(StrEnum):
    """What can be said of a device's clock by one call."""

    GOOD = "good"
    AHEAD = "ahead"  # it is wrong: the call seems to come from the future
    LATE_OR_BEHIND = "late-or-behind"  # one of the two: nothing here tells which


class ClockNote(msgspec.Struct, frozen=True, kw_only=True):
    """How far a device's time and the hub's are apart."""

    clock: Clock
    off_s: float  # 0 or more


def clock_of(call: CaseCall) -> ClockNote:
    """Return what a call says of its device's clock."""
    off = call.raised_at - call.received_at
    if off > AHEAD_FROM:
        return ClockNote(clock=Clock.AHEAD, off_s=off.total_seconds())
    if -off > LATE_FROM:
        return ClockNote(clock=Clock.LATE_OR_BEHIND, off_s=-off.total_seconds())
    return ClockNote(clock=Clock.GOOD, off_s=abs(off.total_seconds()))
