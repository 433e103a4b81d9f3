"""Proposals: 500 teams over Iraq, places drawn by chance, the whole way from the store to the answer of the desk."""

import time
from datetime import UTC, datetime
from typing import Final

import numpy as np

from bench.figures import Figure
from tapestry import dispatch, route
from tapestry.app.desk import shipped_net
from tapestry.model import (
    Capability,
    Contact,
    ContactMeans,
    Place,
    Team,
    TeamId,
    TeamPosition,
    Waypoint,
)

TEAMS: Final = 500
RUNS: Final = 200
SEED: Final = 5
NOON: Final = datetime(2026, 1, 5, 12, tzinfo=UTC)
SQUARE: Final = (30.5, 36.5, 41.5, 47.5)  # degrees: south, north, west, east; some places have no road near


def teams_over_iraq(count: int = TEAMS) -> list[Team]:
    """Return teams whose posts are drawn by chance."""
    draw = np.random.default_rng(SEED)
    south, north, west, east = SQUARE
    kinds = list(Capability)
    return [
        Team(
            team_id=TeamId(number),
            name=f"Team {number}",
            post=Place(
                name="post",
                lat_deg=float(draw.uniform(south, north)),
                lon_deg=float(draw.uniform(west, east)),
            ),
            capabilities=(kinds[int(draw.integers(len(kinds)))], Capability.SECURITY),
            governorates=tuple(draw.choice(dispatch.governorate_names(), 3, replace=False).tolist()),
            contacts=(Contact(means=ContactMeans.RADIO, value="42.5"),),
        )
        for number in range(1, count + 1)
    ]


def proposal_ms(runs: int, count: int = TEAMS) -> list[float]:
    """Return the milliseconds of each proposal: where each team is, its way by road, its reasons, the order."""
    net, teams, draw = shipped_net(), teams_over_iraq(count), np.random.default_rng(SEED + 1)
    positions = {
        it.team_id: TeamPosition(
            team_id=it.team_id, lat_deg=it.post.lat_deg, lon_deg=it.post.lon_deg, fixed_at=NOON, received_at=NOON,
            source="tracker",
        )
        for it in teams[::2]
    }  # fmt: skip
    took = []
    for _ in range(runs + 1):
        place = Waypoint(lat_deg=float(draw.uniform(31.0, 36.5)), lon_deg=float(draw.uniform(43.0, 47.0)))
        begun_s = time.perf_counter()
        starts = [dispatch.start_of(it, positions.get(it.team_id), now=NOON) for it in teams]
        road_s = route.seconds_to(
            net,
            place,
            np.array([it.lat_deg for it in starts]),
            np.array([it.lon_deg for it in starts]),
            assumed_speed_mps=40.0 / 3.6,
        )
        found = dispatch.propose(
            teams,
            starts,
            road_s.tolist(),
            lat_deg=place.lat_deg,
            lon_deg=place.lon_deg,
            now=NOON,
            needs=frozenset({Capability.SECURITY}),
        )
        took.append((time.perf_counter() - begun_s) * 1000.0)
        if len(found) != count:
            raise AssertionError(f"{len(found)} teams proposed, expected all {count}")
    return took[1:]  # the first loads the kernels


def figures(runs: int = RUNS) -> tuple[Figure, ...]:
    """Return how long proposals take."""
    took = proposal_ms(runs)
    return (
        Figure(
            name=f"proposal of {TEAMS} teams p95", value=float(np.quantile(took, 0.95)), unit="ms", target=150.0,
            lower_is_better=True,
        ),
        Figure(
            name=f"proposal of {TEAMS} teams p50", value=float(np.median(took)), unit="ms", lower_is_better=True
        ),
    )  # fmt: skip
