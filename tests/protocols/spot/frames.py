"""Feeds of SPOT, laid out by its page of the API."""

import json

from tests.protocols.session import Session, us

from tapestry.wire import Transport


def post(body: bytes) -> bytes:
    return f"POST / HTTP/1.1\r\nHost: hub\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def message(
    kind: str = "TRACK", time: str = "1760000000", lat: str = "33.31520", lon: str = "44.36610"
) -> str:
    return (
        f'<message clientUnixTime="0"><id>1</id><messengerId>0-8356068</messengerId><unixTime>{time}</unixTime>'
        f"<messageType>{kind}</messageType><latitude>{lat}</latitude><longitude>{lon}</longitude>"
        "<batteryState>GOOD</batteryState></message>"
    )


def feed(*inner: str) -> bytes:
    text = f"<response><feedMessageResponse><messages>{''.join(inner)}</messages></feedMessageResponse></response>"
    return post(text.encode())


JSON_MESSAGE = {
    "messengerId": "0-8356068",
    "unixTime": 1_760_000_000,
    "messageType": "OK",
    "latitude": 33.3152,
    "longitude": 44.3661,
    "altitude": 34,
    "batteryState": "LOW",
}
JSON = post(
    json.dumps({"response": {"feedMessageResponse": {"messages": {"message": [JSON_MESSAGE]}}}}).encode()
)
OLDER = post(
    b"<messageList><header/><message><esn>0-1</esn><messageType>HELP</messageType>"
    b"<timestamp>2025-10-09T08:53:20.000Z</timestamp><latitude>33.3152</latitude><longitude>44.3661</longitude>"
    b"</message></messageList>"
)

TCP = Session(
    protocol="spot",
    transport=Transport.TCP,
    opening=(),
    frames=(feed(message(), message("OK")), feed(message("SOS")), JSON, OLDER),
    broken={
        "neither XML nor JSON": post(b"hello"),
        "no message": post(b"<response/>"),
        "nobody's": feed(message().replace("0-8356068", "")),
        "a latitude of letters": feed(message(lat="x")),
        "no time": feed(message(time="")),
    },
    endless=b"POST / HTTP/1.1\r\nx: a",
    zero_place=feed(message(lat="0", lon="0")),
    off_earth=feed(message(lat="90.000001")),
    impossible_date=feed(message(time="-1")),
    far_dates={0: feed(message(time="0")), us(2080, 1, 1): feed(message(time="3471292800"))},
)
SESSIONS = (TCP,)
