"""Whom a request being written would meet is worked out once for each way and time."""

import asyncio
from typing import Any, cast

import msgspec
import pytest
from tests.app.sheet_samples import DEPART, HOUR, a_request, a_sheet

from tapestry.app import _sheet_meetings
from tapestry.app._sheet_lines import line_of
from tapestry.app._sheet_meetings import SheetMeetings
from tapestry.model import MovementId, MovementSheet, MovementState
from tapestry.movement import MovementSettings


class Shelf:
    """A store of two sheets, with the settings that ship."""

    def __init__(self) -> None:
        self.store = self
        self.shelved = [a_sheet(MovementState.APPROVED, movement_id=MovementId(it)) for it in (1, 2)]

    async def current(self) -> MovementSettings:
        return MovementSettings()

    async def sheet_lines(self, *, only_open: bool, limit: int) -> list[Any]:
        lines = [line_of(sheet, rerouted=False) for sheet in self.shelved]
        return [
            msgspec.structs.replace(line, request_version=sheet.version)
            for line, sheet in zip(lines, self.shelved, strict=True)
        ]

    async def sheets(self, movement_ids: list[MovementId]) -> list[MovementSheet]:
        return [sheet for sheet in self.shelved if sheet.movement_id in movement_ids]


def test_only_what_changed_is_compared_again(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []
    search: Any = vars(_sheet_meetings)["meetings"]

    def counted(one: Any, others: Any, **limits: float) -> Any:
        compared.append(len(others))
        return search(one, others, **limits)

    monkeypatch.setattr(_sheet_meetings, "meetings", counted)
    shelf = Shelf()
    known = SheetMeetings(cast(Any, shelf), cast(Any, shelf))

    def met(**changed: Any) -> list[int]:
        return [it.movement_id for it in asyncio.run(known.of_request(a_request(**changed)))]

    assert met() == [1, 2]
    assert met(callsign="BEAR") == [1, 2]
    assert compared == [2]
    later = a_request(depart_at=DEPART + 30 * HOUR, arrive_at=DEPART + 33 * HOUR, checkpoints=())
    shelf.shelved[0] = msgspec.structs.replace(shelf.shelved[0], version=2, request=later)
    assert met() == [2]
    shelf.shelved[1] = msgspec.structs.replace(shelf.shelved[1], version=2)
    assert met() == [2]
    assert compared == [2, 1]
    assert met(depart_at=DEPART + HOUR / 2) == [2]
    assert compared == [2, 1, 1]
