"""Run benches: `python -m bench [NAME ...] [--quick]`; see `python -m bench --help`."""

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.console import Console

from bench import (
    centres,
    cot,
    distress,
    fanout,
    hub,
    ingest,
    kernels,
    latency,
    pages,
    resident,
    routes,
    survival,
    sustained,
)
from bench.figures import Book, Part, Run
from bench.machine import ROOT, commit, load_average, machine_facts
from bench.page import page, show
from bench.scale import FULL, QUICK, Scale

PAGE = ROOT / "docs" / "figures.md"
KEPT = ROOT / "bench" / "figures.json"

PARTS: dict[str, tuple[str, Callable[[Scale], Part]]] = {
    "floor": ("What the disk allows", kernels.measure_floor),
    "decode": ("Decoding", kernels.measure_decode),
    "rules": ("Rules", kernels.measure_rules),
    "ingest": ("Ingest at full speed", ingest.measure),
    "sustained": ("Sustained with the database keeping up", sustained.measure),
    "latency": ("Acknowledgement", latency.measure),
    "distress": ("Distress to the console", distress.measure),
    "resident": ("Memory, idle, start", resident.measure),
    "survival": ("Killed children", survival.measure),
    "routes": ("Roads: plans, matched tracks, arrivals", routes.measure),
    "hub": ("The hub answers", hub.measure),
    "hub-link": ("Centres: a link cut and restored", centres.measure),
    "fanout": ("Many consoles", fanout.measure),
    "pages": ("Pages of the console", pages.measure),
    "cot": ("TAK clients, beside taky", cot.measure),
}


def run_part(name: str, scale: Scale) -> Run:
    """Measure one part."""
    title, measure = PARTS[name]
    before, begun_at, begun_s = load_average(), datetime.now(UTC), time.perf_counter()
    measured = commit()  # of the files that the hub starts from, not of those that are there at the end
    part = measure(scale)
    return Run(
        title=title,
        part=part,
        begun_at=f"{begun_at:%Y-%m-%d %H:%M} UTC",
        took_s=time.perf_counter() - begun_s,
        commit=measured,
        load_average=before,
        scale=scale.name,
    )


def kept_book(kept: Path) -> Book:
    """Return the figures that were measured before on this machine; empty on another."""
    machine = machine_facts()
    try:
        book = msgspec.json.decode(kept.read_bytes(), type=Book)
    except (FileNotFoundError, msgspec.DecodeError):
        return Book(machine=machine)
    return book if book.machine == machine else Book(machine=machine)


def keep(run: Run, name: str, *, kept: Path, to: Path) -> None:
    """Put one part's figures in the place of those before, and write the page."""
    book = kept_book(kept)
    book = msgspec.structs.replace(book, runs=book.runs | {name: run})
    kept.write_bytes(msgspec.json.format(msgspec.json.encode(book), indent=1) + b"\n")
    to.write_text(page(book, PARTS))


def wanted(names: list[str]) -> list[str]:
    """Return the parts to run: "hub" is also every part whose name begins with it; none given: all."""
    return [
        part for part in PARTS if not names or part in names or ("hub" in names and part.startswith("hub-"))
    ]


def main() -> None:
    """Measure, print, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the hub on this machine.")
    parser.add_argument("parts", nargs="*", metavar="NAME", help=f"one of {', '.join(PARTS)}; all if none")
    parser.add_argument("--quick", action="store_true", help="shorter runs; the page is left as it is")
    parser.add_argument("--no-page", action="store_true", help="print only")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.parts if name not in PARTS]
    if unknown:
        parser.error(f"there is no part {unknown[0]}; expected one of {', '.join(PARTS)}")
    console = Console()
    scale = QUICK if arguments.quick else FULL
    for name in wanted(arguments.parts):
        console.print(f"{PARTS[name][0]} …", highlight=False)
        run = run_part(name, scale)
        show(console, run)
        if not (arguments.quick or arguments.no_page):
            keep(run, name, kept=KEPT, to=PAGE)


if __name__ == "__main__":
    main()
