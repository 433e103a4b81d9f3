"""What a Ruptela device sends, and what a server answers."""

import struct

from tapestry.model import Flag, Refused
from tapestry.wire import HDOP_ACCURACY_M, KMH_MPS, DistressCall, Fix, crc16_kermit

_RECORDS = 1
_RECORDS_ANSWER = 100
_ANSWERS = 100  # the answer to any other command has its number and 100


def encode_packet(identity: str, command: int, content: bytes) -> bytes:
    """Return a packet of identity "imei:<15 digits>"."""
    body = int(identity.partition(":")[2]).to_bytes(8, "big") + bytes([command]) + content
    return _framed(body)


def encode_answer(command: int, verdict: int | None) -> bytes:
    """Return the answer to a command: 1 taken, 0 send again, None for one that has no verdict."""
    number = _RECORDS_ANSWER if command == _RECORDS else command + _ANSWERS
    return _framed(bytes([number]) + (b"" if verdict is None else bytes([verdict])))


def encode_login(identity: str) -> bytes:
    """Return a heartbeat: it names the device, and the protocol has no login."""
    return encode_packet(identity, 16, b"")


def encode_fix(fix: Fix, identity: str) -> bytes:
    """Return a packet of one record: whole seconds, 1e-7 degree, whole km/h, 0.01 degree, 0.1 m."""
    place = struct.pack(
        ">IBBiihHBHBB",
        fix.fixed_at_us // 1_000_000,
        0,
        0,
        round(fix.lon_deg * 1e7),
        round(fix.lat_deg * 1e7),
        max(-32_768, min(round((fix.alt_m or 0.0) * 10), 32_767)),
        round((fix.heading_deg or 0.0) * 100) % 36_000,
        0 if fix.flags & Flag.NO_FIX else 9,
        min(round((fix.speed_mps or 0.0) / KMH_MPS), 0xFFFE),
        _hdop(fix.accuracy_m),
        0,
    )
    return encode_packet(identity, 1, b"\x00\x01" + place + bytes(4))


def encode_distress(call: DistressCall, identity: str) -> bytes:
    """Refuse: an input of the device may mean anything, and no parameter of the protocol means SOS.

    Raises:
        Refused: Always.
    """
    del identity
    raise Refused(f"Ruptela cannot say distress {call.kind!s}; it has none")


def _hdop(accuracy_m: float | None) -> int:
    """Return tenths of the dilution; 0, which says nothing, for what the byte cannot hold."""
    tenths = 0 if accuracy_m is None else max(round(accuracy_m / HDOP_ACCURACY_M * 10), 1)
    return tenths if tenths < 0xFF else 0


def _framed(body: bytes) -> bytes:
    return len(body).to_bytes(2, "big") + body + crc16_kermit(body).to_bytes(2, "big")
