"""What a printed brief says: its numbers with the entries that they count, as tables. Pure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from tapestry.app._document_port import ReportCell, ReportPages, ReportSection, Word
from tapestry.brief import Line, Number, Section
from tapestry.geo import format_dtg
from tapestry.model import MovementId

if TYPE_CHECKING:
    from tapestry.app._briefs import IssuedBrief

MOST_KEYS: Final = 12  # of one number; the rest is counted: the console shows all
Row = tuple[ReportCell, ...]


def pages_of_brief(number: int, issued: "IssuedBrief", *, centre: str) -> ReportPages:
    """Return a brief as it is printed.

    Args:
        number: Its number.
        issued: As it was issued.
        centre: Who issues it; empty for a hub that stands alone.
    """
    brief = issued.brief
    return ReportPages(
        movement_id=MovementId(0),
        version=0,
        title=Word(key=f"brief-{brief.kind}"),
        number=f"{brief.kind.value.upper()} {number}",
        callsign=f"{format_dtg(brief.since)} – {format_dtg(brief.until)}",
        operator=centre,
        way=(),
        made_at=brief.as_at,
        summary=(
            (_word("issued-by"), issued.issued_by),
            (_word("issued-at"), issued.issued_at),
            (_word("assessment"), issued.assessment or None),
            (_word("remarks"), issued.remarks or None),
            *((_word("unknown"), Word(key=f"brief-{it}")) for it in brief.unknown),
            (_word("sha256"), issued.sha256),
        ),
        sections=tuple(part for section in brief.sections for part in _parts(section)),
    )


def _parts(section: Section) -> list[ReportSection]:
    title, parts = _word(f"section-{section.name}"), []
    if section.numbers:
        heads = tuple(map(_word, ("what", "number", "before", "entries")))
        rows = tuple(_row(it) for it in section.numbers)
        parts.append(ReportSection(title=title, columns=heads, rows=rows))
    if section.lines:
        heads = tuple(map(_word, ("at", "words", "entries")))
        parts.append(ReportSection(title=title, columns=heads, rows=tuple(map(_line, section.lines))))
    return parts or [ReportSection(title=title, columns=(_word("what"),), rows=())]


def _row(number: Number) -> Row:
    kind, _, value = number.name.partition("-")
    name: ReportCell = _word(number.name)
    if kind == "rule":
        name = Word(key=number.name)
    elif kind == "governorate" and value != "unknown":
        name = value
    before = None if number.before is None else f"{_plain(number.before)}{' *' if number.few else ''}"
    units = {"": "", "h": " h", "s": " s", "per-100": " / 100"}
    return name, f"{_plain(number.value)}{units[number.unit]}", before, _entries(number.keys)


def _line(line: Line) -> Row:
    return line.at, line.text, _entries(line.keys)


def _entries(keys: Sequence[str]) -> str:
    shown = ", ".join(key.removeprefix("log/") for key in keys[:MOST_KEYS])
    return shown + (f" + {len(keys) - MOST_KEYS}" if len(keys) > MOST_KEYS else "")


def _plain(value: float) -> str:
    return f"{value:g}"


def _word(name: str) -> Word:
    return Word(key=f"brief-{name}")
