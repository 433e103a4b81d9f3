"""The commands for bad days: `tapestry backup` and `tapestry wipe`. Each imports what it needs when it is called."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tapestry.app.settings import DEFAULT_DATA

backup_app = typer.Typer(help="Sealed copies of a whole hub.", no_args_is_help=True)
Data = Annotated[
    Path, typer.Option("--data", help="Folder that holds everything the hub keeps.", envvar="TAPESTRY_DATA")
]
DATA = Path(DEFAULT_DATA)

out = Console()
err = Console(stderr=True)


@backup_app.command("create", epilog="Example:  `tapestry backup create /mnt/stick/hub-2026-05-01.backup`")
def backup_create(
    file: Annotated[Path, typer.Argument(help="Where the backup goes; must not be there yet.")],
    data: Data = DATA,
) -> None:
    """Write the hub of a data folder, running or stopped, into one file sealed with a passphrase."""
    from tapestry.wiring import backup as backup_room

    passphrase = typer.prompt(
        "Passphrase of the backup (12 characters or more)", hide_input=True, confirmation_prompt=True
    )
    made = asyncio.run(backup_room.create(data.resolve(), file.resolve(), passphrase=passphrase, console=err))
    _say(f"Wrote {file}: {made.log_size} Log entries, {sum(made.messages.values())} messages of the bus.")


@backup_app.command("verify")
def backup_verify(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Read a backup to its last byte and say whether it is whole and unchanged."""
    from tapestry.wiring import backup as backup_room

    passphrase = typer.prompt("Passphrase of the backup", hide_input=True)
    made = backup_room.verify(file, passphrase=passphrase, console=err)
    _say(
        f"Whole and unchanged: made at {made.made_at} by version {made.version}, {made.log_size} Log entries."
    )


@backup_app.command("restore", epilog="Example:  `tapestry backup restore hub.backup --data new-folder`")
def backup_restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)], data: Data = DATA
) -> None:
    """Make a new data folder from a backup; `tapestry serve` starts the hub on it."""
    from tapestry.wiring import backup as backup_room

    passphrase = typer.prompt("Passphrase of the backup", hide_input=True)
    made = asyncio.run(backup_room.restore(file, data.resolve(), passphrase=passphrase, console=err))
    _say(f"Restored the hub of {made.made_at} into {data}; start it: tapestry serve --data {data}")


def wipe(
    reason: Annotated[str, typer.Option(help="Why; it goes into the Log.")],
    data: Data = DATA,
) -> None:
    """Stop the hub, destroy its keys and remove its data folder. There is no way back but a backup elsewhere."""
    from tapestry.wiring import wipe as wipe_room

    folder = data.resolve()
    typed = typer.prompt(f"This removes {folder} for good. Type its name, {folder.name}, to go on")
    count = wipe_room.wipe(folder, typed=typed, reason=reason)
    _say(f"Wiped {folder}: {count} keys destroyed, the folder is gone.")


def _say(words: str) -> None:
    out.print(words, highlight=False, soft_wrap=True, markup=False)
