"""What is made of Valhalla's answers: a stand-in for its program says what a file holds. Needs no Valhalla."""

import json
from pathlib import Path

import numpy as np
import pytest

from tapestry.adapters._road_files import import_roads
from tapestry.adapters._valhalla import ValhallaMatcher, decode_line
from tapestry.adapters._valhalla_tiles import CONFIG_FILE, TILES_FOLDER, Valhalla, has_tiles
from tapestry.model import OutsideFault
from tapestry.route import TakenRoads

LINE = "_p~iF~ps|U_ulLnnqC_mqNvxq`@"
"""The example of the format: with five decimals it is (38.5, -120.2), (40.7, -120.95), (43.252, -126.453)."""


def matcher_that_says(answer: str, tmp_path: Path) -> ValhallaMatcher:
    program = tmp_path / "valhalla_service"
    program.write_text(f"#!/bin/sh\ncat >question\ncat <<'END'\n{answer}\nEND\n")
    program.chmod(0o755)
    (tmp_path / TILES_FOLDER).mkdir()
    return ValhallaMatcher(Valhalla(version="0", programs=tmp_path), tmp_path)


def two_fixes(matcher: ValhallaMatcher) -> TakenRoads:
    return matcher.taken(
        fixed_s=np.array([0.0, 9.5]), lat_deg=np.array([3.8, 4.1]), lon_deg=np.array([-12.0, -12.1])
    )


def test_a_line_is_decoded_with_six_decimals() -> None:
    lat, lon = decode_line(LINE)
    assert lat.tolist() == pytest.approx([3.85, 4.07, 4.3252])
    assert lon.tolist() == pytest.approx([-12.02, -12.095, -12.6453])
    assert [len(it) for it in decode_line("")] == [0, 0]


def test_the_track_goes_in_with_times_and_edges_come_out_as_roads(tmp_path: Path) -> None:
    answer = {
        "shape": LINE,
        "edges": [
            {"begin_shape_index": 0, "end_shape_index": 1, "names": ["One", "R 1"]},
            {"begin_shape_index": 1, "end_shape_index": 2},
        ],
        "matched_points": [
            {"lat": 3.86, "lon": -12.03, "type": "matched", "edge_index": 0},
            {"lat": 4.1, "lon": -12.1, "type": "unmatched", "edge_index": 2**64 - 1},
            {"lat": 4.1, "lon": -12.1, "type": "unmatched", "edge_index": 0},
        ],
    }
    found = two_fixes(matcher_that_says(json.dumps(answer), tmp_path))
    question = json.loads((tmp_path / TILES_FOLDER / "question").read_text())
    assert question["shape"] == [
        {"time": 0.0, "lat": 3.8, "lon": -12.0},
        {"time": 9.5, "lat": 4.1, "lon": -12.1},
    ]
    assert [(it.name, it.piece, it.first_fix, it.last_fix) for it in found.roads] == [
        ("One", 0, 0, 2),
        ("", 0, None, None),
    ]
    assert found.roads[1].lat_deg.tolist() == pytest.approx([4.07, 4.3252])
    assert found.fix_lat_deg[0] == pytest.approx(3.86)
    assert np.isnan(found.fix_lat_deg[1:]).all()


def test_an_error_that_means_no_road_is_no_road(tmp_path: Path) -> None:
    found = two_fixes(
        matcher_that_says('{"error_code":171,"error":"No suitable edges near location"}', tmp_path)
    )
    assert (found.roads, len(found.fix_lat_deg)) == ((), 2)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            '{"error_code":153,"error":"Too many shape points"}',
            r"error 153 \(Too many shape points\); ask for a shorter",
        ),
        ("", "did not answer within 5 s what we can read"),
        ('{"edges":"none"}', "did not answer within 5 s what we can read"),
    ],
)
def test_any_other_answer_is_a_fault_that_says_what_to_do(tmp_path: Path, answer: str, words: str) -> None:
    with pytest.raises(OutsideFault, match=words):
        two_fixes(matcher_that_says(answer, tmp_path))


def test_a_new_net_takes_the_tiles_of_the_old_one_away(tmp_path: Path) -> None:
    tiles = tmp_path / "roads" / TILES_FOLDER
    tiles.mkdir(parents=True)
    (tiles / CONFIG_FILE).write_text("{}")
    file = tmp_path / "town.osm"
    file.write_text(
        '<osm version="0.6"><node id="1" lat="33.0" lon="44.0" version="1"/>'
        '<node id="2" lat="33.0" lon="44.01" version="1"/>'
        '<way id="1" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/></way></osm>'
    )
    assert has_tiles(tmp_path / "roads")
    import_roads(file, tmp_path / "roads")
    assert not has_tiles(tmp_path / "roads")
