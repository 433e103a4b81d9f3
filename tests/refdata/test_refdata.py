"""The reference data is whole, small, and found by the names people use."""

import json
from pathlib import Path
from typing import Any

import pytest

from tapestry.model import Refused
from tapestry.refdata import (
    BASEMAP_FILES,
    PlaceKind,
    RefFile,
    find_place,
    load_places,
    load_road_graph,
    path_of,
)

MAX_SIZE_BYTES = 2_500_000
NOTICE = Path(__file__).parents[2] / "NOTICE"


def test_every_reference_file_is_there_and_all_together_stay_small() -> None:
    sizes_bytes = [path_of(file).stat().st_size for file in RefFile]
    assert min(sizes_bytes) > 0
    assert sum(sizes_bytes) < MAX_SIZE_BYTES


@pytest.mark.parametrize("file", list(RefFile))
def test_every_reference_file_is_named_in_the_notice(file: RefFile) -> None:
    assert file.value in NOTICE.read_text(encoding="utf-8")


@pytest.mark.parametrize("file", BASEMAP_FILES)
def test_a_basemap_file_is_one_feature_collection_in_longitude_latitude_order(file: RefFile) -> None:
    collection = json.loads(path_of(file).read_text(encoding="utf-8"))
    assert collection["type"] == "FeatureCollection"
    positions = [p for f in collection["features"] for p in _positions(f["geometry"]["coordinates"])]
    assert all(-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0 for lon, lat in positions)
    if file is RefFile.OUTLINE:  # Iraq lies between 38.7 and 48.9 E, 29.0 and 37.5 N
        assert all(38.5 <= lon <= 49.0 and 28.9 <= lat <= 37.5 for lon, lat in positions)


def _positions(coordinates: list[Any]) -> list[Any]:
    if isinstance(coordinates[0], int | float):
        return [coordinates]
    return [position for part in coordinates for position in _positions(part)]


def test_the_road_graph_has_the_nodes_and_edges_its_source_gives() -> None:
    graph = load_road_graph()
    assert len(graph.lat_deg) == 4971
    assert len(graph.edge_from) == 7524  # 7,630 less 106 loops
    assert (graph.component == 0).sum() == 4879
    assert (graph.lat_deg[0], graph.lon_deg[0]) == (37.568, 44.241)
    assert (graph.edge_from[0], graph.edge_to[0], graph.edge_length_m[0]) == (2577, 2578, 25_816.0)


def test_no_edge_of_the_road_graph_leads_back_to_its_own_node() -> None:
    graph = load_road_graph()
    assert not (graph.edge_from == graph.edge_to).any()


def test_places_come_from_all_four_lists() -> None:
    count_of = {kind: sum(place.kind is kind for place in load_places()) for kind in PlaceKind}
    assert count_of == {
        PlaceKind.TOWN: 169,
        PlaceKind.CROSSING: 15,
        PlaceKind.SITE: 14,
        PlaceKind.AIRFIELD: 20,
    }


@pytest.mark.parametrize(
    ("asked", "name", "kind"),
    [
        ("Baghdad", "Baghdad", PlaceKind.TOWN),
        ("basra", "Basrah", PlaceKind.TOWN),
        ("al fallujah", "Al Fallūjah", PlaceKind.TOWN),
        ("البصرة", "Basrah", PlaceKind.TOWN),
        ("هەولێر", "Erbil", PlaceKind.TOWN),
        ("Trebil", "Trebil / Karameh", PlaceKind.CROSSING),
        ("Green Zone", "Green Zone", PlaceKind.SITE),
        ("ORBI", "Baghdad International Airport", PlaceKind.AIRFIELD),
    ],
)
def test_a_place_is_found_by_any_of_its_names(asked: str, name: str, kind: PlaceKind) -> None:
    place = find_place(asked)
    assert (place.name, place.kind) == (name, kind)


def test_baghdad_carries_its_numbers_and_its_names_in_three_scripts() -> None:
    place = find_place("Baghdad")
    assert (place.lat_deg, place.lon_deg, place.population) == (33.34058, 44.40088, 7_216_000)
    assert (place.name_ar, place.name_ckb) == ("بغداد", "بەغداد")


def test_an_unknown_place_is_refused_with_names_that_begin_alike() -> None:
    with pytest.raises(Refused) as caught:
        find_place("Basrapolis")
    assert str(caught.value) == (
        "no place named 'Basrapolis' among 218 known places; "
        "did you mean Basrah, Bashmaq, Bashur (Harir), Bashur Airfield, Basrah International Airport?"
    )


def test_an_unknown_place_that_is_like_nothing_is_refused_with_another_way() -> None:
    with pytest.raises(Refused, match="no place named 'Xyzzy' among 218 known places; give lat,lon instead"):
        find_place("Xyzzy")
