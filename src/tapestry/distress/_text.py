"""What a text message asks for: a word in English, Arabic or Sorani, perhaps a callsign and a place.

Read generously: a message that holds none of the words is still somebody's message to the watch, and is kept.
"""

import re
from enum import StrEnum
from typing import Final

import msgspec

from tapestry.geo import Place, from_mgrs, plain_text, written_places
from tapestry.model import DistressKind, Refused

CALLSIGN_SHAPE: Final = re.compile(
    r"(?<![A-Z])(?!(?:cp|chk|checkpoint|point|number|no|pos|grid|at|in|to|and|or|is|of|about|speed|km)[- ]?\d)"
    r"[A-Z]{1,12}[- ]?\d{1,4}(?![0-9.:])",
    re.IGNORECASE,
)


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
        text: As it came; digits may be Arabic or Persian. What is past a thousand characters is not looked at.
    """
    plain = plain_text(text)
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
    plain = " ".join(plain_text(text).split())
    found, rest = written_places(plain)
    if len(found) != 1 or rest.strip(" ,;."):
        return from_mgrs(plain)  # which says what is wrong with it
    place = found[0].place
    if place is None:
        raise Refused(
            f"place {plain[:40]}: expected latitude -90 to 90, then longitude -180 to 180; "
            "check that the two are not swapped"
        )
    return place


def _place(plain: str) -> tuple[Place | None, bool, str]:
    """Return the one place in a message, whether what was written cannot be one, and the message without it."""
    found, rest = written_places(plain)
    places = [it.place for it in found if it.place is not None]
    if len(set(places)) == 1:
        return places[0], False, rest
    return None, bool(found), rest
