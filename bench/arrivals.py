"""Expected arrival at half way of real bus and shuttle trips, beside "remaining distance over mean speed".

A trip's own track is its route. Its plan is what a timetable would say: the mean time that *earlier* trips of the
same fleet took over each 200 m piece in that direction, the fleet's mean where nobody drove before. The range is
learned from the earlier trips' errors. Nothing of the trip beyond its half, nor of a later trip, is used.
"""

import csv
import gzip
from collections import defaultdict
from pathlib import Path

import msgspec
import numpy as np

from bench.machine import ROOT
from tapestry.geo import distance_m
from tapestry.route import Pace, learned_spread, remaining_s

GPS = ROOT.parent / "shared" / "data" / "gps"
FLEETS = ("chicago_shuttle.csv.gz", "athens_small_schoolbus.csv.gz")
PIECE_M = 200.0
LEAST_PIECES = 400  # driven before the first trip that is judged: a timetable of nothing says nothing
LONGEST_GAP_S = 600.0  # a longer silence is two trips
LEAST_M, LEAST_S = 2_000.0, 300.0
PRIOR = 3.0  # drives at the fleet's mean that a piece starts with

Rows = np.ndarray


class Errors(msgspec.Struct, frozen=True, kw_only=True):
    """How well the arrivals of one fleet were told at half way."""

    fleet: str
    trips: int
    median_s: float  # median absolute error
    baseline_s: float  # the same of remaining distance over mean speed so far
    held: float  # share of trips within the range of 10 to 90 %
    ranged: int  # trips that had one that was learned

    @property
    def better(self) -> float:
        """How much smaller the error is than the baseline's, as a share."""
        return 1.0 - self.median_s / self.baseline_s


def judge(name: str, folder: Path = GPS) -> Errors:
    """Return the errors of one fleet's trips, in the order of the file."""
    past: dict[tuple[int, int, int], list[float]] = defaultdict(list)
    times: list[float] = []
    told: list[tuple[float, float]] = []
    ratios: list[float] = []
    held: list[bool] = []
    for track, at_m in trips(folder / name):
        keys, seconds = pieces(track, at_m)
        if len(times) > LEAST_PIECES:
            half = int(np.searchsorted(at_m, at_m[-1] / 2))
            spread = learned_spread(ratios)
            ahead, low, high = remaining_s(
                at_m[-1:], fixed_s=track[: half + 1, 0], progress_m=at_m[: half + 1],
                pace=timetable(keys, past, float(np.mean(times)), float(at_m[-1])), learned=spread,
            )  # fmt: skip
            true = track[-1, 0] - track[half, 0]
            plain = (at_m[-1] - at_m[half]) * (track[half, 0] - track[0, 0]) / at_m[half]
            told.append((abs(ahead[0] - true), abs(plain - true)))
            if spread is not None:
                held.append(bool(low[0] <= true <= high[0]))
            ratios.append(true / ahead[0])
        for key, second in zip(keys, seconds, strict=True):
            past[key].append(min(second, LONGEST_GAP_S))
        times += seconds.tolist()
    own, plain_s = np.median(np.array(told), axis=0)
    return Errors(
        fleet=name.partition(".")[0], trips=len(told), median_s=float(own), baseline_s=float(plain_s),
        held=float(np.mean(held)), ranged=len(held),
    )  # fmt: skip


def trips(path: Path) -> list[tuple[Rows, Rows]]:
    """Return (rows of time, lat, lon; metres driven) of the trips that are long enough to judge."""
    rows = defaultdict(list)
    with gzip.open(path, "rt") as lines:
        for row in csv.DictReader(lines):
            rows[row["trip"]].append((float(row["t"]), float(row["lat"]), float(row["lon"])))
    found = []
    for fixes in rows.values():
        track = np.array(sorted(fixes))
        legs = distance_m(track[:-1, 1], track[:-1, 2], track[1:, 1], track[1:, 2])
        at_m = np.concatenate([[0.0], np.cumsum(legs)])
        long = len(track) >= 10 and at_m[-1] >= LEAST_M and track[-1, 0] - track[0, 0] >= LEAST_S
        if long and np.diff(track[:, 0]).max() <= LONGEST_GAP_S:
            found.append((track, at_m))
    return found


def pieces(track: Rows, at_m: Rows) -> tuple[list[tuple[int, int, int]], Rows]:
    """Return (where and in which direction, seconds) of each 200 m of a trip."""
    ends = np.arange(int(at_m[-1] // PIECE_M) + 1) * PIECE_M
    time_s, lat, lon = (np.interp(ends, at_m, track[:, column]) for column in range(3))
    octant = ((np.degrees(np.arctan2(np.diff(lon), np.diff(lat))) + 382.5) % 360 // 45).astype(int)
    rows = ((lat[:-1] + lat[1:]) * 200).astype(int)  # cells of about 280 m
    columns = ((lon[:-1] + lon[1:]) * 160).astype(int)
    keys = list(zip(rows.tolist(), columns.tolist(), octant.tolist(), strict=True))
    return keys, np.diff(time_s)


def timetable(
    keys: list[tuple[int, int, int]], past: dict[tuple[int, int, int], list[float]], mean_s: float, length_m: float
) -> Pace:  # fmt: skip
    """Return what the earlier trips say of a trip's pieces."""
    times = [
        (sum(past[it]) + PRIOR * mean_s) / (len(past[it]) + PRIOR) if it in past else mean_s for it in keys
    ]
    planned = np.concatenate([[0.0], np.cumsum(times)])
    rest_m = length_m - len(times) * PIECE_M + 1.0
    return Pace(
        at_m=np.concatenate([np.arange(len(times) + 1) * PIECE_M, [length_m + 1.0]]),
        planned_s=np.concatenate([planned, [planned[-1] + mean_s * rest_m / PIECE_M]]),
    )
