"""Messages of Iridium's gateway, laid out by the developers' guide."""

import struct

from tests.protocols.session import Session, us

from tapestry.wire import Transport


def element(number: int, content: bytes) -> bytes:
    return bytes([number]) + struct.pack(">H", len(content)) + content


def message(*elements: bytes) -> bytes:
    content = b"".join(elements)
    return b"\x01" + struct.pack(">H", len(content)) + content


def head(seconds: int = 1_760_000_000, imei: bytes = b"300234010753370") -> bytes:
    return element(1, struct.pack(">I15sBHHI", 1234567, imei, 0, 54321, 12345, seconds))


# 33 degrees 18.912 minutes, 44 degrees 21.966 minutes, 3 km
PLACE = element(3, bytes.fromhex("00 21 49E0 2C 55CE 00000003"))
SOUTH_WEST = element(3, bytes.fromhex("03 21 49E0 2C 55CE 00000003"))
TEXT = element(2, b"33.31520,44.36610 ok")

TCP = Session(
    protocol="iridium",
    transport=Transport.TCP,
    opening=(),
    frames=(message(head(), PLACE), message(head(), SOUTH_WEST, element(2, b"\x00\xff")), message(head(), PLACE, TEXT),
            message(head(), element(2, b"hello"))),
    broken={
        "no head": message(PLACE),
        "an IMEI of letters": message(head(imei=b"A" * 15), PLACE),
        "an element cut short": message(head(), b"\x03\x00\x0b\x00"),
        "a place of 4 bytes": message(head(), element(3, bytes(4))),
    },
    endless=b"\x01\x0f\xff\x00",
    zero_place=message(head(), element(3, bytes(11))),
    off_earth=message(head(), element(3, bytes.fromhex("00 5A 0001 2C 0000 00000003"))),
    impossible_date=None,
    far_dates={0: message(head(0), PLACE), us(2080, 1, 1): message(head(3_471_292_800), PLACE)},
)  # fmt: skip
SESSIONS = (TCP,)
