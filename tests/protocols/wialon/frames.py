"""Packets of Wialon IPS, laid out by the document (v1.1, v2.0); `checked` adds a CRC16 worked out bit by bit."""

from tests.protocols.session import Session, us

from tapestry.wire import Transport


def checked(kind: str, body: str) -> bytes:
    crc = 0
    for byte in body.encode():
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return f"#{kind}#{body}{crc:X}\r\n".encode()


LOGIN = b"#L#123456789012345;NA\r\n"
LOGIN_2 = checked("L", "2.0;123456789012345;NA;")
SHORT = b"#SD#091025;085320;3318.9120;N;04421.9660;E;36;360;34;9\r\n"
FULL = (
    b"#D#091025;085321.250;3318.9120;S;04421.9660;W;90;45;-12;7;1.1;3;NA;14.7,0.02;NA;"
    b"count1:1:564,fuel:2:45.8,hw:3:V4.5\r\n"
)
SOS = b"#D#091025;085322;3318.9120;N;04421.9660;E;NA;NA;NA;5;NA;NA;NA;;NA;SOS:1:1\r\n"
NO_PLACE = b"#D#091025;085322;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;;NA;pwr_ext:2:12.4\r\n"
BOX = b"#B#091025;085300;3318.9120;N;04421.9660;E;36;0;34;9|091025;085310;3318.9130;N;04421.9660;E;36;0;34;9|\r\n"
PING = b"#P#\r\n"
TEXT = "#M#وصلنا\r\n".encode()


def short(date: str, place: str = "3318.9120;N;04421.9660;E") -> bytes:
    return f"#SD#{date};000000;{place};0;0;0;9\r\n".encode()


TCP = Session(
    protocol="wialon",
    transport=Transport.TCP,
    opening=(LOGIN,),
    frames=(SHORT, FULL, SOS, NO_PLACE, BOX, PING, TEXT),
    broken={
        "no packet type": b"hello\r\n",
        "too few fields": b"#SD#091025;085320;3318.9120;N\r\n",
        "latitude on side E": short("091025", "3318.9120;E;04421.9660;E"),
        "60 minutes": short("091025", "3360.0000;N;04421.9660;E"),
        "a speed that is no number": b"#SD#091025;085320;3318.9120;N;04421.9660;E;1e3;0;0;9\r\n",
        "a date and no time": b"#SD#091025;NA;3318.9120;N;04421.9660;E;0;0;0;9\r\n",
        "a login without a name": b"#L#;NA\r\n",
        "a wrong checksum": FULL[:-2] + b";0000\r\n",
        "too long": b"#D#" + b"x" * 61_000 + b"\r\n",
    },
    endless=b"#D#0",
    zero_place=short("091025", "0000.0000;N;00000.0000;E"),
    off_earth=short("091025", "9000.0001;N;04421.9660;E"),
    impossible_date=short("311325"),
    far_dates={us(2000, 1, 1): short("010100"), us(2080, 1, 1): short("010180")},
)
UDP = Session(
    protocol="wialon",
    transport=Transport.UDP,
    opening=(b"123456789012345" + PING,),
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
