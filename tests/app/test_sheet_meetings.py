"""Whom a request being written would meet: each comparison once, and none left out."""

import asyncio
from typing import Any, cast

import msgspec
from tests.app.sheet_samples import DEPART, HOUR, a_request, a_sheet

from tapestry.app._sheet_lines import line_of
from tapestry.app._sheet_meetings import SheetMeetings
from tapestry.model import MovementId, MovementSheet, MovementState
from tapestry.movement import MovementSettings


class Shelf:
    """A store of two sheets, with settings; it counts what is read, and can be made to wait."""

    def __init__(self) -> None:
        self.store = self
        self.settings = MovementSettings()
        self.shelved = [a_sheet(MovementState.APPROVED, movement_id=MovementId(it)) for it in (1, 2)]
        self.read: list[MovementId] = []
        self.gate: asyncio.Event | None = None

    async def current(self) -> MovementSettings:
        return self.settings

    async def sheet_lines(self, *, only_open: bool, limit: int) -> list[Any]:
        lines = [line_of(sheet, rerouted=False) for sheet in self.shelved]
        return [
            msgspec.structs.replace(line, request_version=sheet.version)
            for line, sheet in zip(lines, self.shelved, strict=True)
        ]

    async def sheets(self, movement_ids: list[MovementId]) -> list[MovementSheet]:
        if self.gate is not None:
            await self.gate.wait()
        self.read += movement_ids
        return [sheet for sheet in self.shelved if sheet.movement_id in movement_ids]


def known_on(shelf: Shelf) -> SheetMeetings:
    return SheetMeetings(cast(Any, shelf), cast(Any, shelf))


async def met(known: SheetMeetings, **changed: Any) -> list[int]:
    return [it.movement_id for it in await known.of_request(a_request(**changed))]


async def test_only_what_changed_is_read_again() -> None:
    shelf = Shelf()
    known = known_on(shelf)
    assert await met(known) == [1, 2]
    assert await met(known, callsign="BEAR") == [1, 2]
    assert shelf.read == [1, 2]
    later = a_request(depart_at=DEPART + 30 * HOUR, arrive_at=DEPART + 33 * HOUR, checkpoints=())
    shelf.shelved[0] = msgspec.structs.replace(shelf.shelved[0], version=2, request=later)
    assert await met(known) == [2]
    shelf.shelved[1] = msgspec.structs.replace(shelf.shelved[1], version=2)
    assert await met(known) == [2]
    assert shelf.read == [1, 2, 2]


async def test_a_setting_that_changes_while_one_check_waits_leaves_nothing_out_of_it() -> None:
    shelf = Shelf()
    known = known_on(shelf)
    assert await met(known) == [1, 2]
    shelf.shelved[1] = msgspec.structs.replace(shelf.shelved[1], version=2)
    first, second = asyncio.Event(), asyncio.Event()
    shelf.gate = first
    waiting = asyncio.create_task(met(known, callsign="BEAR"))  # knows the first, waits for the second
    await asyncio.sleep(0)
    shelf.gate = second
    shelf.settings = msgspec.structs.replace(shelf.settings, meet_within_m=shelf.settings.meet_within_m * 2)
    wider = asyncio.create_task(met(known, callsign="WOLF"))  # the first is of no use to it
    await asyncio.sleep(0)
    first.set()
    assert await waiting == [1, 2]
    second.set()
    assert await wider == [1, 2]
