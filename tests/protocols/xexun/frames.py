"""Records and messages of Xexun, and where each comes from.

[1] Xexun TK102-2 user manual, "GPRS communication protocol": its example, without the line breaks of the page.
[2] Xexun TK103 user manual, chapter 12.5, as an owner cites it in issue 30 of traccar-web.
[3] Records that owners posted: read-me of nickfox/GpsTracker, forum of flespi (thread 75), issue 1096 of the Traccar
    project.
[4] "Xexun GPS Protocol" 1.1: the message of the protocol detection, the values of the position example.
Those marked "built" are laid out by these documents.
"""

import struct
from dataclasses import replace

from tests.protocols.session import Session, us

from tapestry.wire import Transport

FULL = (
    b"090907070718,13145826175,GPRMC,070718.000,A,2234.0228,N,11403.0764,E,0.00,,070909,,,A*73,F,,"
    b" imei:354776030042714,05,50.1,F:4.11V,0,132,40512,460,01,2533,720B\r\n"
)  # [1]
HELP = (
    b"090907070718,13145826175,GPRMC,070718.000,A,2234.0228,N,11403.0764,E,0.00,,070909,,,A*73,F,helpme,"
    b"imei:354776030042714,132,40512\r\n"
)  # [2]
BASIC = (
    b"1203292316,0031698765432,GPRMC,211657.000,A,5213.0247,N,00516.7757,E,0.00,273.30,290312,,,A*62,F,"
    b"imei:123456789012345,123\r\n"
)  # [3]
SHAKE = (
    b"190926151811,+31711117111,GPRMC,151811.775,A,5215.5816,N,00508.7693,E,28.31,83.20,260919,,,A*6D,F,SHAKE,"
    b" imei:354778030121111,03,1.3,F:4.14V,1,143,5451,204,08,0D2A,B6E5\n\r"
)  # [3]
# [3]: before the first fix, with analogue inputs and an odometer; and with a fix, its tail as in the first
NO_PLACE = (
    b"150205112037,+66961544651,GPRMC,.000,A,,,,,0.00,0.00,,,,A*55,L,,imei:865328028306149,,,"
    b"F:4.10V/ADC1=0.66V/ADC2=0.00V,0,119,16374,520,01,5DE8,0399,0.00km\r\n"
)
ANALOGUE = (
    b"150224173341,+66961544651,GPRMC,093341.000,A,1344.5716,N,10033.6648,E,0.00,0.00,240215,,,A*68,F,,"
    b"imei:865328028306149,05,106.2,F:4.10V/ADC1=0.66V/ADC2=0.00V,0,119,16374,520,01,5DE8,0399,12.50km\r\n"
)
DETECTION = bytes.fromhex(
    "FAAF 0014 0001 8627710754267520 000C FFF5 01 0009 00 00000000 00 0000 00 FAAF"
)  # [4]


def record(sentence: str, word: str = "", tail: str = "05,50.1,F:4.11V,0,132,40512") -> bytes:
    """Return a full record, built."""
    return f"251009085320,,GPRMC,{sentence},,,A*00,F,{word},imei:354776030042714,{tail}\r\n".encode()


PLACE = "3318.9120,S,04421.9660,W"
SOUTH_WEST = record(f"085320.250,A,{PLACE},10.00,360,091025")
SOS = record(f"085320.000,A,{PLACE},0.00,0.00,091025", "help me!")
AT_S = 1_760_000_000  # 2025-10-09T08:53:20Z


def message(body: bytes, number: int = 0x14) -> bytes:
    """Return a binary message, built; the checksum is left at 0."""
    plain = struct.pack(">HH8sHH", number, 7, bytes.fromhex("8627710754267520"), len(body), 0) + body
    return (
        b"\xfa\xaf"
        + plain.replace(b"\xfb\xbf", b"\xfb\xbf\x01").replace(b"\xfa\xaf", b"\xfb\xbf\x02")
        + b"\xfa\xaf"
    )


def entry(contents: int, rest: bytes, *, at_s: int = AT_S) -> bytes:
    """Return one record of a message 0014: signal 31, charging, battery 80 %."""
    return struct.pack(">BIBHB", 1, at_s, 31, 0x8000 | 80, contents) + rest


