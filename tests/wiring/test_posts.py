"""The command `tapestry posts plan`: files in, layouts and a map out, words for what is wrong."""

from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest
from typer.testing import CliRunner

from tapestry.app.posts import PostAnswer
from tapestry.cli import app
from tapestry.model import Refused
from tapestry.wiring.posts import minutes_of

ROWS = "lat_deg,lon_deg,weight\n33.30,44.30,3\n33.31,44.31,2\n33.60,44.30,1\n"


def run(tmp_path: Path, *options: str, rows: str = ROWS) -> object:
    calls = tmp_path / "calls.csv"
    calls.write_text(rows)
    return CliRunner().invoke(app, ["posts", "plan", "--teams", "2", "--incidents", str(calls), *options])


def test_two_teams_are_placed_by_three_models_and_drawn(tmp_path: Path) -> None:
    drawn = tmp_path / "posts.svg"
    done = run(tmp_path, "--within", "15min", "--map", str(drawn))
    assert done.exit_code == 0, done.output
    for words in ("mclp", "mexclp", "p-median", "straight line times 1.3 at 40 km/h"):
        assert words in done.output
    assert ElementTree.parse(drawn).getroot().tag.endswith("svg")


def test_the_answer_as_json_has_every_layout_and_what_it_rests_on(tmp_path: Path) -> None:
    places = tmp_path / "places.csv"
    places.write_text("lat_deg,lon_deg,name\n33.30,44.30,depot\n33.60,44.30,bridge\n33.90,44.30,far\n")
    done = run(tmp_path, "--candidates", str(places), "--json")
    answer = msgspec.json.decode(done.stdout, type=PostAnswer)
    assert answer.candidates == 3
    assert sum(it.weight for it in answer.demand) == pytest.approx(1.0)
    mclp = answer.proposals[0]
    assert [post.name for post in mclp.posts] == ["depot", "bridge"]
    assert mclp.within_reach == pytest.approx(1.0)
    assert mclp.gap == 0.0
    assert len(answer.basis) == 5


def test_roads_of_the_hub_are_driven_on_when_it_is_named(tmp_path: Path) -> None:
    done = run(tmp_path, "--hub-data", str(tmp_path), "--json")
    answer = msgspec.json.decode(done.stdout, type=PostAnswer)
    assert answer.basis[1].startswith("travel: roads of the net shipped at their own speed, 40 km/h")


def test_a_file_without_places_is_refused_with_its_columns(tmp_path: Path) -> None:
    done = run(tmp_path, rows="when,what\n1,2\n")
    assert isinstance(done.exception, Refused)
    assert "columns when, what; expected lat_deg and lon_deg" in str(done.exception)


def test_an_impossible_latitude_is_refused_with_its_line(tmp_path: Path) -> None:
    done = run(tmp_path, rows="lat_deg,lon_deg\n33.3,44.3\n133.3,44.3\n")
    assert isinstance(done.exception, Refused)
    assert "calls.csv line 3" in str(done.exception)


@pytest.mark.parametrize(("text", "minutes"), [("20min", 20.0), ("1.5h", 90.0), ("900s", 15.0)])
def test_a_duration_is_read_with_its_unit(text: str, minutes: float) -> None:
    assert minutes_of(text) == minutes


@pytest.mark.parametrize("text", ["20", "min", "-5min", "0min", "soon"])
def test_what_is_no_duration_is_refused_and_says_what_one_looks_like(text: str) -> None:
    with pytest.raises(Refused, match="expected a duration above 0 such as 20min"):
        minutes_of(text)
