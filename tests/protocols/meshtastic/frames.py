"""Messages of a mesh, built field by field from the published numbers, without the product's own tables."""

import json
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from tests.protocols.session import Session, us

from tapestry.wire import Transport

SENDER, PACKET = 0x12345678, 0x9ABCDEF0
KEY = bytes.fromhex("d4f1bb3a20290759f0bcffabcf4e6901")  # "AQ==" as the maker writes it out


def bytes_field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2, len(content)]) + content


def fixed(number: int, value: int) -> bytes:
    return bytes([number << 3 | 5]) + struct.pack("<I", value & 0xFFFFFFFF)


def position(lat: int = 333_152_000, lon: int = 443_661_000, time: int = 1_760_000_000) -> bytes:
    # latitude, longitude, altitude 34, time; ground_speed(15) 10, ground_track(16) 9250, sats_in_view(19) 9
    rest = bytes([15 << 3, 10]) + b"\x80\x01\xa2\x48" + b"\x98\x01\x09"
    return fixed(1, lat) + fixed(2, lon) + bytes([3 << 3, 34]) + fixed(4, time) + rest


def data(port: int, payload: bytes) -> bytes:
    return bytes([1 << 3, port]) + bytes_field(2, payload)


def envelope(inner: bytes, *, sealed: bool = False, key: bytes = KEY) -> bytes:
    if sealed:
        nonce = struct.pack("<QII", PACKET, SENDER, 0)
        inner = Cipher(algorithms.AES(key), modes.CTR(nonce)).encryptor().update(inner)
    packet = fixed(1, SENDER) + bytes_field(5 if sealed else 4, inner) + fixed(6, PACKET)
    return bytes_field(1, packet) + bytes_field(2, b"LongFast") + bytes_field(3, b"!00000001")


PLAIN = envelope(data(3, position()))
SEALED = envelope(data(3, position()), sealed=True)
TEXT = envelope(data(1, "وصلنا".encode()))
JSON = json.dumps(
    {"from": SENDER, "type": "position", "timestamp": 1_760_000_005, "payload": {
        "latitude_i": 333_152_000, "longitude_i": 443_661_000, "altitude": 34, "time": 1_760_000_000}}
).encode()  # fmt: skip

UDP = Session(
    protocol="meshtastic",
    transport=Transport.UDP,
    opening=(),
    frames=(PLAIN, SEALED, TEXT, JSON),
    broken={
        "bytes that are no envelope": b"\xff\xff\xff\xff",
        "no sender": bytes_field(1, bytes_field(4, data(3, position()))),
        "a position that cannot be read": envelope(data(3, b"\xff\xff")),
        "JSON of nobody": b'{"type":"position"}',
    },
    endless=b"",
    zero_place=envelope(data(3, position(0, 0))),
    off_earth=envelope(data(3, position(900_000_001))),
    impossible_date=None,
    far_dates={us(2080, 1, 1): envelope(data(3, position(time=3_471_292_800)))},
    needs_line_end=False,
    one_a_datagram=True,
)
SESSIONS = (UDP,)
