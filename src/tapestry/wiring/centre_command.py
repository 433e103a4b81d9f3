"""The commands of `tapestry centre`: several hubs as one organisation."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tapestry.app.settings import DEFAULT_DATA

centre_app = typer.Typer(help="Several hubs as centres: one national, others regional.", no_args_is_help=True)
out = Console()

Data = Annotated[
    Path, typer.Option("--data", help="Folder that holds everything the hub keeps.", envvar="TAPESTRY_DATA")
]
DATA = Path(DEFAULT_DATA)


@centre_app.command(
    "national",
    epilog="Example:  `tapestry centre national baghdad --address hub.example --data /srv/tapestry`",
)
def centre_national(
    name: Annotated[str, typer.Argument(help="What the centre is called.")],
    address: Annotated[str, typer.Option(help="Host name or address by which regions reach it.")],
    data: Data = DATA,
    host: Annotated[str, typer.Option(help="Where it listens for regions.")] = "0.0.0.0",  # noqa: S104 - regions are elsewhere
    port: Annotated[int, typer.Option(help="Port for regions.")] = 7422,
) -> None:
    """Make a hub the national centre."""
    from tapestry.wiring import centre as centre_room

    _say(centre_room.found(data.resolve(), name=name, address=address, host=host, port=port))


@centre_app.command(
    "invite", epilog="Example:  `tapestry centre invite basra --out basra.json --data /srv/tapestry`"
)
def centre_invite(
    name: Annotated[str, typer.Argument(help="What the regional centre is called.")],
    out: Annotated[Path, typer.Option(help="File for the invitation; it holds a secret.")],
    data: Data = DATA,
) -> None:
    """Invite a regional centre, at the national one."""
    from tapestry.wiring import centre as centre_room

    _say(centre_room.invite_region(data.resolve(), name=name, out=out))


@centre_app.command("join", epilog="Example:  `tapestry centre join basra.json --data /srv/tapestry`")
def centre_join(
    invitation: Annotated[Path, typer.Argument(help="The file that `tapestry centre invite` wrote.")],
    data: Data = DATA,
) -> None:
    """Make a new data folder a regional centre."""
    from tapestry.wiring import centre as centre_room

    _say(centre_room.join_national(data.resolve(), invitation))


@centre_app.command("show")
def centre_show(data: Data = DATA) -> None:
    """Show which centre a data folder is and whom it is linked with."""
    from tapestry.wiring import centre as centre_room

    _say(centre_room.show(data.resolve()))


def _say(words: str) -> None:
    out.print(words, highlight=False, soft_wrap=True, markup=False)
