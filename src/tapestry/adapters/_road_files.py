"""Road nets on disk: read from an OpenStreetMap extract, kept as columns in the data folder's `roads/`."""

import itertools
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from tapestry import route
from tapestry.adapters._private_files import make_private_folder
from tapestry.adapters._valhalla_tiles import drop_tiles
from tapestry.model import OutsideFault, Refused
from tapestry.route import RoadNet

NET_FILE: Final = "net.npz"
CLASSES: Final = frozenset(
    f"{name}{link}"
    for name in ("motorway", "trunk", "primary", "secondary", "tertiary")
    for link in ("", "_link")
) | {"unclassified", "residential", "living_street", "service", "road"}
"""Values of `highway` on which a lorry may drive; tracks and paths are left out."""
SHUT: Final = frozenset({"no", "private"})
YES: Final = frozenset({"yes", "true", "1"})
SPEED: Final = re.compile(r"^(\d+(?:\.\d+)?)\s*(mph|knots)?$")
UNITS: Final = {"": 1 / 3.6, "mph": 0.44704, "knots": 0.514444}
EVERY: Final = 20_000  # ways between two words about how far it is

Progress = Callable[[int], None]


def import_roads(file: Path, folder: Path, *, tell: Progress = lambda _: None) -> RoadNet:
    """Read the roads of an OpenStreetMap extract and keep them; return them.

    Args:
        file: `.osm.pbf`, `.osm`, `.osm.bz2`: what libosmium reads.
        folder: The data folder's `roads/`; made if absent. A net that was there is replaced whole or not at all,
            and tiles that were built from it go with it.
        tell: Called with the number of ways read so far.

    Raises:
        Refused: It is no such file, or it has no road.
        OutsideFault: The disk does not let us read or write.
    """
    net = _read(file, tell)
    _write(net, folder)
    return net


def load_roads(folder: Path) -> RoadNet | None:
    """Return the net that was imported; None when none was.

    Raises:
        Refused: The file is not whole.
    """
    path = folder / NET_FILE
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as kept:
            columns = {name: kept[name] for name in kept.files}
            names = tuple(bytes(columns.pop("names")).decode().split("\n"))
            source = bytes(columns.pop("source")).decode()
            return RoadNet(names=names, source=source, **columns)
    except (OSError, ValueError, KeyError, TypeError, EOFError) as err:
        raise Refused(
            f"{path}: expected a road net, found something else; run `tapestry roads import` again"
        ) from err


def has_roads(folder: Path) -> bool:
    """Return whether a net was imported."""
    return (folder / NET_FILE).is_file()


def _read(file: Path, tell: Progress) -> RoadNet:
    if not file.is_file():
        raise Refused(f"{file}: there is no such file; download an extract as .osm.pbf and give its path")
    try:
        found = _Columns()
        for count, way in enumerate(_ways(file), start=1):
            found.add(way)
            if count % EVERY == 0:
                tell(count)
    except RuntimeError as err:  # what osmium raises for whatever it cannot read
        raise Refused(
            f"{file.name}: libosmium cannot read it as OpenStreetMap data ({err}); expected .osm.pbf, whole"
        ) from err
    if not found.length:
        raise Refused(f"{file.name}: no road in it; expected ways tagged highway=… with their nodes")
    return found.net(file.name)


def _ways(file: Path) -> Iterator[Any]:
    import osmium

    tagged = osmium.filter.KeyFilter("highway")
    tagged.enable_for(osmium.osm.WAY)
    everything = osmium.osm.NODE | osmium.osm.WAY  # nodes for their places
    for thing in osmium.FileProcessor(str(file), everything).with_locations().with_filter(tagged):
        if isinstance(thing, osmium.osm.Way):
            yield thing


class _Columns:
    """Edges as they come."""

    def __init__(self) -> None:
        self.nodes: dict[int, int] = {}
        self.lat: list[float] = []
        self.lon: list[float] = []
        self.start: list[int] = []
        self.end: list[int] = []
        self.length: list[float] = []
        self.speed: list[float] = []
        self.name: list[int] = []
        self.names: dict[str, int] = {}

    def add(self, way: Any) -> None:
        """Take a way's edges, in the directions in which it may be driven."""
        tags = way.tags
        if tags.get("highway") not in CLASSES or tags.get("access") in SHUT or tags.get("area") == "yes":
            return
        name = self._name(tags.get("name:en") or tags.get("name") or tags.get("ref") or "")
        speed = speed_mps(tags.get("maxspeed"))
        ahead, back = directions(tags.get("oneway"), tags.get("junction"), str(tags.get("highway")))
        places = [self._node(node) for node in way.nodes if node.location.valid()]
        for one, other in itertools.pairwise(places):
            if one != other:
                pairs = [(one, other)] * ahead + [(other, one)] * back
                for start, end in pairs:
                    self.start.append(start)
                    self.end.append(end)
                    self.length.append(self._metres(start, end))
                    self.speed.append(speed)
                    self.name.append(name)

    def net(self, source: str) -> RoadNet:
        """Return everything taken."""
        return route.build_net(
            lat_deg=self.lat, lon_deg=self.lon, edge_from=self.start, edge_to=self.end, edge_length_m=self.length,
            edge_speed_mps=self.speed, edge_name=self.name, names=tuple(self.names), source=source,
        )  # fmt: skip

    def _name(self, name: str) -> int:
        return self.names.setdefault(name.replace("\n", " "), len(self.names)) if name else -1

    def _node(self, node: Any) -> int:
        index = self.nodes.setdefault(node.ref, len(self.nodes))
        if index == len(self.lat):
            self.lat.append(node.location.lat)
            self.lon.append(node.location.lon)
        return index

    def _metres(self, start: int, end: int) -> float:
        from tapestry.geo import haversine_m

        return haversine_m(self.lat[start], self.lon[start], self.lat[end], self.lon[end])


def speed_mps(text: str | None) -> float:
    """Return a `maxspeed` in metres per second; NaN where it is absent or words ("walk", "IQ:urban")."""
    found = SPEED.match((text or "").strip().lower())
    speed = float(found[1]) * UNITS[found[2] or ""] if found else 0.0
    return speed if speed > 0.0 else float("nan")


def directions(oneway: str | None, junction: str | None, highway: str) -> tuple[bool, bool]:
    """Return whether a way may be driven as drawn, and against it."""
    if oneway in {"-1", "reverse"}:
        return False, True
    one = oneway in YES or (oneway != "no" and (junction == "roundabout" or highway == "motorway"))
    return True, not one


def _write(net: RoadNet, folder: Path) -> None:
    columns = {
        name: getattr(net, name)
        for name in (
            "lat_deg", "lon_deg", "first_edge", "edge_from", "edge_to", "edge_length_m", "edge_speed_mps",
            "edge_name", "in_main",
        )
    }  # fmt: skip
    try:
        make_private_folder(folder)
        draft = folder / f"{NET_FILE}.{os.getpid()}.draft"
        with draft.open("wb") as out:
            np.savez(
                out, names=np.frombuffer("\n".join(net.names).encode(), np.uint8),
                source=np.frombuffer(net.source.encode(), np.uint8), **columns,
            )  # fmt: skip
            out.flush()
            os.fsync(out.fileno())
        drop_tiles(folder)
        draft.replace(folder / NET_FILE)
    except OSError as err:
        raise OutsideFault(
            f"{folder}: {err.strerror}; free some space or give another --data", retry_helps=False
        ) from err
