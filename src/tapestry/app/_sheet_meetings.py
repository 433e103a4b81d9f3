"""Where a movement meets others, worked out once for each pair of requests, beside what people wait for.

Theory of operation. Two requests meet or do not, whatever else is done to their sheets, so a pair is remembered under
the versions in which the two requests changed last, and it is looked at from both sides at once. A pair takes
some milliseconds and a new request has hundreds of them: they are worked out in a thread, as soon as it is submitted.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import msgspec

from tapestry.app._access import DeskPorts
from tapestry.app._settings_desk import SettingsDesk
from tapestry.app._sheet_lines import UNDER_WAY, WAITING
from tapestry.app._sheet_roads import MAX_OPEN
from tapestry.app.ports import SheetLine
from tapestry.model import MovementId, MovementRequest, MovementSheet
from tapestry.movement import Meeting, MovementSettings, Timed, Walk, meetings, walk_of

MAX_PAIRS: Final = 300_000  # of 500 movements all with one another, and their versions of a day: some 60 MB
MAX_DRAFTS: Final = 32  # requests being written at one time, 500 pairs each: some 5 MB
MAX_WALKS: Final = 2_000  # some 90 MB; what is forgotten is worked out again
PAIRS_AT_ONCE: Final = 20  # in the thread; between them the event loop has its turn

Version = tuple[MovementId, int]  # a movement, and the version in which its request changed last


class SheetMeetings:
    """Meetings of movements, remembered."""

    def __init__(self, ports: DeskPorts, settings: SettingsDesk) -> None:
        self._ports = ports
        self._settings = settings
        self._walks: dict[MovementId, tuple[int, Walk]] = {}  # with the version of the request; 45 kB each
        self._pairs: dict[tuple[Version, Version], Meeting | None] = {}
        self._drafts: dict[bytes, dict[Version, Meeting | None]] = {}  # by way and limits of a request
        self._limits = (0.0, 0.0)  # metres and minutes that the pairs were worked out with
        self._working: dict[Version, asyncio.Task[None]] = {}

    async def of_request(self, request: MovementRequest) -> tuple[Meeting, ...]:
        """Return where a movement that is being asked for would meet others."""
        settings = await self._settings.current()
        lines = _overlapping(request, None, await self._lines(), settings)
        known = await self._read(lines, settings.meet_within_m)
        one = Timed(movement_id=MovementId(0), callsign=request.callsign, request=request)
        key = _way_of(request, settings)
        pairs = self._drafts.pop(key, {})
        missing = {(it.movement_id, version): it for version, it in known}
        missing = {version: it for version, it in missing.items() if version not in pairs}
        if missing:
            found = await asyncio.to_thread(_meet, one, list(missing.values()), settings)
            met = {meeting.movement_id: meeting for meeting in found}
            pairs = pairs | {version: met.get(version[0]) for version in missing}
        self._drafts[key] = pairs
        while len(self._drafts) > MAX_DRAFTS:
            del self._drafts[next(iter(self._drafts))]  # the one that was asked for longest ago
        told = [pairs.get((it.movement_id, version)) for version, it in known]
        return tuple(sorted((it for it in told if it is not None), key=lambda it: it.begins_at))

    async def begin(self, sheet: MovementSheet) -> None:
        """Begin to work out where the movement of a sheet meets others, without waiting for it."""
        await self._find(sheet, work=True)

    async def of_sheet(self, sheet: MovementSheet, *, whole: bool) -> tuple[Meeting, ...]:
        """Return where the movement of a sheet meets others that were asked for or are under way.

        Args:
            sheet: As it is stored.
            whole: Wait until every pair was worked out; else those known by now are told.
        """
        task = await self._find(sheet, work=whole)
        if task is not None:
            await asyncio.shield(task)
        return await self._known_of(sheet)

    async def _find(self, sheet: MovementSheet, *, work: bool) -> asyncio.Task[None] | None:
        """Return the work that finds the pairs of a sheet that are not known, None when there is none to do."""
        settings = await self._settings.current()
        if self._limits != (settings.meet_within_m, settings.meet_within_minutes):
            self._pairs.clear()
            self._limits = (settings.meet_within_m, settings.meet_within_minutes)
        every = await self._lines()
        own = next((_version(line) for line in every if line.movement_id == sheet.movement_id), None)
        lines = _overlapping(sheet.request, sheet.movement_id, every, settings)
        if own is None or not work:
            return None
        missing = [line for line in lines if (own, _version(line)) not in self._pairs]
        if missing and own not in self._working:
            self._working[own] = asyncio.create_task(self._work(sheet, own, missing, settings))
        return self._working.get(own)

    async def _known_of(self, sheet: MovementSheet) -> tuple[Meeting, ...]:
        lines = await self._lines()
        own = next((_version(line) for line in lines if line.movement_id == sheet.movement_id), None)
        if own is None:
            return ()
        others = _overlapping(sheet.request, sheet.movement_id, lines, await self._settings.current())
        found = [self._pairs.get((own, _version(line))) for line in others]
        return tuple(sorted((it for it in found if it is not None), key=lambda it: it.begins_at))

    async def _work(
        self, sheet: MovementSheet, own: Version, lines: list[SheetLine], settings: MovementSettings
    ) -> None:
        """Work out and remember the pairs of one movement with others."""
        try:
            known = await self._read(lines, settings.meet_within_m)
            one = Timed(movement_id=sheet.movement_id, callsign=sheet.request.callsign, request=sheet.request)
            for start in range(0, len(known), PAIRS_AT_ONCE):
                chosen = known[start : start + PAIRS_AT_ONCE]
                others = [walk for _, walk in chosen]
                found = await asyncio.to_thread(_meet, one, others, settings)
                met = {meeting.movement_id: meeting for meeting in found}
                for version, other in chosen:
                    self._remember(own, (other.movement_id, version), one, met.get(other.movement_id))
        finally:
            self._working.pop(own, None)

    def _remember(self, own: Version, other: Version, one: Timed, meeting: Meeting | None) -> None:
        if len(self._pairs) >= MAX_PAIRS:
            self._pairs.clear()
        self._pairs[own, other] = meeting
        self._pairs[other, own] = meeting and msgspec.structs.replace(
            meeting, movement_id=one.movement_id, callsign=one.callsign
        )

    async def _lines(self) -> list[SheetLine]:
        return await self._ports.store.sheet_lines(only_open=True, limit=MAX_OPEN)

    async def _read(self, lines: Sequence[SheetLine], within_m: float) -> list[tuple[int, Walk]]:
        """Return where the movements of lines are when, each with the version of its request.

        What this call needs it holds itself: another one may forget what is kept while this one waits.
        """
        wanted = dict(_version(line) for line in lines)
        found: dict[MovementId, tuple[int, Walk]] = {}
        for number, version in wanted.items():
            kept = self._walks.get(number)
            if kept is not None and kept[0] == version and kept[1].within_m == within_m:
                found[number] = kept
        stale = [number for number in wanted if number not in found]
        if stale:
            sheets = await self._ports.store.sheets(stale)
            walks = await asyncio.to_thread(_walks_of, sheets, within_m)
            found |= {number: (wanted[number], walk) for number, walk in walks.items()}
        if len(self._walks) + len(stale) > MAX_WALKS:
            self._walks.clear()
        self._walks |= found
        return list(found.values())


def _version(line: SheetLine) -> Version:
    return line.movement_id, line.request_version


def _overlapping(
    request: MovementRequest,
    movement_id: MovementId | None,
    lines: Sequence[SheetLine],
    settings: MovementSettings,
) -> list[SheetLine]:
    """Return the lines of other movements that are on their way while this one is."""
    depart_at, arrive_at = request.depart_at, request.arrive_at
    if depart_at is None or arrive_at is None or len(request.route) < 2:
        return []
    apart = timedelta(minutes=settings.meet_within_minutes + 1)
    return [
        line
        for line in lines
        if line.movement_id != movement_id
        and line.state in WAITING | UNDER_WAY
        and line.depart_at is not None
        and line.arrive_at is not None
        and line.depart_at - apart < arrive_at
        and depart_at - apart < line.arrive_at
    ]


def _way_of(request: MovementRequest, settings: MovementSettings) -> bytes:
    """Return a digest of all that decides whom a movement meets: the rest of its request may be written on."""
    limits = (settings.meet_within_m, settings.meet_within_minutes)
    way = (request.route, request.checkpoints, request.depart_at, request.arrive_at, limits)
    return hashlib.sha256(msgspec.msgpack.encode(way)).digest()


def _walks_of(sheets: Sequence[MovementSheet], within_m: float) -> dict[MovementId, Walk]:
    every = [
        Timed(movement_id=it.movement_id, callsign=it.request.callsign, request=it.request) for it in sheets
    ]
    return {it.movement_id: walk_of(it, within_m=within_m) for it in every}


def _meet(one: Timed, others: Sequence[Walk], settings: MovementSettings) -> tuple[Meeting, ...]:
    return meetings(one, others, within_m=settings.meet_within_m, within_minutes=settings.meet_within_minutes)
