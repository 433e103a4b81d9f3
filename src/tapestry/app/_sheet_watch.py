"""The hub's own watch over sheets: the overdue ladder, roads gone stale, windows that end too soon, papers that expire.

Theory of operation. Every few seconds only the lines of open sheets are read. A document is read for those whose next
thing is due, or whose window is about to end. Whatever the watch writes has a natural name, so that looking
twice, or from two processes, writes it once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec
import structlog

from tapestry.app._access import DeskPorts
from tapestry.app._overdue import OverdueWatch
from tapestry.app._refusals import DeskRefusal
from tapestry.app._route_statuses import RouteStatusDesk
from tapestry.app._settings_desk import SettingsDesk
from tapestry.app._sheet_checks import SheetChecks
from tapestry.app._sheet_lines import UNDER_WAY, WAITING
from tapestry.app._sheet_plans import EXTEND_BEFORE, extended
from tapestry.app._sheet_roads import MAX_OPEN, as_read
from tapestry.app._sheet_writer import SheetWriter
from tapestry.app.ports import Notice, SheetLine
from tapestry.model import OutsideFault

LOOK_EVERY_S: Final = 15.0
STALE_LOOK_BACK: Final = timedelta(days=2)  # a hub that was off for longer starts with statuses nobody trusts
PAPERS_EVERY: Final = timedelta(hours=1)
PAPERS_AHEAD: Final = timedelta(days=14)  # a permit takes about so long to renew
SYSTEM: Final = "system"

log = structlog.get_logger()


class SheetWatch:
    """Looks at open sheets, for ever."""

    def __init__(
        self,
        ports: DeskPorts,
        *,
        settings: SettingsDesk,
        writer: SheetWriter,
        checks: SheetChecks,
        statuses: RouteStatusDesk,
        overdue: OverdueWatch,
    ) -> None:
        self._ports = ports
        self._settings = settings
        self._writer = writer
        self._checks = checks
        self._statuses = statuses
        self._overdue = overdue
        self._papers_at: datetime | None = None

    async def run(self) -> None:
        """Look for ever; what cannot be reached now is looked at the next time."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await self.look()

    async def look(self) -> None:
        """Look once at everything."""
        try:
            lines = await self._ports.store.sheet_lines(only_open=True, limit=MAX_OPEN)
            await self._each(lines, self._overdue.look)
            await self._overdue.end_past()
            await self._each(lines, self._extend)
            await self._tell_stale()
            await self._look_at_papers(lines)
        except OutsideFault as fault:
            log.warning("sheets.not_watched", error=str(fault), retry_in_s=LOOK_EVERY_S)

    async def _each(self, lines: list[SheetLine], look: Callable[[SheetLine], Awaitable[None]]) -> None:
        """Look at each line; one that cannot be dealt with does not keep the others waiting."""
        for line in lines:
            try:
                await look(line)
            except DeskRefusal as refusal:
                log.error("sheets.watch_refused", movement_id=line.movement_id, code=refusal.code)

    async def _extend(self, line: SheetLine) -> None:
        """Let the window of a convoy that is still on its way go on."""
        known = self._ports.live.directory.movements.get(line.movement_id)
        now = self._ports.now()
        if line.state not in UNDER_WAY or known is None or known.cancelled:
            return
        if known.until_us > (now + EXTEND_BEFORE).timestamp() * 1_000_000:
            return
        sheet = await self._ports.store.sheet(line.movement_id)
        plan = await self._ports.store.movement(line.movement_id)
        if sheet is None or plan is None:
            return
        margin = timedelta(minutes=(await self._settings.current()).window_margin_minutes)
        longer = extended(plan, now, margin)
        if longer is None:
            return
        after = msgspec.structs.replace(sheet, version=sheet.version + 1, plan_version=longer.version)
        write = self._writer.next_version(after, "extend-window", by=SYSTEM, plan=longer)
        if (await self._ports.store.put_sheets([write]))[0]:
            details = {"version": after.version, "plan_version": longer.version}
            subject = f"movement/{line.movement_id}"
            await self._ports.entries.note(SYSTEM, "extend-window", subject, details)
            await self._writer.tell([write])

    async def _tell_stale(self) -> None:
        """Tell every movement on a road of which what was said holds no more."""
        now = self._ports.now()
        for status in await self._ports.store.route_statuses(valid_after=now - STALE_LOOK_BACK):
            if status.valid_until <= now and not status.withdrawn:
                await self._statuses.tell(as_read(status, now), "stale")

    async def _look_at_papers(self, lines: list[SheetLine]) -> None:
        """Put a notice on each sheet for papers that will have expired before its planned arrival."""
        now = self._ports.now()
        if self._papers_at is not None and now - self._papers_at < PAPERS_EVERY:
            return
        self._papers_at = now
        soon = [
            line
            for line in lines
            if line.state in WAITING | UNDER_WAY
            and line.depart_at is not None
            and line.depart_at < now + PAPERS_AHEAD
        ]
        told = []
        sheets = await self._ports.store.sheets([line.movement_id for line in soon])
        for sheet, found in zip(sheets, await self._checks.papers_of(sheets), strict=True):
            notices = [
                Notice(
                    notice_id=0,
                    movement_id=sheet.movement_id,
                    key=f"{finding.code}/{finding.field}/{finding.facts}",
                    at=now,
                    code=finding.code,
                    facts=finding.facts,
                )
                for finding in found
            ]
            if notices and await self._ports.store.add_notices(notices):
                told.append(sheet)
        if told:
            await self._writer.tell_of(told)
