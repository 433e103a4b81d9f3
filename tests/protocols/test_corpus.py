"""Every input that a fuzzer kept is sent again: what it found once does not come back."""

from pathlib import Path

import pytest
from tests.fuzz.corpus import MOST_FILE_SIZE_BYTES, MOST_FILES, folder_of
from tests.fuzz.promises import Broken, verify, verify_events

from tapestry.protocols import DECODERS
from tapestry.wire import Close, Event, Fix, Login, Rejected

KEPT = [name for name in DECODERS if folder_of(name).exists()]


def inputs(name: str) -> list[Path]:
    return sorted(folder_of(name).iterdir())


@pytest.mark.parametrize("name", KEPT)
def test_what_a_fuzzer_kept_breaks_no_promise(name: str) -> None:
    for path in inputs(name):
        verify(name, path.read_bytes())


@pytest.mark.parametrize("name", KEPT)
def test_a_corpus_is_small(name: str) -> None:
    ordinary = [path for path in inputs(name) if not path.name.startswith("found-")]
    assert len(ordinary) <= MOST_FILES
    assert all(path.stat().st_size <= MOST_FILE_SIZE_BYTES for path in ordinary)


@pytest.mark.parametrize(
    "event",
    [
        Fix(0, 90.5, 0.0),
        Fix(-1, 33.3, 44.4),
        Fix(0, 33.3, float("nan")),
        Fix(0, 33.3, 44.4, heading_deg=360.0),
        Fix(0, 33.3, 44.4, speed_mps=float("inf")),
        Login("imei:1\n2"),
        Login(""),
        Rejected(b"", ""),
        Rejected(bytes(2000), "too long"),
    ],
)
def test_an_event_that_cannot_be_is_a_finding(event: Event) -> None:
    with pytest.raises(Broken):
        verify_events([event])


def test_an_event_after_the_close_is_a_finding() -> None:
    with pytest.raises(Broken, match="once and last"):
        verify_events([Close("done"), Fix(0, 33.3, 44.4)])


def test_events_that_can_be_are_none() -> None:
    verify_events([Login("imei:123456789012345"), Fix(0, 33.3, 44.4, heading_deg=0.0), Close("done")])
