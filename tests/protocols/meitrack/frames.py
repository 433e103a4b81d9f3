"""Frames of Meitrack, laid out by the document; `frame` adds head, length and the sum of all bytes."""

from tests.protocols.session import Session, us

from tapestry.wire import Transport

IMEI = b"123456789012345"


def frame(command: bytes, content: bytes, *, flag: bytes = b"A") -> bytes:
    rest = b"," + IMEI + b"," + command + b"," + content + b"*"
    body = b"$$" + flag + str(len(rest) + 4).encode() + rest
    return body + f"{sum(body) % 256:02X}\r\n".encode()


PLACE = "33.315200,44.366100"


def report(event: int, time: str, place: str = PLACE, mark: str = "A") -> bytes:
    text = f"{event},{place},{time},{mark},9,20,36,360,1.1,34,123456,7890,418|5|18D8|6141,0001,0001|0000|0000|019F|04C2"
    return frame(b"AAA", text.encode())


FIXED = report(35, "251009085320")
SOS = report(1, "251009085321")
VOID = report(35, "251009085322", mark="V")
SHORT = frame(b"AAA", b"35,-33.315200,-44.366100,251009085323,A,5,20,0,0,2.0,-5")
OTHER = frame(b"E91", b"FWV1.00,12345678")
TIME = "0080C230"  # 818,053,120 s after 2000, little-endian: 2025-12-02 05:38:40
# event 35; the place; valid; 9 satellites; 36 km/h; 90; HDOP 1.1; 34 m; 123,456 m; 3,600 s; … 4.10 V; 12.80 V
RECORD = (
    "23 8059FC01 14F9A402 {time} 01 09 14 2400 5A00 0B00 2200 40E20100 100E0000 A201 0500 D818 4161 0100 0100 9A01 0005"
    "00000000"
)
CCC = frame(
    b"CCC", bytes.fromhex("0100 3400 02000000" + RECORD.format(time=TIME) + RECORD.format(time="0A80C230"))
)
# parameters of 1 byte: event 1, valid, satellites; of 2: speed, altitude -5, supply; of 4: place, time; of any: one
PACKET = (
    "03 01 01 05 01 06 09  03 08 2400 0B FBFF 1A 0005"
    "04 02 8059FC01 03 14F9A402 04 {time} 0C 40E20100  01 FE31 02 AABB"
)


def packets(*contents: str) -> bytes:
    body = b""
    for content in contents:
        packet = b"\x0b\x00" + bytes.fromhex(content)
        body += len(packet).to_bytes(2, "little") + packet
    return frame(b"CCE", bytes.fromhex("00000000") + len(contents).to_bytes(2, "little") + body)


CCE = packets(PACKET.format(time=TIME))

TCP = Session(
    protocol="meitrack",
    transport=Transport.TCP,
    opening=(),
    frames=(FIXED, SOS, VOID, SHORT, OTHER, CCC, CCE),
    broken={
        "wrong checksum": FIXED[:-4] + (b"00" if FIXED[-4:-2] != b"00" else b"01") + b"\r\n",
        "no head": b"hello\r\n",
        "a time of letters": frame(b"AAA", b"35,33.3,44.3,abc,A,9,20,0,0,1,0"),
        "a latitude of letters": frame(b"AAA", b"35,N33,44.3,251009085320,A,9,20,0,0,1,0"),
        "three fields": frame(b"AAA", b"35,33.3"),
        "a batch that is no multiple": frame(b"CCC", bytes(30)),
        "packets cut short": frame(b"CCE", bytes.fromhex("00000000 0100 FF00 0B00")),
        "too long": b"$$A" + b"x" * 9000 + b"\r\n",
    },
    endless=b"$$A",
    zero_place=report(35, "251009085320", "0.000000,0.000000"),
    off_earth=report(35, "251009085320", "90.000001,44.366100"),
    impossible_date=report(35, "251309085320"),
    far_dates={us(2000, 1, 1): report(35, "000101000000"), us(2080, 1, 1): report(35, "800101000000")},
)
UDP = Session(
    protocol="meitrack",
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
