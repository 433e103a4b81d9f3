"""Where a movement meets others, worked out once for each pair of requests.

Theory of operation. Two requests meet or do not, whatever else is done to their sheets, so a pair is remembered under
the versions in which the two requests changed last. The documents of others are read once for each such version,
and only of those whose times overlap.
"""

from datetime import timedelta
from typing import Final

from tapestry.app._access import DeskPorts
from tapestry.app._settings_desk import SettingsDesk
from tapestry.app._sheet_lines import UNDER_WAY, WAITING
from tapestry.app._sheet_roads import MAX_OPEN
from tapestry.app.ports import SheetLine
from tapestry.model import MovementId, MovementRequest, MovementSheet
from tapestry.movement import Meeting, Timed, meetings

MAX_PAIRS: Final = 300_000  # of 500 movements all with one another, and their versions of a day: some 60 MB

Pair = tuple[int, int, int, int, float, float]  # two ids, two versions, the limits


class SheetMeetings:
    """Meetings of movements, remembered."""

    def __init__(self, ports: DeskPorts, settings: SettingsDesk) -> None:
        self._ports = ports
        self._settings = settings
        self._timed: dict[MovementId, tuple[int, Timed]] = {}  # with the version of the request
        self._pairs: dict[Pair, Meeting | None] = {}

    async def of(self, request: MovementRequest, movement_id: MovementId | None) -> tuple[Meeting, ...]:
        """Return where a movement meets others that were asked for or are under way.

        Args:
            request: What is planned.
            movement_id: Of its sheet as it is stored; None: of none, nothing is remembered.
        """
        if request.depart_at is None or request.arrive_at is None or len(request.route) < 2:
            return ()
        settings = await self._settings.current()
        lines = await self._ports.store.sheet_lines(only_open=True, limit=MAX_OPEN)
        apart = timedelta(minutes=settings.meet_within_minutes)
        others = [
            line
            for line in lines
            if line.movement_id != movement_id
            and line.state in WAITING | UNDER_WAY
            and line.depart_at is not None
            and line.arrive_at is not None
            and line.depart_at - apart < request.arrive_at
            and request.depart_at - apart < line.arrive_at
        ]
        await self._read(others)
        own_version = next((line.request_version for line in lines if line.movement_id == movement_id), 0)
        one = Timed(movement_id=movement_id or MovementId(0), callsign=request.callsign, request=request)
        limits = (settings.meet_within_m, settings.meet_within_minutes)
        found = [self._meeting(one, own_version, line, limits) for line in others]
        return tuple(sorted((it for it in found if it is not None), key=lambda it: it.begins_at))

    async def of_sheet(self, sheet: MovementSheet) -> tuple[Meeting, ...]:
        """Return where the movement of a sheet meets others."""
        return await self.of(sheet.request, sheet.movement_id)

    def _meeting(
        self, one: Timed, own_version: int, line: SheetLine, limits: tuple[float, float]
    ) -> Meeting | None:
        known = self._timed.get(line.movement_id)
        if known is None:
            return None  # closed since its line was read
        version, other = known
        pair = (one.movement_id, line.movement_id, own_version, version, *limits)
        if own_version and pair in self._pairs:
            return self._pairs[pair]
        found = meetings(one, [other], within_m=limits[0], within_minutes=limits[1])
        meeting = found[0] if found else None
        if own_version:
            if len(self._pairs) >= MAX_PAIRS:
                self._pairs.clear()
            self._pairs[pair] = meeting
        return meeting

    async def _read(self, lines: list[SheetLine]) -> None:
        """Read the requests that are not known in their newest version; forget those nobody asks for."""
        stale = [
            line.movement_id
            for line in lines
            if self._timed.get(line.movement_id, (0, None))[0] != line.request_version
        ]
        versions = {line.movement_id: line.request_version for line in lines}
        if len(self._timed) > 2 * MAX_OPEN:
            self._timed.clear()
            stale = list(versions)
        for sheet in await self._ports.store.sheets(stale) if stale else []:
            timed = Timed(
                movement_id=sheet.movement_id, callsign=sheet.request.callsign, request=sheet.request
            )
            self._timed[sheet.movement_id] = (versions[sheet.movement_id], timed)
