"""Teams: the board of their readiness, and which of them could go to a place, with what speaks for and against each."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final

import msgspec
import numpy as np
from msgspec import Meta

from tapestry import dispatch, route
from tapestry.access import Action, Principal
from tapestry.app._access import DeskPorts, require
from tapestry.app._dispatch_news import tell_dispatch
from tapestry.app._dispatch_settings import DispatchSettingsDesk
from tapestry.app._refusals import Changed, Invalid, Missing
from tapestry.app._roster import checked_name
from tapestry.app._routes import RouteDesk, Spot
from tapestry.model import (
    Capability,
    Contact,
    Place,
    Readiness,
    Tasking,
    TaskingId,
    Team,
    TeamId,
    TeamPosition,
    VehicleId,
    Waypoint,
)

MAX_TEAMS: Final = 2_000
MAX_OPEN: Final = 2_000  # taskings looked at at once

Text = Annotated[str, Meta(max_length=500)]
Pair = tuple[Annotated[float, Meta(ge=-90, le=90)], Annotated[float, Meta(ge=-180, le=180)]]


class NewTeam(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A team as a person writes it."""

    name: Annotated[str, Meta(max_length=100)]
    post: Place
    capabilities: tuple[Capability, ...] = ()
    readiness: Readiness = Readiness.READY
    ready_in_min: Annotated[int, Meta(ge=0, le=1_440)] = 10
    rest_until: Annotated[datetime, Meta(tz=True)] | None = None
    governorates: Annotated[tuple[str, ...], Meta(max_length=30)] = ()
    area: Annotated[tuple[Pair, ...], Meta(max_length=500)] = ()
    contacts: Annotated[tuple[Contact, ...], Meta(max_length=10)] = ()
    vehicle_id: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None
    shares_position: bool = False
    recognition: Text = ""
    language: Annotated[str, Meta(max_length=8)] = "en"
    note: Text = ""


class TeamView(msgspec.Struct, frozen=True, kw_only=True):
    """A team as the board shows it."""

    team: Team
    position: TeamPosition | None
    position_age_s: float | None
    stale: bool
    tasking_id: TaskingId | None  # what it is at
    tasking_state: str | None


