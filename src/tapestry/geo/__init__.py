"""Where things are on the Earth: distances, routes as corridors, grid references, date-time groups.

In: degrees (WGS84), metres, aware datetimes; single numbers, or whole columns where a name says so.
Out: metres, degrees, indices into what was given, text. Never: input or output, a clock, a map projection.
Functions made by `kernel` run compiled, take plain numbers by position, and may be called from other kernels.

A name is loaded when it is first used: the desk works with `Line` and never waits for the compiler.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tapestry.geo._compiled import kernel
    from tapestry.geo._corridor import CorridorSet, build_corridors, join_corridors, locate, locate_on_route
    from tapestry.geo._dtg import format_dtg, parse_dtg
    from tapestry.geo._line import Line
    from tapestry.geo._mgrs import from_mgrs, to_mgrs
    from tapestry.geo._place import Place
    from tapestry.geo._polygon_grid import (
        MAX_POLYGONS_AT_POINT,
        PolygonGrid,
        build_polygon_grid,
        fences_at,
        polygons_at,
    )
    from tapestry.geo._sphere import (
        EARTH_RADIUS_M,
        bearing_deg,
        destination,
        distance_m,
        haversine_m,
    )
    from tapestry.geo._written import WrittenPlace, plain_text, written_places

__all__ = [
    "EARTH_RADIUS_M",
    "MAX_POLYGONS_AT_POINT",
    "CorridorSet",
    "Line",
    "Place",
    "PolygonGrid",
    "WrittenPlace",
    "bearing_deg",
    "build_corridors",
    "build_polygon_grid",
    "destination",
    "distance_m",
    "fences_at",
    "format_dtg",
    "from_mgrs",
    "haversine_m",
    "join_corridors",
    "kernel",
    "locate",
    "locate_on_route",
    "parse_dtg",
    "plain_text",
    "polygons_at",
    "to_mgrs",
    "written_places",
]

_HOMES: Final = {
    "_compiled": ("kernel",),
    "_corridor": ("CorridorSet", "build_corridors", "join_corridors", "locate", "locate_on_route"),
    "_dtg": ("format_dtg", "parse_dtg"),
    "_line": ("Line",),
    "_mgrs": ("from_mgrs", "to_mgrs"),
    "_place": ("Place",),
    "_polygon_grid": (
        "MAX_POLYGONS_AT_POINT",
        "PolygonGrid",
        "build_polygon_grid",
        "fences_at",
        "polygons_at",
    ),
    "_sphere": ("EARTH_RADIUS_M", "bearing_deg", "destination", "distance_m", "haversine_m"),
    "_written": ("WrittenPlace", "plain_text", "written_places"),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            found = getattr(import_module(f"tapestry.geo.{home}"), name)
            globals()[name] = found
            return found
    raise AttributeError(f"tapestry.geo has no {name}")
