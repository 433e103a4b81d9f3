"""Ways over a road net: alternatives between places, when a convoy gets where, and which roads a track took.

In: a road net and points as columns. Out: routes, expected times with a range, matched roads.
Never: input or output, a clock of its own.
"""

from tapestry.route._plain_net import RoadNet
from tapestry.route._plain_ways import (
    AvoidedArea,
    NamedPlace,
    NoWay,
    ProposedCheckpoint,
    RouteOption,
    Stretch,
    alternatives,
    meets,
    stretch,
)

__all__ = [
    "AvoidedArea",
    "NamedPlace",
    "NoWay",
    "ProposedCheckpoint",
    "RoadNet",
    "RouteOption",
    "Stretch",
    "alternatives",
    "meets",
    "stretch",
]
