"""Working columns of the room: the episode of one rule, a vehicle's stay in a fence, planned halts."""

from typing import Any, Final

import numpy as np

from tapestry.model import RuleCode

EPISODE: Final = np.dtype(
    [
        ("started_at_us", "<i8"),  # of the open episode, else of the last one
        ("ended_at_us", "<i8"),  # of the last one, -1 none yet
        ("since_us", "<i8"),  # first of the `count` fixes that speak for a start
        ("past_from_us", "<i8"),  # newest episode that was found in late data, -1 none …
        ("past_until_us", "<i8"),  # … to here
        ("plan", "<i4"),  # that it belongs to, -1 none
        ("count", "<i4"),  # fixes in a row that speak for a start
        ("open", "<i4"),  # 1: started and not ended
        ("padding", "<i4"),  # zero
    ]
)
"""What one rule remembers of one vehicle; the state has one per slot and RuleCode."""

VISIT: Final = np.dtype(
    [
        ("fence_id", "<i4"),
        ("plan", "<i4"),  # -1 none
        ("started_at_us", "<i8"),  # names the episode
        ("entered_at_us", "<i8"),  # occurred_at of its start
        ("since_us", "<i8"),  # the stay goes back to here, as late data showed
    ]
)
"""A vehicle's stay in a fence that goes on; a vehicle has a row of them, ascending by fence_id."""

MEMO: Final = np.dtype(
    [
        ("first_fixed_at_us", "<i8"),  # oldest fix that ever counted, -1 none
        ("visits", "<i4"),  # how many of the vehicle's VISIT rows are filled
        ("overflows", "<i4"),  # fixes that lay in more fences than are told for a point
    ]
)
"""What the fence rule remembers of one vehicle beside its visits."""

HALT: Final = np.dtype([("plan", "<i4"), ("lat_deg", "<f8"), ("lon_deg", "<f8")])
"""A place where a plan's vehicles may stand."""

CODES: Final = max(RuleCode) + 1
"""Length of the second axis of the episodes: a RuleCode is an index into it."""

Rows = np.ndarray[tuple[int, ...], np.dtype[Any]]
"""Rows of one of the column types."""


def _unseen_episode() -> Rows:
    row = np.zeros(1, EPISODE)
    for name in ("started_at_us", "ended_at_us", "since_us", "past_from_us", "past_until_us", "plan"):
        row[name] = -1
    return row


def _unseen_memo() -> Rows:
    row = np.zeros(1, MEMO)
    row["first_fixed_at_us"] = -1
    return row


UNSEEN_EPISODE: Final = _unseen_episode()
UNSEEN_MEMO: Final = _unseen_memo()
