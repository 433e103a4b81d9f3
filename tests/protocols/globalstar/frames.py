"""Posts of Globalstar's gateway, laid out by its interface and the SmartOne payload format."""

from tests.protocols.session import Session, us

from tapestry.wire import Transport


def post(body: bytes) -> bytes:
    return f"POST / HTTP/1.1\r\nHost: hub\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def messages(*inner: str, name: str = "stuMessages") -> bytes:
    head = '<?xml version="1.0" encoding="utf-8"?>'
    return post(f'{head}<{name} timeStamp="x" messageID="567207180ae9">{"".join(inner)}</{name}>'.encode())


def message(payload: str, time: str = "1760000000") -> str:
    return (
        f"<stuMessage><esn>0-99990</esn><unixTime>{time}</unixTime><gps>N</gps>"
        f'<payload length="9" source="pc" encoding="hex">0x{payload}</payload></stuMessage>'
    )


# 33.3152 N is 3,105,202 of 90/2^23 degrees, 44.3661 E is 2,067,610 of 180/2^23
PLACE = "2F61B21F8C9A"
LOCATION = f"00{PLACE}0200"
LOW_VOID = f"0C{PLACE}0000"
SOUTH_WEST = "00D09E4EE073660000"
OTHER = "010000000000000000"

TCP = Session(
    protocol="globalstar",
    transport=Transport.TCP,
    opening=(),
    frames=(
        messages(message(LOCATION)),
        messages(message(SOUTH_WEST), message(LOW_VOID)),
        messages(message(OTHER)),
    ),
    broken={
        "no XML": post(b"hello"),
        "a document type": post(b'<!DOCTYPE a [<!ENTITY b "c">]><stuMessages/>'),
        "another element": post(b"<hello/>"),
        "a payload of letters": messages(message("xyz")),
        "a location of 4 bytes": messages(message("00112233")),
        "no time": messages(message(LOCATION, "")),
    },
    endless=b"POST / HTTP/1.1\r\nx: a",
    zero_place=messages(message("000000000000000000")),
    off_earth=None,
    impossible_date=messages(message(LOCATION, "-1")),
    far_dates={
        0: messages(message(LOCATION, "0")),
        us(2080, 1, 1): messages(message(LOCATION, "3471292800")),
    },
)
SESSIONS = (TCP,)
