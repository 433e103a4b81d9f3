"""The command `tapestry decode`: what a frame of a device says."""

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table


def decode(
    protocol: Annotated[str, typer.Argument(help="Name of the protocol, as on its page of the docs.")],
    frames: Annotated[
        list[str] | None, typer.Argument(help="Frames of one connection in order: hexadecimal, or text.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Read lines of JSON from standard input, write lines of JSON.")
    ] = False,
    received_at: Annotated[
        datetime | None,
        typer.Option(
            help="When the frames came, for those without a date of their own (UTC).",
            formats=["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"],
        ),
    ] = None,
) -> None:
    """Print what the frames of a device say, field by field."""
    import msgspec

    from tapestry.app import decode as decode_room

    at = datetime.now(UTC) if received_at is None else received_at.replace(tzinfo=UTC)
    reader = decode_room.Frames(decode_room.spec_of(protocol), received_at_us=int(at.timestamp() * 1_000_000))
    if as_json:
        for line in reader.lines(iter(sys.stdin)):
            sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
            sys.stdout.flush()
        return
    if not frames:
        raise typer.BadParameter(
            "no frame was given, expected one or more, or --json with lines on standard input"
        )
    table = Table(show_lines=True)
    for name in ("frame", "what", "field", "value"):
        table.add_column(name, overflow="fold")
    for line in reader.lines(decode_room.input_lines(frames)):
        fields = msgspec.to_builtins(line)
        fields |= fields.pop("attributes")
        shown = {
            name: value
            for name, value in fields.items()
            if value not in (None, ()) and name not in ("line", "kind")
        }
        table.add_row(
            str(line.line), line.kind, "\n".join(shown), "\n".join(_words(value) for value in shown.values())
        )
    Console().print(table)


def _words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
