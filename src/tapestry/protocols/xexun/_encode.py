"""What a Xexun device sends (the text form), and what a server answers to a message."""

from datetime import UTC, datetime
from typing import Final

from tapestry.model import DistressKind, Flag, Refused
from tapestry.protocols.xexun._frame import MARK, Message, escaped
from tapestry.wire import KNOT_MPS, DistressCall, Fix, arc_text, xor8

# length 1, checksum of it, and 1 for "received" by a server that does not ask for messages 0020
_RECEIVED: Final = bytes.fromhex("0001 FFFE 01")


def encode_login(identity: str) -> bytes:
    """Return nothing: every record says who sends it."""
    del identity
    return b""


def encode_fix(fix: Fix, identity: str) -> bytes:
    """Return a full record: milliseconds, 1/100,000 arc minute, 1/100 of knots, degrees and metres.

    Accuracy and whether it was stored do not fit into this protocol; satellites and battery are left empty.
    """
    return _record("", fix, identity)


def encode_distress(call: DistressCall, identity: str) -> bytes:
    """Return a record with the words "help me!"; a call without a place says V at 0,0.

    Raises:
        Refused: The kind is not SOS.
    """
    if call.kind is not DistressKind.SOS:
        raise Refused(f"Xexun cannot say distress {call.kind!s}; it has sos")
    known = call.lat_deg is not None and call.lon_deg is not None
    flags = 0 if known else int(Flag.NO_FIX)
    fix = Fix(call.raised_at_us, call.lat_deg or 0.0, call.lon_deg or 0.0, flags=flags)
    return _record("help me!", fix, identity)


def encode_answer(message: Message) -> bytes:
    """Return what confirms a message: its number, serial number and IMEI, and 1."""
    return (
        MARK + escaped(message.number.to_bytes(2, "big") + message.serial + message.imei + _RECEIVED) + MARK
    )


def _record(word: str, fix: Fix, identity: str) -> bytes:
    moment = datetime.fromtimestamp(fix.fixed_at_us // 1_000_000, tz=UTC)
    milliseconds = fix.fixed_at_us // 1000 % 1000
    mark = "V" if fix.flags & Flag.NO_FIX else "A"
    north, east = "N" if fix.lat_deg >= 0 else "S", "E" if fix.lon_deg >= 0 else "W"
    course_deg = round(fix.heading_deg or 0.0, 2) % 360
    lat, lon = arc_text(fix.lat_deg, 2), arc_text(fix.lon_deg, 3)
    sentence = (
        f"GPRMC,{moment:%H%M%S}.{milliseconds:03d},{mark},{lat},{north},{lon},{east},"
        f"{(fix.speed_mps or 0.0) / KNOT_MPS:.2f},{course_deg:.2f},{moment:%d%m%y},,,A"
    )
    alt = "" if fix.alt_m is None else f"{fix.alt_m:.2f}"
    signal = "L" if fix.flags & Flag.NO_FIX else "F"
    return (
        f"{moment:%y%m%d%H%M%S},,{sentence}*{xor8(sentence.encode()):02X},{signal},{word},{identity},,{alt},F:,\r\n"
    ).encode()
