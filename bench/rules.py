"""Fixes a second that the rules judge on one core, 10,000 fences and a corridor on every fix.

Run: python -m bench.rules [seconds per figure]
"""

import sys
import time
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
from rich.console import Console
from rich.table import Table

from tapestry.geo import PolygonGrid, build_polygon_grid, kernel, polygons_at
from tapestry.model import PLAN, TRACKED
from tapestry.rules import new_state, set_fences, step

FENCES = 10_000
FENCE_VERTICES = 24
VEHICLES = 5_000
ROUNDS = 40  # fixes of each vehicle; then the drive begins again
FIX_EVERY_S = 10.0
SPEED_MPS = 22.0
BATCH_ROWS = 5_000
SMALL_BATCH_ROWS = 25
METRES_PER_DEG = 111_320.0
# west, south, east, north: every point lies in about five fences, or one in twenty does
CROWDED_DEG = (44.0, 33.0, 45.0, 34.0)
COUNTRY_DEG = (39.0, 29.0, 48.5, 37.5)
T0_US = 1_760_000_000_000_000

Area = tuple[float, float, float, float]


def fences_in(area: Area) -> PolygonGrid:
    """Return FENCES ragged circles of 300 to 2,000 m radius."""
    west, south, east, north = area
    rng = np.random.default_rng(0)
    lon, lat = rng.uniform(west, east, FENCES), rng.uniform(south, north, FENCES)
    radius = rng.uniform(300, 2000, FENCES)[:, None] / METRES_PER_DEG
    ragged = radius * (1 + 0.3 * rng.standard_normal((FENCES, FENCE_VERTICES)).clip(-1, 1))
    angle = np.linspace(0, 2 * np.pi, FENCE_VERTICES, endpoint=False)
    lats = lat[:, None] + ragged * np.sin(angle)
    lons = lon[:, None] + ragged * np.cos(angle) / np.cos(np.radians(33.5))
    return build_polygon_grid(
        SimpleNamespace(fence_id=number, rings=[list(zip(lats[number], lons[number], strict=True))])
        for number in range(FENCES)
    )


def drive_in(area: Area) -> np.ndarray:
    """Return TRACKED rows of VEHICLES that drive about, one round of fixes after another."""
    west, south, east, north = area
    rng = np.random.default_rng(1)
    course = rng.uniform(0, 2 * np.pi, VEHICLES) + np.zeros((ROUNDS, 1))
    way = np.arange(ROUNDS)[:, None] * FIX_EVERY_S * SPEED_MPS / METRES_PER_DEG
    rows = np.zeros((ROUNDS, VEHICLES), TRACKED)
    rows["slot"] = rows["vehicle_id"] = np.arange(VEHICLES)
    rows["fixed_at_us"] = T0_US + (np.arange(ROUNDS) * FIX_EVERY_S * 1e6).astype(np.int64)[:, None]
    rows["received_at_us"] = rows["fixed_at_us"] + 1_000_000
    rows["lat_deg"] = rng.uniform(south, north, VEHICLES) + way * np.sin(course)
    rows["lon_deg"] = rng.uniform(west, east, VEHICLES) + way * np.cos(course)
    rows["speed_mps"] = SPEED_MPS
    rows["offset_m"] = np.abs(rng.normal(0, 150, rows.shape))
    rows["prev_fixed_at_us"] = rows["next_fixed_at_us"] = -1
    return rows.reshape(-1)


def one_plan() -> np.ndarray:
    """Return the plan that all vehicles are part of."""
    plan = np.zeros(1, PLAN)
    plan["active_until_us"] = 2 * T0_US
    plan["corridor_half_width_m"], plan["speed_limit_mps"] = 500.0, 27.8
    return plan


@kernel
def _look_up(columns: object, lat_deg: np.ndarray, lon_deg: np.ndarray, found: np.ndarray) -> int:
    hits = 0
    for row in range(len(lat_deg)):
        hits += polygons_at(columns, lat_deg[row], lon_deg[row], found)
    return hits


def rate_of(work: Callable[[], int], seconds: float) -> tuple[float, float]:
    """Return (rows a second, seconds a call) of work that returns its rows, after one call to warm it."""
    work()
    rows = calls = 0
    begun_s = time.perf_counter()
    while (took_s := time.perf_counter() - begun_s) < seconds:
        rows += work()
        calls += 1
    return rows / took_s, took_s / calls


def stepper(area: Area, batch_rows: int) -> Callable[[], int]:
    """Return a call that folds the next batch of an endless drive."""
    state, rows, plan = new_state(), drive_in(area), one_plan()
    set_fences(state, fences_in(area), 1)
    batches = [rows[start : start + batch_rows] for start in range(0, len(rows), batch_rows)]
    step(state, rows, plan)
    turn = 0

    def fold() -> int:
        nonlocal turn
        batch = batches[turn % len(batches)]
        turn += 1
        step(state, batch, plan)
        return len(batch)

    return fold


def lookup(area: Area) -> Callable[[], int]:
    """Return a call that looks up 100,000 random points."""
    west, south, east, north = area
    rng = np.random.default_rng(2)
    lat, lon = rng.uniform(south, north, 100_000), rng.uniform(west, east, 100_000)
    columns, found = fences_in(area).columns, np.empty(32, np.int32)

    def look() -> int:
        _look_up(columns, lat, lon, found)
        return len(lat)

    return look


def measure(seconds: float) -> dict[str, float]:
    """Return name -> figure; names end in their unit.

    Args:
        seconds: How long each figure is measured, after one round to warm it.
    """
    return {
        "fence_lookup_crowded_points_per_s": rate_of(lookup(CROWDED_DEG), seconds)[0],
        "fence_lookup_country_points_per_s": rate_of(lookup(COUNTRY_DEG), seconds)[0],
        "step_crowded_rows_per_s": rate_of(stepper(CROWDED_DEG, BATCH_ROWS), seconds)[0],
        "step_country_rows_per_s": rate_of(stepper(COUNTRY_DEG, BATCH_ROWS), seconds)[0],
        "step_of_25_rows_us": 1e6 * rate_of(stepper(COUNTRY_DEG, SMALL_BATCH_ROWS), seconds)[1],
    }


def main() -> None:
    """Print the table."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    table = Table(title=f"Rules with {FENCES:,} fences on one core")
    table.add_column("figure")
    table.add_column("value", justify="right")
    for name, value in measure(seconds).items():
        table.add_row(name, f"{value:,.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
