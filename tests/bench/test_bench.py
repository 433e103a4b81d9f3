"""The benches run at all: every part once, with tiny numbers. No figure is judged here, only counts."""

import math
from pathlib import Path

import msgspec
import pytest
from bench.__main__ import PARTS, keep, kept_book, run_part
from bench.figures import Figure, Part, Run, number_text, quantile
from bench.hubs import fences_over_iraq
from bench.page import page
from bench.scale import TINY


def run_of(*figures: Figure) -> Run:
    return Run(
        title="Acknowledgement",
        part=Part(load="Twenty vehicles.", figures=figures),
        begun_at="2026-01-31 12:00 UTC",
        took_s=30.0,
        commit="0123abc",
        load_average=0.25,
        scale="full",
    )


@pytest.mark.system
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", PARTS)
def test_a_part_runs_and_loses_nothing(name: str) -> None:
    run = run_part(name, TINY)
    counts = [figure for figure in run.part.figures if figure.target == 0]
    assert [(figure.name, figure.value) for figure in counts if figure.value != 0] == []
    assert [figure.name for figure in run.part.figures if figure.value is None] == []


def test_a_ratio_of_one_or_more_keeps_the_target_whichever_way_is_better() -> None:
    more = Figure(name="acknowledged", value=150.0, unit="positions/s", target=100.0)
    less = Figure(name="ack p99", value=25.0, unit="ms", target=50.0, lower_is_better=True)
    late = Figure(name="ack p99", value=100.0, unit="ms", target=50.0, lower_is_better=True)
    assert [(one.ratio, one.verdict) for one in (more, less, late)] == [
        (1.5, "kept"),
        (2.0, "kept"),
        (0.5, "missed"),
    ]


def test_nothing_lost_is_kept_and_one_lost_is_missed() -> None:
    none = Figure(name="lost", value=0.0, unit="", target=0.0, lower_is_better=True)
    one = Figure(name="lost", value=1.0, unit="", target=0.0, lower_is_better=True)
    assert (none.ratio, none.verdict, one.verdict) == (None, "kept", "missed")


def test_a_figure_that_could_not_be_measured_misses_its_target() -> None:
    unknown = Figure(name="ack p99", value=math.nan, unit="ms", target=50.0, lower_is_better=True)
    assert (unknown.value, unknown.ratio, unknown.verdict) == (None, None, "missed")


def test_numbers_keep_three_digits_that_matter() -> None:
    assert [number_text(value) for value in (0.0, 0.4567, 4.567, 45.67, 456.7, 45_670.4)] == [
        "0", "0.46", "4.57", "45.7", "457", "45,670",
    ]  # fmt: skip


def test_the_99th_of_a_hundred_is_the_largest() -> None:
    assert quantile([float(number) for number in range(100, 0, -1)], 0.99) == 100.0
    assert quantile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert math.isnan(quantile([], 0.5))


def test_one_part_measured_again_leaves_the_others(tmp_path: Path) -> None:
    kept, to = tmp_path / "figures.json", tmp_path / "figures.md"
    first = run_of(Figure(name="ack p99", value=60.0, unit="ms", target=50.0, lower_is_better=True))
    again = run_of(Figure(name="ack p99", value=40.0, unit="ms", target=50.0, lower_is_better=True))
    other = msgspec.structs.replace(first, title="Decoding", part=Part(load="No hub.", figures=()))
    keep(first, "latency", kept=kept, to=to)
    keep(other, "decode", kept=kept, to=to)
    keep(again, "latency", kept=kept, to=to)
    assert kept_book(kept).runs == {"latency": again, "decode": other}
    assert "| ack p99 | 40 ms | ≤ 50 ms | 1.25 | kept |" in to.read_text()


def test_figures_of_another_machine_are_dropped(tmp_path: Path) -> None:
    kept = tmp_path / "figures.json"
    keep(run_of(), "latency", kept=kept, to=tmp_path / "figures.md")
    book = kept_book(kept)
    elsewhere = msgspec.structs.replace(book, machine=book.machine | {"cores": "64"})
    kept.write_bytes(msgspec.json.encode(elsewhere))
    assert kept_book(kept).runs == {}


def test_the_page_tells_machine_commit_load_and_conditions() -> None:
    figure = Figure(
        name="ack p99", value=25.0, unit="ms", target=50.0, lower_is_better=True, note="at 20 000/s"
    )
    book = msgspec.structs.replace(kept_book(Path("/nonexistent")), runs={"latency": run_of(figure)})
    text = page(book, PARTS)
    for words in ("Twenty vehicles.", "commit 0123abc", "load before 0.25", "2026-01-31 12:00 UTC",
                  f"| cores | {book.machine['cores']} |",
                  "| ack p99 | 25 ms | ≤ 50 ms | 2.00 | at 20 000/s |"):  # fmt: skip
        assert words in text


def test_fences_are_closed_rings_of_24_corners_and_always_the_same() -> None:
    fences = fences_over_iraq(3)
    assert fences == fences_over_iraq(3)
    assert [len(fence.rings[0]) for fence in fences] == [25, 25, 25]
    assert all(fence.rings[0][0] == fence.rings[0][-1] for fence in fences)
