"""What a text message asks for: a word in English, Arabic or Sorani, perhaps a callsign and a place.

Read generously: a message that holds none of the words is still somebody's message to the watch, and is kept.
"""

import re
from enum import StrEnum
from typing import Final

import msgspec

from tapestry.geo import Place, from_mgrs
from tapestry.model import DistressKind, Refused

LONGEST_TEXT: Final = 1_000  # characters; some seven text messages
DIGITS: Final = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫", "01234567890123456789.")
MGRS_SHAPE: Final = re.compile(
    r"(?<![0-9A-Z])(?:[1-9]|[1-5][0-9]|60)\s?[C-HJ-NP-X]\s?[A-HJ-NP-Z]{2}\s?(?:\d{1,5}\s\d{1,5}|\d{2,10})(?![0-9A-Z])",
    re.IGNORECASE,
)
DEGREES_SHAPE: Final = re.compile(r"(-?\d{1,3}\.\d+)\s*[,;/\s،]\s*(-?\d{1,3}\.\d+)")
CALLSIGN_SHAPE: Final = re.compile(r"[A-Z]{1,12}[- ]?\d{1,4}(?![0-9.])", re.IGNORECASE)


class TextKind(StrEnum):
    """What a message asks for."""

    SOS = "sos"
    HELP = "help"
    DELAY = "delay"
    WELL = "ok"  # says that all is well; ends nothing, because words can be forced
    OTHER = "other"


class ReadText(msgspec.Struct, frozen=True, kw_only=True):
    """A message as it was understood."""

    kind: TextKind
    callsign: str = ""  # as written
    lat_deg: float | None = None
    lon_deg: float | None = None
    bad_place: bool = False  # something looked like a grid reference and is none

    @property
    def distress(self) -> DistressKind | None:
        """The kind of distress that it raises, None when it raises none."""
        return {
            TextKind.SOS: DistressKind.SOS,
            TextKind.HELP: DistressKind.HELP,
            TextKind.DELAY: DistressKind.DELAY,
        }.get(self.kind)


WORDS: Final[tuple[tuple[TextKind, str], ...]] = (
    (TextKind.SOS, "sos mayday emergency attack نجدة النجدة استغاثة طوارئ هجوم فریاکەوتن هێرش"),
    (TextKind.HELP, "help مساعدة ساعدوني ساعدونا یارمەتی هاوکاری"),
    (TextKind.DELAY, "delay delayed late تأخير تاخير متأخر دواکەوتن دواکەوتین"),
    (TextKind.WELL, "ok okay well safe بخير تمام باشم باشین سەلامەت"),
)
"""In the order of their gravity: "ok, help" asks for help."""


def read_text(text: str) -> ReadText:
    """Return what a text message says.

    Args:
        text: As it came; digits may be Arabic or Persian. What is past LONGEST_TEXT is not looked at.
    """
    plain = text[:LONGEST_TEXT].translate(DIGITS)
    words = set(re.findall(r"\w+", plain.casefold()))
    kind = next((kind for kind, known in WORDS if words & set(known.split())), TextKind.OTHER)
    place, bad_place, rest = _place(plain)
    callsign = CALLSIGN_SHAPE.search(rest)
    return ReadText(
        kind=kind,
        callsign="" if callsign is None else callsign[0].strip(),
        lat_deg=None if place is None else place.lat_deg,
        lon_deg=None if place is None else place.lon_deg,
        bad_place=bad_place,
    )


def read_place(text: str) -> Place:
    """Return the place that a person wrote, as MGRS or as degrees.

    Raises:
        Refused: It is neither, or names no place on Earth.
    """
    plain = " ".join(text.translate(DIGITS).split())
    degrees = DEGREES_SHAPE.fullmatch(plain)
    if degrees is None:
        return from_mgrs(plain)
    place = Place(lat_deg=float(degrees[1]), lon_deg=float(degrees[2]))
    if not _on_earth(place):
        raise Refused(
            f"place {plain[:40]}: expected latitude -90 to 90, then longitude -180 to 180; "
            "check that the two are not swapped"
        )
    return place


def _place(plain: str) -> tuple[Place | None, bool, str]:
    """Return the place in a message, whether one was written that cannot be, and the message without it."""
    degrees = DEGREES_SHAPE.search(plain)
    if degrees is not None:
        place = Place(lat_deg=float(degrees[1]), lon_deg=float(degrees[2]))
        rest = plain[: degrees.start()] + plain[degrees.end() :]
        return (place, False, rest) if _on_earth(place) else (None, True, rest)
    grid = MGRS_SHAPE.search(plain)
    if grid is None:
        return None, False, plain
    rest = plain[: grid.start()] + plain[grid.end() :]
    try:
        return from_mgrs(grid[0]), False, rest
    except Refused:
        return None, True, rest


def _on_earth(place: Place) -> bool:
    return abs(place.lat_deg) <= 90.0 and abs(place.lon_deg) <= 180.0
