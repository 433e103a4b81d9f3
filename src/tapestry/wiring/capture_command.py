"""The commands of `tapestry capture`: raw bytes of devices, kept for evidence and played again."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from tapestry.app.settings import DEFAULT_DATA

capture_app = typer.Typer(
    help="Raw bytes of devices with their times, kept for evidence.", no_args_is_help=True
)
out = Console()

Data = Annotated[
    Path, typer.Option("--data", help="Folder that holds everything the hub keeps.", envvar="TAPESTRY_DATA")
]
DATA = Path(DEFAULT_DATA)
By = Annotated[str, typer.Option("--by", help="Account of the person who decides it; it is in the Log.")]
Name = Annotated[str, typer.Argument(help="Name of the capture.")]
Folder = Annotated[
    Path | None, typer.Option("--folder", help="Where captures are, if not in `captures` of the data folder.")
]


@capture_app.command(
    "start",
    epilog="Example:  `tapestry capture start gate-4 --by amal --only gt06 --only 10.4.0.0/16 --minutes 60`",
)
def capture_start(
    name: Name,
    by: By,
    only: Annotated[
        list[str] | None, typer.Option(help="A protocol, or an address or network; may be repeated.")
    ] = None,
    minutes: Annotated[float | None, typer.Option(help="It ends by itself after this long.", min=0.1)] = None,
    limit_mb: Annotated[int, typer.Option(help="It ends when its files are so large (MiB).", min=1)] = 1024,
    folder: Folder = None,
    data: Data = DATA,
) -> None:
    """Start to keep what devices send and are answered, at the running hub."""
    from tapestry.wiring import capture as room

    where = folder or room.folder_of(data.resolve())
    order = room.order_of(
        name, folder=where, by=by, only=only or [], minutes=minutes, limit_mb=limit_mb, at=datetime.now(UTC)
    )
    asyncio.run(room.start(data.resolve(), order))
    _say(f"Capture {name} runs; its files are in {Path(order.folder) / name}")


@capture_app.command("stop", epilog="Example:  `tapestry capture stop gate-4 --by amal`")
def capture_stop(name: Name, by: By, data: Data = DATA) -> None:
    """Stop a capture."""
    from tapestry.wiring import capture as room

    order = asyncio.run(room.stop(data.resolve(), name, by=by))
    _say(f"Capture {name} ended; its files are in {Path(order.folder) / name}")


@capture_app.command("list", epilog="Example:  `tapestry capture list --by amal`")
def capture_list(by: By, folder: Folder = None, data: Data = DATA) -> None:
    """List captures, with the chain that each ends with: kept elsewhere, it proves the whole."""
    from tapestry.wiring import capture as room

    table = Table("capture", "runs", "what", "first", "last", "files", "size", "chain")
    for one in asyncio.run(room.listed(data.resolve(), folder, by=by)):
        order, state = one.order, one.state
        runs = "no" if order is None or state.why else f"by {order.by}"
        what = "" if order is None else " ".join((*order.protocols, *order.networks)) or "all"
        table.add_row(
            state.name, runs, what or state.why, _time(state.first_at), _time(state.last_at), str(state.files),
            f"{state.size_bytes:,}", state.chain,
        )  # fmt: skip
    out.print(table)


@capture_app.command("show", epilog="Example:  `tapestry capture show gate-4 --by amal`")
def capture_show(name: Name, by: By, folder: Folder = None, data: Data = DATA) -> None:
    """Check the chain of a capture and list its connections."""
    from tapestry.wiring import capture as room

    state, talks = asyncio.run(room.shown(data.resolve(), folder, name, by=by))
    table = Table("connection", "protocol", "from", "first", "last", "in", "out", "")
    for talk in talks:
        marks = [] if talk.from_start else ["open before"]
        marks += ["keys struck out"] if talk.concealed else []
        table.add_row(
            talk.connection, f"{talk.protocol} {talk.transport}", talk.remote, _time(talk.first_at),
            _time(talk.last_at), f"{talk.received_size_bytes:,}", f"{talk.sent_size_bytes:,}", ", ".join(marks),
        )  # fmt: skip
    out.print(table)
    _say(f"The chain holds over {state.files} files, {state.size_bytes:,} bytes; it ends with {state.chain}")


@capture_app.command("export", epilog="Example:  `tapestry capture export gate-4 gate-4.zip --by amal`")
def capture_export(
    name: Name,
    file: Annotated[Path, typer.Argument(help="Archive to write (.zip).")],
    by: By,
    folder: Folder = None,
    data: Data = DATA,
) -> None:
    """Check the chain of a capture and write it into one archive."""
    from tapestry.wiring import capture as room

    digest = asyncio.run(room.export(data.resolve(), folder, name, file, by=by))
    _say(f"{file} is written; its SHA-256 is {digest}")


@capture_app.command(
    "replay",
    epilog="Examples:  `tapestry capture replay gate-4.zip --json`  ·  "
    "`tapestry capture replay gate-4.zip --to 127.0.0.1`",
)
def capture_replay(
    file: Annotated[Path, typer.Argument(help="A capture's folder, one of its files, or an export.")],
    as_json: Annotated[bool, typer.Option("--json", help="Write lines of JSON.")] = False,
    to: Annotated[
        str | None, typer.Option(help="Send it to the device ports of this host; print nothing.")
    ] = None,
    port: Annotated[
        list[str] | None, typer.Option(help="Another port there for a protocol, as NAME=PORT.")
    ] = None,
    speed: Annotated[float, typer.Option(help="Times as fast as it was; 0: at once.", min=0)] = 1.0,
) -> None:
    """Check the chain of a capture and read it with today's decoders, or send it to a hub again."""
    import msgspec

    from tapestry.wiring import capture as room
    from tapestry.wiring import capture_play

    if to is not None:
        played = asyncio.run(
            capture_play.play(room.records_of(file), host=to, ports=_ports(port or []), speed=speed)
        )
        _say(
            f"{played.connections} connections, {played.datagrams} datagrams, {played.size_bytes:,} bytes sent"
        )
        return
    if as_json:
        for line in capture_play.told(room.records_of(file)):
            sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
        return
    table = Table("at", "connection", "what", "tracker", "says", show_lines=True)
    for line in capture_play.told(room.records_of(file)):
        fields = msgspec.to_builtins(line)
        fields |= fields.pop("attributes")
        left = ("at", "connection", "line", "kind", "tracker")
        says = "\n".join(
            f"{name} {value}"
            for name, value in fields.items()
            if value not in (None, [], ()) and name not in left
        )
        table.add_row(_time(line.at), line.connection, line.kind, line.tracker or "", says)
    out.print(table)


def _ports(pairs: list[str]) -> dict[str, int]:
    ports = {}
    for pair in pairs:
        name, _, number = pair.partition("=")
        if not number.isdigit() or not 0 < int(number) < 65_536:
            raise typer.BadParameter(f"--port {pair}: expected NAME=PORT with PORT from 1 to 65535")
        ports[name] = int(number)
    return ports


def _time(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M:%S}Z"


def _say(words: str) -> None:
    out.print(words, highlight=False, soft_wrap=True, markup=False)
