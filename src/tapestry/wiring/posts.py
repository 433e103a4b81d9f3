"""The command of posts: demand and candidates read from files, a table, a map."""

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from tapestry.app.posts import PostAnswer, PostCandidate, PostDemand, PostQuestion, answer_posts
from tapestry.model import Refused
from tapestry.wiring.posts_map import draw_map
from tapestry.wiring.roads import load_net

MAX_ROWS: Final = 1_000_000  # of a file; more is no list of incidents
UNITS_MIN: Final = {"min": 1.0, "h": 60.0, "s": 1.0 / 60.0}
LAT: Final = ("lat_deg", "latitude", "lat")
LON: Final = ("lon_deg", "longitude", "lon")

T = TypeVar("T")


def minutes_of(text: str) -> float:
    """Return a duration such as 20min, 1.5h or 900s in minutes.

    Raises:
        Refused: It is none.
    """
    for unit, factor in UNITS_MIN.items():
        number = text.removesuffix(unit).strip()
        if text.endswith(unit) and number.replace(".", "", 1).isdigit() and float(number) > 0:
            return float(number) * factor
    raise Refused(f"--within {text}: expected a duration above 0 such as 20min, 1.5h or 900s")


def read_demand(file: Path) -> tuple[PostDemand, ...]:
    """Return the incidents of a CSV file: lat_deg and lon_deg, and weight, hours, source where given."""
    return tuple(
        _converted(
            file, line, PostDemand,
            lat_deg=lat, lon_deg=lon,
            **{name: row[name] for name in ("weight", "hours", "source") if row.get(name)},
        )
        for line, lat, lon, row in _rows(file)
    )  # fmt: skip


def read_candidates(file: Path) -> tuple[PostCandidate, ...]:
    """Return the candidates of a CSV file: lat_deg, lon_deg, name."""
    return tuple(
        _converted(file, line, PostCandidate, lat_deg=lat, lon_deg=lon, name=row.get("name") or "")
        for line, lat, lon, row in _rows(file)
    )


def plan(
    question: PostQuestion,
    *,
    incidents: Path,
    candidates: Path | None,
    hub_data: Path | None,
    console: Console,
) -> PostAnswer:
    """Return where teams should stand, with progress."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(f"reading {incidents.name}", total=None)
        demand = read_demand(incidents)
        places = () if candidates is None else read_candidates(candidates)
        net = None if hub_data is None else load_net(hub_data)
        bar.update(task, description=f"placing {question.teams} teams for {len(demand):,} records")
        return answer_posts(question, demand, places, net=net)


def tables_of(answer: PostAnswer, question: PostQuestion) -> tuple[Table, Table]:
    """Return the layouts beside one another, and their posts."""
    table = Table("model", "expected in time", "in reach, all free", "busy", "mean travel", "proved")
    posts = Table("team")
    rows = []
    for it in answer.proposals:
        table.add_row(
            it.model.value, f"{it.expected:.1%}", f"{it.within_reach:.1%}",
            f"{it.busy:.0%}" + (" overloaded" if it.overloaded else ""), f"{it.travel_min:.1f} min",
            "best" if it.gap == 0 else f"within {it.gap:.2%}",
        )  # fmt: skip
        posts.add_column(it.model.value)
        rows.append([f"{post.lat_deg:.3f}, {post.lon_deg:.3f} {post.name}".rstrip() for post in it.posts])
    table.title = f"{question.teams} teams, in time within {question.within_min:g} min"
    for team, cells in enumerate(zip(*rows, strict=True), start=1):
        posts.add_row(str(team), *cells)
    return table, posts


def write_map(answer: PostAnswer, question: PostQuestion, file: Path) -> str:
    """Write the map; return what was written, in words."""
    file.write_text(draw_map(answer, question), encoding="utf-8")
    return f"Map: {file}"


def _rows(file: Path) -> Iterator[tuple[int, str, str, dict[str, str]]]:
    """Give (line, latitude, longitude, row) of each row of a CSV file, gzipped or not."""
    with gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb") as raw:
        lines = io.TextIOWrapper(raw, encoding="utf-8", newline="")
        table = csv.DictReader(lines)
        names = table.fieldnames or ()
        lat = next((name for name in LAT if name in names), None)
        lon = next((name for name in LON if name in names), None)
        if lat is None or lon is None:
            raise Refused(
                f"{file}: columns {', '.join(names) or 'none'}; expected lat_deg and lon_deg in the first line"
            )
        for number, row in enumerate(table, start=2):
            if number > MAX_ROWS:
                raise Refused(f"{file}: more than {MAX_ROWS:,} rows; expected a list of incidents")
            yield number, row[lat], row[lon], row


def _converted(file: Path, line: int, kind: type[T], **fields: str) -> T:
    try:
        return msgspec.convert(fields, kind, strict=False)
    except msgspec.ValidationError as err:
        raise Refused(f"{file} line {line}: {err}; mend the line or leave it out") from err
