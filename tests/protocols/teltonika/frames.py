"""Packets of Teltonika, and where each comes from.

[1] Teltonika wiki, "Teltonika Data Sending Protocols", the examples of Codec 8 and Codec 8 Extended.
Those marked "built" are laid out by the tables of [1]; `packet` adds length and CRC-16/IBM, bit by bit.
The wiki's examples were recorded indoors: their place is 0,0.
"""

from tests.protocols.session import Session, us

from tapestry.wire import Transport

LOGIN = bytes.fromhex("000F333536333037303432343431303133")  # [1] IMEI 356307042441013
CODEC_8 = bytes.fromhex(
    "000000000000003608010000016B40D8EA3001000000000000000000000000000000010502150301"
    "0101425E0F01F10000601A014E0000000000000000010000C7CF"
)  # [1] codec 8, 1st example
CODEC_8_SHORT = bytes.fromhex(
    "000000000000002808010000016B40D9AD80010000000000000000000000000000000103021503010101425E100000010000F22A"
)  # [1] codec 8, 2nd example
CODEC_8_TWO = bytes.fromhex(
    "000000000000004308020000016B40D57B4801000000000000000000000000000000010101010000"
    "00000000016B40D5C198010000000000000000000000000000000101010101000000020000252C"
)  # [1] codec 8, 3rd example: two records
CODEC_8_EXTENDED = bytes.fromhex(
    "000000000000004A8E010000016B412CEE0001000000000000000000000000000000000100050001"
    "00010100010011001D00010010015E2C880002000B000000003544C87A000E000000001DD7E06A00000100002994"
)  # [1] codec 8 Extended
UDP_CODEC_8 = bytes.fromhex(
    "003DCAFE0105000F33353230393330383634303336353508010000016B4F815B3001000000000000"
    "0000000000000000000103021503010101425DBC000001"
)  # [1] UDP, codec 8
UDP_CODEC_8_ANSWER = bytes.fromhex("0005CAFE010501")  # [1]
UDP_CODEC_8_EXTENDED = bytes.fromhex(
    "005FCAFE0107000F3335323039333038363430333635358E010000016B4F831C6801000000000000"
    "00000000000000000000010005000100010100010011009D00010010015E2C880002000B00000000"
    "3544C87A000E000000001DD7E06A000001"
)  # [1] UDP, codec 8 Extended
UDP_CODEC_8_EXTENDED_ANSWER = bytes.fromhex("0005CAFE010701")  # [1]
PING = b"\xff"


def packet(data_hex: str) -> bytes:
    """Return a TCP packet of AVL data in hexadecimal."""
    data = bytes.fromhex(data_hex)
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return bytes(4) + len(data).to_bytes(4, "big") + data + crc.to_bytes(4, "big")


def channel(data_hex: str) -> bytes:
    """Return a UDP channel packet of AVL data in hexadecimal: packet id CAFE, AVL packet id 05."""
    rest = bytes.fromhex("CAFE0105000F") + b"352093086403655" + bytes.fromhex(data_hex)
    return len(rest).to_bytes(2, "big") + rest


def record(
    time_ms: int,
    place: str,
    *,
    priority: str = "00",
    motion: str = "0022 0168 09 005A",
    io: str = "00 00 00 00 00 00",
) -> str:
    """Return a record: `place` is longitude, latitude; `motion` altitude, angle, satellites, speed."""
    return f"{time_ms:016X} {priority} {place} {motion} {io}"


