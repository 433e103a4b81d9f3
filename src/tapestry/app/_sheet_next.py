"""What comes next on each movement under way: the name that belongs to the moment at which its line is due.

A line keeps only the moment. Which place is planned for it follows from the request, which is read once for each
version in which it changed.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from tapestry.app._access import DeskPorts
from tapestry.app._sheet_lines import UNDER_WAY
from tapestry.app.ports import SheetLine
from tapestry.model import MovementId, MovementRequest

MAX_KNOWN: Final = 10_000  # timetables in memory, some 1 kB each
READ_AT_ONCE: Final = 100  # documents: between them the event loop has its turn

Timetable = dict[datetime, str]


class SheetNext:
    """Names of what is due next, remembered."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports
        self._known: dict[MovementId, tuple[int, Timetable]] = {}  # with the version of the request

    async def names(self, lines: Sequence[SheetLine]) -> dict[MovementId, str]:
        """Return what each movement under way comes to next: a checkpoint, or its destination.

        Movements that are not under way, or for which no time is planned, are left out. Of two checkpoints planned
        for the same moment the first is told.
        """
        asked = [line for line in lines if line.state in UNDER_WAY and line.due_at is not None]
        if len(self._known) > MAX_KNOWN:
            self._known.clear()
        versions = {line.movement_id: line.request_version for line in asked}
        stale = [number for number, version in versions.items() if self._version(number) != version]
        for start in range(0, len(stale), READ_AT_ONCE):
            for sheet in await self._ports.store.sheets(stale[start : start + READ_AT_ONCE]):
                number = sheet.movement_id
                self._known[number] = (versions[number], timetable(sheet.request))
        names = {}
        for line in asked:
            known = self._known.get(line.movement_id)
            if known is not None and line.due_at is not None:
                names[line.movement_id] = known[1].get(line.due_at, "")
        return names

    def _version(self, movement_id: MovementId) -> int | None:
        known = self._known.get(movement_id)
        return None if known is None else known[0]


def timetable(request: MovementRequest) -> Timetable:
    """Return which place is planned for which moment."""
    table: Timetable = {}
    for checkpoint in request.checkpoints:
        if checkpoint.planned_at is not None:
            table.setdefault(checkpoint.planned_at, checkpoint.name)
    if request.arrive_at is not None:
        table.setdefault(request.arrive_at, "" if request.destination is None else request.destination.name)
    return table
