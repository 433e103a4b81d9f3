"""Packets of Ruptela, laid out by the document; `packet` adds length, IMEI and a CRC worked out bit by bit."""

from tests.protocols.session import Session, us

from tapestry.wire import Transport

IMEI = 123456789012345


def packet(command: int, content: str, *, imei: int = IMEI) -> bytes:
    body = imei.to_bytes(8, "big") + bytes([command]) + bytes.fromhex(content)
    return framed(body)


def framed(body: bytes) -> bytes:
    crc = 0
    for byte in body:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x8408 if crc & 1 else crc >> 1
    return len(body).to_bytes(2, "big") + body + crc.to_bytes(2, "big")


ANSWER = bytes.fromhex("0002640113BC")  # the document's own example: records taken
PLACE = "1A71BAC8 13DB7F00"  # 44.366100 E, 33.315200 N in 1e-7 degree
# 2025-10-09 08:53:20; 34.0 m, 360.00 degrees, 9 satellites, 36 km/h, HDOP 1.1; event 5
TIME = "68E77800"
RECORD = f"{TIME} 00 00 {PLACE} 0154 8CA0 09 0024 0B 05"
# ids of one byte: 5 = 1, 251 = 1; of two: 29 = 12,800, 30 = 4,100; of four: 65 = 123,456; of eight: 34
INPUTS = "02 05 01 FB 01  02 1D 3200 1E 1004  01 41 0001E240  01 22 0000000000000001"
RECORDS = packet(1, f"00 01 {RECORD} {INPUTS}")
TWO = packet(
    1,
    f"05 02 {TIME} 00 00 {PLACE} 0154 0000 09 0024 0B 00 00 00 00 00"
    f"68E77801 00 00 {PLACE} FFF6 2328 02 FFFF 00 00 01 58 01 00 00 00",
)
_EXTENDED = f"{PLACE} 0154 1194 09 0024 0B 0000"
PARTS = packet(
    68,
    f"00 02 {TIME} 00 10 00 {_EXTENDED} 01 0005 01 00 00 00"
    f"{TIME} 00 11 00 {_EXTENDED} 00 01 001D 3200 00 01 019A 0000000000000001",
)
HEARTBEAT = packet(16, "")
IDENTIFICATION = packet(15, "3132333435")


def one(time: str, place: str = PLACE) -> bytes:
    return packet(1, f"00 01 {time} 00 00 {place} 0000 0000 09 0000 00 00 00 00 00 00")


TCP = Session(
    protocol="ruptela",
    transport=Transport.TCP,
    opening=(HEARTBEAT,),
    frames=(RECORDS, TWO, IDENTIFICATION, PARTS, HEARTBEAT),
    broken={
        "wrong checksum": RECORDS[:-1] + bytes([RECORDS[-1] ^ 1]),
        "a bit flipped": RECORDS[:20] + bytes([RECORDS[20] ^ 1]) + RECORDS[21:],
        "a record cut short": packet(1, f"00 01 {RECORD} 02 05"),
        "bytes after the records": packet(1, f"00 01 {RECORD} 00 00 00 00 FF"),
        "an IMEI of 16 digits": packet(16, "", imei=1234567890123456),
    },
    endless=bytes.fromhex("0FFF") + b"\x00",
    zero_place=one(TIME, "00000000 00000000"),
    off_earth=one(TIME, "1A71BAC8 35A4E901"),  # 90.0000001 N
    impossible_date=None,
    far_dates={0: one("00000000"), us(2080, 1, 1): one("CEE7B980")},
)
UDP = Session(
    protocol="ruptela",
    transport=Transport.UDP,
    opening=TCP.opening,
    frames=TCP.frames,
    broken=TCP.broken,
    endless=TCP.endless,
    zero_place=TCP.zero_place,
    off_earth=TCP.off_earth,
    impossible_date=None,
    far_dates=TCP.far_dates,
)
SESSIONS = (TCP, UDP)
