"""Which matcher a hub takes, and what it says of it."""

from pathlib import Path

import pytest

from tapestry.adapters._road_files import NET_FILE
from tapestry.adapters._valhalla_tiles import CONFIG_FILE, TILES_FOLDER, find_valhalla, why_not
from tapestry.app.desk import PlainMatcher, shipped_net
from tapestry.wiring.roads import choose_matcher, words_of_matcher


@pytest.fixture
def imported(tmp_path: Path) -> Path:
    """Return a data folder that says it has a net."""
    (tmp_path / "roads").mkdir()
    (tmp_path / "roads" / NET_FILE).write_bytes(b"a net")
    return tmp_path


def test_without_tiles_the_plain_matcher_serves_and_what_valhalla_lacks_is_said(imported: Path) -> None:
    assert isinstance(choose_matcher(imported, shipped_net()), PlainMatcher)
    words = words_of_matcher(imported)
    assert words.startswith("Tracks are matched by the plain matcher (for Valhalla: ")
    assert (why_not() if find_valhalla() is None else "import the file again as .osm.pbf") in words


def test_with_tiles_and_the_extra_valhalla_serves(imported: Path) -> None:
    valhalla = find_valhalla()
    if valhalla is None:
        pytest.skip(f"Valhalla is not installed: {why_not()}")
    (imported / "roads" / TILES_FOLDER).mkdir()
    (imported / "roads" / TILES_FOLDER / CONFIG_FILE).write_text("{}")
    assert choose_matcher(imported, shipped_net()).name == "valhalla"
    assert words_of_matcher(imported) == f"Tracks are matched by Valhalla {valhalla.version}."


def test_the_net_that_ships_matches_nothing_and_says_what_to_do(tmp_path: Path) -> None:
    assert words_of_matcher(tmp_path) == (
        "Tracks are not matched: the net that ships has straight lines; import an OpenStreetMap file."
    )
