"""Ways over a road net: alternatives between places, when a convoy gets where, and which roads a track took.

In: a road net and points as columns. Out: routes, expected times with a range, matched roads.
Never: input or output, a clock of its own.
"""

from tapestry.route._alternatives import (
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
from tapestry.route._net import RoadNet

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
