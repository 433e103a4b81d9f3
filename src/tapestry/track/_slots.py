"""Which slot a vehicle has: an open-addressing table, filled in order of first sight."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tapestry.geo import kernel

FREE: Final = -1
FEWEST_ENTRIES: Final = 64
"""Smallest table; a power of two."""
_SPREAD: Final = 2_654_435_761
"""Knuth's multiplicative constant: neighbouring ids do not end up side by side."""

Numbers = npt.NDArray[np.int64]


def new_table(entries: int) -> Numbers:
    """Return an empty table that can hold `entries` vehicles and stay at most half full."""
    size = FEWEST_ENTRIES
    while size < 2 * entries:
        size *= 2
    table = np.empty((size, 2), np.int64)  # vehicle_id, slot
    table[:, 1] = FREE
    return table


@kernel
def find_or_add(table: Any, vehicle_ids: Any, used: int, slots: Any, added: Any) -> int:
    """Give each vehicle its slot; return the number of slots in use afterwards.

    Args:
        table: With room for all of them. vehicle_ids: One per row. used: Slots in use before.
        slots: Filled in, one per row. added: Filled in with the vehicle_id of each new slot, in order.
    """
    mask = len(table) - 1
    before = used
    for row in range(len(vehicle_ids)):
        vehicle_id = np.int64(vehicle_ids[row])
        at = (vehicle_id * _SPREAD >> 8) & mask
        while table[at, 1] != FREE and table[at, 0] != vehicle_id:
            at = (at + 1) & mask
        if table[at, 1] == FREE:
            table[at, 0] = vehicle_id
            table[at, 1] = used
            added[used - before] = vehicle_id
            used += 1
        slots[row] = table[at, 1]
    return used
