"""Grid references (MGRS) both ways."""

import math
import re
from typing import Final

import mgrs

from tapestry.geo._place import Place
from tapestry.model import Refused

SHAPE: Final = re.compile(r"(?:\d{1,2}[C-HJ-NP-X]|[ABYZ])[A-HJ-NP-Z]{2}(\d*)")
MOST_DIGITS: Final = 5
"""Digits each way: 5 name a square of 1 m, 4 of 10 m, 0 one of 100 km."""
LONGEST_TEXT: Final = 40
"""A full reference has 15 characters and up to four blanks; what is longer is not repeated in a message."""

_CONVERTER: Final = mgrs.MGRS()


def to_mgrs(*, lat_deg: float, lon_deg: float, digits: int = MOST_DIGITS) -> str:
    """Return the grid square that holds a point, e.g. "38SMB4414084706".

    Args:
        lat_deg: -90 to 90. lon_deg: -180 to 180.
        digits: 0 to 5 each way; the reference is cut, not rounded, as the grid's definition asks.

    Returns:
        The reference without blanks; near the poles the UPS form, e.g. "ZAB0000044542".

    Raises:
        Refused: A coordinate is out of range or not finite, or `digits` is not 0 to 5.

    Source: NGA.STND.0037 (universal grids); conversion by the `mgrs` library (GeoTrans).
    """
    if not (
        math.isfinite(lat_deg) and math.isfinite(lon_deg) and abs(lat_deg) <= 90.0 and abs(lon_deg) <= 180.0
    ):
        raise Refused(
            f"grid reference of lat_deg={lat_deg!r}, lon_deg={lon_deg!r}: expected -90 to 90 and "
            "-180 to 180; check that the two are not swapped"
        )
    if not 0 <= digits <= MOST_DIGITS:
        raise Refused(f"grid reference with {digits} digits: expected 0 (100 km square) to 5 (1 m square)")
    return str(_CONVERTER.toMGRS(lat_deg, lon_deg, MGRSPrecision=digits))


def from_mgrs(text: str) -> Place:
    """Return the south-west corner of a grid square.

    Args:
        text: The reference; small letters and blanks between its parts are allowed.

    Returns:
        The corner; `to_mgrs` of it gives the same reference back, except along the edge of a zone, where it
        gives the neighbour's.

    Raises:
        Refused: The text is no grid reference, or names a square that does not exist.
    """
    compact = "".join(text.split()).upper()
    shape = SHAPE.fullmatch(compact) if compact.isascii() else None
    if shape is None:
        raise Refused(
            f'grid reference "{text[:LONGEST_TEXT]}": expected zone, band, two letters and digits, '
            "such as 38SMB4414084706"
        )
    digits = len(shape[1])
    if digits % 2 or digits > 2 * MOST_DIGITS:
        raise Refused(
            f'grid reference "{text[:LONGEST_TEXT]}" has {digits} digits after its letters: expected an even '
            "number up to 10, half for east and half for north"
        )
    try:
        lat_deg, lon_deg = _CONVERTER.toLatLon(compact)
    except mgrs.core.MGRSError as err:
        raise Refused(
            f'grid reference "{compact}" names no square on Earth: zones run 1 to 60; '
            "check that the letters fit the zone"
        ) from err
    return Place(lat_deg=lat_deg, lon_deg=lon_deg)
