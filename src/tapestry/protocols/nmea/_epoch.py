"""Puts RMC and GGA of the same second together into one Fix.

RMC has the date, the speed and the course; GGA has the altitude and the dilution of precision. Some
receivers send GGA first, some RMC first, some only one of them. Nothing may wait for long, so:

    GGA       waits for the next RMC or GGA: same second, one fix; otherwise it stands alone
    RMC       is a fix at once; but once a GGA of the same second came after an RMC, this connection's
              RMC wait in the same way, until one of them waits in vain

A GGA alone takes its date from the last RMC, the nearest day: 12 hours back or ahead of it.
"""

from typing import Final

from tapestry.protocols.nmea._sentence import Gga, Rmc
from tapestry.wire import HDOP_ACCURACY_M, Fix, position_flags

DAY_US: Final = 86_400_000_000


class Merger:
    """The memory of one connection: the sentence that waits, and the last RMC.

    Among the fixes it returns, a Gga is one that could not be dated: no RMC came so far.
    """

    def __init__(self, *, gga_follows: bool) -> None:
        self._waiting: Rmc | Gga | None = None
        self._last_rmc: Rmc | None = None
        self._gga_follows = gga_follows  # a GGA of the same second is expected after an RMC

    def take_rmc(self, rmc: Rmc) -> list[Fix | Gga]:
        """Return what an RMC completes: the fix that waited, its own, both or none."""
        waiting, self._waiting = self._waiting, None
        if isinstance(waiting, Gga) and waiting.time_us == rmc.time_us:
            self._last_rmc = rmc
            return [_fix(rmc, waiting)]
        if isinstance(waiting, Rmc):
            self._gga_follows = False
        self._last_rmc = rmc
        fixes = self._alone(waiting)
        if self._gga_follows:
            self._waiting = rmc
            return fixes
        return [*fixes, _fix(rmc, None)]

    def take_gga(self, gga: Gga) -> list[Fix | Gga]:
        """Return what a GGA completes: the fix that waited, alone or with it, or nothing."""
        waiting, self._waiting = self._waiting, None
        if isinstance(waiting, Rmc) and waiting.time_us == gga.time_us:
            return [_fix(waiting, gga)]
        if waiting is None and self._last_rmc is not None and self._last_rmc.time_us == gga.time_us:
            self._gga_follows = True  # its RMC is a fix already; from the next one on they wait
            return []
        self._waiting = gga
        return self._alone(waiting)

    def end(self) -> list[Fix | Gga]:
        """Return the fix that waited, if any."""
        waiting, self._waiting = self._waiting, None
        return self._alone(waiting)

    def _alone(self, waiting: Rmc | Gga | None) -> list[Fix | Gga]:
        if waiting is None:
            return []
        if isinstance(waiting, Rmc):
            return [_fix(waiting, None)]
        if self._last_rmc is None:
            return [waiting]
        day_us = self._last_rmc.midnight_us
        ahead_us = waiting.time_us - self._last_rmc.time_us
        if ahead_us > DAY_US // 2:
            day_us -= DAY_US
        elif ahead_us < -DAY_US // 2:
            day_us += DAY_US
        rmc = Rmc(
            time_us=waiting.time_us,
            midnight_us=day_us,
            valid=waiting.valid,
            lat_deg=waiting.lat_deg,
            lon_deg=waiting.lon_deg,
            speed_mps=None,
            heading_deg=None,
        )
        return [_fix(rmc, waiting)]


def _fix(rmc: Rmc, gga: Gga | None) -> Fix:
    fixed_at_us = rmc.midnight_us + rmc.time_us
    valid = rmc.valid and (gga is None or gga.valid)
    return Fix(
        fixed_at_us,
        rmc.lat_deg,
        rmc.lon_deg,
        rmc.speed_mps,
        rmc.heading_deg,
        gga.alt_m if gga else None,
        gga.hdop * HDOP_ACCURACY_M if gga and gga.hdop is not None and gga.hdop >= 0 else None,
        position_flags(lat_deg=rmc.lat_deg, lon_deg=rmc.lon_deg, valid=valid),
    )
