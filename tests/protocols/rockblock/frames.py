"""Posts of RockBLOCK, laid out by its web services' page."""

import json

from tests.protocols.session import Session, us

from tapestry.wire import Transport


def post(body: bytes) -> bytes:
    return f"POST / HTTP/1.1\r\nHost: hub\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def form(**changes: str) -> bytes:
    fields = {"imei": "300234010753370", "momsn": "12", "transmit_time": "25-10-09%2008%3A53%3A20"} | {
        "iridium_latitude": "33.3", "iridium_longitude": "44.4", "iridium_cep": "3", "data": ""
    }  # fmt: skip
    return post("&".join(f"{name}={value}" for name, value in (fields | changes).items()).encode())


DEGREES = form(data=b"33.31520,44.36610".hex())
RMC = form(data=b"$GPRMC,085310,A,3318.912,S,04421.966,W,1.0,90.0,091025,,*00".hex())
JSON = post(
    json.dumps(
        {"imei": "300234010753370", "transmit_time": "2025-10-09T08:53:20Z", "iridium_latitude": 33.3,
         "iridium_longitude": 44.4, "iridium_cep": 3.0, "data": "00ff"}
    ).encode()
)  # fmt: skip

TCP = Session(
    protocol="rockblock",
    transport=Transport.TCP,
    opening=(),
    frames=(form(), DEGREES, RMC, JSON, form(iridium_latitude="")),
    broken={
        "an IMEI of letters": form(imei="x"),
        "data of letters": form(data="xyz"),
        "a latitude of letters": form(iridium_latitude="x"),
        "a list": post(b"{]"),
    },
    endless=b"POST / HTTP/1.1\r\nx: a",
    zero_place=form(iridium_latitude="0", iridium_longitude="0"),
    off_earth=form(iridium_latitude="90.000001"),
    impossible_date=form(transmit_time="25-13-09%2008%3A53%3A20"),
    far_dates={
        us(2000, 1, 1): form(transmit_time="00-01-01%2000%3A00%3A00"),
        us(2080, 1, 1): form(transmit_time="80-01-01%2000%3A00%3A00"),
    },
)
SESSIONS = (TCP,)
