"""From columns as they come to a road net."""

from typing import Final

import numpy as np
import numpy.typing as npt

from tapestry.model import Refused
from tapestry.route._net import Numbers, RoadNet
from tapestry.route._reach import reached

SEEDS: Final = 4
"""Busiest nodes from which the main part is looked for: one of them lies in it, or the net has none."""


def build_net(
    *,
    lat_deg: npt.ArrayLike,
    lon_deg: npt.ArrayLike,
    edge_from: npt.ArrayLike,
    edge_to: npt.ArrayLike,
    edge_length_m: npt.ArrayLike,
    edge_speed_mps: npt.ArrayLike | None = None,
    edge_name: npt.ArrayLike | None = None,
    names: tuple[str, ...] = (),
    both_ways: bool = False,
    source: str = "shipped",
) -> RoadNet:
    """Return a net.

    Args:
        lat_deg: By node, as `lon_deg`.
        edge_from: By edge: number of a node, as `edge_to`.
        edge_speed_mps: By edge, NaN or absent where unknown.
        edge_name: By edge: index into `names`, -1 for none.
        both_ways: Every edge given is a road in both directions.
        source: What it was read from; shown with every number that rests on it.

    Raises:
        Refused: There is no edge, or one that names a node that is not there.
    """
    start, end = np.asarray(edge_from, np.int32), np.asarray(edge_to, np.int32)
    length_m = np.asarray(edge_length_m, np.float64)
    lat, lon = np.asarray(lat_deg, np.float64), np.asarray(lon_deg, np.float64)
    speed = np.full(len(start), np.nan) if edge_speed_mps is None else np.asarray(edge_speed_mps, np.float64)
    name = np.full(len(start), -1, np.int32) if edge_name is None else np.asarray(edge_name, np.int32)
    if not len(start) or min(start.min(), end.min()) < 0 or max(start.max(), end.max()) >= len(lat):
        raise Refused(
            f"road net {source}: {len(lat)} nodes and {len(start)} edges; expected edges between nodes "
            "that are there; give a file with roads in it"
        )
    if both_ways:
        start, end = np.concatenate([start, end]), np.concatenate([end, start])
        length_m, speed, name = (np.concatenate([it, it]) for it in (length_m, speed, name))
    order = np.argsort(start, kind="stable")
    start, end = start[order], end[order]
    first = np.concatenate([[0], np.cumsum(np.bincount(start, minlength=len(lat)))]).astype(np.int64)
    main = _main_nodes(len(lat), first, start, end)
    return RoadNet(
        lat_deg=lat,
        lon_deg=lon,
        first_edge=first,
        edge_from=start,
        edge_to=end,
        edge_length_m=length_m[order],
        edge_speed_mps=speed[order],
        edge_name=name[order],
        in_main=main[start] & main[end],
        names=names,
        source=source,
    )


def _main_nodes(
    count: int, first: npt.NDArray[np.int64], start: Numbers, end: Numbers
) -> npt.NDArray[np.bool_]:
    """Return which nodes belong to the largest part in which each is reached from each."""
    back_order = np.argsort(end, kind="stable")
    back_first = np.concatenate([[0], np.cumsum(np.bincount(end, minlength=count))]).astype(np.int64)
    back_to = start[back_order]
    best = np.zeros(count, np.bool_)
    for seed in _seeds(count, start, end):
        if not best[seed]:
            part = reached(first, end, seed) & reached(back_first, back_to, seed)
            best = part if part.sum() > best.sum() else best
    return best


def _seeds(count: int, start: Numbers, end: Numbers) -> list[int]:
    """Return busy nodes spread over the net."""
    degree = np.bincount(start, minlength=count) + np.bincount(end, minlength=count)
    spread = [int(it) for it in np.linspace(0, count - 1, SEEDS * 4).astype(int) if degree[it] > 1]
    return [int(it) for it in np.argsort(degree)[::-1][:SEEDS]] + spread
