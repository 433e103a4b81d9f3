"""Which roads a track took: a hidden Markov model over edges, solved by Viterbi.

Theory of operation. Each fix could have been on any edge near it; the farther, the less likely (a Gaussian of the
receiver's noise). From one fix to the next a vehicle drives about as far as the crow flies between them, so a
pair of edges whose way over the net is much longer, or that it could not have driven in the time, is unlikely
(an exponential of the difference). The best chain of edges over the whole track is kept, and the ways between
them are its roads. A vehicle that stands makes a cloud of fixes that says nothing: fixes nearer to the one
before than MIN_STEP_M are left out. Where no chain goes on, a new one begins, and the gap is said.

Source: Newson and Krumm, Hidden Markov Map Matching Through Noise and Sparseness, ACM GIS 2009.
"""

from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from tapestry.geo import haversine_m, kernel
from tapestry.route._edge_grid import EdgeGrid, edges_near
from tapestry.route._net import RoadNet

NOISE_M: Final = 6.0
"""Spread of a fix beside the road's middle line: receiver and width of the road; 4 to 10 matched alike."""
WITHIN_M: Final = 60.0
CANDIDATES: Final = 12
DETOUR_M: Final = 25.0
"""Typical difference between the way driven and the crow's between fixes; grows with the gap between them."""
MIN_STEP_M: Final = 12.0
REACH_M: Final = 500.0  # a way may be longer than twice the crow's by so much, and is not looked for beyond
FASTEST_MPS: Final = 55.0
TURN_BACK: Final = 3.0  # log-cost of turning round between two fixes
NEW_PIECE: Final = -1


