"""What a GPS103 device sends."""

from datetime import UTC, datetime
from typing import Final

from tapestry.model import DistressKind, Flag, Refused
from tapestry.wire import KNOT_MPS, DistressCall, Fix, arc_text

_WORDS: Final = {DistressKind.SOS: "help me", DistressKind.TAMPER: "ac alarm"}


def encode_login(identity: str) -> bytes:
    """Return the login of "imei:<15 digits>"."""
    return f"##,{identity},A;".encode()


def encode_fix(fix: Fix, identity: str) -> bytes:
    """Return a record: milliseconds, 1/100,000 arc minute, 1/100 of knots, degrees and metres, local time UTC.

    Accuracy and whether it was stored do not fit into this protocol.
    """
    return _record("tracker", fix, identity)


def encode_distress(call: DistressCall, identity: str) -> bytes:
    """Return a record whose word is an alarm; a call without a place says V at 0,0.

    Raises:
        Refused: The kind is neither SOS nor TAMPER (a power cut).
    """
    word = _WORDS.get(call.kind)
    if word is None:
        raise Refused(f"GPS103 cannot say distress {call.kind!s}; it has sos and tamper")
    known = call.lat_deg is not None and call.lon_deg is not None
    flags = 0 if known else int(Flag.NO_FIX)
    return _record(
        word, Fix(call.raised_at_us, call.lat_deg or 0.0, call.lon_deg or 0.0, flags=flags), identity
    )


def _record(word: str, fix: Fix, identity: str) -> bytes:
    moment = datetime.fromtimestamp(fix.fixed_at_us // 1_000_000, tz=UTC)
    milliseconds = fix.fixed_at_us // 1000 % 1000
    mark = "V" if fix.flags & Flag.NO_FIX else "A"
    north, east = "N" if fix.lat_deg >= 0 else "S", "E" if fix.lon_deg >= 0 else "W"
    speed = "" if fix.speed_mps is None else f"{fix.speed_mps / KNOT_MPS:.2f}"
    course = "" if fix.heading_deg is None else f"{round(fix.heading_deg, 2) % 360:.2f}"
    alt = "" if fix.alt_m is None else f"{fix.alt_m:.2f}"
    return (
        f"{identity},{word},{moment:%y%m%d%H%M%S},,F,{moment:%H%M%S}.{milliseconds:03d},{mark},"
        f"{arc_text(fix.lat_deg, 2)},{north},{arc_text(fix.lon_deg, 3)},{east},{speed},{course},{alt};"
    ).encode()
