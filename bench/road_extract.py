"""A road net written as an OpenStreetMap extract, so that whoever reads only those can match the same tracks."""

from collections.abc import Iterator
from pathlib import Path

import osmium

from tapestry.route import RoadNet

HIGHWAY = "unclassified"  # the tracks' nets tell no classes: every road is a small one

Edges = set[tuple[int, int]]


def write_extract(net: RoadNet, file: Path) -> None:
    """Write the roads as ways, each from one place where roads meet to the next, as mappers draw them."""
    with osmium.SimpleWriter(str(file), overwrite=True) as out:
        for node, (lat, lon) in enumerate(zip(net.lat_deg.tolist(), net.lon_deg.tolist(), strict=True)):
            out.add_node(osmium.osm.mutable.Node(id=node + 1, location=(lon, lat), version=1))
        edges = set(zip(net.edge_from.tolist(), net.edge_to.tolist(), strict=True))
        for number, (nodes, both) in enumerate(ways_of(edges), start=1):
            tags = {"highway": HIGHWAY, "oneway": "no" if both else "yes"}
            refs = [node + 1 for node in nodes]
            out.add_way(osmium.osm.mutable.Way(id=number, nodes=refs, tags=tags, version=1))


def ways_of(edges: Edges) -> Iterator[tuple[list[int], bool]]:
    """Yield the nodes of each way and whether it may be driven both ways; each edge is in one way."""
    beside: dict[int, set[int]] = {}
    for start, end in edges:
        beside.setdefault(start, set()).add(end)
        beside.setdefault(end, set()).add(start)
    left = set(edges)
    ends_first = sorted(edges, key=lambda edge: (len(beside[edge[0]]) == 2, edge))  # rings come last
    for start, end in ends_first:
        if (start, end) not in left:
            continue
        both = (end, start) in edges
        way = [start, end]
        left -= {(start, end), (end, start)}
        while (ahead := _ahead(way, both, edges, beside)) is not None and (way[-1], ahead) in left:
            left -= {(way[-1], ahead), (ahead, way[-1])}
            way.append(ahead)
        yield way, both


def _ahead(way: list[int], both: bool, edges: Edges, beside: dict[int, set[int]]) -> int | None:
    """Return the node that follows where nothing is decided and the road stays what it is."""
    here = way[-1]
    if len(beside[here]) != 2:
        return None
    (ahead,) = beside[here] - {way[-2]}
    return ahead if ((ahead, here) in edges) == both and (here, ahead) in edges else None
