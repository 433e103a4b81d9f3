"""The command `tapestry posts`; what it works with is imported when it is called."""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

posts_app = typer.Typer(help="Where teams should stand.", no_args_is_help=True)


@posts_app.callback()
def posts() -> None:
    """Where teams should stand."""


@posts_app.command(
    "plan",
    epilog="Example:  `tapestry posts plan --teams 6 --within 20min --incidents calls.csv --map posts.svg`",
)
def posts_plan(
    teams: Annotated[int, typer.Option(help="How many teams there are.", min=1, max=60)],
    incidents: Annotated[
        Path,
        typer.Option(
            help="CSV of past calls: lat_deg, lon_deg; weight, hours, source if known.", exists=True
        ),
    ],
    within: Annotated[str, typer.Option(help="In time up to here: 20min, 1.5h, 900s.")] = "20min",
    calls_per_day: Annotated[float, typer.Option(help="Calls expected in a day, of all teams.")] = 10.0,
    service_min: Annotated[float, typer.Option(help="Minutes of work at the place.")] = 45.0,
    speed_kmh: Annotated[float, typer.Option(help="Speed where no road says one.")] = 40.0,
    candidates: Annotated[
        Path | None,
        typer.Option(help="CSV of places where teams could stand: lat_deg, lon_deg, name.", exists=True),
    ] = None,
    hub_data: Annotated[
        Path | None, typer.Option(help="Data folder whose roads are driven on; straight lines if not given.")
    ] = None,
    map_file: Annotated[Path | None, typer.Option("--map", help="Write a map to this SVG file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole answer as JSON.")] = False,
) -> None:
    """Place teams by three models and say what share of calls each is expected to reach in time."""
    from tapestry.app.posts import PostQuestion
    from tapestry.wiring import posts as posts_room

    question = msgspec.convert(
        {
            "teams": teams,
            "within_min": posts_room.minutes_of(within),
            "calls_per_day": calls_per_day,
            "service_min": service_min,
            "speed_kmh": speed_kmh,
        },
        PostQuestion,
    )
    answer = posts_room.plan(
        question, incidents=incidents, candidates=candidates, hub_data=hub_data, console=Console(stderr=True)
    )
    written = None if map_file is None else posts_room.write_map(answer, question, map_file)
    if as_json:
        sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
        return
    out = Console()
    for table in posts_room.tables_of(answer, question):
        out.print(table)
    for words in (*answer.basis, *([written] if written else [])):
        out.print(words, highlight=False, soft_wrap=True, markup=False)
