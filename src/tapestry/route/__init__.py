"""Ways over a road net: alternatives between places, when a convoy gets where, and which roads a track took.

In: a road graph and points as columns. Out: routes, expected times with a range, matched roads.
Never: input or output, a clock of its own.
"""

from tapestry.route._along import meets, stretch
from tapestry.route._alternatives import alternatives
from tapestry.route._eta import Eta, eta
from tapestry.route._net import RoadNet, build_net
from tapestry.route._option import (
    Area,
    NamedPlace,
    Past,
    RouteOption,
    RouteSettings,
    Surroundings,
)
from tapestry.route._way import NoWay

__all__ = [
    "Area",
    "Eta",
    "NamedPlace",
    "NoWay",
    "Past",
    "RoadNet",
    "RouteOption",
    "RouteSettings",
    "Surroundings",
    "alternatives",
    "build_net",
    "eta",
    "meets",
    "stretch",
]