class TeamBoard(msgspec.Struct, frozen=True, kw_only=True):
    """Every team."""

    now: datetime
    stale_min: float
    teams: tuple[TeamView, ...]
    governorates: tuple[str, ...]  # those that the map has


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who could go there, able to do all of this."""

    place: Spot
    needs: tuple[Capability, ...] = ()


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """Every team, the likely ones first."""

    made_at: datetime
    candidates: "tuple[dispatch.Candidate, ...]"
    names: dict[int, str]  # by team_id


class TeamDesk:
    """What people do with teams."""

    def __init__(self, ports: DeskPorts, settings: DispatchSettingsDesk, routes: RouteDesk) -> None:
        self._ports = ports
        self._settings = settings
        self._routes = routes

    async def board(self, who: Principal) -> TeamBoard:
        """Return every team, where it is and what it is at."""
        require(self._ports, who, Action.VIEW_TEAMS)
        now, settings = self._ports.now(), await self._settings.current()
        positions, busy = await self.positions(), await self.busy()
        views = []
        for team in await self._ports.store.teams():
            position, tasking = positions.get(team.team_id), busy.get(team.team_id)
            age_s = None if position is None else max(0.0, (now - position.fixed_at).total_seconds())
            views.append(
                TeamView(
                    team=team,
                    position=position,
                    position_age_s=age_s,
                    stale=age_s is not None and age_s > settings.stale_min * 60.0,
                    tasking_id=None if tasking is None else tasking.tasking_id,
                    tasking_state=None if tasking is None else tasking.state.value,
                )
            )
        await self._ports.entries.note(who.user_name, "view-teams", "teams", {"count": len(views)})
        return TeamBoard(
            now=now,
            stale_min=settings.stale_min,
            teams=tuple(views),
            governorates=dispatch.governorate_names(),
        )

    async def add(self, who: Principal, new: NewTeam) -> Team:
        """Add a team."""
        require(self._ports, who, Action.CHANGE_TEAMS)
        if len(await self._ports.store.teams()) >= MAX_TEAMS:
            raise Invalid("too-many-teams", f"There are {MAX_TEAMS} teams.", "Use one that is there.")
        team = await self._ports.store.add_team(await self._checked(new))
        await self._noted(who, "add-team", team)
        return team

    async def change(self, who: Principal, team_id: int, new: NewTeam, version: int) -> Team:
        """Put a team's new description in the place of a version."""
        require(self._ports, who, Action.CHANGE_TEAMS)
        known = await self.access_team(team_id)
        team = msgspec.structs.replace(await self._checked(new), team_id=known.team_id, version=version + 1)
        if not await self._ports.store.put_team(team):
            raise Changed
        if not team.shares_position and known.shares_position:
            await self._ports.store.forget_team_position(team.team_id)
        await self._noted(who, "change-team", team)
        return team

    async def propose(self, who: Principal, question: Question) -> Proposal:
        """Return every team in the order in which it could be asked; none is asked by this."""
        require(self._ports, who, Action.VIEW_TEAMS)
        made = await self.proposal(question, await self._ports.store.teams())
        details = {"teams": len(made.candidates), "needs": [it.value for it in question.needs]}
        await self._ports.entries.note(who.user_name, "propose-teams", "teams", details)
        return made

    async def proposal(self, question: Question, teams: list[Team]) -> Proposal:
        """Return these teams as a proposal."""
        now, settings = self._ports.now(), await self._settings.current()
        positions, busy, net = await self.positions(), await self.busy(), await self._routes.net()
        place = question.place

        def reckon() -> "tuple[dispatch.Candidate, ...]":
            starts = [dispatch.start_of(team, positions.get(team.team_id), now=now) for team in teams]
            road_s = route.seconds_to(
                net,
                Waypoint(lat_deg=place.lat_deg, lon_deg=place.lon_deg),
                np.array([it.lat_deg for it in starts], float),
                np.array([it.lon_deg for it in starts], float),
                assumed_speed_mps=settings.road_speed_mps,
            )
            return dispatch.propose(
                teams,
                starts,
                road_s.tolist(),
                lat_deg=place.lat_deg,
                lon_deg=place.lon_deg,
                now=now,
                needs=frozenset(question.needs),
                tasked={team_id: it.what for team_id, it in busy.items()},
                settings=settings,
            )

        candidates = await asyncio.to_thread(reckon)
        return Proposal(made_at=now, candidates=candidates, names={it.team_id: it.name for it in teams})

    async def access_team(self, team_id: int) -> Team:
        """Return a team.

        Raises:
            Missing: There is none.
        """
        team = await self._ports.store.team(TeamId(team_id)) if 0 < team_id < 2**31 else None
        if team is None:
            raise Missing
        return team

    async def busy(self) -> Mapping[TeamId, Tasking]:
        """Return what each team is at: its newest open tasking."""
        found = await self._ports.store.taskings(only_open=True, limit=MAX_OPEN)
        return {it.team_id: it for it in reversed(found)}

    async def positions(self) -> Mapping[TeamId, TeamPosition]:
        """Return the newest position of each team: of its page, or of its vehicle where that is newer."""
        found = {it.team_id: it for it in await self._ports.store.team_positions()}
        for team in await self._ports.store.teams():
            seen = None if team.vehicle_id is None else self._seen(team)
            known = found.get(team.team_id)
            if seen is not None and (known is None or known.fixed_at < seen.fixed_at):
                found[team.team_id] = seen
        return found

    def _seen(self, team: Team) -> TeamPosition | None:
        assert team.vehicle_id is not None
        place = self._ports.live.picture.place_of(team.vehicle_id)
        if place is None:
            return None
        lat_deg, lon_deg, fixed_at, received_at = place
        return TeamPosition(
            team_id=team.team_id,
            lat_deg=lat_deg,
            lon_deg=lon_deg,
            fixed_at=fixed_at,
            received_at=received_at,
            source="tracker",
        )

    async def _checked(self, new: NewTeam) -> Team:
        unknown = set(new.governorates) - set(dispatch.governorate_names())
        if unknown:
            raise Invalid(
                "unknown-governorate",
                f"{len(unknown)} of the governorates are not on the map.",
                "Choose from the list.",
            )
        if 0 < len(new.area) < 3:
            raise Invalid("bad-polygon", "An area has three corners or more.", "Draw it again.")
        if not (-90 <= new.post.lat_deg <= 90 and -180 <= new.post.lon_deg <= 180):
            raise Invalid("bad-field", "The post is not on the Earth.", "Choose its place on the map.")
        if new.language not in dispatch.LANGUAGES:
            raise Invalid("bad-field", "This language is not spoken here.", "Choose en, ar or ckb.")
        if new.vehicle_id is not None:
            vehicles = {it.vehicle_id for it in await self._ports.store.vehicles()}
            if new.vehicle_id not in vehicles:
                raise Invalid("unknown-vehicle", "This vehicle is not on the roster.", "Choose another.")
        fields = msgspec.structs.asdict(new) | {
            "name": checked_name(new.name, "team-name"),
            "vehicle_id": None if new.vehicle_id is None else VehicleId(new.vehicle_id),
        }
        return Team(team_id=TeamId(0), **fields)

    async def _noted(self, who: Principal, action: str, team: Team) -> None:
        details = {
            "version": team.version,
            "readiness": team.readiness.value,
            "shares_position": team.shares_position,
        }
        await self._ports.entries.note(who.user_name, action, f"team/{team.team_id}", details)
        await tell_dispatch(self._ports)
