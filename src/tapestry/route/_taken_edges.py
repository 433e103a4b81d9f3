"""The roads that a track took, from what the plain matcher found on a net of ours."""

import numpy as np
import numpy.typing as npt

from tapestry.route._match import MatchedTrack
from tapestry.route._net import Column, RoadNet
from tapestry.route._taken import TakenRoad, TakenRoads, join_roads


def taken_roads(net: RoadNet, found: MatchedTrack, *, fixes: int) -> TakenRoads:
    """Return the roads of a track that was matched on a net of ours.

    The first and the last road of a piece begin and end where the first and the last fix are. A fix that the
    matcher left out, because the vehicle stood, is where the one before it was.

    Args:
        net: The net that it was matched on.
        found: By that net's edges.
        fixes: How many fixes were given to the matcher.
    """
    step_of = _step_of_each_fix(found)
    steps = [
        _step(net, found, number, np.flatnonzero(step_of == number)) for number in range(len(found.edges))
    ]
    used = np.searchsorted(found.fix, np.arange(fixes), side="right") - 1
    edge, share = found.fix_edge[used], found.fix_share[used]
    lat, lon = _place(net, edge, share)
    return TakenRoads(
        roads=join_roads(steps),
        fix_lat_deg=np.where(edge >= 0, lat, np.nan),
        fix_lon_deg=np.where(edge >= 0, lon, np.nan),
    )


def _step_of_each_fix(found: MatchedTrack) -> npt.NDArray[np.int64]:
    """Return by used fix which of the driven edges it is on; -1: none."""
    step_of = np.full(len(found.fix_edge), -1, np.int64)
    edges = found.edges.tolist()
    at = 0
    for row, edge in enumerate(found.fix_edge.tolist()):
        ahead = at
        while edge >= 0 and ahead < len(edges) and edges[ahead] != edge:
            ahead += 1
        if edge >= 0 and ahead < len(edges):
            step_of[row] = at = ahead
    return step_of


def _step(net: RoadNet, found: MatchedTrack, number: int, rows: npt.NDArray[np.int64]) -> TakenRoad:
    """Return one driven edge.

    Args:
        number: Which of them.
        rows: The used fixes on it.
    """
    edge, piece = int(found.edges[number]), int(found.pieces[number])
    opens = number == 0 or found.pieces[number - 1] != piece
    closes = number == len(found.edges) - 1 or found.pieces[number + 1] != piece
    start = float(found.fix_share[rows[0]]) if opens and len(rows) else 0.0
    end = float(found.fix_share[rows[-1]]) if closes and len(rows) else 1.0
    both = np.array([edge, edge])
    lat, lon = _place(net, both, np.array([start, max(start, end)]))
    named = int(net.edge_name[edge])
    return TakenRoad(
        name=net.names[named] if named >= 0 else "",
        piece=piece,
        first_fix=int(found.fix[rows[0]]) if len(rows) else None,
        last_fix=int(found.fix[rows[-1]]) if len(rows) else None,
        lat_deg=lat,
        lon_deg=lon,
    )


def _place(net: RoadNet, edge: npt.NDArray[np.int64], share: Column) -> tuple[Column, Column]:
    a, b = net.edge_from[edge], net.edge_to[edge]
    lat = net.lat_deg[a] + share * (net.lat_deg[b] - net.lat_deg[a])
    lon = net.lon_deg[a] + share * (net.lon_deg[b] - net.lon_deg[a])
    return lat, lon
