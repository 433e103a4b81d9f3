"""The fences that a vehicle is in: a short row of VISITs, ascending by fence_id."""

from typing import Any

from tapestry.geo import kernel


@kernel
def find(fence_ids: Any, fence_id: int) -> int:
    """Return the index of a number in an ascending column, -1 when it is not there."""
    low, high = 0, len(fence_ids)
    while low < high:
        middle = (low + high) // 2
        if fence_ids[middle] < fence_id:
            low = middle + 1
        else:
            high = middle
    if low < len(fence_ids) and fence_ids[low] == fence_id:
        return low
    return -1


@kernel
def has(fence_ids: Any, count: int, fence_id: int) -> bool:
    """Return whether a number is among the first `count`."""
    there = False
    for place in range(count):
        there |= fence_ids[place] == fence_id
    return there


@kernel
def place_visit(visits: Any, memo: Any, fence_id: int) -> int:
    """Make room for a visit of a fence; return its place, -1 when it is there already.

    There is always room: visits are of fences that hold one point, and never more than those are told.
    """
    place = memo.visits
    while place > 0 and visits[place - 1].fence_id >= fence_id:
        place -= 1
    if place < memo.visits and visits[place].fence_id == fence_id:
        return -1
    for later in range(memo.visits, place, -1):
        _copy(visits[later - 1], visits[later])
    memo.visits += 1
    visits[place].fence_id = fence_id
    return int(place)


@kernel
def remove(visits: Any, memo: Any, place: int) -> None:
    """Forget a visit."""
    memo.visits -= 1
    for later in range(place, memo.visits):
        _copy(visits[later + 1], visits[later])


@kernel
def _copy(source: Any, into: Any) -> None:
    into.fence_id = source.fence_id
    into.plan = source.plan
    into.started_at_us = source.started_at_us
    into.entered_at_us = source.entered_at_us
    into.since_us = source.since_us