def positions(*entries: bytes) -> bytes:
    return message(
        bytes([len(entries)]) + b"".join(struct.pack(">H", len(one)) for one in entries) + b"".join(entries)
    )


GPS = b"\x21" + struct.pack(">Bff", 8, 4421.966, 3318.912) + struct.pack(">HH", 360, 1815)
WIFI_FIRST = (
    b"\x63"
    + struct.pack(">Bff", 8, 1.0, 1.0)
    + b"\x02"
    + b"\x01" * 14
    + struct.pack(">HHBdd", 360, 1815, 9, -4421.966, -3318.912)
)
POSITION = positions(entry(0x02, GPS))
TWO = positions(entry(0x02, GPS), entry(0x02, WIFI_FIRST, at_s=AT_S + 60))
BINARY_SOS = positions(entry(0x03, b"\x00\x00\x00\x01" + GPS))
CELLS = positions(entry(0x02, b"\x04\x01" + bytes(13)))
# Built with the numbers of [4]: 2024-06-21 08:13:00, 114 02.429 E, 22 34.448 N, 51.9 m, 6 satellites, 0.1 km/h
TAGGED = message(
    bytes.fromhex("01 00 00 1E 6675360C 463229B7 450BA72B 424F999A 06 23 0001 0000 00 07 001D 26242121"), 0x20
)
# Built: latitude 20 13.96875 as a float holds FB BF, escaped on the way
ESCAPED = positions(entry(0x02, b"\x01" + struct.pack(">Bf", 8, 4421.966) + b"\x44\xfb\xbf\x00", at_s=AT_S))

TCP = Session(
    protocol="xexun",
    transport=Transport.TCP,
    opening=(),
    frames=(
        FULL, BASIC, SHAKE.strip() + b"\n", HELP, NO_PLACE, ANALOGUE, SOUTH_WEST, SOS, DETECTION, POSITION,
        TWO, BINARY_SOS, CELLS, TAGGED, ESCAPED,
    ),
    broken={
        "no GPRMC": b"hello\r\n",
        "60 minutes": record("085320.000,A,3360.0000,N,04421.9660,E,0.00,0.00,091025"),
        "no side": record("085320.000,A,3318.9120,,04421.9660,E,0.00,0.00,091025"),
        "hour 24": record(f"245320.000,A,{PLACE},0.00,0.00,091025"),
        "a speed that is no number": record(f"085320.000,A,{PLACE},1e3,0.00,091025"),
        "a byte outside ASCII in a coordinate": SOUTH_WEST.replace(b"3318", b"\xb2\xb318"),
        "too long": b"x" * 1500 + b"\r\n",
        "a line that ends where a message begins": b"251009085320,,GPRMC" + DETECTION,
        "a message of another length": POSITION[:15] + b"\x01" + POSITION[16:],
        "a message without a head": b"\xfa\xaf\x00\x14\x00\x01\xfa\xaf",
        "letters in the imei of a message": POSITION[:8] + b"\xab" + POSITION[9:],
        "records longer than their message": message(b"\x01\x00\x40\x00"),
        "a record that ends inside its position": positions(entry(0x02, GPS[:7])),
        "a latitude of 4421 degrees": positions(entry(0x02, b"\x01" + struct.pack(">Bff", 8, 3318.9, 44219.6))),
        "an escape that is none": b"\xfa\xaf" + bytes(20) + b"\xfb\xbf\x03\xfa\xaf",
    },
    endless=b"251009085320,,GPRMC,1",
    zero_place=record("085320.000,A,0000.0000,N,00000.0000,E,0.00,0.00,091025"),
    off_earth=record("085320.000,A,9000.0001,N,04421.9660,E,0.00,0.00,091025"),
    impossible_date=record(f"085320.000,A,{PLACE},0.00,0.00,300225"),
    far_dates={
        us(2000, 1, 1): record(f"000000.000,A,{PLACE},0.00,0.00,010100"),
        us(2099, 12, 31): record(f"000000.000,A,{PLACE},0.00,0.00,311299"),
    },
)  # fmt: skip
UDP = replace(TCP, transport=Transport.UDP, needs_line_end=False)
SESSIONS = (TCP, UDP)
