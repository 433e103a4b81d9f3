"""A point on the Earth."""

import msgspec


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A point on the Earth, WGS84."""

    lat_deg: float
    lon_deg: float
