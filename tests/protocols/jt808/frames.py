"""Messages of JT/T 808, laid out by the standard's tables; `message` adds what the standard fixes: head, XOR, marks."""

from tests.protocols.session import Session, us

from tapestry.wire import Transport


def message(number: int, body: str, *, head: str = "013912345678", properties: int = 0) -> bytes:
    """Return a message of edition 2013 with serial number 0x0102, built byte by byte."""
    content = bytes.fromhex(body)
    data = number.to_bytes(2, "big") + (len(content) | properties).to_bytes(2, "big")
    data += bytes.fromhex(head) + b"\x01\x02" + content
    checksum = 0
    for byte in data:
        checksum ^= byte
    data += bytes([checksum])
    return b"\x7e" + data.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02") + b"\x7e"


REGISTER = message(0x0100, "002C 0133 3730313031 4C542D3031 0000 3030303030303100 01 BEA94131323334")
AUTHENTICATION = message(0x0102, "313233343536")
HEARTBEAT = message(0x0002, "")
# 2025-10-09 16:53:20 GMT+8, 33.315200 N 44.366100 E, 34 m, 36.0 km/h, course 360; mileage 123,456.7 km, 9 satellites
PLACE = "01FC5980 02A4F914"
LOCATION = message(0x0200, f"00000000 00000003 {PLACE} 0022 0168 0168 251009165320 0104 0012D687 3101 09")
# alarm bits 0 (SOS) and 1 (overspeed); south and west
SOS = message(0x0200, f"00000003 0000000F {PLACE} FFF4 0384 002D 251009165321")
STORED = message(
    0x0704,
    f"0002 01 001C 00000000 00000002 {PLACE} 0000 0000 0000 251009165300"
    f"001C 00000000 00000002 {PLACE} 0000 0000 0000 251009165310",
)
# edition 2019: version 1, terminal of 20 digits; 7d and 7e in the body want escapes
NEWER = message(
    0x0200,
    "00000000 00000002 017D7E7D 02A4F914 0000 0000 0000 251009165330",
    head="01 00000123456789012345",
    properties=0x4000,
)


def location(date: str, place: str = PLACE) -> bytes:
    return message(0x0200, f"00000000 00000002 {place} 0000 0000 0000 {date}")


def parted(number: int, total: int, part: int, body: str) -> bytes:
    """Return one part: its total and number stand in the head, after the serial number."""
    content = bytes.fromhex(body)
    data = number.to_bytes(2, "big") + (len(content) | 0x2000).to_bytes(2, "big")
    data += (
        bytes.fromhex("013912345678")
        + b"\x01\x02"
        + total.to_bytes(2, "big")
        + part.to_bytes(2, "big")
        + content
    )
    checksum = 0
    for byte in data:
        checksum ^= byte
    data += bytes([checksum])
    return b"\x7e" + data.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02") + b"\x7e"


TCP = Session(
    protocol="jt808",
    transport=Transport.TCP,
    opening=(REGISTER, AUTHENTICATION),
    frames=(LOCATION, HEARTBEAT, SOS, STORED, NEWER),
    broken={
        "wrong checksum": LOCATION[:-2] + bytes([LOCATION[-2] ^ 1]) + b"\x7e",
        "a bit flipped": LOCATION[:20] + bytes([LOCATION[20] ^ 1]) + LOCATION[21:],
        "an escape that does not exist": LOCATION[:20] + b"\x7d\x03" + LOCATION[20:],
        "a location of 4 bytes": message(0x0200, "00000000"),
        "too short": b"\x7e\x01\x02\x7e",
        "encrypted": message(0x0200, "00", properties=0x0400),
        "a part out of turn": parted(0x0200, 3, 2, "00"),
        "too long": b"\x7e" + b"x" * 5000 + b"\x7e",
    },
    endless=b"\x7e\x02\x00",
    zero_place=location("251009165320", "00000000 00000000"),
    off_earth=location("251009165320", "055D4A81 02A4F914"),  # 90.000001 N
    impossible_date=location("251309165320"),
    far_dates={
        us(2000, 1, 1): location("000101080000"),
        us(2080, 1, 1): location("800101080000"),
    },
    needs_line_end=False,  # a lone mark is no message: it may close the one before
)
UDP = Session(
    protocol="jt808",
    transport=Transport.UDP,
    opening=TCP.opening,
    frames=TCP.frames,
    broken=TCP.broken,
    endless=TCP.endless,
    zero_place=TCP.zero_place,
    off_earth=TCP.off_earth,
    impossible_date=TCP.impossible_date,
    far_dates=TCP.far_dates,
    needs_line_end=False,
)
SESSIONS = (TCP, UDP)
