"""What a TK103 device sends: the form of fixed widths, with an id of fifteen digits."""

from datetime import UTC, datetime
from typing import Final

from tapestry.model import DistressKind, Flag, Refused
from tapestry.wire import KMH_MPS, DistressCall, Fix, arc_text

_ALARMS: Final = {DistressKind.SOS: "BO012", DistressKind.TAMPER: "BO010"}


def encode_login(identity: str) -> bytes:
    """Return the handshake of "imei:<15 digits>"."""
    number = _number(identity)
    return f"({number}BP00{number}HSO)".encode()


def encode_fix(fix: Fix, identity: str) -> bytes:
    """Return a position BR00: whole seconds, 1/10,000 arc minute, 1/10 km/h, 1/100 degree.

    Altitude, accuracy and whether it was stored do not fit into this form.
    """
    return _packet("BR00", fix, identity)


def encode_distress(call: DistressCall, identity: str) -> bytes:
    """Return an alarm BO01; a call without a place says V at 0,0.

    Raises:
        Refused: The kind is neither SOS nor TAMPER (a power cut).
    """
    head = _ALARMS.get(call.kind)
    if head is None:
        raise Refused(f"TK103 cannot say distress {call.kind!s}; it has sos and tamper")
    known = call.lat_deg is not None and call.lon_deg is not None
    flags = 0 if known else int(Flag.NO_FIX)
    return _packet(
        head, Fix(call.raised_at_us, call.lat_deg or 0.0, call.lon_deg or 0.0, flags=flags), identity
    )


def _packet(head: str, fix: Fix, identity: str) -> bytes:
    moment = datetime.fromtimestamp(fix.fixed_at_us // 1_000_000, tz=UTC)
    mark = "V" if fix.flags & Flag.NO_FIX else "A"
    north, east = "N" if fix.lat_deg >= 0 else "S", "E" if fix.lon_deg >= 0 else "W"
    speed_kmh = min((fix.speed_mps or 0.0) / KMH_MPS, 999.9)
    course_deg = round(fix.heading_deg or 0.0, 2) % 360
    lat, lon = arc_text(fix.lat_deg, 2, 4), arc_text(fix.lon_deg, 3, 4)
    return (
        f"({_number(identity)}{head}{moment:%y%m%d}{mark}{lat}{north}{lon}{east}"
        f"{speed_kmh:05.1f}{moment:%H%M%S}{course_deg:06.2f}00000000L00000000)"
    ).encode()


def _number(identity: str) -> str:
    return identity.partition(":")[2]
