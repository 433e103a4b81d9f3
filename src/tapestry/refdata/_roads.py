"""The highway net of Iraq and its surroundings as columns."""

import csv
from functools import cache

import msgspec
import numpy as np
import numpy.typing as npt

from tapestry.refdata._files import RefFile, path_of


class RoadGraph(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Nodes and undirected edges; edges are straight between their nodes.

    Coordinates are rounded to 0.001 degree by their source. No names, classes, one-way marks or speeds.
    """

    lat_deg: npt.NDArray[np.float64]  # by node
    lon_deg: npt.NDArray[np.float64]  # by node
    component: npt.NDArray[np.int32]  # by node: nodes of one number are joined by road; 0 is the main net
    edge_from: npt.NDArray[np.int32]  # by edge: node number
    edge_to: npt.NDArray[np.int32]  # by edge: node number
    edge_length_m: npt.NDArray[np.float64]  # by edge


@cache
def load_road_graph() -> RoadGraph:
    """Return the highway net: 4,971 nodes, 7,524 edges."""
    with path_of(RefFile.HIGHWAY_NODES).open(encoding="utf-8", newline="") as lines:
        nodes = sorted(csv.DictReader(lines), key=lambda row: int(row["node"]))
    with path_of(RefFile.HIGHWAY_EDGES).open(encoding="utf-8", newline="") as lines:
        edges = [row for row in csv.DictReader(lines) if row["u"] != row["v"]]  # 106 loops lead nowhere
    return RoadGraph(
        lat_deg=np.array([float(row["lat"]) for row in nodes]),
        lon_deg=np.array([float(row["lon"]) for row in nodes]),
        component=np.array([int(row["component"]) for row in nodes], dtype=np.int32),
        edge_from=np.array([int(row["u"]) for row in edges], dtype=np.int32),
        edge_to=np.array([int(row["v"]) for row in edges], dtype=np.int32),
        edge_length_m=np.array([float(row["km"]) * 1000.0 for row in edges]),
    )
