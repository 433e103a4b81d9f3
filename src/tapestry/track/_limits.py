"""The limits that track judges by, each with its unit and its reason."""

from typing import Final

# --- time
MAX_AHEAD_US: Final = 5 * 60 * 1_000_000
"""A fix may lie 5 min after its arrival: trackers set their clock by GNSS, phones may be minutes off."""
MAX_AGE_US: Final = 30 * 24 * 3600 * 1_000_000
"""A fix may be 30 days old: the memory of the trackers we know holds less; older means a broken calendar."""

# --- place
MAX_PLAUSIBLE_SPEED_MPS: Final = 70.0
"""252 km/h: no road vehicle of a convoy does it; a jump of 300 km would take more than an hour at it."""
JUMP_TOLERANCE_M: Final = 100.0
"""On top of speed times time: noise in a street canyon, and device clocks that count whole seconds."""
ACCURACY_WEIGHT: Final = 2.0
"""A claimed radius holds 68 % of the fixes; twice the radius holds 95 %."""
MAX_CLAIMED_ACCURACY_M: Final = 1_000.0
"""A device that claims a worse fix than this may not excuse any jump by it."""
COMPARE_TRACKERS_S: Final = 30.0
"""Fixes of two trackers this close in time are compared by how the vehicle moves, not by what it could do."""
COMPARE_SPEED_SHARE: Final = 1.5
COMPARE_SPEED_EXTRA_MPS: Final = 5.0
"""The vehicle is taken to have moved at most 1.5 times as fast as either tracker says, plus 5 m/s."""

# --- position disputed
DISPUTE_WINDOW_US: Final = 5 * 60 * 1_000_000
"""A late fix that contradicts the track opens a dispute only within 5 min of the newest fix: the dispute is
about where the vehicle is now; an older contradiction is flagged and stored."""
RETURN_FIXES: Final = 5
"""So many fixes in a row that go on from the last undisputed place end a dispute in its favour."""
RIVAL_FIXES: Final = 10
RIVAL_US: Final = 5 * 60 * 1_000_000
"""So many fixes in a row, over so long, that agree with one another end it in favour of the new place: time
for a watch officer to see the alert before the dot moves."""

# --- motion
STANDING_SPEED_MPS: Final = 0.8
"""Slower than this is standing: walking pace is 1.4 m/s; a standing receiver's speed noise stays below."""
LEAVING_SPEED_MPS: Final = 2.0
"""Faster than this is leaving; between the two a vehicle goes on as it was: noise does not end a halt."""
STANDING_RADIUS_M: Final = 60.0
"""The place of a standing vehicle wanders so far over minutes under trees and between walls."""
STANDING_WITHIN_US: Final = int(STANDING_RADIUS_M / STANDING_SPEED_MPS * 1_000_000)
"""75 s: who stays that long within the radius stands, whatever the speed noise."""
MAX_SPEED_SPAN_S: Final = 600.0
"""No speed is derived from two fixes farther apart: the mean over a longer time says nothing about now."""
MIN_COURSE_SPEED_MPS: Final = 3.0
"""Below it a receiver's course is noise."""

# --- memory and prediction
HISTORY_FIXES: Final = 64
"""Accepted fixes kept per vehicle, a power of two: about 10 min at 10 s, or a minute at 1 Hz."""
MAX_DEAD_RECKONING_S: Final = 60.0
"""A place is predicted from a fix for this long; then it is not known."""
