"""Tracks with a hand-checked route, matched to their roads: whole, and thinned to sparse reports.

The data lies beside the checkout (`../shared/data/mapmatch`, Kubicka et al. 2015); its truth is read only to score.
"""

import io
import zipfile
from collections import Counter
from pathlib import Path

import msgspec
import numpy as np

from bench.machine import ROOT
from tapestry.geo import distance_m
from tapestry.route import RoadNet, build_edge_grid, build_net, match

TRACKS = ROOT.parent / "shared" / "data" / "mapmatch" / "dev"
THINNED_S = (0, 30, 120)
TARGETS = {0: 0.97, 30: 0.92, 120: 0.80}


class Shares(msgspec.Struct, frozen=True, kw_only=True):
    """How well one track was matched."""

    track: str
    every_s: int  # 0: every fix
    right: float  # of the true route's length, each stretch as often as it was driven
    wrong: float  # length told that was not driven, over the true length


def match_all(folder: Path = TRACKS) -> list[Shares]:
    """Return the shares of each track at each thinning."""
    found = []
    for path in sorted(folder.glob("*.zip")):
        net, track, truth = read(path)
        grid = build_edge_grid(net)
        for every_s in THINNED_S:
            rows = thinned(track, every_s)
            got = match(net, grid, fixed_s=rows[:, 2], lat_deg=rows[:, 1], lon_deg=rows[:, 0])
            right, wrong = score(net, got.edges, truth)
            found.append(Shares(track=path.stem, every_s=every_s, right=right, wrong=wrong))
    return found


def thinned(track: np.ndarray, every_s: int) -> np.ndarray:
    """Return the rows that a tracker reporting every so many seconds would have sent."""
    kept = [0]
    for row in range(1, len(track)):
        if track[row, 2] - track[kept[-1], 2] >= every_s:
            kept.append(row)
    return track[kept] if every_s else track


def score(net: RoadNet, edges: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Return (right, wrong): directed edges, each counted as often as it was driven."""
    told, driven = Counter(edges.tolist()), Counter(truth.tolist())
    whole = float(net.edge_length_m[truth].sum())
    right = sum(min(times, told[edge]) * net.edge_length_m[edge] for edge, times in driven.items())
    wrong = sum(max(times - driven[edge], 0) * net.edge_length_m[edge] for edge, times in told.items())
    return float(right) / whole, float(wrong) / whole


def read(path: Path) -> tuple[RoadNet, np.ndarray, np.ndarray]:
    """Return the streets, the track as (longitude, latitude, seconds) rows, and the true route as edges of the net."""
    with zipfile.ZipFile(path) as files:
        names = {name.rpartition(".")[2]: name for name in files.namelist()}
        columns = {end: np.loadtxt(io.BytesIO(files.read(names[end]))) for end in names}
    nodes, arcs = columns["nodes"], columns["arcs"].astype(np.int64)
    start, end = arcs[:, 0], arcs[:, 1]
    length_m = distance_m(nodes[start, 1], nodes[start, 0], nodes[end, 1], nodes[end, 0])
    net = build_net(
        lat_deg=nodes[:, 1], lon_deg=nodes[:, 0], edge_from=start, edge_to=end, edge_length_m=length_m
    )
    place = np.empty(
        len(arcs), np.int64
    )  # of each arc among the net's edges, which are ordered by their start
    place[np.argsort(start, kind="stable")] = np.arange(len(arcs))
    return net, columns["track"], place[columns["route"].astype(np.int64)]
