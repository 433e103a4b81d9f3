"""Roads from an OpenStreetMap file of five ways, written out by hand."""

from pathlib import Path

import numpy as np
import pytest

from tapestry.adapters._road_files import NET_FILE, import_roads, load_roads
from tapestry.model import Refused

OSM = """<osm version="0.6">
<node id="1" lat="33.0" lon="44.0" version="1"/><node id="2" lat="33.0" lon="44.01" version="1"/>
<node id="3" lat="33.01" lon="44.01" version="1"/>
<way id="1" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/><tag k="maxspeed" v="72"/>
<tag k="name" v="Main"/></way>
<way id="2" version="1"><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/><tag k="oneway" v="yes"/></way>
<way id="3" version="1"><nd ref="3"/><nd ref="1"/><tag k="highway" v="service"/><tag k="oneway" v="-1"/></way>
<way id="4" version="1"><nd ref="1"/><nd ref="3"/><tag k="highway" v="footway"/></way>
<way id="5" version="1"><nd ref="1"/><nd ref="3"/><tag k="highway" v="service"/><tag k="access" v="private"/></way>
</osm>"""


def test_roads_are_read_with_their_directions_speeds_and_names_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "town.osm"
    file.write_text(OSM)
    import_roads(file, tmp_path / "roads")
    net = load_roads(tmp_path / "roads")
    assert net is not None
    edges = {
        (int(a), int(b)): float(v) for a, b, v in zip(net.edge_from, net.edge_to, net.edge_speed_mps, strict=True)
    }  # fmt: skip
    assert set(edges) == {(0, 1), (1, 0), (1, 2), (0, 2)}
    assert edges[0, 1] == pytest.approx(20.0)
    assert np.isnan(edges[1, 2])
    assert (net.names, net.source) == (("Main",), "town.osm")


def test_what_is_no_road_file_is_refused_in_words(tmp_path: Path) -> None:
    cut = tmp_path / "cut.osm.pbf"
    cut.write_bytes(b"\x00\x00\x00\x0d\x0a\x09OSMHeader")
    empty = tmp_path / "empty.osm"
    empty.write_text('<osm version="0.6"></osm>')
    for file, words in ((cut, "cannot read it"), (empty, "no road in it"), (tmp_path / "x", "no such file")):
        with pytest.raises(Refused, match=words):
            import_roads(file, tmp_path / "roads")
    assert load_roads(tmp_path / "roads") is None


def test_a_damaged_net_is_refused_and_names_what_to_do(tmp_path: Path) -> None:
    (tmp_path / NET_FILE).write_bytes(b"not a net")
    with pytest.raises(Refused, match="run `tapestry roads import` again"):
        load_roads(tmp_path)
