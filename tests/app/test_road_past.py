"""What planning knows of the past: distress that was not false, beside the ways of those who drove."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec
from tests.app.sheet_samples import DEPART, a_sheet

from tapestry.app._road_past import RoadPast
from tapestry.app._sheet_lines import line_of
from tapestry.model import (
    CaseId,
    CaseState,
    DistressCase,
    DistressKind,
    MovementId,
    MovementState,
    Transition,
)

NOW = DEPART + timedelta(days=2)
CASE = DistressCase(
    case_id=CaseId(1), version=1, state=CaseState.RESOLVED, kind=DistressKind.SOS, opened_at=DEPART, raised_at=DEPART,
    ladder_from=DEPART, last_call_at=DEPART, lat_deg=33.0, lon_deg=44.0, verdict=CaseState.CONFIRMED,
)  # fmt: skip
DEPARTED = Transition(
    at=DEPART,
    by="haulier",
    command="depart",
    before=MovementState.BRIEFED,
    after=MovementState.DEPARTED,
)


class Shelf:
    """A store of cases and sheets, and a clock."""

    def __init__(self) -> None:
        self.store = self
        self.at = NOW
        self.cases = [CASE]
        self.sheets_there = [a_sheet(MovementState.CLOSED, movement_id=MovementId(1), history=(DEPARTED,))]

    def now(self) -> datetime:
        return self.at

    async def cases_between(self, since: datetime, until: datetime, *, limit: int) -> list[DistressCase]:
        return [it for it in self.cases if since <= it.opened_at < until]

    async def sheet_lines(self, *, only_open: bool, limit: int) -> list[Any]:
        return [line_of(it, rerouted=False) for it in self.sheets_there]

    async def sheets(self, movement_ids: list[MovementId]) -> list[Any]:
        return [it for it in self.sheets_there if it.movement_id in movement_ids]


def past_of(shelf: Shelf) -> tuple[int, int]:
    """Return how many incidents and journeys planning knows."""
    found = asyncio.run(RoadPast(cast(Any, shelf)).read())
    return len(found.incidents), len(found.journeys)


def test_what_was_confirmed_or_is_open_counts_and_what_was_false_or_a_test_does_not() -> None:
    shelf = Shelf()
    verdicts = (CaseState.CONFIRMED, None, CaseState.FALSE, CaseState.TEST)
    shelf.cases = [msgspec.structs.replace(CASE, verdict=verdict) for verdict in verdicts]
    assert past_of(shelf) == (2, 1)


def test_a_storm_and_a_call_without_a_place_happened_nowhere() -> None:
    shelf = Shelf()
    shelf.cases = [msgspec.structs.replace(CASE, storm=True), msgspec.structs.replace(CASE, lat_deg=None)]
    assert past_of(shelf)[0] == 0


def test_who_never_departed_or_is_still_under_way_drove_nothing_that_counts() -> None:
    shelf = Shelf()
    shelf.sheets_there = [
        a_sheet(MovementState.CLOSED, movement_id=MovementId(1), history=()),
        a_sheet(MovementState.EN_ROUTE, movement_id=MovementId(2), history=(DEPARTED,)),
    ]
    assert past_of(shelf)[1] == 0


def test_what_is_older_than_a_year_is_left_out() -> None:
    shelf = Shelf()
    shelf.at = DEPART.astimezone(UTC) + timedelta(days=366)
    assert past_of(shelf) == (0, 0)


def test_the_past_is_read_again_after_ten_minutes_and_not_before() -> None:
    shelf = Shelf()
    past = RoadPast(cast(Any, shelf))
    assert len(asyncio.run(past.read()).incidents) == 1
    shelf.cases = []
    assert len(asyncio.run(past.read()).incidents) == 1
    shelf.at += timedelta(minutes=11)
    assert len(asyncio.run(past.read()).incidents) == 0
