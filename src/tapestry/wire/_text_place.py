"""A position inside a message of free bytes: decimal degrees or an RMC sentence, as devices send them by satellite."""

import re
from typing import Final

from tapestry.wire._fields import arc_deg, clock_us, date_us

_DECIMAL: Final = re.compile(
    rb"(?<![0-9.])([+-]?[0-9]{1,2}\.[0-9]{3,10})\s*[,; ]\s*([+-]?[0-9]{1,3}\.[0-9]{3,10})(?![0-9.])"
)
_RMC: Final = re.compile(
    rb"\$[A-Z]{2}RMC,([0-9.]{6,12}),A,([0-9.]{3,14}),([NS]),([0-9.]{3,14}),([EW]),[^,]*,[^,]*,([0-9]{6})"
)


def place_in(payload: bytes) -> tuple[float, float, int | None] | None:
    """Return latitude and longitude in degrees and the instant (µs since 1970) that a message gives.

    The instant is None where only degrees are given; the whole is None where there is no position.

    Raises:
        DeviceFault: An RMC sentence with a place or a time that cannot be.
    """
    found = _RMC.search(payload)
    if found is not None:
        clock, lat, north, lon, east, date = (one.decode() for one in found.groups())
        return (
            arc_deg("latitude", lat, north, "NS"),
            arc_deg("longitude", lon, east, "EW"),
            date_us(date) + clock_us(clock),
        )
    found = _DECIMAL.search(payload)
    return None if found is None else (float(found[1]), float(found[2]), None)
