"""The desk works with sheets and does not wait for a compiler."""

import subprocess
import sys

import tapestry.movement


def test_sheets_come_without_the_compiler() -> None:
    # another process: here the compiler may have been loaded by others
    said = subprocess.run(
        [sys.executable, "-c", "import sys, tapestry.movement; print('numba' in sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout == "False\n"


def test_every_name_of_the_door_is_there() -> None:
    assert [name for name in tapestry.movement.__all__ if not hasattr(tapestry.movement, name)] == []
    assert not hasattr(tapestry.movement, "Nobody")
