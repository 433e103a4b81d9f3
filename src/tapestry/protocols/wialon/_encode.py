"""What a tracker says in Wialon IPS 2.0."""

from datetime import UTC, datetime

from tapestry.model import DistressKind, Flag, Refused
from tapestry.wire import HDOP_ACCURACY_M, KMH_MPS, DistressCall, Fix, crc16_arc


def encode_login(identity: str) -> bytes:
    """Return the login packet of version 2.0."""
    return _packet("L", f"2.0;{identity.partition(':')[2]};NA;")


def encode_fix(fix: Fix, identity: str) -> bytes:
    """Return a full data packet."""
    del identity
    return _packet("D", _body(fix, ""))


def encode_distress(call: DistressCall, identity: str) -> bytes:
    """Return a full data packet whose parameter SOS is 1.

    Raises:
        Refused: The kind is not SOS: the protocol has no other.
    """
    del identity
    if call.kind is not DistressKind.SOS:
        raise Refused(f"Wialon IPS cannot say distress {call.kind!s}; it has sos")
    if call.lat_deg is None or call.lon_deg is None:
        body = f"{_instant(call.raised_at_us)};NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;;NA;SOS:1:1;"
        return _packet("D", body)
    return _packet("D", _body(Fix(call.raised_at_us, call.lat_deg, call.lon_deg), "SOS:1:1"))


def _packet(kind: str, body: str) -> bytes:
    return f"#{kind}#{body}{crc16_arc(body.encode()):04X}\r\n".encode()


def _body(fix: Fix, parameters: str) -> str:
    lat = _angle(fix.lat_deg, 2, "N" if fix.lat_deg >= 0 else "S")
    lon = _angle(fix.lon_deg, 3, "E" if fix.lon_deg >= 0 else "W")
    speed = "NA" if fix.speed_mps is None else f"{fix.speed_mps / KMH_MPS:.3f}"
    course = "NA" if fix.heading_deg is None else f"{fix.heading_deg:.3f}"
    alt = "NA" if fix.alt_m is None else f"{fix.alt_m:.3f}"
    satellites = 0 if fix.flags & Flag.NO_FIX else 9
    hdop = "NA" if fix.accuracy_m is None else f"{fix.accuracy_m / HDOP_ACCURACY_M:.3f}"
    return (
        f"{_instant(fix.fixed_at_us)};{lat};{lon};{speed};{course};{alt};{satellites};{hdop};"
        f"NA;NA;;NA;{parameters or 'NA'};"
    )


def _instant(at_us: int) -> str:
    moment = datetime.fromtimestamp(at_us // 1_000_000, UTC)
    return f"{moment:%d%m%y;%H%M%S}.{at_us % 1_000_000:06d}"


def _angle(angle_deg: float, width: int, side: str) -> str:
    units = round(abs(angle_deg) * 60 * 1_000_000)
    whole, rest = divmod(units, 60 * 1_000_000)
    return f"{whole:0{width}d}{rest // 1_000_000:02d}.{rest % 1_000_000:06d};{side}"
