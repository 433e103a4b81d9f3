"""What a list of movements tells of the next place of each."""

import asyncio
from typing import Any, cast

import msgspec
from tests.app.sheet_samples import CHECKPOINTS, DEPART, HOUR, a_request, a_sheet

from tapestry.app._sheet_lines import line_of
from tapestry.app._sheet_next import SheetNext, timetable
from tapestry.app._sheet_views import summary_of
from tapestry.app.ports import SheetLine
from tapestry.model import MovementId, MovementSheet, MovementState


class Shelf:
    """A store of one sheet that counts how often it is read."""

    def __init__(self, sheet: MovementSheet) -> None:
        self.store = self
        self.sheet = sheet
        self.reads = 0

    async def sheets(self, movement_ids: list[MovementId]) -> list[MovementSheet]:
        self.reads += 1
        return [self.sheet] if self.sheet.movement_id in movement_ids else []


def a_line(sheet: MovementSheet, request_version: int = 1) -> SheetLine:
    return msgspec.structs.replace(line_of(sheet, rerouted=False), request_version=request_version)


def test_under_way_the_name_is_of_the_place_whose_time_is_due_and_the_request_is_read_once() -> None:
    shelf = Shelf(a_sheet(MovementState.EN_ROUTE))
    coming = SheetNext(cast(Any, shelf))
    line = a_line(shelf.sheet)
    for due_at, name in (
        (DEPART + HOUR, "Bridge"),
        (DEPART + 2 * HOUR, "Depot"),
        (DEPART + 3 * HOUR, "Baghdad"),
    ):
        due = msgspec.structs.replace(line, due_at=due_at)
        assert asyncio.run(coming.names([due])) == {MovementId(1): name}
    assert shelf.reads == 1


def test_a_request_that_changed_is_read_again() -> None:
    shelf = Shelf(a_sheet(MovementState.EN_ROUTE))
    coming = SheetNext(cast(Any, shelf))
    asyncio.run(coming.names([a_line(shelf.sheet)]))
    renamed = msgspec.structs.replace(CHECKPOINTS[0], name="Ford")
    shelf.sheet = a_sheet(MovementState.EN_ROUTE, request=a_request(checkpoints=(renamed,)))
    assert asyncio.run(coming.names([a_line(shelf.sheet, 2)])) == {MovementId(1): "Ford"}


def test_before_its_departure_nothing_comes_next() -> None:
    shelf = Shelf(a_sheet(MovementState.BRIEFED))
    assert asyncio.run(SheetNext(cast(Any, shelf)).names([a_line(shelf.sheet)])) == {}
    assert summary_of(a_line(shelf.sheet), "", DEPART, exact=True).next_at is None


def test_of_two_places_at_one_moment_the_first_is_told() -> None:
    twin = msgspec.structs.replace(CHECKPOINTS[1], planned_at=DEPART + HOUR)
    assert timetable(a_request(checkpoints=(CHECKPOINTS[0], twin)))[DEPART + HOUR] == "Bridge"


def test_a_partner_is_not_told_what_comes_next() -> None:
    line = a_line(a_sheet(MovementState.EN_ROUTE))
    told = summary_of(line, "", DEPART, exact=True, coming="Bridge")
    assert (told.next_checkpoint, told.next_at) == ("Bridge", DEPART + HOUR)
    told = summary_of(line, "", DEPART, exact=False, coming="Bridge")
    assert (told.next_checkpoint, told.next_at) == ("", None)
