"""Messages of JT/T 808: marks, escapes, checksum, head.

    7e  id(2) properties(2) [version(1)] terminal(6 or 10) serial(2) [parts(2) part(2)]  body  xor(1)  7e

Between the marks 7e is written 7d 02 and 7d is written 7d 01, so a mark is always a mark and a damaged message
never hides the next one.

Source: JT/T 808-2013 and JT/T 808-2019, chapter 4 (message structure), table 2 (head).
"""

import re
from typing import Final

import msgspec

from tapestry.model import DeviceFault
from tapestry.wire import xor8

MARK: Final = b"\x7e"
OTHER_MARK: Final = 0xE7  # some makers: e7 for 7e, e6 01 for e6, e6 02 for e7
# A body has at most 1,023 bytes; each byte may be escaped. Generous, for makers who take more.
MAX_MESSAGE_SIZE_BYTES: Final = 4096

IN_PARTS: Final = 0x2000  # bits of the properties
EDITION_2019: Final = 0x4000
_ENCRYPTED: Final = 0x1C00
_ESCAPE: Final = re.compile(rb"\x7d(.)", re.DOTALL)
_OTHER_ESCAPE: Final = re.compile(rb"[\xe6\x3e](.)", re.DOTALL)
_OTHER_MEANS: Final = {
    b"\xe6\x01": b"\xe6",
    b"\xe6\x02": b"\xe7",
    b"\x3e\x01": b"\x3e",
    b"\x3e\x02": b"\x3d",
}


class Message(msgspec.Struct, frozen=True, gc=False):
    """One message whose checksum is right."""

    number: int  # message id
    edition_2019: bool
    version: int  # of edition 2019; 0 in the other
    terminal: bytes  # as in the head: packed decimal digits, or an IMEI in binary
    serial: int
    parts: int  # 1: it is whole
    part: int  # from 1
    body: bytes


def message_of(piece: bytes, *, other_mark: bool) -> Message:
    """Return what stands between two marks.

    Args:
        piece: As received, escapes included.
        other_mark: The connection's marks are e7.

    Raises:
        DeviceFault: An escape that does not exist, a wrong checksum, too short for its head, or encrypted.
    """
    data = _unescaped_other(piece) if other_mark else _unescaped(piece)
    if len(data) < 13:
        raise DeviceFault(f"message of {len(data)} bytes, expected 13 or more")
    expected = xor8(data[:-1])
    if data[-1] != expected:
        raise DeviceFault(f"checksum 0x{data[-1]:02x}, expected 0x{expected:02x} over {len(data) - 1} bytes")
    number, properties = int.from_bytes(data[:2], "big"), int.from_bytes(data[2:4], "big")
    if properties & _ENCRYPTED:
        raise DeviceFault(
            f"message 0x{number:04x} is encrypted, expected plain; switch encryption off in the terminal"
        )
    newer = bool(properties & EDITION_2019)
    at = 5 if newer else 4
    terminal = data[at : at + (10 if newer else 6)]
    at += len(terminal)
    parted = bool(properties & IN_PARTS)
    head_size_bytes = at + (6 if parted else 2)
    if len(data) < head_size_bytes + 1:
        raise DeviceFault(
            f"message 0x{number:04x} of {len(data)} bytes ends inside its head of {head_size_bytes}"
        )
    return Message(
        number,
        newer,
        data[4] if newer else 0,
        terminal,
        int.from_bytes(data[at : at + 2], "big"),
        int.from_bytes(data[at + 2 : at + 4], "big") if parted else 1,
        int.from_bytes(data[at + 4 : at + 6], "big") if parted else 1,
        data[head_size_bytes:-1],
    )


def _unescaped(piece: bytes) -> bytes:
    if b"\x7d" not in piece:
        return piece
    if piece.endswith(b"\x7d") and not piece.endswith(b"\x7d\x01"):
        raise DeviceFault("message ends with 7d, expected 01 or 02 after it")
    return _ESCAPE.sub(_plain_byte, piece)


def _plain_byte(found: "re.Match[bytes]") -> bytes:
    if found[1] == b"\x01":
        return b"\x7d"
    if found[1] == b"\x02":
        return b"\x7e"
    raise DeviceFault(f"7d {found[1].hex()} in a message, expected 7d 01 or 7d 02")


def _unescaped_other(piece: bytes) -> bytes:
    return _OTHER_ESCAPE.sub(lambda found: _OTHER_MEANS.get(found[0], found[0]), piece)


def escaped(data: bytes) -> bytes:
    """Return a message between its marks."""
    return MARK + data.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02") + MARK


def identity_of(terminal: bytes) -> str:
    """Return the identity of a terminal: packed decimal digits, or 14 digits of an IMEI as a binary number."""
    text = terminal.hex()
    if text.isdecimal():
        plain = text.lstrip("0") or "0"
        return f"imei:{plain}" if len(plain) == 15 else f"jt808:{plain}"
    if len(terminal) == 6:
        number = int.from_bytes(terminal, "big")
        if number < 10**14:
            return f"imei:{number:014d}{_luhn(f'{number:014d}')}"
    return f"jt808:{text}"


def _luhn(number: str) -> int:
    """Return the check digit of 14 digits of an IMEI (3GPP TS 23.003, annex B)."""
    total = 0
    for index, digit in enumerate(map(int, number)):
        doubled = digit * 2 if index % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return -total % 10
