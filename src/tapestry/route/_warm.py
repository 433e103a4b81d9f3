"""Every compiled search called once, so that no person waits for the compiler."""

from datetime import UTC, datetime

import numpy as np

from tapestry.model import Waypoint
from tapestry.route._alternatives import alternatives
from tapestry.route._build import build_net
from tapestry.route._edge_grid import build_edge_grid
from tapestry.route._match import match
from tapestry.route._stretch import stretch
from tapestry.route._taken_edges import taken_roads
from tapestry.route._to_place import seconds_to


def warm() -> None:
    """Load or compile what planning and matching call, on a net of three nodes."""
    net = build_net(
        lat_deg=[33.0, 33.1, 33.2],
        lon_deg=[44.0, 44.0, 44.0],
        edge_from=[0, 1],
        edge_to=[1, 2],
        edge_length_m=[11_120.0, 11_120.0],
        both_ways=True,
    )
    ends = [Waypoint(lat_deg=33.01, lon_deg=44.0), Waypoint(lat_deg=33.19, lon_deg=44.0)]
    alternatives(net, ends[0], (), ends[1], depart_at=datetime(2026, 1, 1, tzinfo=UTC))
    stretch(net, ends)
    at_s, lat_deg = np.array([0.0, 600.0, 700.0]), np.array([33.01, 33.09, 33.11])
    found = match(net, build_edge_grid(net), fixed_s=at_s, lat_deg=lat_deg, lon_deg=np.full(3, 44.0))
    taken_roads(net, found, fixes=3)
    seconds_to(net, ends[1], np.array([33.01]), np.array([44.0]), assumed_speed_mps=10.0)
