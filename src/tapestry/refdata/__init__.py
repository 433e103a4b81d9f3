"""Reference data that ships with Tapestry: places, roads, borders, rivers of Iraq; countries of the world.

In: nothing but the files of this folder. Out: their paths, and the tables as typed records.
Never: a download, a write, a guess where a value is missing. Sources and licences: NOTICE.
"""

from tapestry.refdata._files import BASEMAP_FILES, RefFile, path_of
from tapestry.refdata._places import Place, PlaceKind, find_place, load_places
from tapestry.refdata._roads import RoadGraph, load_road_graph

__all__ = [
    "BASEMAP_FILES",
    "Place",
    "PlaceKind",
    "RefFile",
    "RoadGraph",
    "find_place",
    "load_places",
    "load_road_graph",
    "path_of",
]
