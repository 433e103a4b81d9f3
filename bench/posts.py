"""Posts of teams: real incidents around Baghdad, planned on the first 120 days and replayed on the others."""

import csv
import gzip
from datetime import date
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from bench.figures import Figure
from bench.machine import ROOT
from tapestry.dispatch import Load, MedianModel, PostModel, Proposal, best_layout, plan_posts, replay

DATA: Final = ROOT.parent / "shared" / "data"
INCIDENTS: Final = DATA / "incidents" / "sigact_geocoded_2006_2007.csv.gz"
PMED: Final = DATA / "location"
OPTIMA: Final = {"pmed1": 5819, "pmed5": 1355}
FIRST_DAY: Final = date(2007, 2, 23)  # the file has nothing of 2007 before
TRAIN_DAYS: Final = 120
MIDDLE: Final = (33.35, 44.355)  # of the square around Baghdad, degrees
HALF_KM: Final = 30.0
STEP_KM: Final = 2.0  # demand cells, and candidates
KM_PER_DEG: Final = 111.195
DETOUR: Final = 1.3  # road over straight line
SPEED_KMH: Final = 40.0
SERVICE_MIN: Final = 45.0
WITHIN_MIN: Final = 20.0
TEAMS: Final = 6
TARGETS: Final = {10: 5.0, 40: 15.0}  # points above maximal covering, by calls a day
SEEDS: Final = 20


class Incidents(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Those of the square."""

    place_km: np.ndarray  # (east, north) from the middle
    day: np.ndarray  # 0 is FIRST_DAY


def incidents() -> Incidents:
    """Return the incidents of 2007 in the square of 60 km around Baghdad."""
    with gzip.open(INCIDENTS, "rt", encoding="utf-8") as lines:
        rows = [
            (row["date"], float(row["latitude"]), float(row["longitude"]))
            for row in csv.DictReader(lines)
            if row["date"] >= FIRST_DAY.isoformat()
        ]
    north = (np.array([row[1] for row in rows]) - MIDDLE[0]) * KM_PER_DEG
    east = (np.array([row[2] for row in rows]) - MIDDLE[1]) * KM_PER_DEG * np.cos(np.radians(MIDDLE[0]))
    day = np.array([(date.fromisoformat(row[0]) - FIRST_DAY).days for row in rows])
    inside = (np.abs(east) < HALF_KM) & (np.abs(north) < HALF_KM)
    return Incidents(place_km=np.column_stack([east, north])[inside], day=day[inside])


def grid_km() -> np.ndarray:
    """Return the middles of all cells."""
    line = np.arange(-HALF_KM + STEP_KM / 2, HALF_KM, STEP_KM)
    return np.array([(east, north) for east in line for north in line])


def travel_min(start_km: np.ndarray, end_km: np.ndarray) -> np.ndarray:
    """Return minutes between all of the one and all of the other, as the crow flies with a detour."""
    away = np.linalg.norm(start_km[:, None, :] - end_km[None, :, :], axis=2)
    minutes: np.ndarray = away * DETOUR / SPEED_KMH * 60.0
    return minutes


def plans(found: Incidents, calls_per_day: int) -> dict[PostModel, Proposal]:
    """Return what is proposed after the days of training."""
    cells = grid_km()
    known = found.place_km[found.day < TRAIN_DAYS]
    index = ((known + HALF_KM) // STEP_KM).astype(int)
    side = round(2 * HALF_KM / STEP_KM)
    weight = np.bincount(index[:, 0] * side + index[:, 1], minlength=side * side).astype(float)
    load = Load(calls_per_day=float(calls_per_day), service_min=SERVICE_MIN)
    used = weight > 0
    proposals = plan_posts(
        travel_min(cells[used], cells), weight[used], teams=TEAMS, within_min=WITHIN_MIN, load=load
    )
    return {it.model: it for it in proposals}


def reached(found: Incidents, proposal: Proposal, calls_per_day: int) -> float:
    """Return the share of the calls of later days that was reached in time, mean over SEEDS."""
    posts = grid_km()[list(proposal.layout.posts)]
    later = np.flatnonzero(found.day >= TRAIN_DAYS)
    count = min(len(later), calls_per_day * int(found.day.max() + 1 - TRAIN_DAYS))
    shares = []
    for seed in range(SEEDS):
        draw = np.random.default_rng(seed)
        drawn = draw.choice(later, count, replace=False)
        at_min = found.day[drawn] * 1440.0 + draw.uniform(0.0, 1440.0, count)
        order = np.argsort(at_min)
        ways = travel_min(found.place_km[drawn[order]], posts)
        work = draw.exponential(SERVICE_MIN, count)
        shares.append(replay(ways, at_min[order], work, within_min=WITHIN_MIN).reached)
    return float(np.mean(shares))


def pmed(file: Path) -> tuple[np.ndarray, int]:
    """Return the distances of an OR-Library problem and how many medians it asks for."""
    numbers = [int(word) for word in file.read_text().split()]
    nodes, edges, medians = numbers[:3]
    away = np.full((nodes, nodes), np.inf)
    np.fill_diagonal(away, 0.0)
    for a, b, length in np.array(numbers[3 : 3 + 3 * edges]).reshape(edges, 3).tolist():
        away[a - 1, b - 1] = away[b - 1, a - 1] = length  # of a repeated edge the last counts
    for middle in range(nodes):
        away = np.minimum(away, away[:, middle : middle + 1] + away[middle : middle + 1])
    return away, medians


def figures() -> tuple[Figure, ...]:
    """Return what is measured of posts, none of what is not beside the checkout."""
    made: list[Figure] = []
    if INCIDENTS.is_file():
        found = incidents()
        for calls, target in TARGETS.items():
            proposals = plans(found, calls)
            share = {model: 100.0 * reached(found, it, calls) for model, it in proposals.items()}
            for model, value in share.items():
                gap = proposals[model].layout.gap
                made.append(
                    Figure(
                        name=f"{calls} calls a day: {model.value} in 20 min", value=value, unit="%",
                        note=f"gap {gap:.2%}",
                    )
                )  # fmt: skip
            above = share[PostModel.MEXCLP] - share[PostModel.MCLP]
            made.append(
                Figure(
                    name=f"{calls} calls a day: mexclp above mclp", value=above, unit="points", target=target
                )
            )
    for name, optimum in OPTIMA.items():
        if (file := PMED / f"{name}.txt").is_file():
            away, medians = pmed(file)
            cost = -best_layout(MedianModel(away), medians).value
            made.append(
                Figure(name=f"{name}: cost", value=cost, unit="", target=float(optimum), lower_is_better=True)
            )
    return tuple(made)


if __name__ == "__main__":
    for figure in figures():
        print(figure.name, figure.value, figure.target_text, figure.verdict, figure.note)
