"""What the page of a protocol claims to be proved is: each step of the ladder has something behind it."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from tests.protocols.session import Session
from tests.protocols.test_encoders import PRECISION

from tapestry.protocols import DECODERS, ENCODERS

PAGES = Path(__file__).resolve().parents[2] / "docs" / "protocols"
HERE = Path(__file__).resolve().parent
LEAST_MINUTES = 10  # of each fuzzer
RUN = r"^\| {name} \| \d{{4}}-\d\d-\d\d \| ([0-9.]+) \| ([0-9,]+) \| ([0-9,]+) \| (\d+) \|$"
LADDER = ("specified", "captured", "round-trips", "fuzzed", "field-proven")


def claims(name: str) -> list[str]:
    (line,) = re.findall(r"^Level: (.+)$", (PAGES / f"{name}.md").read_text(), re.MULTILINE)
    return [claim.strip() for claim in line.split(",")]


@pytest.mark.parametrize("name", DECODERS)
def test_a_page_claims_steps_of_the_ladder_each_once_and_in_order(name: str) -> None:
    assert claims(name) == [step for step in LADDER if step in claims(name)]
    assert claims(name)


@pytest.mark.parametrize("name", [name for name in DECODERS if "specified" in claims(name)])
def test_a_protocol_that_is_specified_has_frames_tests_and_its_sources(name: str) -> None:
    sessions: tuple[Session, ...] = import_module(f"tests.protocols.{name}.frames").SESSIONS
    assert all(session.frames and session.broken for session in sessions)
    assert [it for it in (HERE / name).glob("test_*.py") if "\ndef test_" in it.read_text()]
    page = (PAGES / f"{name}.md").read_text()
    assert "## Source" in page or name == "jsonlines"  # our own protocol is its own source


@pytest.mark.parametrize("name", [name for name in DECODERS if "captured" in claims(name)])
def test_a_protocol_that_is_captured_has_its_frames_and_says_where_they_came_from(name: str) -> None:
    folder = HERE / name / "captured"
    assert (folder / "SOURCE.md").read_text().strip()
    assert [path for path in folder.iterdir() if path.name != "SOURCE.md" and path.stat().st_size]


@pytest.mark.parametrize("name", [name for name in DECODERS if "round-trips" in claims(name)])
def test_a_protocol_that_round_trips_is_in_the_round_trip(name: str) -> None:
    assert name in ENCODERS
    assert name in PRECISION


@pytest.mark.parametrize("name", [name for name in DECODERS if "fuzzed" in claims(name)])
def test_a_protocol_that_is_fuzzed_has_its_corpus_and_the_record_of_its_run(name: str) -> None:
    kept = [path for path in (HERE / name / "corpus").iterdir() if path.stat().st_size]
    run = re.search(RUN.format(name=name), (PAGES / "fuzzing.md").read_text(), re.MULTILINE)
    assert run is not None, f"no line for {name} in docs/protocols/fuzzing.md"
    minutes, guided, generated, inputs = (float(cell.replace(",", "")) for cell in run.groups())
    assert minutes >= LEAST_MINUTES
    assert guided > 0
    assert generated > 0
    assert inputs == len(kept) > 0


@pytest.mark.parametrize("name", DECODERS)
def test_a_run_that_is_recorded_is_claimed(name: str) -> None:
    recorded = re.search(RUN.format(name=name), (PAGES / "fuzzing.md").read_text(), re.MULTILINE)
    assert ("fuzzed" in claims(name)) == (recorded is not None)


def test_nothing_is_field_proven_without_a_named_record() -> None:
    assert [name for name in DECODERS if "field-proven" in claims(name)] == []
