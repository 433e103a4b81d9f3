"""The commands for bad days: `tapestry backup` and `tapestry wipe`. Each imports what it needs when it is called."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from tapestry.app.settings import DEFAULT_DATA
from tapestry.model import Refused

if TYPE_CHECKING:
    from tapestry.adapters._backup_key import OpeningKey

backup_app = typer.Typer(help="Sealed copies of a whole hub.", no_args_is_help=True)
Data = Annotated[
    Path, typer.Option("--data", help="Folder that holds everything the hub keeps.", envvar="TAPESTRY_DATA")
]
DATA = Path(DEFAULT_DATA)
Key = Annotated[
    Path | None, typer.Option("--key", help="File of the private key, of a backup that is sealed to one.")
]

out = Console()
err = Console(stderr=True)


@backup_app.command("keygen", epilog="Example:  `tapestry backup keygen /mnt/stick/backups.key`")
def backup_keygen(
    file: Annotated[Path, typer.Argument(help="Where the private key goes; must not be there yet.")],
) -> None:
    """Make a key to seal backups to. Run it away from the hub: only this file opens them."""
    from tapestry.adapters._backup_key import OpeningKey

    key = OpeningKey.generate()
    key.write(file)
    err.print(f"Wrote {file}: keep it, and a copy of it, away from the hub. The public key:", markup=False)
    _say(str(key.recipient))


@backup_app.command("create", epilog="Example:  `tapestry backup create /mnt/stick/hub-2026-05-01.backup`")
def backup_create(
    file: Annotated[Path, typer.Argument(help="Where the backup goes; must not be there yet.")],
    data: Data = DATA,
    to: Annotated[
        str | None, typer.Option("--to", help="Public key to seal it to, instead of a passphrase.")
    ] = None,
) -> None:
    """Write the hub of a data folder, running or stopped, into one sealed file."""
    from tapestry.adapters._backup_key import RecipientKey
    from tapestry.wiring import backup as backup_room

    secret: str | RecipientKey
    if to is not None:
        secret = RecipientKey.parse(to)
    else:
        secret = typer.prompt(
            "Passphrase of the backup (12 characters or more)", hide_input=True, confirmation_prompt=True
        )
    made = asyncio.run(backup_room.create(data.resolve(), file.resolve(), secret=secret, console=err))
    _say(f"Wrote {file}: {made.log_size} Log entries, {sum(made.messages.values())} messages of the bus.")


@backup_app.command("verify")
def backup_verify(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)], key: Key = None
) -> None:
    """Read a backup to its last byte and say whether it is whole and unchanged."""
    from tapestry.wiring import backup as backup_room

    made = backup_room.verify(file, secret=_secret(file, key), console=err)
    _say(
        f"Whole and unchanged: made at {made.made_at} by version {made.version}, {made.log_size} Log entries."
    )


@backup_app.command("restore", epilog="Example:  `tapestry backup restore hub.backup --data new-folder`")
def backup_restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    data: Data = DATA,
    key: Key = None,
) -> None:
    """Make a new data folder from a backup; `tapestry serve` starts the hub on it."""
    from tapestry.wiring import backup as backup_room

    secret = _secret(file, key)
    made = asyncio.run(backup_room.restore(file, data.resolve(), secret=secret, console=err))
    _say(f"Restored the hub of {made.made_at} into {data}; start it: tapestry serve --data {data}")


def _secret(file: Path, key: Path | None) -> "str | OpeningKey":
    """Return what may open a backup: the key that was given, else a passphrase that is asked for."""
    from tapestry.adapters._backup_key import OpeningKey
    from tapestry.wiring import backup as backup_room

    if key is not None:
        return OpeningKey.read(key)
    if backup_room.is_sealed_to_key(file):
        raise Refused(f"{file}: sealed to a key, not with a passphrase; give its private key: --key FILE")
    return str(typer.prompt("Passphrase of the backup", hide_input=True))


def wipe(
    reason: Annotated[str, typer.Option(help="Why; it goes into the Log.")],
    data: Data = DATA,
) -> None:
    """Stop the hub, destroy its keys and remove its data folder. There is no way back but a backup elsewhere."""
    from tapestry.wiring import wipe as wipe_room

    folder = data.resolve()
    typed = typer.prompt(f"This removes {folder} for good. Type its name, {folder.name}, to go on")
    wipe_room.wipe(folder, typed=typed, reason=reason)
    _say(f"Wiped {folder}: its keys are destroyed, the folder is gone.")


def _say(words: str) -> None:
    out.print(words, highlight=False, soft_wrap=True, markup=False)
