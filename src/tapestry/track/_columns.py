"""Working columns of the room: accepted fixes, what is remembered of a vehicle, who belongs to which plan."""

from typing import Any, Final

import numpy as np

from tapestry.model import ABSENT_ID, TRACK

HISTORY: Final = np.dtype(
    [
        ("fixed_at_us", "<i8"),
        ("lat_deg", "<f8"),
        ("lon_deg", "<f8"),
        ("progress_m", "<f8"),  # on the route of `plan`, NaN without one
        ("offset_m", "<f8"),  # from the route of `plan`, NaN without one
        ("speed_mps", "<f4"),  # the device's or derived, NaN not known
        ("accuracy_m", "<f4"),  # NaN not given
        ("tracker_id", "<i4"),
        ("plan", "<i4"),  # -1 none
    ]
)
"""One accepted fix; a vehicle has a ring of HISTORY_FIXES of them, ordered by fixed_at_us."""

MEMO: Final = np.dtype(
    [
        ("head", "<i4"),  # place of the oldest accepted fix in the ring
        ("count", "<i4"),  # accepted fixes in the ring
        ("members_from", "<i4"),  # its rows in the MEMBER array …
        ("members_until", "<i4"),  # … up to here
        # --- while its position is disputed
        ("returns", "<i4"),  # fixes in a row that went on from the last undisputed place
        ("rivals", "<i4"),  # fixes in a row that agree on another place, 0 no rival
        ("rival_since_us", "<i8"),  # first of them
        ("rival_fixed_at_us", "<i8"),  # newest of them, and what it says
        ("rival_lat_deg", "<f8"),
        ("rival_lon_deg", "<f8"),
        ("rival_speed_mps", "<f4"),
        ("rival_accuracy_m", "<f4"),
        ("rival_tracker_id", "<i4"),
        ("padding", "<i4"),  # zero
        # --- standing
        ("anchor_us", "<i8"),  # since when it is within STANDING_RADIUS_M of the anchor, -1 no anchor
        ("anchor_lat_deg", "<f8"),
        ("anchor_lon_deg", "<f8"),
    ]
)
"""What is remembered of one vehicle beside its TRACK row, by slot."""

MEMBER: Final = np.dtype(
    [
        ("from_us", "<i8"),  # the plan is active from here …
        ("until_us", "<i8"),  # … to before here
        ("plan", "<i4"),
        ("order", "<i4"),
        ("movement_id", "<i4"),
        ("slot", "<i4"),
    ]
)
"""One vehicle's place in one plan that is not cancelled; ordered by slot."""

Rows = np.ndarray[tuple[int, ...], np.dtype[Any]]
"""Rows of one of the column types."""


def _unseen_track() -> Rows:
    row = np.zeros(1, TRACK)
    for name in ("movement_id", "tracker_id"):
        row[name] = ABSENT_ID
    for name in (
        "plan",
        "fixed_at_us",
        "received_at_us",
        "contact_at_us",
        "standing_since_us",
        "disputed_since_us",
    ):
        row[name] = -1
    for name in ("lat_deg", "lon_deg", "speed_mps", "heading_deg", "accuracy_m", "progress_m", "offset_m"):
        row[name] = np.nan
    return row


def _unseen_memo() -> Rows:
    row = np.zeros(1, MEMO)
    row["anchor_us"] = -1
    return row


UNSEEN_TRACK: Final = _unseen_track()
UNSEEN_MEMO: Final = _unseen_memo()
