"""Tracks matched to roads by Valhalla: a program that is run for each question and leaves nothing behind.

The track goes in through a pipe and is never on the disk. Limits of Valhalla's own are in the tiles' configuration.
"""

import subprocess
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
import numpy as np
import numpy.typing as npt

from tapestry import geo, route
from tapestry.adapters._valhalla_tiles import CONFIG_FILE, SOURCE_FILE, TILES_FOLDER, Valhalla
from tapestry.model import OutsideFault
from tapestry.route import TakenRoad, TakenRoads

WITHIN_S: Final = 5.0  # a request is answered within 8; the longest track takes a tenth of it
NO_ROAD: Final = frozenset({171, 172, 442, 443, 444})
"""Valhalla's errors that mean: no road near, or fixes too far apart for any way between them."""
SAME_PLACE_M: Final = 50.0  # a way that goes on so near to where it ended was turned round on, not broken
COSTING: Final = "auto"
"""A convoy drives where cars may; height and weight limits of lorries are not known."""
ATTRIBUTES: Final = (
    "shape", "edge.names", "edge.begin_shape_index", "edge.end_shape_index", "matched.point", "matched.type",
    "matched.edge_index",
)  # fmt: skip

Column = npt.NDArray[np.float64]


class _Edge(msgspec.Struct, frozen=True, kw_only=True):
    begin_shape_index: int
    end_shape_index: int
    names: tuple[str, ...] = ()


class _Point(msgspec.Struct, frozen=True, kw_only=True):
    lat: float
    lon: float
    type: str
    edge_index: int = -1  # absent or beyond every edge: on none


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    shape: str = ""
    edges: tuple[_Edge, ...] = ()
    matched_points: tuple[_Point, ...] = ()
    error_code: int = 0
    error: str = ""


class ValhallaMatcher:
    """Matches tracks on tiles.

    Args:
        valhalla: What is installed.
        roads: The data folder's `roads/`, with tiles.
    """

    name: Literal["valhalla"] = "valhalla"

    def __init__(self, valhalla: Valhalla, roads: Path) -> None:
        self._program = valhalla.programs / "valhalla_service"
        self._folder = roads / TILES_FOLDER

    @property
    def source(self) -> str:
        """Return the name of the file that the tiles were built from."""
        return (self._folder / SOURCE_FILE).read_text()

    def taken(self, *, fixed_s: Column, lat_deg: Column, lon_deg: Column) -> TakenRoads:
        """Return the roads of a track, as the port says."""
        if len(lat_deg) < 2:
            return route.no_roads(len(lat_deg))
        answer = self._ask(
            {
                "shape": [
                    {"time": at, "lat": lat, "lon": lon}
                    for at, lat, lon in zip(fixed_s.tolist(), lat_deg.tolist(), lon_deg.tolist(), strict=True)
                ],
                "costing": COSTING,
                "shape_match": "map_snap",
                "filters": {"action": "include", "attributes": ATTRIBUTES},
            }
        )
        if answer.error_code in NO_ROAD:
            return route.no_roads(len(lat_deg))
        return _roads_of(answer)

    def _ask(self, question: dict[str, Any]) -> _Answer:
        try:
            done = subprocess.run(
                [self._program, CONFIG_FILE, "trace_attributes", "/dev/stdin"],
                cwd=self._folder,
                input=msgspec.json.encode(question),
                capture_output=True,
                timeout=WITHIN_S,
                check=False,
            )
            answer = msgspec.json.decode(done.stdout, type=_Answer)
        except (OSError, subprocess.TimeoutExpired, msgspec.DecodeError) as err:
            raise OutsideFault(
                f"Valhalla did not answer within {WITHIN_S:.0f} s what we can read ({type(err).__name__}); "
                "ask for a shorter span, or import the roads again",
                retry_helps=False,
            ) from err
        if answer.error_code and answer.error_code not in NO_ROAD:
            raise OutsideFault(
                f"Valhalla refused the track with error {answer.error_code} ({answer.error}); "
                "ask for a shorter span, or import the roads again",
                retry_helps=False,
            )
        return answer


def _roads_of(answer: _Answer) -> TakenRoads:
    lat, lon = decode_line(answer.shape)
    rows: dict[int, list[int]] = {}
    points = answer.matched_points
    for row, point in enumerate(points):
        rows.setdefault(point.edge_index, []).append(row)
    steps, piece = [], 0
    for number, edge in enumerate(answer.edges):
        start, end = edge.begin_shape_index, edge.end_shape_index
        if number:
            last = answer.edges[number - 1].end_shape_index
            piece += (
                last != start and geo.haversine_m(lat[last], lon[last], lat[start], lon[start]) > SAME_PLACE_M
            )
        on_it = rows.get(number)
        steps.append(
            TakenRoad(
                name=edge.names[0] if edge.names else "",
                piece=piece,
                first_fix=on_it[0] if on_it else None,
                last_fix=on_it[-1] if on_it else None,
                lat_deg=lat[start : end + 1],
                lon_deg=lon[start : end + 1],
            )
        )
    placed = [0 <= it.edge_index < len(answer.edges) and it.type != "unmatched" for it in points]
    return TakenRoads(
        roads=route.join_roads(steps),
        fix_lat_deg=np.where(placed, [it.lat for it in points], np.nan),
        fix_lon_deg=np.where(placed, [it.lon for it in points], np.nan),
    )


def decode_line(text: str) -> tuple[Column, Column]:
    """Return (lat_deg, lon_deg) of an encoded polyline of six decimals.

    Source: Google's Encoded Polyline Algorithm Format, with the six decimals of OSRM and Valhalla.
    """
    five = np.frombuffer(text.encode("ascii"), np.uint8).astype(np.int64) - 63
    ends = np.flatnonzero(five < 0x20)
    starts = np.concatenate([[0], ends[:-1] + 1])[: len(ends)]
    place = np.arange(len(five)) - np.repeat(starts, ends - starts + 1)
    number = np.add.reduceat((five & 0x1F) << (5 * place), starts) if len(ends) else five
    signed = np.where(number & 1, ~(number >> 1), number >> 1).reshape(-1, 2)
    degrees = np.cumsum(signed, axis=0) / 1e6
    return degrees[:, 0], degrees[:, 1]
