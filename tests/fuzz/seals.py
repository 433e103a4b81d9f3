"""Checksums made right again in damaged frames: a fuzzer does not guess them, and looks behind them all the same.

Each of these returns the bytes with the checksum of every frame that it finds; what it does not find stays.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from tapestry.wire import crc16_arc, crc16_kermit, crc16_x25, xor8

_SENTENCE: Final = re.compile(rb"([$!])([^*\r\n$!]*)\*[^\r\n]{0,2}")
_WIALON: Final = re.compile(rb"#([A-Z]{1,3})#([^\r\n]*[;|])[^;|\r\n]*")
_MEITRACK: Final = re.compile(rb"(\$\$[^*]*\*)[^\r\n]{0,2}")
_MARKED: Final = re.compile(rb"\x7e([^\x7e]+)\x7e")


def _frames_gt06(data: bytearray) -> Iterator[tuple[int, int]]:
    """Yield where the checked part of each frame begins and ends; its checksum follows."""
    at = 0
    while at < len(data) - 4:
        start = bytes(data[at : at + 2])
        if start not in (b"xx", b"yy"):
            at += 1
            continue
        head = 3 if start == b"xx" else 4
        length = data[at + 2] if head == 3 else data[at + 2] << 8 | data[at + 3]
        end = at + head + length - 2
        if length >= 5 and end + 4 <= len(data):
            yield at + 2, end
            at = end + 4
        else:
            at += 1


def _frames_teltonika(data: bytearray) -> Iterator[tuple[int, int]]:
    at = data.find(b"\0\0\0\0")
    while at >= 0:
        begin = at + 8
        end = begin + int.from_bytes(data[at + 4 : at + 8], "big")
        if begin < end and end + 4 <= len(data):
            yield begin, end
            at = data.find(b"\0\0\0\0", end + 4)
        else:
            at = data.find(b"\0\0\0\0", at + 1)


def _frames_ruptela(data: bytearray) -> Iterator[tuple[int, int]]:
    at = 0
    while at + 4 <= len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if end + 2 > len(data):
            return
        yield at + 2, end
        at = end + 2


def _seal_gt06(data: bytes) -> bytes:
    sealed = bytearray(data)
    for begin, end in _frames_gt06(sealed):
        sealed[end : end + 4] = crc16_x25(bytes(sealed[begin:end])).to_bytes(2, "big") + b"\r\n"
    return bytes(sealed)


def _seal_teltonika(data: bytes) -> bytes:
    sealed = bytearray(data)
    for begin, end in _frames_teltonika(sealed):
        sealed[end : end + 4] = crc16_arc(bytes(sealed[begin:end])).to_bytes(4, "big")
    return bytes(sealed)


def _seal_ruptela(data: bytes) -> bytes:
    sealed = bytearray(data)
    for begin, end in _frames_ruptela(sealed):
        sealed[end : end + 2] = crc16_kermit(bytes(sealed[begin:end])).to_bytes(2, "big")
    return bytes(sealed)


def _seal_jt808(data: bytes) -> bytes:
    def sealed(found: re.Match[bytes]) -> bytes:
        plain = found[1].replace(b"\x7d\x02", b"\x7e").replace(b"\x7d\x01", b"\x7d")
        body = plain[:-1] + bytes([xor8(plain[:-1])])
        return b"\x7e" + body.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02") + b"\x7e"

    return _MARKED.sub(sealed, data)


def _seal_sentences(data: bytes) -> bytes:
    return _SENTENCE.sub(lambda found: b"%s%s*%02X" % (found[1], found[2], xor8(found[2])), data)


def _seal_wialon(data: bytes) -> bytes:
    return _WIALON.sub(lambda found: b"#%s#%s%04X" % (found[1], found[2], crc16_arc(found[2])), data)


def _seal_meitrack(data: bytes) -> bytes:
    return _MEITRACK.sub(lambda found: found[1] + b"%02X" % (sum(found[1]) & 0xFF), data)


SEALS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "gt06": _seal_gt06,
    "teltonika": _seal_teltonika,
    "ruptela": _seal_ruptela,
    "jt808": _seal_jt808,
    "nmea": _seal_sentences,
    "xexun": _seal_sentences,
    "wialon": _seal_wialon,
    "meitrack": _seal_meitrack,
}


def seal(protocol: str, data: bytes) -> bytes:
    """Return the bytes with right checksums; as they are where the protocol has none."""
    return SEALS[protocol](data) if protocol in SEALS else data
