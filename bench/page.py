"""Figures as people read them: tables in a terminal, and the page docs/figures.md."""

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from bench.figures import Book, Figure, Grid, Run, number_text

HEAD = """# Figures

Written by `./run bench`; `./run bench NAME` measures one part again. The load generator, the hub and all its
children share this machine. A ratio of 1 or more keeps the target. Targets are those of the project's first issue.
"Load before" is the machine's one-minute load average when a part began; other programs disturb figures.
"""


def show(console: Console, run: Run) -> None:
    """Print one part."""
    table = Table(title=run.title, caption=run.part.load, title_justify="left", caption_justify="left")
    for name, justify in (("figure", "left"), ("measured", "right"), ("target", "right"), ("ratio", "right"),
                          ("", "left")):  # fmt: skip
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    for figure in run.part.figures:
        style = {"missed": "red", "kept": "green", "": ""}[figure.verdict]
        table.add_row(figure.name, _value(figure), figure.target_text, _ratio(figure),
                      f"[{style}]{figure.verdict}[/]" if style else figure.note)  # fmt: skip
    console.print(table)
    for grid in run.part.grids:
        shown = Table(title=grid.title, title_justify="left")
        for number, column in enumerate(grid.columns):
            shown.add_column(column, justify="right" if number else "left")
        for row in grid.rows:
            shown.add_row(*row)
        console.print(shown)
    for remark in run.part.remarks:
        console.print(f"· {remark}", highlight=False, markup=False)
    console.print(f"load before {run.load_average:.2f}, took {run.took_s:.0f} s\n", highlight=False)


def page(book: Book, names: Iterable[str]) -> str:
    """Return docs/figures.md: parts in the order of `names`."""
    runs = [book.runs[name] for name in names if name in book.runs]
    parts = [HEAD, _rows(("machine", ""), sorted(book.machine.items()))]
    parts += ["## Targets at a glance\n", _targets(runs)]
    parts += [_part(run) for run in runs]
    return "\n".join(parts)


def _targets(runs: list[Run]) -> str:
    rows = [
        (figure.name, _value(figure), figure.target_text, _ratio(figure), figure.verdict)
        for run in runs
        for figure in run.part.figures
        if figure.target is not None
    ]
    return _rows(("figure", "measured", "target", "ratio", ""), rows)


def _part(run: Run) -> str:
    part = run.part
    lines = [f"## {run.title}\n", f"{part.load}\n"]
    rows = [
        (figure.name, _value(figure), figure.target_text, _ratio(figure), figure.note)
        for figure in part.figures
    ]
    lines.append(_rows(("figure", "measured", "target", "ratio", "note"), rows))
    lines += [f"{_grid(grid)}" for grid in part.grids]
    lines += [f"- {remark}" for remark in part.remarks]
    lines.append(
        f"\nMeasured {run.begun_at}, commit {run.commit}, load before {run.load_average:.2f}, "
        f"took {run.took_s:.0f} s" + ("" if run.scale == "full" else f", scale {run.scale}") + ".\n"
    )
    return "\n".join(lines)


def _grid(grid: Grid) -> str:
    return f"\n{grid.title}:\n\n{_rows(grid.columns, grid.rows)}"


def _rows(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [columns, tuple("---:" if number else "---" for number in range(len(columns))), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _value(figure: Figure) -> str:
    return f"{'not measured' if figure.value is None else number_text(figure.value)} {figure.unit}".strip()


def _ratio(figure: Figure) -> str:
    return "" if figure.ratio is None else f"{figure.ratio:.2f}"
