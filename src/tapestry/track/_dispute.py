"""When a vehicle's position is disputed, and when that ends.

    undisputed --- a fix contradicts the track ---------------------------> disputed
    disputed   --- RETURN_FIXES in a row go on from the last place -------> undisputed, the track goes on
    disputed   --- RIVAL_FIXES in a row, over RIVAL_US, agree elsewhere --> undisputed, the track is there now

While disputed, fixes that go on from the last undisputed place still move the track; the others feed a rival
track, of which only the newest fix is kept. Whatever speaks for one side takes the count of the other back to
zero: two trackers that go on contradicting each other keep the dispute open. A spoofer who drags the position
away slower than MAX_PLAUSIBLE_SPEED_MPS is not noticed here; the corridor rule sees that.
"""

from typing import Any

from tapestry.geo import kernel
from tapestry.track._limits import DISPUTE_WINDOW_US, RETURN_FIXES, RIVAL_FIXES, RIVAL_US


@kernel
def concerns_now(fix: Any, track: Any) -> bool:
    """Return whether a contradicting POSITION row is about where the vehicle is now, not long ago."""
    return bool(track.fixed_at_us - fix.fixed_at_us <= DISPUTE_WINDOW_US)


@kernel
def speak_for_rival(fix: Any, speed_mps: float, goes_on: bool, track: Any, memo: Any) -> bool:
    """Count a POSITION row that contradicts the track; return whether the rival track has won by it.

    Args:
        goes_on: The row continues the rival track; else a new rival track begins with it.
    """
    if track.disputed_since_us < 0:
        track.disputed_since_us = fix.fixed_at_us
    memo.returns = 0
    if memo.rivals > 0 and fix.fixed_at_us <= memo.rival_fixed_at_us:
        return False  # an older voice for another place keeps the dispute open and decides nothing
    if goes_on:
        memo.rivals += 1
    else:
        memo.rivals = 1
        memo.rival_since_us = fix.fixed_at_us
    if (
        memo.rivals >= RIVAL_FIXES
        and fix.fixed_at_us - memo.rival_since_us >= RIVAL_US
        and fix.fixed_at_us > track.fixed_at_us
    ):
        return True
    memo.rival_fixed_at_us = fix.fixed_at_us
    memo.rival_lat_deg = fix.lat_deg
    memo.rival_lon_deg = fix.lon_deg
    memo.rival_speed_mps = speed_mps
    memo.rival_accuracy_m = fix.accuracy_m
    memo.rival_tracker_id = fix.tracker_id
    return False


@kernel
def speak_for_track(track: Any, memo: Any) -> None:
    """Count a newest fix that goes on from the last undisputed place; enough of them end the dispute."""
    if track.disputed_since_us < 0:
        return
    memo.rivals = 0
    memo.returns += 1
    if memo.returns >= RETURN_FIXES:
        end_dispute(track, memo)


@kernel
def end_dispute(track: Any, memo: Any) -> None:
    """The position is not disputed any more."""
    track.disputed_since_us = -1
    memo.returns = 0
    memo.rivals = 0
