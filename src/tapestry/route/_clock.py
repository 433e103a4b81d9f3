"""How long a way takes, by the hour of day in which each part of it is driven."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from tapestry.geo import kernel
from tapestry.route._net import RoadNet
from tapestry.route._option import HOURS, RouteSettings

Column = npt.NDArray[np.float64]


def edge_speeds(net: RoadNet, settings: RouteSettings) -> Column:
    """Return the free speed of each edge in metres per second: what the road says, or what is assumed."""
    known = np.isfinite(net.edge_speed_mps)
    return np.where(known, np.minimum(net.edge_speed_mps, settings.top_speed_mps), settings.assumed_speed_mps)


@kernel
def _drive(length_m: Any, speed_mps: Any, hour_share: Any, start_s: float, out: Any) -> None:
    """Fill `out` with the seconds since departure at the end of each part; start in seconds of local day."""
    now = start_s
    for part in range(len(length_m)):
        left = length_m[part]
        while left > 0.0:
            hour = int(now // 3600.0)
            speed = speed_mps[part] * hour_share[hour % 24]
            until = (hour + 1) * 3600.0 - now
            if speed * until >= left:
                now += left / speed
                left = 0.0
            else:
                left -= speed * until
                now = (hour + 1) * 3600.0
        out[part] = now - start_s


def elapsed_s(
    length_m: Column, speed_mps: Column, settings: RouteSettings, depart_at: datetime | float
) -> Column:
    """Return the seconds since departure at the end of each part of a way.

    Args:
        length_m: By part, as `speed_mps`.
        speed_mps: Free speed, above 0.
        settings: Share of it by hour.
        depart_at: UTC, or a local hour of day.
    """
    if isinstance(depart_at, datetime):
        local = depart_at + timedelta(hours=settings.utc_offset_h)
        start_s = local.hour * 3600.0 + local.minute * 60.0 + local.second
    else:
        start_s = depart_at * 3600.0
    out = np.empty(len(length_m))
    _drive(length_m, speed_mps, np.array(settings.hour_share, np.float64), start_s, out)
    return out


def by_hour_s(length_m: Column, speed_mps: Column, settings: RouteSettings) -> tuple[float, ...]:
    """Return the duration of a way for each local hour of departure."""
    return tuple(float(elapsed_s(length_m, speed_mps, settings, float(it))[-1]) for it in range(HOURS))
