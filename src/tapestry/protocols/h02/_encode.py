"""What an H02 device sends, and what a server answers."""

from datetime import UTC, datetime
from typing import Final

from tapestry.model import DistressKind, Flag, Refused
from tapestry.wire import KNOT_MPS, DistressCall, Fix, arc_text

_QUIET: Final = 0xFFFF_FFFF
_SOS: Final = 0xFFFF_FFFD  # bit 1 of the status, in negative logic


def encode_login(identity: str) -> bytes:
    """Return a heartbeat, which says the id of "imei:<15 digits>" first."""
    return f"*HQ,{_number(identity)},HTBT#".encode()


def encode_fix(fix: Fix, identity: str) -> bytes:
    """Return a V1 frame: whole seconds, 1/100,000 arc minute, 1/100 knot, 1/100 degree.

    Altitude, accuracy and whether it was stored do not fit into this protocol.
    """
    return _v1(fix, identity, _QUIET)


def encode_distress(call: DistressCall, identity: str) -> bytes:
    """Return a V1 frame whose status says SOS; a call without a place says V at 0,0.

    Raises:
        Refused: The kind is not SOS. A power cut is a change from one frame to the next.
    """
    if call.kind is not DistressKind.SOS:
        raise Refused(f"H02 cannot say distress {call.kind!s}; it has sos")
    known = call.lat_deg is not None and call.lon_deg is not None
    flags = 0 if known else int(Flag.NO_FIX)
    return _v1(Fix(call.raised_at_us, call.lat_deg or 0.0, call.lon_deg or 0.0, flags=flags), identity, _SOS)


def encode_answer(maker: str, number: str, command: str, now_us: int) -> bytes:
    """Return what confirms a command of a device: V4, the command and the hub's time."""
    moment = datetime.fromtimestamp(now_us // 1_000_000, tz=UTC)
    return f"*{maker},{number},V4,{command},{moment:%Y%m%d%H%M%S}#".encode("latin-1")


def _v1(fix: Fix, identity: str, status: int) -> bytes:
    moment = datetime.fromtimestamp(fix.fixed_at_us // 1_000_000, tz=UTC)
    mark = "V" if fix.flags & Flag.NO_FIX else "A"
    lat, lon = arc_text(fix.lat_deg, 2), arc_text(fix.lon_deg, 3)
    north, east = "N" if fix.lat_deg >= 0 else "S", "E" if fix.lon_deg >= 0 else "W"
    speed_kn = (fix.speed_mps or 0.0) / KNOT_MPS
    course_deg = round(fix.heading_deg or 0.0, 2) % 360
    return (
        f"*HQ,{_number(identity)},V1,{moment:%H%M%S},{mark},{lat},{north},{lon},{east},"
        f"{speed_kn:.2f},{course_deg:.2f},{moment:%d%m%y},{status:08X}#"
    ).encode()


def _number(identity: str) -> str:
    return identity.partition(":")[2]
