"""Which teams could go, the likely ones first, with what speaks for and against each. No team is ever left out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from tapestry.dispatch._jurisdiction import governorate_at, works_at
from tapestry.dispatch._settings import DispatchSettings
from tapestry.geo import haversine_m
from tapestry.model import Capability, Readiness, Team, TeamId, TeamPosition

GRAVE: Final = frozenset({"not-ready", "off", "resting", "already-tasked", "no-capability"})
"""Who has one of these is proposed after everybody who has none."""


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that speaks for or against a team."""

    code: str  # words of the UI are keyed by it
    facts: dict[str, str | float] = {}


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A team as a proposal shows it."""

    rank: int  # from 1
    team_id: TeamId
    tier: int  # 1: nothing grave speaks against it; 2: outside its area; 3: something grave does
    lat_deg: float  # from where the way was reckoned
    lon_deg: float
    basis: str  # "position" or "post"
    position_age_s: float | None  # None: it was never heard
    travel_s: float
    travel_basis: str  # "road", "straight-line" or "air"
    arrive_s: float  # from the order: until it moves, and the way
    reasons_for: tuple[Reason, ...]
    reasons_against: tuple[Reason, ...]


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """From where a team would go."""

    lat_deg: float
    lon_deg: float
    basis: str
    age_s: float | None


def start_of(team: Team, position: TeamPosition | None, *, now: datetime) -> Start:
    """Return from where a team would go: its last known position however old, else its post."""
    if position is None:
        return Start(lat_deg=team.post.lat_deg, lon_deg=team.post.lon_deg, basis="post", age_s=None)
    age_s = max(0.0, (now - position.fixed_at).total_seconds())
    return Start(lat_deg=position.lat_deg, lon_deg=position.lon_deg, basis="position", age_s=age_s)


def propose(
    teams: Sequence[Team],
    starts: Sequence[Start],
    road_s: Sequence[float],
    *,
    lat_deg: float,
    lon_deg: float,
    now: datetime,
    needs: frozenset[Capability] = frozenset(),
    tasked: Mapping[TeamId, str] | None = None,
    settings: DispatchSettings | None = None,
) -> tuple[Candidate, ...]:
    """Return every team, in the order of tier, then of the time until it is there.

    Args:
        teams: All that there are.
        starts: From where each would go.
        road_s: Travel time of each by road; infinite or NaN where no road leads from there.
        lat_deg: Of the place, as `lon_deg`.
        now: Hub's clock.
        needs: What has to be done there; all of it by one team.
        tasked: What a team is at already.
        settings: Speeds and limits.
    """
    known, at = settings or DispatchSettings(), governorate_at(lat_deg=lat_deg, lon_deg=lon_deg)
    found = []
    for team, start, seconds in zip(teams, starts, road_s, strict=True):
        travel_s, basis = _travel(team, start, seconds, lat_deg, lon_deg, known)
        works = works_at(team, at, lat_deg=lat_deg, lon_deg=lon_deg)
        against = _against(team, start, now, needs, (tasked or {}).get(team.team_id), known)
        if not works:
            against.append(Reason(code="outside-area", facts={"governorate": at or ""}))
        if basis == "straight-line":
            against.append(Reason(code="no-road-known"))
        tier = 3 if any(it.code in GRAVE for it in against) else 1 if works else 2
        found.append(
            Candidate(
                rank=0,
                team_id=team.team_id,
                tier=tier,
                lat_deg=start.lat_deg,
                lon_deg=start.lon_deg,
                basis=start.basis,
                position_age_s=start.age_s,
                travel_s=travel_s,
                travel_basis=basis,
                arrive_s=_moves_in_s(team, now) + travel_s,
                reasons_for=tuple(_for(team, start, needs, works=works, settings=known)),
                reasons_against=tuple(against),
            )
        )
    found.sort(key=lambda it: (it.tier, it.arrive_s, it.team_id))
    return tuple(msgspec.structs.replace(it, rank=rank) for rank, it in enumerate(found, start=1))


def _travel(
    team: Team, start: Start, road_s: float, lat_deg: float, lon_deg: float, settings: DispatchSettings
) -> tuple[float, str]:
    """Return the seconds of the way and what they rest on."""
    away_m = float(haversine_m(start.lat_deg, start.lon_deg, lat_deg, lon_deg))
    if Capability.AIR in team.capabilities:
        return away_m / settings.air_speed_mps, "air"
    if 0.0 <= road_s < float("inf"):
        return float(road_s), "road"
    return away_m * settings.detour_ratio / settings.straight_speed_mps, "straight-line"


def _moves_in_s(team: Team, now: datetime) -> float:
    """Return the seconds until a team moves: its own minutes, or its rest where that is longer."""
    rest_s = 0.0 if team.rest_until is None else (team.rest_until - now).total_seconds()
    return max(team.ready_in_min * 60.0, rest_s)


def _against(
    team: Team,
    start: Start,
    now: datetime,
    needs: frozenset[Capability],
    tasked: str | None,
    settings: DispatchSettings,
) -> list[Reason]:
    against = []
    if team.readiness is not Readiness.READY:
        against.append(Reason(code=team.readiness.value, facts={"note": team.note}))
    if team.rest_until is not None and team.rest_until > now:
        against.append(Reason(code="resting", facts={"until": team.rest_until.isoformat()}))
    if tasked is not None:
        against.append(Reason(code="already-tasked", facts={"what": tasked}))
    lacking = needs - set(team.capabilities)
    if lacking:
        against.append(Reason(code="no-capability", facts={"lacks": ", ".join(sorted(lacking))}))
    if start.age_s is None:
        against.append(Reason(code="position-unknown"))
    elif start.age_s > settings.stale_min * 60.0:
        against.append(Reason(code="position-stale", facts={"minutes": round(start.age_s / 60.0)}))
    if not team.contacts:
        against.append(Reason(code="no-contact-means"))
    return against


def _for(
    team: Team, start: Start, needs: frozenset[Capability], *, works: bool, settings: DispatchSettings
) -> list[Reason]:
    reasons = []
    if team.readiness is Readiness.READY:
        reasons.append(Reason(code="ready", facts={"minutes": float(team.ready_in_min)}))
    if works:
        reasons.append(Reason(code="in-area"))
    if needs and needs <= set(team.capabilities):
        reasons.append(Reason(code="can-do", facts={"what": ", ".join(sorted(needs))}))
    if start.age_s is not None and start.age_s <= settings.stale_min * 60.0:
        reasons.append(Reason(code="position-fresh", facts={"minutes": round(start.age_s / 60.0)}))
    return reasons
