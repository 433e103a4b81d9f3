"""Coordinates as people write them: in a text message, a map's link, a report that was heard and typed.

Theory of operation. The text is brought to plain digits and signs. Links are looked at first,
then grid references, then angles with N, S, E and W, then angles with a degree sign, then two plain decimals. What was
taken is blanked out, so that no number is read twice. Nothing is chosen here: every place found is returned, and who
asks says what two of them mean.
"""

import re
from collections.abc import Callable
from typing import Final

import msgspec

from tapestry.geo._mgrs import from_mgrs
from tapestry.geo._place import Place
from tapestry.geo._written_shapes import (
    COMMA_DECIMALS,
    GRID,
    HEMISPHERES,
    LABEL_NAMES,
    LINK,
    LINK_PLACES,
    LON_FIRST,
    MARKED,
    PLAIN_DECIMALS,
    SOUTH_OR_WEST,
)
from tapestry.model import Refused

LONGEST_TEXT: Final = 1_000  # characters; some seven text messages
M_PER_DEG: Final = 111_195.0  # of latitude, on the mean Earth sphere
FINEST_M: Final = 10.0  # what a handset knows of its place, however many digits it writes
_SIGNS: Final = str.maketrans(
    "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫،؛′’‘´″”“º˚−–",
    "01234567890123456789.,;''''\"\"\"°°--",
)
_UNSEEN: Final = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u0640]")


class WrittenPlace(msgspec.Struct, frozen=True, kw_only=True):
    """One place in a text."""

    form: str  # link, grid, degrees
    text: str  # what of the text it is
    start: int  # where in the plain text
    end: int
    place: Place | None  # None: it has the shape of one, and is none
    accuracy_m: float = FINEST_M  # half of what its last digit says


Read = Callable[[re.Match[str]], WrittenPlace]


def plain_text(text: str) -> str:
    """Return a text with ASCII digits, signs and decimal points; letters stay as they are."""
    return _UNSEEN.sub("", text[:LONGEST_TEXT]).replace("%2C", ",").replace("%2c", ",").translate(_SIGNS)


def written_places(text: str) -> tuple[list[WrittenPlace], str]:
    """Return the places that a text has, in their order, and the text with blanks in their stead.

    Args:
        text: As of `plain_text`.
    """
    found: list[WrittenPlace] = []
    rest = _links(text, found)
    rest = _grids(rest, found)
    rest = LABEL_NAMES.sub(lambda it: " " * len(it[0]), _lon_first(rest, found))
    for shape in HEMISPHERES:
        rest = _taken(rest, found, shape, _of_angles)
    rest = _taken(rest, found, MARKED, _of_angles)
    rest = _taken(rest, found, PLAIN_DECIMALS, _of_decimals)
    rest = _taken(rest, found, COMMA_DECIMALS, _of_decimals)
    return sorted(found, key=lambda it: it.start), rest


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]


def _taken(text: str, found: list[WrittenPlace], shape: re.Pattern[str], read: Read) -> str:
    for match in shape.finditer(text):
        found.append(read(match))
        text = _blank(text, match.start(), match.end())
    return text


def _links(text: str, found: list[WrittenPlace]) -> str:
    """Take links out; one that shows no place (a short one) is a place that cannot be read."""
    for link in LINK.finditer(text):
        match = next((it for shape in LINK_PLACES if (it := shape.search(link[0]))), None)
        place = None if match is None else _place(float(match["lat"]), float(match["lon"]))
        fine_m = FINEST_M if match is None else _decimal_m(match["lat"], match["lon"])
        found.append(
            WrittenPlace(
                form="link", text=link[0], start=link.start(), end=link.end(), place=place, accuracy_m=fine_m
            )
        )
        text = _blank(text, link.start(), link.end())
    return text


def _grids(text: str, found: list[WrittenPlace]) -> str:
    for match in GRID.finditer(text):
        digits = re.sub(r"\s", "", match["digits"])
        each = len(digits) // 2
        place = None
        try:
            from_mgrs(match[0])
            # The middle of the square, not its corner: half a square is the most that it can be off each way.
            east, north = (f"{half}5"[:5] for half in (digits[:each], digits[each:]))
            place = from_mgrs(f"{match['zone']}{match['square']}{east}{north}")
        except Refused:
            pass
        found.append(
            WrittenPlace(
                form="grid", text=match[0], start=match.start(), end=match.end(), place=place,
                accuracy_m=max(FINEST_M, 10.0 ** (5 - each) / 2),
            )
        )  # fmt: skip
        text = _blank(text, match.start(), match.end())
    return text


def _lon_first(text: str, found: list[WrittenPlace]) -> str:
    return _taken(text, found, LON_FIRST, _of_decimals)


def _of_decimals(match: re.Match[str]) -> WrittenPlace:
    lat, lon = (match[name].replace(",", ".") for name in ("lat", "lon"))
    return _written(match, _place(float(lat), float(lon)), _decimal_m(lat, lon))


def _of_angles(match: re.Match[str]) -> WrittenPlace:
    lat, lat_m = _angle(match, "lat")
    lon, lon_m = _angle(match, "lon")
    place = None if lat is None or lon is None else _place(lat, lon)
    return _written(match, place, max(lat_m, lon_m, FINEST_M))


def _written(match: re.Match[str], place: Place | None, accuracy_m: float) -> WrittenPlace:
    return WrittenPlace(
        form="degrees", text=match[0].strip(), start=match.start(), end=match.end(), place=place,
        accuracy_m=accuracy_m,
    )  # fmt: skip


def _angle(match: re.Match[str], name: str) -> tuple[float | None, float]:
    """Return an angle in degrees, None when there is none such, and metres that its last digit leaves open."""
    groups = match.groupdict()
    whole, minutes, seconds = (groups.get(f"{name}_{part}") for part in ("d", "m", "s"))
    assert whole is not None
    hemisphere = groups.get(f"{name}_h") or ""
    sign = -1.0 if hemisphere and SOUTH_OR_WEST.match(hemisphere) else 1.0
    if whole.startswith("-"):
        sign, whole = -sign, whole[1:]
    whole = whole.removeprefix("+")
    if minutes is None and len(whole.partition(".")[0]) > 3:  # ddmm.mmmm, as receivers write it
        cut = len(whole.partition(".")[0]) - 2
        whole, minutes = whole[:cut], whole[cut:]
    said = [it for it in (whole, minutes, seconds) if it is not None]
    if any("." in it for it in said[:-1]) or any(float(it) >= 60.0 for it in said[1:]):
        return None, FINEST_M  # a fraction before the last part, or sixty minutes
    step_deg = 10.0 ** -len(said[-1].partition(".")[2]) / 60.0 ** (len(said) - 1)
    value = sum(float(part) / 60.0**index for index, part in enumerate(said))
    return sign * value, step_deg / 2 * M_PER_DEG


def _decimal_m(*numbers: str) -> float:
    coarsest = min(len(it.partition(".")[2]) for it in numbers)
    return max(FINEST_M, 0.5 * 10.0**-coarsest * M_PER_DEG)


def _place(lat_deg: float, lon_deg: float) -> Place | None:
    if abs(lat_deg) > 90.0 or abs(lon_deg) > 180.0 or (lat_deg == 0.0 and lon_deg == 0.0):
        return None
    return Place(lat_deg=lat_deg, lon_deg=lon_deg)
