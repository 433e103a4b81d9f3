"""Columns between track and rules: a judged fix, a vehicle's track, a plan's limits, a finding."""

from enum import IntEnum
from typing import Final

import numpy as np

FIX_COLUMNS: Final = [
    ("fixed_at_us", "<i8"),  # device's clock, microseconds since 1970-01-01 UTC
    ("lat_deg", "<f8"),
    ("lon_deg", "<f8"),
]

TRACKED: Final = np.dtype(
    [
        ("row", "<i4"),  # index of the fix in the batch that was stepped
        ("slot", "<i4"),  # index of the vehicle in the TRACK array
        ("plan", "<i4"),  # index of its plan in the PLAN array, -1 none active at fixed_at
        ("vehicle_id", "<i4"),
        ("fixed_at_us", "<i8"),
        ("received_at_us", "<i8"),
        ("lat_deg", "<f8"),
        ("lon_deg", "<f8"),
        ("speed_mps", "<f4"),  # the device's, else from the neighbouring fix, else NaN
        ("flags", "<u4"),  # Flag bits, those judged by track included
        ("progress_m", "<f8"),  # along the planned route from its start; NaN without a plan
        ("offset_m", "<f8"),  # distance from the planned route, 0 or more; NaN without a plan
        # the accepted fix before this one in event time; its time is -1 and its place NaN when there is none
        ("prev_fixed_at_us", "<i8"),
        ("prev_lat_deg", "<f8"),
        ("prev_lon_deg", "<f8"),
        ("prev_offset_m", "<f8"),
        # for a LATE fix the accepted one after it in event time, else -1 and NaN
        ("next_fixed_at_us", "<i8"),
        ("next_lat_deg", "<f8"),
        ("next_lon_deg", "<f8"),
        ("next_offset_m", "<f8"),
    ]
)
"""A fix as judged by track, one per input row, in input order."""

TRACK: Final = np.dtype(
    [
        ("vehicle_id", "<i4"),
        ("movement_id", "<i4"),  # of its active plan, ABSENT_ID none
        ("plan", "<i4"),  # index in the PLAN array, -1 none
        ("order", "<i4"),  # planned place in the order of march, from 1; 0 none
        # the newest accepted fix; fixed_at_us is -1 before the first
        ("fixed_at_us", "<i8"),
        ("received_at_us", "<i8"),  # hub's clock when that fix came
        ("contact_at_us", "<i8"),  # hub's clock of the last sign of life of any kind, -1 none
        ("lat_deg", "<f8"),
        ("lon_deg", "<f8"),
        ("speed_mps", "<f4"),
        ("heading_deg", "<f4"),
        ("accuracy_m", "<f4"),
        ("tracker_id", "<i4"),  # the source of that fix
        ("flags", "<u4"),  # of that fix
        ("progress_m", "<f8"),  # along the planned route, NaN without a plan
        ("offset_m", "<f8"),  # from the planned route, NaN without a plan
        ("standing_since_us", "<i8"),  # device's clock since when it stands, -1 when it moves
        ("disputed_since_us", "<i8"),  # device's clock since when its position is disputed, -1 when it is not
    ]
)
"""One vehicle's newest state, by slot; the live picture is made from it."""

PLAN: Final = np.dtype(
    [
        ("movement_id", "<i4"),
        ("operator_id", "<i4"),
        ("active_from_us", "<i8"),
        ("active_until_us", "<i8"),
        ("departs_us", "<i8"),  # active_from_us where the plan does not say when it departs
        ("corridor_half_width_m", "<f8"),
        ("spacing_min_m", "<f8"),
        ("spacing_max_m", "<f8"),
        ("straggler_m", "<f8"),
        ("speed_limit_mps", "<f8"),
        ("silent_after_s", "<f8"),
        ("stopped_after_s", "<f8"),
        ("length_m", "<f8"),  # of the planned route
        ("cancelled", "?"),
    ]
)
"""The limits of one movement plan as a row; fields as in MovementPlan."""

FORMATION: Final = np.dtype(
    [
        ("slot", "<i4"),
        ("plan", "<i4"),
        ("vehicle_id", "<i4"),
        ("planned_order", "<i4"),  # from 1
        ("actual_order", "<i4"),  # from 1 by progress; 0 when the place is not known
        ("progress_m", "<f8"),  # dead-reckoned to the moment of comparison; NaN when not known
        (
            "gap_ahead_m",
            "<f8",
        ),  # along the route to the vehicle ahead by progress; NaN for the lead or not known
        ("fix_age_s", "<f8"),  # moment of comparison minus fixed_at, 0 or more; NaN before the first fix
        ("dead_reckoned", "?"),  # the progress is extrapolated past the last fix
    ]
)
"""A convoy at one moment, one row per planned vehicle, ordered by planned order."""


class RuleCode(IntEnum):
    """Number of a rule in columns; `Rule` holds its name. Stored in checkpoints; never changes meaning."""

    SILENT = 1
    STOPPED_OFF_PLAN = 2
    OFF_CORRIDOR = 3
    FENCE_ENTER = 4
    FENCE_EXIT = 5
    SPACING_STRETCHED = 6
    SPACING_CLOSED_UP = 7
    STRAGGLER = 8
    OVERSPEED = 9
    POSITION_DISPUTED = 10


FINDING: Final = np.dtype(
    [
        ("row", "<i4"),  # TRACKED.row that showed it, -1 for a tick
        ("rule", "<i4"),  # RuleCode
        ("ended", "?"),  # False: an episode starts; True: its cause ended
        ("late", "?"),
        ("slot", "<i4"),
        ("plan", "<i4"),  # -1 none
        ("fence_id", "<i4"),  # ABSENT_ID unless a fence rule
        ("started_at_us", "<i8"),  # event time of the episode's start: part of its identity
        ("occurred_at_us", "<i8"),  # event time of this finding
        ("lat_deg", "<f8"),
        ("lon_deg", "<f8"),
        ("measured", "<f8"),  # in the rule's own unit (metres, m/s, seconds), NaN none
        ("limit", "<f8"),  # what it was held against, same unit, NaN none
    ]
)
"""One finding of one rule. (rule, vehicle, fence, started_at) names the episode."""
