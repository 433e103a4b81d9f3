"""The commands of `tapestry seal`: what sealed messages of phones and radios are opened with."""

import asyncio
import sys
from getpass import getpass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tapestry.app.settings import DEFAULT_DATA

seal_app = typer.Typer(
    help="Secrets that sealed messages of phones and radios are opened with.", no_args_is_help=True
)
out = Console()

Data = Annotated[
    Path, typer.Option("--data", help="Folder that holds everything the hub keeps.", envvar="TAPESTRY_DATA")
]
DATA = Path(DEFAULT_DATA)
By = Annotated[str, typer.Option("--by", help="Account of the person who decides it; it is in the Log.")]
Name = Annotated[
    str, typer.Argument(help="owntracks:USER/DEVICE for a phone, meshtastic:CHANNEL for a channel of radios.")
]


@seal_app.command("add", epilog="Example:  `tapestry seal add owntracks:amal/phone --by omar`")
def seal_add(name: Name, by: By, data: Data = DATA) -> None:
    """Keep the secret of a phone or channel; it is asked for, or read from standard input."""
    from tapestry.wiring import seal as room

    secret = getpass("Secret: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    asyncio.run(room.add(data.resolve(), name, secret, by=by))
    _say(f"Messages of {name} are opened with it from now on.")


@seal_app.command("list", epilog="Example:  `tapestry seal list --by omar`")
def seal_list(by: By, data: Data = DATA) -> None:
    """List whose messages can be opened; never with what."""
    from tapestry.wiring import seal as room

    for name in asyncio.run(room.names(data.resolve(), by=by)):
        _say(name)


@seal_app.command("remove", epilog="Example:  `tapestry seal remove owntracks:amal/phone --by omar`")
def seal_remove(name: Name, by: By, data: Data = DATA) -> None:
    """Forget the secret of a phone or channel."""
    from tapestry.wiring import seal as room

    asyncio.run(room.remove(data.resolve(), name, by=by))
    _say(f"Messages of {name} are opened no more.")


def _say(words: str) -> None:
    out.print(words, highlight=False, soft_wrap=True, markup=False)
