"""Words of documents: the language files that the console's build puts beside the console."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from fluent.runtime import FluentBundle, FluentResource

from tapestry.app.ports import Language, Minutes, ReportCell, Word
from tapestry.geo import format_dtg
from tapestry.model import OutsideFault

log = structlog.get_logger()

LOCAL_HOURS: Final = 3
"""Iraq is three hours ahead of UTC all the year: Baghdad has no summer time."""
LOCAL_LETTER: Final = "C"
DASH: Final = "–"


class Words:
    """The words of one language."""

    def __init__(self, text: str, language: Language) -> None:
        # No isolation marks: a font has no glyph for them, and the page sets each value by itself.
        self._bundle = FluentBundle([language.value], use_isolating=False)
        self._bundle.add_resource(FluentResource(text))
        self.rtl: Final = language is not Language.ENGLISH

    def __call__(self, key: str, **values: str | int) -> str:
        """Return a word; numbers in it have Latin digits, as beside callsigns and grids."""
        message = self._bundle.get_message(key)
        if message is None or message.value is None:
            raise KeyError(f"no word {key!r} in the language files of documents")
        given = {name: str(value) for name, value in values.items()}
        text, faults = self._bundle.format_pattern(message.value, given)
        if faults:
            raise faults[0]
        return str(text)

    def cell(self, value: ReportCell) -> str:
        """Return what stands in a report's cell."""
        match value:
            case None | "":
                return DASH
            case Word(key=key):
                return self(key)
            case Minutes(minutes=minutes, signed=signed):
                text = f"{minutes:+.0f}" if signed else f"{minutes:.0f}"
                return text.replace("-", "\u2212")
            case datetime():
                return format_dtg(value)
            case _:
                return str(value)


def load_words(folder: Path, language: Language) -> Words:
    """Return the words of a language from the folder of the built console.

    Raises:
        OutsideFault: The file is not there.
    """
    path = folder / "words" / f"{language.value}.ftl"
    try:
        return Words(path.read_text("utf-8"), language)
    except OSError as err:
        raise not_built("words of documents", path) from err


def not_built(what: str, path: Path) -> OutsideFault:
    """Return the fault of a part of the built console that is missing."""
    log.warning("documents.not_installed", what=what, expected=str(path), todo="build the console: ./run ui")
    return OutsideFault(
        f"the {what} are not installed: expected {path}. Build the console (./run ui), or install the wheel, "
        "which carries them",
        retry_helps=False,
    )


def zulu(at: datetime | None) -> str:
    """Return day, hour and minute in UTC, or a dash: "030600Z"."""
    return DASH if at is None else format_dtg(at)[:7]


def local(at: datetime | None) -> str:
    """Return hour and minute in local time, or a dash; the day before them where it is another one: "04 01:30"."""
    if at is None:
        return DASH
    here = at + timedelta(hours=LOCAL_HOURS)
    return f"{here:%H:%M}" if here.day == at.day else f"{here:%d %H:%M}"
