"""What is made of sheets afterwards: the report of one movement, and the table of how all were let through."""

from datetime import datetime
from typing import Final

from tapestry.access import Action, Principal
from tapestry.app._access import DeskPorts, require
from tapestry.app._refusals import Invalid
from tapestry.app._sheet_access import access_sheet, resource_of_sheet
from tapestry.app._sheet_passages import SheetPassages
from tapestry.movement import AccessRow, MovementReport, access_table, report

MAX_SHEETS: Final = 20_000  # of one table: three years of twenty convoys a day
"""Above it the span has to be shorter: nothing is left out silently."""


class SheetRecords:
    """Reports and tables."""

    def __init__(self, ports: DeskPorts, passages: SheetPassages) -> None:
        self._ports = ports
        self._passages = passages

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
        sheets = await self._ports.store.sheets_departing(since=since, until=until, limit=MAX_SHEETS + 1)
        if len(sheets) > MAX_SHEETS:
            raise Invalid(
                "too-many-sheets",
                f"More than {MAX_SHEETS} movements were to depart in this span.",
                "Ask for a shorter one.",
            )
        await self._ports.entries.note(
            who.user_name, "view-access-table", "movements", {"count": len(sheets)}
        )
        return access_table(sheets)
