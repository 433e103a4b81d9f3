"""`tapestry doctor` shows what was seen as it is."""

from pathlib import Path

from typer.testing import CliRunner

from tapestry.cli import app


def test_words_in_brackets_are_shown_and_not_taken_for_markup(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["doctor", "--data", str(tmp_path / "[red]")], env={"COLUMNS": "400"})
    assert "[red]" in done.output
