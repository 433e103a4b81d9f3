"""The line along the roads between points."""

import itertools
from collections.abc import Sequence

from tapestry.model import Waypoint
from tapestry.route._net import RoadNet
from tapestry.route._way import find_way, foot_of, line_of


def stretch(net: RoadNet, points: Sequence[Waypoint]) -> tuple[Waypoint, ...]:
    """Return the line along the roads through points, by the shortest way between each two.

    Args:
        net: The roads.
        points: Two or more; each is moved to the nearest road.

    Raises:
        NoWay: The net does not join two of them.
    """
    feet = [foot_of(net, point) for point in points]
    line: tuple[Waypoint, ...] = ()
    for start, end in itertools.pairwise(feet):
        part = line_of(net, find_way(net, start, end, net.edge_length_m, floor=1.0))
        line += part[1:] if line and line[-1] == part[0] else part
    return line
