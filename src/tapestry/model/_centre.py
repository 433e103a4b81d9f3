"""Centres: hubs that work for themselves and tell one another."""

from datetime import datetime
from typing import Final

import msgspec

IDS_PER_CENTRE: Final = (
    10_000_000  # numbers of things made at centre n begin at n times this, so that none meet
)
MAX_CENTRE: Final = 200  # times IDS_PER_CENTRE stays below 2**31
NATIONAL: Final = 0  # number of the national centre


class Centre(msgspec.Struct, frozen=True, kw_only=True):
    """A hub among others. The national one has number 0; each regional one is linked with it alone."""

    number: int
    name: str


class LinkState(msgspec.Struct, frozen=True, kw_only=True):
    """What a centre knows of its link with another one."""

    centre: Centre  # the other one
    up: bool
    since: datetime  # it is up, or down, since then
    heard_at: datetime | None = None  # last sign of life
    behind: int = 0  # messages of it that are known and not taken over yet


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One row that a centre wrote, as it travels to another one."""

    change_no: int  # in its centre, rising
    table: str
    row: str  # JSON object, all columns
    gone: bool  # the row was deleted
    changed_at: datetime
    base_at: datetime | None = (
        None  # of the change of the same row that this one was made on; None: it was new
    )
    base_centre: int | None = None
    home: int  # centre that the row belongs to; -1: to all


def centre_of(number: int) -> int:
    """Return the number of the centre where a thing with this number was made."""
    return number // IDS_PER_CENTRE


def numbers_of(centre: int) -> range:
    """Return the numbers that things made at a centre have."""
    return range(centre * IDS_PER_CENTRE, (centre + 1) * IDS_PER_CENTRE)
