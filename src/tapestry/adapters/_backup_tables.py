"""The store's tables as bytes, and back: pg_dump and pg_restore of the wheel, nothing on a disk in between."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tapestry.adapters._postgres_server import binary_folder
from tapestry.model import OutsideFault

PIECE_SIZE_BYTES: Final = 1_048_576
LAST_LINES: Final = 3  # of what a program said, in the message of a fault


def dump(owner_dsn: str) -> Iterator[bytes]:
    """Return the whole database as it is at one moment, in pieces, while the hub works on.

    Raises:
        OutsideFault: The database cannot be read.
    """
    command, environment = _command("pg_dump", owner_dsn)
    arguments = ["--format=custom", "--compress=gzip:1", "--no-owner", f"--dbname={command[1]}"]
    with subprocess.Popen(
        [command[0], *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, cwd="/"
    ) as program:
        assert program.stdout is not None
        while piece := program.stdout.read(PIECE_SIZE_BYTES):
            yield piece
        _, said = program.communicate()
    _refuse_failure("pg_dump", program.returncode, said)


def load(owner_dsn: str, pieces: Iterator[bytes]) -> None:
    """Put a dump into a database that holds nothing of worth, whole or not at all.

    Raises:
        OutsideFault: The database does not take it.
    """
    command, environment = _command("pg_restore", owner_dsn)
    arguments = ["--single-transaction", "--exit-on-error", "--clean", "--if-exists", "--no-owner"]
    with subprocess.Popen(
        [command[0], *arguments, f"--dbname={command[1]}"],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment, cwd="/",
    ) as program:  # fmt: skip
        assert program.stdin is not None
        try:
            for piece in pieces:
                program.stdin.write(piece)
        except BrokenPipeError:
            pass  # it ended early; what it said follows
        _, said = program.communicate()
    _refuse_failure("pg_restore", program.returncode, said)


def _command(program: str, dsn: str) -> tuple[tuple[str, str], dict[str, str]]:
    """Return ((path, dsn without password), environment): the list of processes shows no password."""
    password = str(conninfo_to_dict(dsn).pop("password", ""))
    bare = {key: value for key, value in conninfo_to_dict(dsn).items() if key != "password"}
    path: Path = binary_folder() / program
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "PGPASSWORD": password}
    return (str(path), make_conninfo(**bare)), environment  # type: ignore[arg-type]


def _refuse_failure(program: str, code: int, said: bytes) -> None:
    if code != 0:
        words = " / ".join(said.decode(errors="replace").strip().splitlines()[-LAST_LINES:])
        raise OutsideFault(f"{program} ended with {code}: {words}", retry_helps=False)
