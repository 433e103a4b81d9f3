"""Messages of LM Direct, laid out by the reference guide's tables."""

from tests.protocols.session import Session, us

from tapestry.wire import Transport

OPTIONS = bytes.fromhex("83 08 123456789012345F 01 02")  # mobile id and its type: IMEI
PLACE = "13DB7F00 1A71BAC8"  # 33.315200 N, 44.366100 E in 1e-7 degree
TIME = "68E77800"  # 2025-10-09 08:53:20
STATE = "0104 FFBA 0F 0B 03 00"  # carrier 260, -70 dBm, comm state, HDOP 1.1, inputs 1 and 2, unit status


def message(kind: int, content: str, *, service: int = 1, options: bytes = OPTIONS) -> bytes:
    return options + bytes([service, kind, 0x00, 0x2A]) + bytes.fromhex(content)


def report(time: str, place: str = PLACE, *, status: str = "00") -> str:
    """Return the content of an event report: 34 m, 10 m/s, heading 90."""
    return f"{time} {time} {place} 00000D48 000003E8 005A 09 {status} {STATE}"


EVENT = message(2, report(TIME) + "05 1F 02 00 0000000A FFFFFFFF")
LOCATE = message(8, report(TIME) + "00 00")
MINI = message(10, f"{TIME} {PLACE} 010E 24 07 0F 01 20 01 00000064", service=0)
USER = message(4, report(TIME, status="20") + "01 02 0003 414243")
IDENTITY = message(3, "0102030405060708090A")
EXTENDED = bytes.fromhex("C3 08 123456789012345F 01 02 01 01 04 31323334")  # an extension of one field (ESN)

UDP = Session(
    protocol="calamp",
    transport=Transport.UDP,
    opening=(),
    frames=(EVENT, LOCATE, MINI, USER, IDENTITY, message(2, report(TIME) + "05 1F 00 00", options=EXTENDED)),
    broken={
        "options cut short": OPTIONS[:5],
        "a head cut short": OPTIONS + b"\x01\x02",
        "an id that is too long for one": bytes([0x81, 33]) + b"7" * 33 + LOCATE[len(OPTIONS) :],
        "service 7": OPTIONS + bytes([7, 2, 0, 0]),
        "type 99": OPTIONS + bytes([1, 99, 0, 0]),
        "a report of 4 bytes": message(2, "00000000"),
        "a mini report of 4 bytes": message(10, "00000000"),
        "a place left out": message(2, report(TIME, "7FFFFFFF 7FFFFFFF")),
    },
    endless=b"",
    zero_place=message(2, report(TIME, "00000000 00000000")),
    off_earth=message(2, report(TIME, "35A4E901 1A71BAC8")),  # 90.0000001 N
    impossible_date=None,
    far_dates={us(2080, 1, 1): message(2, report("CEE7B980"))},
    needs_line_end=False,
    one_a_datagram=True,
)
SESSIONS = (UDP,)