class MatchedTrack(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The roads of a track."""

    edges: npt.NDArray[np.int64]  # in the order in which they were driven, each run once
    pieces: npt.NDArray[np.int64]  # by edge: number of the unbroken piece it belongs to
    fix: npt.NDArray[np.int64]  # fixes that were used, rows of the input
    fix_edge: npt.NDArray[np.int64]  # by used fix: its edge, -1 where no road was near
    fix_share: npt.NDArray[np.float64]  # along that edge


@kernel
def _push(keys: Any, nodes: Any, size: int, key: float, node: int) -> None:
    at = size
    keys[at], nodes[at] = key, node
    while at > 0:
        above = (at - 1) >> 1
        if keys[above] <= keys[at]:
            break
        keys[above], keys[at] = keys[at], keys[above]
        nodes[above], nodes[at] = nodes[at], nodes[above]
        at = above


@kernel
def _pop(keys: Any, nodes: Any, size: int) -> None:
    """Take the first of `size` entries away."""
    size -= 1
    keys[0], nodes[0] = keys[size], nodes[size]
    at = 0
    while True:
        least = 2 * at + 1
        if least >= size:
            break
        if least + 1 < size and keys[least + 1] < keys[least]:
            least += 1
        if keys[at] <= keys[least]:
            break
        keys[least], keys[at] = keys[at], keys[least]
        nodes[least], nodes[at] = nodes[at], nodes[least]
        at = least


@kernel
def _spread(
    first: Any, edge_from: Any, edge_to: Any, length: Any, start: int, limit: float, skip: int, best: Any, came: Any,
    touched: Any, keys: Any, nodes: Any,
) -> int:  # fmt: skip
    """Fill `best` with metres from node `start` to every node within `limit`; return how many were touched.

    The first step does not go back over `skip`, the node it came from, unless nothing else leads on.
    """
    best[start] = 0.0
    came[start] = -1
    touched[0] = start
    count = 1
    keys[0], nodes[0] = 0.0, start
    size = 1
    while size:
        key, node = keys[0], nodes[0]
        _pop(keys, nodes, size)
        size -= 1
        if key > best[node]:
            continue
        for edge in range(first[node], first[node + 1]):
            there = edge_to[edge]
            through = key + length[edge]
            if node == start and there == skip:
                through += 60.0
            if through < best[there] and through <= limit and size < len(keys) - 1:
                if best[there] == np.inf:
                    touched[count] = there
                    count += 1
                best[there] = through
                came[there] = edge
                _push(keys, nodes, size, through, there)
                size += 1
    return count


@kernel
def _viterbi(
    lat: Any, lon: Any, time_s: Any, node_lat: Any, node_lon: Any, first: Any, edge_from: Any, edge_to: Any,
    length: Any, frame: Any, starts: Any, entries: Any, noise_m: float, detour_m: float,
) -> Any:  # fmt: skip
    """Return (edge, share, back pointer, score, candidates) tables, one row per fix."""
    rows = len(lat)
    edges = np.full((rows, CANDIDATES), -1, np.int64)
    shares = np.zeros((rows, CANDIDATES))
    away = np.zeros((rows, CANDIDATES))
    back = np.full((rows, CANDIDATES), NEW_PIECE, np.int64)
    score = np.full((rows, CANDIDATES), -np.inf)
    counts = np.zeros(rows, np.int64)
    node_count = len(node_lat)
    best = np.full(node_count, np.inf)
    came = np.full(node_count, -1, np.int64)
    touched = np.empty(node_count, np.int64)
    keys = np.empty(4 * len(edge_to) + 16)
    nodes = np.empty(4 * len(edge_to) + 16, np.int64)
    before = -1
    for row in range(rows):
        counts[row] = edges_near(
            lat[row], lon[row], WITHIN_M, frame, starts, entries, node_lat, node_lon, edge_from, edge_to,
            edges[row], away[row], shares[row],
        )  # fmt: skip
        if counts[row] == 0:
            continue
        reached = False
        if before >= 0:
            crow = haversine_m(lat[before], lon[before], lat[row], lon[row])
            gap = max(time_s[row] - time_s[before], 1.0)
            limit = min(2.0 * crow + REACH_M, max(FASTEST_MPS * gap, crow * 1.2) + REACH_M)
            scale = detour_m + 0.15 * crow
            for old in range(counts[before]):
                if score[before, old] == -np.inf:
                    continue
                at_edge = edges[before, old]
                rest = (1.0 - shares[before, old]) * length[at_edge]
                found = _spread(
                    first, edge_from, edge_to, length, edge_to[at_edge], limit, edge_from[at_edge], best, came,
                    touched, keys, nodes,
                )  # fmt: skip
                for new in range(counts[row]):
                    to_edge = edges[row, new]
                    ahead = (shares[row, new] - shares[before, old]) * length[at_edge]
                    if to_edge == at_edge and ahead >= -2.0 * noise_m:
                        way = max(ahead, 0.0)
                    else:
                        way = rest + best[edge_from[to_edge]] + shares[row, new] * length[to_edge]
                    if way > limit + REACH_M or not np.isfinite(way):
                        continue
                    likely = score[before, old] - abs(way - crow) / scale
                    if way / gap > FASTEST_MPS and way > 1.5 * crow + 50.0:
                        likely -= TURN_BACK
                    if likely > score[row, new]:
                        score[row, new] = likely
                        back[row, new] = old
                        reached = True
                for index in range(found):
                    best[touched[index]] = np.inf
        for new in range(counts[row]):
            cost = 0.5 * (away[row, new] / noise_m) ** 2
            if reached:
                score[row, new] -= cost
            else:
                score[row, new] = -cost
                back[row, new] = NEW_PIECE
        before = row
    return edges, shares, back, score, counts


@kernel
def _join(
    chosen: Any, chosen_share: Any, piece: Any, length: Any, first: Any, edge_from: Any, edge_to: Any, crow: Any,
    node_count: int, out: Any, out_piece: Any,
) -> int:  # fmt: skip
    """Fill `out` with the edges of the ways between chosen ones; return how many."""
    best = np.full(node_count, np.inf)
    came = np.full(node_count, -1, np.int64)
    touched = np.empty(node_count, np.int64)
    keys = np.empty(4 * len(edge_to) + 16)
    nodes = np.empty(4 * len(edge_to) + 16, np.int64)
    stack = np.empty(node_count + 1, np.int64)
    size = 0
    for row in range(len(chosen)):
        edge = chosen[row]
        if row == 0 or piece[row] != piece[row - 1]:
            out[size], out_piece[size] = edge, piece[row]
            size += 1
            continue
        last = chosen[row - 1]
        if edge == last and chosen_share[row] >= chosen_share[row - 1] - 0.999:
            continue
        found = _spread(
            first, edge_from, edge_to, length, edge_to[last], 2.0 * crow[row] + 4.0 * REACH_M, edge_from[last], best,
            came, touched, keys, nodes,
        )  # fmt: skip
        top = 0
        node = edge_from[edge]
        if best[node] < np.inf:
            while came[node] >= 0:
                stack[top] = came[node]
                top += 1
                node = edge_from[came[node]]
        for index in range(top - 1, -1, -1):
            if size < len(out) - 1:
                out[size], out_piece[size] = stack[index], piece[row]
                size += 1
        if size < len(out):
            out[size], out_piece[size] = edge, piece[row]
            size += 1
        for index in range(found):
            best[touched[index]] = np.inf
    return size


def match(
    net: RoadNet,
    grid: EdgeGrid,
    *,
    fixed_s: npt.ArrayLike,
    lat_deg: npt.ArrayLike,
    lon_deg: npt.ArrayLike,
    noise_m: float = NOISE_M,
    detour_m: float = DETOUR_M,
) -> MatchedTrack:
    """Return the roads that a track took.

    Args:
        net: The roads; short straight edges, as OpenStreetMap has them, not the shipped highway net.
        grid: Of that net.
        fixed_s: Times of the fixes in seconds, rising.
        lat_deg: By fix, as `lon_deg`.
        noise_m: Spread of fixes beside the road.
        detour_m: Spread of the way driven around the crow's.
    """
    time_s, lat, lon = (np.asarray(it, np.float64) for it in (fixed_s, lat_deg, lon_deg))
    used = _moving(lat, lon)
    columns = (net.lat_deg, net.lon_deg, net.first_edge, net.edge_from, net.edge_to, net.edge_length_m)
    tables = _viterbi(
        lat[used], lon[used], time_s[used], *columns, grid.frame, grid.starts, grid.entries, noise_m, detour_m
    )
    edge, share, piece = _chain(*tables)
    kept = np.flatnonzero(edge >= 0)
    rows = used[kept]
    crow = np.zeros(len(rows))
    for row in range(1, len(rows)):
        crow[row] = haversine_m(lat[rows[row - 1]], lon[rows[row - 1]], lat[rows[row]], lon[rows[row]])
    room = 64 * len(rows) + 4 * len(net.edge_to) + 16
    out, out_piece = np.empty(room, np.int64), np.empty(room, np.int64)
    size = _join(
        edge[kept], share[kept], piece[kept], net.edge_length_m, net.first_edge, net.edge_from, net.edge_to, crow,
        len(net.lat_deg), out, out_piece,
    )  # fmt: skip
    return MatchedTrack(edges=out[:size], pieces=out_piece[:size], fix=used, fix_edge=edge, fix_share=share)


@kernel
def _moving(lat: Any, lon: Any) -> Any:
    """Return the rows that are far enough from the row kept before them; the first and the last always are."""
    kept = np.empty(len(lat), np.int64)
    count = 0
    for row in range(len(lat)):
        if (
            count == 0
            or row == len(lat) - 1
            or haversine_m(lat[row], lon[row], lat[kept[count - 1]], lon[kept[count - 1]]) >= MIN_STEP_M
        ):
            kept[count] = row
            count += 1
    return kept[:count]


def _chain(edges: Any, shares: Any, back: Any, score: Any, counts: Any) -> Any:
    """Return (edge, share, piece) by row of the best chain, traced from its end."""
    rows = len(counts)
    edge, share, piece = np.full(rows, -1, np.int64), np.zeros(rows), np.zeros(rows, np.int64)
    pick, number = -1, 0
    for row in range(rows - 1, -1, -1):
        if counts[row] == 0:
            continue
        if pick < 0:
            pick = int(np.argmax(score[row]))
            number += 1
        edge[row], share[row], piece[row] = edges[row, pick], shares[row, pick], -number
        pick = int(back[row, pick])
    return edge, share, piece + number
