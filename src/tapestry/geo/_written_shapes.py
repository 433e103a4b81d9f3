"""The shapes that coordinates have in people's texts, as patterns; names of directions in three languages."""

import re
from typing import Final

_NORTH_SOUTH: Final = r"(?:north|south|شمالا?ً?|جنوبا?ً?|باکوور|باشوور|[NS](?![A-Za-z]))"
_EAST_WEST: Final = r"(?:east|west|شرقا?ً?|غربا?ً?|[ڕر]ۆژهە[لڵ]ات|[ڕر]ۆژئاوا|[EW](?![A-Za-z]))"
SOUTH_OR_WEST: Final = re.compile(r"s|w|جنوب|غرب|باشوور|[ڕر]ۆژئاوا", re.IGNORECASE)
_DEGREE: Final = r"\s*(?:°|deg(?:rees?)?\.?|درجة|پلە)"
_NUMBER: Final = r"[+-]?\d{1,3}\.\d{1,10}"
_AFTER: Final = r"(?![\d.])"
_BEFORE: Final = r"(?<![\d.])"


def _angle(name: str, degree: str) -> str:
    """Return the pattern of degrees, perhaps with minutes, perhaps with seconds."""
    return (
        rf"(?P<{name}_d>[+-]?\d{{1,5}}(?:\.\d{{1,10}})?){degree}"
        rf"(?:[\s:-]*(?P<{name}_m>\d{{1,2}}(?:\.\d{{1,8}})?)\s*(?:'|min\.?|دقيقة|خولەک)?"
        rf"(?:[\s:-]*(?P<{name}_s>\d{{1,2}}(?:\.\d{{1,6}})?)\s*(?:\"|''|sec\.?|ثانية|چرکە)?)?)?"
    )


def _pair(first: str, second: str) -> re.Pattern[str]:
    return re.compile(rf"{_BEFORE}{first}\s*[,;/]?\s*{second}", re.IGNORECASE)


def _hemispheres() -> tuple[re.Pattern[str], ...]:
    letters = {"lat": _NORTH_SOUTH, "lon": _EAST_WEST}
    loose = rf"(?:{_DEGREE})?"
    shapes = []
    for order in (("lat", "lon"), ("lon", "lat")):
        before = [
            rf"(?<![A-Za-z])(?P<{it}_h>{letters[it]})\s*[:.]?\s*{_angle(it, loose)}{_AFTER}" for it in order
        ]
        after = [rf"{_angle(it, loose)}\s*(?P<{it}_h>{letters[it]})" for it in order]
        # Letters behind their numbers come first: in "33.3N 44.4E" the N must not go to 44.4.
        shapes += [_pair(*after), _pair(*before)]
    return tuple(shapes)


HEMISPHERES: Final = _hemispheres()
"""Angles with the letters of their hemispheres, behind or before them, in either order."""

MARKED: Final = _pair(_angle("lat", _DEGREE), _angle("lon", _DEGREE) + _AFTER)
"""Angles with degree signs: latitude first."""

PLAIN_DECIMALS: Final = re.compile(
    rf"{_BEFORE}(?P<lat>{_NUMBER})\s*[,;/\s]\s*(?P<lon>{_NUMBER})(?!\d)(?!\.\d)"
)
COMMA_DECIMALS: Final = re.compile(
    r"(?<![\d.,])(?P<lat>[+-]?\d{1,3},\d{3,10})\s*[;/\s,]\s*(?P<lon>[+-]?\d{1,3},\d{3,10})(?![\d,.])"
)
"""Commas for decimal points: three digits or more behind each, so that a list of numbers is not one."""

LABEL_NAMES: Final = re.compile(
    r"(?:\b(?:lat|lon)(?:g|itude|gitude)?\b|\blat(?=[\d+-])|\blon(?=[\d+-])"
    r"|خط\s+(?:العرض|الطول)|هێ[لڵ]ی\s+(?:پانی|درێژی))\s*[.:=]?",
    re.IGNORECASE,
)
LON_FIRST: Final = re.compile(
    rf"\b(?:lon(?:g|gitude)?|خط\s+الطول)\s*[.:=]?\s*(?P<lon>{_NUMBER})\s*°?\s*[,;/]?\s*"
    rf"(?:lat(?:itude)?|خط\s+العرض)\s*[.:=]?\s*(?P<lat>{_NUMBER}){_AFTER}",
    re.IGNORECASE,
)

GRID: Final = re.compile(
    r"(?<![0-9A-Z])(?P<zone>(?:[1-9]|[1-5][0-9]|60)\s?[C-HJ-NP-X])\s?(?P<square>[A-HJ-NP-Z]{2})\s?"
    r"(?P<digits>\d{1,5}\s\d{1,5}|\d{2,10})(?![0-9A-Z])",
    re.IGNORECASE,
)

LINK: Final = re.compile(r"(?:https?://|geo:|www\.|maps?\.)[^\s<>\"]+", re.IGNORECASE)
_LAT: Final = r"(?P<lat>[+-]?\d{1,3}(?:\.\d{1,15})?)"
_LON: Final = r"(?P<lon>[+-]?\d{1,3}(?:\.\d{1,15})?)"
_BETWEEN: Final = r"(?:,\+?|\+|%20)"
LINK_PLACES: Final = tuple(
    re.compile(shape, re.IGNORECASE)
    for shape in (
        rf"!3d{_LAT}!4d{_LON}",
        rf"[?&](?:q|query|ll|daddr|destination|loc|marker|point)=(?:loc:)?{_LAT}{_BETWEEN}{_LON}",
        rf"[?&]m?lat(?:itude)?={_LAT}&(?:m?lon|lng)(?:g|gitude)?={_LON}",
        rf"^geo:(?!0,0\?){_LAT},{_LON}",
        rf"/(?:place|search|dir)/{_LAT}{_BETWEEN}{_LON}",
        rf"#map=\d{{1,2}}(?:\.\d+)?/{_LAT}/{_LON}",
        rf"[?&](?:center|sll)={_LAT}{_BETWEEN}{_LON}",
        rf"@{_LAT},{_LON}",
    )
)
"""The pin comes before the middle of what the sender's screen showed."""
