"""The readiness board: centres and their links, who has the watch, teams, trackers; one look."""

from datetime import datetime, timedelta
from typing import Final

import msgspec
import numpy as np

from tapestry.access import Action, Principal
from tapestry.app._access import DeskPorts, require
from tapestry.app._contact_desk import MAX_LINES
from tapestry.app._open_items import KeptLine, missed_of
from tapestry.app._watch_records import Records
from tapestry.model import centre_of
from tapestry.watch import Task, Turn

SILENT_AFTER: Final = timedelta(minutes=15)
US_PER_S: Final = 1_000_000


class CentreLine(msgspec.Struct, frozen=True, kw_only=True):
    """A centre, as this one knows it."""

    number: int | None  # None: this hub stands alone
    name: str
    own: bool
    up: bool
    since: datetime | None
    heard_at: datetime | None
    behind: int
    on_watch: str  # user name; empty: nobody, or not told
    on_watch_since: datetime | None


class TeamLine(msgspec.Struct, frozen=True, kw_only=True):
    """A team, as the board knows it."""

    team_id: int
    name: str
    readiness: str
    resting_until: datetime | None
    place_at: datetime | None  # of its newest place
    tasked: bool
    note: str


class ReadinessView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on the board."""

    at: datetime
    centres: tuple[CentreLine, ...]
    teams: tuple[TeamLine, ...]
    vehicles: int  # on the roster
    heard: int  # of those in a movement under way, in the last SILENT_AFTER
    silent: int  # of those in a movement under way, not heard since
    overdue_tasks: int
    missed_checks: int  # lines of the contact plan on which somebody was missed
    waiting_messages: int


class ReadinessDesk:
    """Tells how ready everything is."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports
        self._turns = Records(ports, "turn", Turn)

    async def view(self, who: Principal) -> ReadinessView:
        """Return the board."""
        require(self._ports, who, Action.VIEW_WATCH)
        now = self._ports.now()
        heard, silent = self._heard(now)
        tasks = await Records(self._ports, "task", Task).newest(only_open=True, limit=500)
        lines = await Records(self._ports, "contact-line", KeptLine).newest(only_open=True, limit=MAX_LINES)
        view = ReadinessView(
            at=now,
            centres=await self._centres(),
            teams=await self._teams(now),
            vehicles=len(self._ports.live.directory.vehicles),
            heard=heard,
            silent=silent,
            overdue_tasks=sum(it.value.due_at < now for it in tasks),
            missed_checks=sum(missed_of(it.value, now) > 0 for it in lines),
            waiting_messages=self._ports.entries.waiting,
        )
        await self._ports.entries.note(who.user_name, "view-readiness", "watch")
        return view

    async def _centres(self) -> tuple[CentreLine, ...]:
        turns: dict[int, Turn] = {}
        for kept in await self._turns.of_all_centres(only_open=True, limit=200):  # the newest first
            turns.setdefault(centre_of(kept.number), kept.value)
        own = self._ports.links.own
        mine = turns.get(0 if own is None else own.number)
        first = CentreLine(
            number=None if own is None else own.number, name="" if own is None else own.name, own=True, up=True,
            since=None, heard_at=None, behind=0, on_watch="" if mine is None else mine.user_name,
            on_watch_since=None if mine is None else mine.taken_at,
        )  # fmt: skip
        others = []
        for link in self._ports.links.links:
            turn = turns.get(link.centre.number)
            others.append(
                CentreLine(
                    number=link.centre.number, name=link.centre.name, own=False, up=link.up, since=link.since,
                    heard_at=link.heard_at, behind=link.behind, on_watch="" if turn is None else turn.user_name,
                    on_watch_since=None if turn is None else turn.taken_at,
                )
            )  # fmt: skip
        return (first, *others)

    async def _teams(self, now: datetime) -> tuple[TeamLine, ...]:
        store = self._ports.store
        places = {it.team_id: it.fixed_at for it in await store.team_positions()}
        busy = {it.team_id for it in await store.taskings(only_open=True, limit=500)}
        return tuple(
            TeamLine(
                team_id=it.team_id, name=it.name, readiness=it.readiness.value,
                resting_until=it.rest_until if it.rest_until is not None and it.rest_until > now else None,
                place_at=places.get(it.team_id), tasked=it.team_id in busy, note=it.note,
            )
            for it in await store.teams()
        )  # fmt: skip

    def _heard(self, now: datetime) -> tuple[int, int]:
        """Return how many vehicles under way were heard lately, and how many were not."""
        now_us = int(now.timestamp() * US_PER_S)
        directory = self._ports.live.directory
        under_way = [
            vehicle.vehicle_id
            for vehicle in directory.vehicles.values()
            if any(window.from_us <= now_us < window.until_us for window in vehicle.windows)
        ]
        rows = self._ports.live.picture.rows
        since_us = now_us - int(SILENT_AFTER.total_seconds() * US_PER_S)
        lately = rows["vehicle_id"][rows["contact_at_us"] >= since_us]
        heard = int(np.isin(under_way, lately).sum()) if under_way else 0
        return heard, len(under_way) - heard
