"""What a Meitrack device says."""

from datetime import UTC, datetime
from typing import Final

from tapestry.model import DistressKind, Flag, Refused
from tapestry.protocols.meitrack._frame import checksum
from tapestry.protocols.meitrack._report import POWER_CUT, SOS
from tapestry.wire import HDOP_ACCURACY_M, KMH_MPS, DistressCall, Fix

_EVENTS: Final = {DistressKind.SOS: SOS, DistressKind.TAMPER: POWER_CUT}
_BY_TIME: Final = 35
_HEARTBEAT: Final = 31


def encode_login(identity: str) -> bytes:
    """Return a heartbeat: it names the device, and the protocol has no login."""
    return _frame(identity, f"{_HEARTBEAT},,,251009085320,V,0,0")


def encode_fix(fix: Fix, identity: str) -> bytes:
    """Return an AAA report: whole seconds, degrees and metres, 0.1 km/h, 1e-6 degree."""
    return _frame(identity, _report(_BY_TIME, fix))


def encode_distress(call: DistressCall, identity: str) -> bytes:
    """Return a report of input 1 (SOS) or of cut external power.

    Raises:
        Refused: The kind is neither SOS nor TAMPER: Meitrack has no other.
    """
    event = _EVENTS.get(call.kind)
    if event is None:
        raise Refused(f"Meitrack cannot say distress {call.kind!s}; it has sos and tamper")
    known = call.lat_deg is not None and call.lon_deg is not None
    flags = 0 if known else int(Flag.NO_FIX)
    return _frame(
        identity,
        _report(event, Fix(call.raised_at_us, call.lat_deg or 0.0, call.lon_deg or 0.0, flags=flags)),
    )


def _report(event: int, fix: Fix) -> str:
    clock = f"{datetime.fromtimestamp(fix.fixed_at_us // 1_000_000, UTC):%y%m%d%H%M%S}"
    mark = "V" if fix.flags & Flag.NO_FIX else "A"
    speed = "" if fix.speed_mps is None else f"{fix.speed_mps / KMH_MPS:.1f}"
    course = "" if fix.heading_deg is None else str(round(fix.heading_deg) % 360)
    hdop = "" if fix.accuracy_m is None else f"{max(fix.accuracy_m / HDOP_ACCURACY_M, 0.1):.1f}"
    alt = "" if fix.alt_m is None else str(round(fix.alt_m))
    return (
        f"{event},{fix.lat_deg:.6f},{fix.lon_deg:.6f},{clock},{mark},9,20,{speed},{course},{hdop},{alt},0,0,"
        "0|0|0|0,0000,0000|0000|0000|0000|0000"
    )


def _frame(identity: str, content: str) -> bytes:
    rest = f",{identity.partition(':')[2]},AAA,{content}*"
    body = f"$$A{len(rest) + 4}{rest}".encode()
    return body + b"%02X\r\n" % checksum(body)
