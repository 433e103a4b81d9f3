"""The page of the simulator says what there is, and its examples run."""

import re
from pathlib import Path

import pytest

from tapestry.sim import EpisodeKind
from tapestry.sim.recorded import TimeFormat
from tapestry.sim.recorded._recording import MPS_OF
from tapestry.sim.recorded._replay import READERS

PAGE = (Path(__file__).parents[2] / "docs" / "sim-and-replay.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("word", [*EpisodeKind, *READERS, *TimeFormat, *MPS_OF])
def test_every_episode_form_time_and_unit_is_on_the_page(word: str) -> None:
    assert f"`{word}`" in PAGE


def test_the_examples_of_the_page_run_and_say_what_they_should(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    examples = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    for example in examples:
        exec(example, names)
    said = capsys.readouterr().out
    assert len(examples) == 2
    assert "what happens: distress, halt, coverage-gap, straggle, spoof" in said
    assert "1 position; line 3 latitude 133.300000, expected -90 to 90 degrees" in said