BAGHDAD = "1A72AB28 13DB7C80"  # 443,722,536 and 333,151,360: 44.3722536 E, 33.315136 N
# Built: 2025-10-09 08:53:20.250, 34 m, angle 360, 9 satellites, 90 km/h, no elements
PLACED = packet("0801" + record(1_760_000_000_250, BAGHDAD) + "01")
# Built: the same with priority 2 (panic)
PANIC = packet("0801" + record(1_760_000_000_250, BAGHDAD, priority="02") + "01")
# Built: event 236 "Alarm" with value 1; event 252 "Unplug" with value 1
ALARM_BUTTON = packet(
    "0801" + record(1_760_000_000_250, BAGHDAD, priority="01", io="EC 01 01 EC 01 00 00 00") + "01"
)
UNPLUGGED = packet(
    "0801" + record(1_760_000_000_250, BAGHDAD, priority="01", io="FC 02 02 01 00 FC 01 00 00 00") + "01"
)
# Built: 44.37 W, 33.3 S below the sea, with elements of variable length in codec 8 Extended
SOUTH_WEST = packet(
    "8E01 00000199C82CC0FA 00 E58D54D8 EC248380 FFF6 005A 04 0000"
    " 0000 0003 0000 0000 0000 0000 0003 0100 0002 AABB 0101 0000 0102 0001 CC" + "01"
)
_OFF_EARTH = "1A72AB28 35A4E901"  # latitude 900,000,001: 90.0000001 N
_ZERO = "00000000 00000000"

CODEC_16 = bytes.fromhex(
    "000000000000005F10020000016BDBC7833000000000000000000000000000000000000B05040200010000030002000B00270042563A"
    "00000000016BDBC7871800000000000000000000000000000000000B05040200010000030002000B00260042563A00000200005FB3"
)  # the wiki's example
CODEC_12 = packet("0C01 06 00000003 6F6B21 01")  # built: the answer "ok!" to a command

TCP = Session(
    protocol="teltonika",
    transport=Transport.TCP,
    opening=(LOGIN,),
    frames=(
        CODEC_8,
        CODEC_8_SHORT,
        PING,
        CODEC_8_TWO,
        CODEC_8_EXTENDED,
        PLACED,
        PANIC,
        ALARM_BUTTON,
        UNPLUGGED,
        SOUTH_WEST,
    ),
    broken={
        "wrong checksum": CODEC_8[:-1] + b"\xce",
        "another codec": packet("0B01" + record(1_760_000_000_250, BAGHDAD) + "01"),
        "counts that differ": packet("0801" + record(1_760_000_000_250, BAGHDAD) + "02"),
        "a record cut short": packet("0802" + record(1_760_000_000_250, BAGHDAD) + "02"),
        "bytes after the records": packet("0801" + record(1_760_000_000_250, BAGHDAD) + "FF01"),
    },
    endless=bytes.fromhex("0000000000003FFF0801") + b"\x00",
    zero_place=packet("0801" + record(1_760_000_000_250, _ZERO) + "01"),
    off_earth=packet("0801" + record(1_760_000_000_250, _OFF_EARTH) + "01"),
    impossible_date=packet("0801" + record(253_402_300_800_000, BAGHDAD) + "01"),  # the year 10000
    far_dates={
        0: packet("0801" + record(0, BAGHDAD) + "01"),
        us(2080, 1, 1): packet("0801" + record(3_471_292_800_000, BAGHDAD) + "01"),
    },
)
UDP = Session(
    protocol="teltonika",
    transport=Transport.UDP,
    opening=(),
    frames=(UDP_CODEC_8, UDP_CODEC_8_EXTENDED, channel("0801" + record(1_760_000_000_250, BAGHDAD) + "01")),
    broken={
        "an IMEI of letters": UDP_CODEC_8[:8] + b"ABCDEFGHIJKLMNO" + UDP_CODEC_8[23:],
        "another codec": channel("0B01" + record(1_760_000_000_250, BAGHDAD) + "01"),
        "nothing in it": b"\x00\x00",
    },
    endless=b"\xff\xff\xca\xfe\x01",
    zero_place=channel("0801" + record(1_760_000_000_250, _ZERO) + "01"),
    off_earth=channel("0801" + record(1_760_000_000_250, _OFF_EARTH) + "01"),
    impossible_date=channel("0801" + record(253_402_300_800_000, BAGHDAD) + "01"),
    far_dates={0: channel("0801" + record(0, BAGHDAD) + "01")},
)
SESSIONS = (TCP, UDP)
