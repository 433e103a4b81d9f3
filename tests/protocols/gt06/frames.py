"""Frames of GT06, and where each comes from.

[1] Shenzhen Concox, "GPS Tracker Communication Protocol (GT06)" v1.8.1, the examples of chapters 5.1 to 5.4.
[2] Shenzhen Concox, "JM-VL03" V1.1.2, the examples of its chapters 1 to 8.
Those marked "built" are laid out by these documents; `framed` adds what the documents fix: start,
length, CRC-ITU, stop. Its CRC is bit by bit, not the table of the product.
"""

from tests.protocols.session import Session, us

from tapestry.wire import Transport

LOGIN = bytes.fromhex("78780D01012345678901234500018CDD0D0A")  # [1] 5.1.2
LOGIN_ANSWER = bytes.fromhex("787805010001D9DC0D0A")  # [1] 5.1.3
LOCATION = bytes.fromhex(
    "78781F120B081D112E10CF027AC7EB0C46584900148F01CC00287D001FB8000380810D0A"
)  # [1] 5.2.2
ALARM = bytes.fromhex(
    "787825160B0B0F0E241DCF027AC8870C4657E60014020901CC00287D001F726506040101003656A40D0A"
)  # [1] 5.3
HEARTBEAT = bytes.fromhex("78780A134004040001000FDCEE0D0A")  # [2] chapter 2
STORED = bytes.fromhex(
    "787822220F0C1D023305C9027AC8180C46586000140001CC00287D001F71000001000820860D0A"
)  # [2] 3
TAMPER = bytes.fromhex(
    "787825260F0C1D030B26C9027AC8180C4658600004000901CC00287D001F718004041302000C472A0D0A"
)  # [2] 5
FENCES = bytes.fromhex(
    "78782627100419092D07C5027AC91C0C4658000005370900000000000000008002000C01FF00004DF60D0A"
)  # [2] 5: powered on, not a call for help
CELLS = bytes.fromhex(
    "78783B2810010D02020201CC00287D001F713E287D001F7231287D001E232D287D001F4018"
    "000000000000000000000000000000000000FF00020005B14B0D0A"
)  # [2] 4: cell towers, no position
TIME_REQUEST = bytes.fromhex("7878058A000688290D0A")  # [2] 8
TIME_ANSWER = bytes.fromhex("78780B8A0F0C1D0000150006F0860D0A")  # [2] 8: 2015-12-29 00:00:21


def framed(number: int, content: str, *, long: bool = False) -> bytes:
    """Return a frame of hexadecimal `content` with serial number 1."""
    body = bytes([number]) + bytes.fromhex(content) + b"\x00\x01"
    length = len(body) + 2
    body = (length.to_bytes(2, "big") if long else bytes([length])) + body
    crc = 0xFFFF
    for byte in body:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x8408 if crc & 1 else crc >> 1
    start = b"\x79\x79" if long else b"\x78\x78"
    return start + body + (crc ^ 0xFFFF).to_bytes(2, "big") + b"\r\n"


CELL = "01CC00287D001FB8"  # MCC 460, MNC 0, LAC 10365, cell 8120: from LOCATION
# Built: 2025-10-09 08:53:20, 60,320,032 S and 126,865,984 W (1/1,800,000 degree), 90 km/h, course 360
SOUTH_WEST = framed(0x12, "190A09083514 C9 03986920 078FD240 5A 1968" + CELL)
# Built after [2] 10: MCC with its top bit set (MNC of two bytes), re-upload byte 1; in a long frame
STORED_4G = framed(
    0xA0, "190A09083514 C9 03986920 078FD240 5A 1568 81CC 0001 0000260E 000000000615F801 01 00 01", long=True
)

TCP = Session(
    protocol="gt06",
    transport=Transport.TCP,
    opening=(LOGIN,),
    frames=(LOCATION, HEARTBEAT, STORED, ALARM, CELLS, TAMPER, FENCES, SOUTH_WEST, STORED_4G, TIME_REQUEST),
    broken={
        "wrong checksum": LOCATION[:-4] + b"\x80\x82\r\n",
        "a bit flipped": LOCATION[:10] + bytes([LOCATION[10] ^ 1]) + LOCATION[11:],
        "no stop bytes": LOCATION[:-2] + b"\x00\x00",
        "length of 3": b"\x78\x78\x03\x01\x00\x01",
        "length of 65535": b"\x79\x79\xff\xff\x12\x00\x01",
        "text before the start": b"hello",
        "a location of 4 bytes": framed(0x12, "190A0908"),
        "an alarm without its alarm byte": framed(0x16, "190A09083514 C9 03986920 078FD240 5A 1568 09"),
        "a login that is no number": framed(0x01, "0ABBCCDDEEFF0011"),
    },
    endless=b"\x79\x79\x0f\xf0\x12\x00",
    zero_place=framed(0x12, "190A09083514 C9 00000000 00000000 00 1400" + CELL),
    off_earth=framed(0x12, "190A09083514 C9 09A7EC81 078FD240 00 1400" + CELL),  # 90.00000056 N
    impossible_date=framed(0x12, "190D09083514 C9 03986920 078FD240 00 1400" + CELL),  # month 13
    far_dates={
        us(2000, 1, 1): framed(0x12, "000101000000 C9 03986920 078FD240 00 1400" + CELL),
        us(2080, 1, 1): framed(0x12, "500101000000 C9 03986920 078FD240 00 1400" + CELL),
    },
)
SESSIONS = (TCP,)
