"""What a Queclink device says."""

from datetime import UTC, datetime
from typing import Final

from tapestry.model import DistressKind, Flag, Refused
from tapestry.wire import HDOP_ACCURACY_M, KMH_MPS, DistressCall, Fix

_VERSION: Final = "060228"
_CELL: Final = "0418,0005,18D8,6141"
_NAMES: Final = {DistressKind.SOS: "GTSOS", DistressKind.TAMPER: "GTMPF"}


def encode_login(identity: str) -> bytes:
    """Return a heartbeat: it names the device, and the protocol has no login."""
    return f"+ACK:GTHBD,{_VERSION},{_id(identity)},,20251009085320,0001$".encode()


def encode_fix(fix: Fix, identity: str) -> bytes:
    """Return a fixed report of one position: whole seconds and degrees, 0.1 km/h, 0.1 m, 1e-6 degree."""
    source = "BUFF" if fix.flags & Flag.BUFFERED else "RESP"
    sent = _clock(fix.fixed_at_us)
    text = f"+{source}:GTFRI,{_VERSION},{_id(identity)},,0,0,1,{_block(fix)},{_CELL},00,0.0,{sent},0002$"
    return text.encode()


def encode_distress(call: DistressCall, identity: str) -> bytes:
    """Return an SOS or a report of failed main power; a call without a place leaves its position empty.

    Raises:
        Refused: The kind is neither SOS nor TAMPER: @Track has no other.
    """
    name = _NAMES.get(call.kind)
    if name is None:
        raise Refused(f"Queclink cannot say distress {call.kind!s}; it has sos and tamper")
    if call.lat_deg is None or call.lon_deg is None:
        block = "0,,,,,,"
    else:
        block = _block(Fix(call.raised_at_us, call.lat_deg, call.lon_deg))
    sent = _clock(call.raised_at_us)
    return f"+RESP:{name},{_VERSION},{_id(identity)},,0,0,1,{block},{_CELL},00,0.0,{sent},0003$".encode()


def _id(identity: str) -> str:
    return identity.partition(":")[2]


def _clock(at_us: int) -> str:
    return f"{datetime.fromtimestamp(at_us // 1_000_000, UTC):%Y%m%d%H%M%S}"


def _block(fix: Fix) -> str:
    tenths = 0 if fix.accuracy_m is None else max(round(fix.accuracy_m / HDOP_ACCURACY_M * 10), 1)
    hdop = f"{tenths / 10:.1f}" if 0 < tenths < 1000 else ""  # two digits before the point, else nothing
    accuracy = "0" if fix.flags & Flag.NO_FIX else hdop
    speed = "" if fix.speed_mps is None else f"{fix.speed_mps / KMH_MPS:.1f}"
    azimuth = "" if fix.heading_deg is None else str(round(fix.heading_deg) % 360)
    altitude = "" if fix.alt_m is None else f"{fix.alt_m:.1f}"
    return f"{accuracy},{speed},{azimuth},{altitude},{fix.lon_deg:.6f},{fix.lat_deg:.6f},{_clock(fix.fixed_at_us)}"
