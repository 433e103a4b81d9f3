"""What a receiver sends: GGA and RMC of one second, and the two sentences of ours."""

from datetime import UTC, datetime

from tapestry.model import Flag
from tapestry.wire import HDOP_ACCURACY_M, KNOT_MPS, DistressCall, Fix, xor8


def sentence(body: str) -> bytes:
    """Return a sentence with "$", checksum and line end.

    Args:
        body: ASCII, from the address to the last field.
    """
    data = body.encode("ascii")
    return b"$%s*%02X\r\n" % (data, xor8(data))


def encode_login(identity: str) -> bytes:
    """Return the sentence $PTAP,ID of identity "nmea:<value>"."""
    return sentence(f"PTAP,ID,{identity.removeprefix('nmea:')}")


def encode_fix(fix: Fix, identity: str) -> bytes:
    """Return GGA and RMC: milliseconds, 1e-6 minutes, 0.001 knots, 0.1 degrees, 0.1 m, HDOP 0.01.

    `identity` went with the login.
    """
    del identity
    at = datetime.fromtimestamp(fix.fixed_at_us // 1000 / 1000, tz=UTC)
    clock = f"{at:%H%M%S}.{at.microsecond // 1000:03d}"
    lat, lon = _angle(fix.lat_deg, 2, "NS"), _angle(fix.lon_deg, 3, "EW")
    valid = not fix.flags & Flag.NO_FIX
    hdop = "" if fix.accuracy_m is None else f"{fix.accuracy_m / HDOP_ACCURACY_M:.2f}"
    alt = "" if fix.alt_m is None else f"{fix.alt_m:.1f}"
    speed = "" if fix.speed_mps is None else f"{fix.speed_mps / KNOT_MPS:.3f}"
    course = "" if fix.heading_deg is None else f"{fix.heading_deg:.1f}"
    gga = f"GPGGA,{clock},{lat},{lon},{int(valid)},09,{hdop},{alt},M,,M,,"
    rmc = f"GPRMC,{clock},{'A' if valid else 'V'},{lat},{lon},{speed},{course},{at:%d%m%y},,"
    return sentence(gga) + sentence(rmc)


def encode_distress(call: DistressCall, identity: str) -> bytes:
    """Return the sentence $PTAP,SOS; an unknown place stays empty. `identity` went with the login."""
    del identity
    lat = "" if call.lat_deg is None else f"{call.lat_deg:.7f}"
    lon = "" if call.lon_deg is None else f"{call.lon_deg:.7f}"
    return sentence(f"PTAP,SOS,{call.kind},{call.raised_at_us // 1000},{lat},{lon}")


def _angle(value_deg: float, degree_digits: int, sides: str) -> str:
    # in millionths of a minute, so that rounding can never write 60 minutes
    millionths = round(abs(value_deg) * 60_000_000)
    degrees, millionths = divmod(millionths, 60_000_000)
    side = sides[0] if value_deg >= 0 else sides[1]
    minutes = f"{millionths // 1_000_000:02d}.{millionths % 1_000_000:06d}"
    return f"{degrees:0{degree_digits}d}{minutes},{side}"
