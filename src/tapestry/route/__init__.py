"""Ways over a road net: alternatives between places, when a convoy gets where, and which roads a track took.

In: a road graph and points as columns. Out: routes, expected times with a range, matched roads.
Never: input or output, a clock of its own.

What searches a net is compiled and loaded when it is first used: the desk asks `meets` and `eta` of every
movement and never waits for the compiler.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from tapestry.route._along import meets
from tapestry.route._eta import Eta, Pace, eta, learned_spread, remaining_s
from tapestry.route._net import RoadNet
from tapestry.route._no_way import NoWay
from tapestry.route._option import Area, NamedPlace, Past, RouteOption, RouteSettings, Surroundings
from tapestry.route._taken import TakenRoad, TakenRoads, join_roads, no_roads

if TYPE_CHECKING:
    from tapestry.route._alternatives import alternatives
    from tapestry.route._build import build_net
    from tapestry.route._edge_grid import EdgeGrid, build_edge_grid
    from tapestry.route._match import MatchedTrack, match
    from tapestry.route._stretch import stretch
    from tapestry.route._taken_edges import taken_roads
    from tapestry.route._to_place import seconds_to
    from tapestry.route._warm import warm

__all__ = [
    "Area",
    "EdgeGrid",
    "Eta",
    "MatchedTrack",
    "NamedPlace",
    "NoWay",
    "Pace",
    "Past",
    "RoadNet",
    "RouteOption",
    "RouteSettings",
    "Surroundings",
    "TakenRoad",
    "TakenRoads",
    "alternatives",
    "build_edge_grid",
    "build_net",
    "eta",
    "join_roads",
    "learned_spread",
    "match",
    "meets",
    "no_roads",
    "remaining_s",
    "seconds_to",
    "stretch",
    "taken_roads",
    "warm",
]

_LATER: Final = {
    "EdgeGrid": "_edge_grid",
    "MatchedTrack": "_match",
    "alternatives": "_alternatives",
    "build_edge_grid": "_edge_grid",
    "build_net": "_build",
    "match": "_match",
    "seconds_to": "_to_place",
    "stretch": "_stretch",
    "taken_roads": "_taken_edges",
    "warm": "_warm",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"tapestry.route has no {name}")
    return getattr(import_module(f"tapestry.route.{_LATER[name]}"), name)
