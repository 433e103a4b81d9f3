"""Posts at the desk: demand from what the hub keeps, the plan from `posts`."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import numpy as np

from tapestry.access import Action, Principal
from tapestry.app._access import DeskPorts, require
from tapestry.app._sheet_lines import UNDER_WAY, WAITING
from tapestry.app.posts import DemandSource, PostAnswer, PostDemand, PostQuestion, answer_posts
from tapestry.model import MovementRequest, Rule
from tapestry.route import RoadNet

MAX_ALERTS: Final = 20_000  # newest ones that are looked through for calls for help
MAX_SHEETS: Final = 2_000  # lines of open sheets
SAMPLE_EVERY_MIN: Final = 10.0  # of a convoy's way; some 8 km apart on the road
DAY_HOURS: Final = 24.0


class PostDesk:
    """What people ask of posts.

    Args:
        ports: Of the desk.
        load_net: Gives the road net; called at each plan, in a thread.
    """

    def __init__(self, ports: DeskPorts, *, load_net: Callable[[], RoadNet]) -> None:
        self._ports = ports
        self._load_net = load_net

    async def plan(self, who: Principal, question: PostQuestion) -> PostAnswer:
        """Return where teams should stand for past calls for help and for convoys that are planned or under way.

        Calls that turned out false or tests are not told apart.

        Raises:
            Forbidden: Only watch officers and administrators plan posts.
            Invalid: The hub has neither calls nor convoys.
        """
        require(self._ports, who, Action.PLAN_POSTS)
        incidents, convoys = await asyncio.gather(self._incidents(), self._convoys())
        answer = await asyncio.to_thread(
            lambda: answer_posts(question, incidents + convoys, net=self._load_net())
        )
        await self._ports.entries.note(
            who.user_name,
            "plan-posts",
            "hub",
            {"teams": question.teams, "incidents": len(incidents), "convoy_places": len(convoys)},
        )
        return answer

    async def _incidents(self) -> tuple[PostDemand, ...]:
        alerts = await self._ports.store.alerts(only_open=False, limit=MAX_ALERTS)
        return tuple(
            PostDemand(lat_deg=alert.lat_deg, lon_deg=alert.lon_deg)
            for alert in alerts
            if alert.rule is Rule.DISTRESS and alert.lat_deg is not None and alert.lon_deg is not None
        )

    async def _convoys(self) -> tuple[PostDemand, ...]:
        lines = await self._ports.store.sheet_lines(only_open=True, limit=MAX_SHEETS)
        planned = [line.movement_id for line in lines if line.state in WAITING | UNDER_WAY]
        sheets = await self._ports.store.sheets(planned)
        return tuple(place for sheet in sheets for place in places_of(sheet.request))


def places_of(request: MovementRequest) -> tuple[PostDemand, ...]:
    """Return where a convoy is planned to be, one place for each SAMPLE_EVERY_MIN, with its hours there.

    It is taken to move evenly from its departure to its arrival; without both, or without a route, nothing.
    """
    if request.depart_at is None or request.arrive_at is None or len(request.route) < 2:
        return ()
    took: timedelta = request.arrive_at - request.depart_at
    hours = took.total_seconds() / 3600.0
    if hours <= 0:
        return ()
    lat = np.array([it.lat_deg for it in request.route])
    lon = np.array([it.lon_deg for it in request.route])
    steps = np.hypot(np.diff(lat), np.diff(lon) * np.cos(np.radians(lat[:-1])))
    along = np.concatenate([[0.0], np.cumsum(steps)])
    count = max(1, round(hours * 60.0 / SAMPLE_EVERY_MIN))
    at = (np.arange(count) + 0.5) / count * along[-1]
    return tuple(
        PostDemand(
            lat_deg=a, lon_deg=b, hours=min(hours / count, DAY_HOURS), source=DemandSource.CONVOY
        )
        for a, b in zip(np.interp(at, along, lat).tolist(), np.interp(at, along, lon).tolist(), strict=True)
    )  # fmt: skip
