"""What is made of sheets afterwards: the report of one movement, and the table of how all were let through."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from tapestry.access import Action, Principal
from tapestry.app._access import DeskPorts, require
from tapestry.app._refusals import Invalid
from tapestry.app._sheet_access import access_sheet, resource_of_sheet
from tapestry.app._sheet_passages import SheetPassages
from tapestry.app.ports import SheetLine
from tapestry.model import MovementId, MovementRequest, MovementSheet
from tapestry.movement import AccessRow, MovementReport, access_table, report

MAX_SHEETS: Final = 20_000  # of one table: three years of twenty convoys a day
MAX_KNOWN: Final = 2 * MAX_SHEETS  # briefs in memory, 2 kB each
READ_AT_ONCE: Final = 100  # documents: between them the event loop has its turn


class SheetRecords:
    """Reports and tables."""

    def __init__(self, ports: DeskPorts, passages: SheetPassages) -> None:
        self._ports = ports
        self._passages = passages
        self._known: dict[tuple[MovementId, int], MovementSheet] = {}

    async def report(self, who: Principal, movement_id: int) -> MovementReport:
        """Return how a movement went, beside its plan."""
        sheet = await access_sheet(self._ports, who, movement_id)
        require(self._ports, who, Action.VIEW_EXACT_PLACE, resource_of_sheet(sheet))
        await self._ports.entries.note(who.user_name, "view-report", f"movement/{movement_id}")
        plan = await self._ports.store.movement(sheet.movement_id)
        passages = await self._passages.of(sheet.movement_id)
        return report(sheet, plan, passages, at=self._ports.now())

    async def access_table(
        self, who: Principal, *, since: datetime, until: datetime
    ) -> tuple[AccessRow, ...]:
        """Return how movements that were to depart in a span were let through, by month and authority."""
        require(self._ports, who, Action.REVIEW_MOVEMENT)
        lines = await self._ports.store.sheet_lines(only_open=False, limit=MAX_SHEETS)
        asked = [line for line in lines if line.depart_at is not None and since <= line.depart_at < until]
        if len(lines) == MAX_SHEETS and lines[-1] in asked:
            raise Invalid(
                "too-many-sheets",
                f"The newest {MAX_SHEETS} movements do not reach back to the start of this span.",
                "Ask for a later one.",
            )
        sheets = await self._briefs(asked)
        details = {"count": len(sheets)}
        await self._ports.entries.note(who.user_name, "view-access-table", "movements", details)
        return access_table(sheets)

    async def _briefs(self, lines: Sequence[SheetLine]) -> list[MovementSheet]:
        """Return sheets without what the table does not ask for; only those not known yet are read."""
        stale = [line.movement_id for line in lines if (line.movement_id, line.version) not in self._known]
        if len(self._known) > MAX_KNOWN:
            self._known.clear()
            stale = [line.movement_id for line in lines]
        for start in range(0, len(stale), READ_AT_ONCE):
            for sheet in await self._ports.store.sheets(stale[start : start + READ_AT_ONCE]):
                self._known[sheet.movement_id, sheet.version] = _brief(sheet)
        found = (self._known.get((line.movement_id, line.version)) for line in lines)
        return [sheet for sheet in found if sheet is not None]


def _brief(sheet: MovementSheet) -> MovementSheet:
    """Return a sheet with nothing of its request but whose it is and when it was to depart."""
    request = MovementRequest(
        operator_id=sheet.operator_id,
        callsign=sheet.request.callsign,
        depart_at=sheet.request.depart_at,
    )
    return msgspec.structs.replace(sheet, request=request)
