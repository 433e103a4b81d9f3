"""Posts of inReach's IPC Outbound, laid out by its document."""

import json
from typing import Any

from tests.protocols.session import Session, us

from tapestry.wire import Transport


def post(body: bytes) -> bytes:
    return f"POST / HTTP/1.1\r\nHost: hub\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def event(code: int = 0, **changes: Any) -> dict[str, Any]:
    point = {
        "latitude": 33.3152,
        "longitude": 44.3661,
        "altitude": 34,
        "gpsFix": 2,
        "course": 92,
        "speed": 36,
    }
    fields = {
        "imei": "300234010961140",
        "messageCode": code,
        "freeText": None,
        "timeStamp": 1_760_000_000_000,
    }
    return (
        fields
        | {"addresses": [], "point": point | changes.pop("point", {}), "status": {"lowBattery": 0}}
        | changes
    )


def events(*inner: object) -> bytes:
    return post(json.dumps({"Version": "2.0", "Events": list(inner)}).encode())


TCP = Session(
    protocol="inreach",
    transport=Transport.TCP,
    opening=(),
    frames=(
        events(event(), event(2)),
        events(event(4, freeText="stuck")),
        events(event(timeStamp="/Date(1760000010000)/", status={"lowBattery": 1})),
        events(event(7, point={"latitude": None})),
    ),
    broken={
        "no JSON": post(b"hello"),
        "no events": post(b'{"Version":"2.0"}'),
        "an IMEI of letters": events(event(imei="x")),
        "a latitude of letters": events(event(point={"latitude": "x"})),
        "no time": events(event(timeStamp=None)),
    },
    endless=b"POST / HTTP/1.1\r\nx: a",
    zero_place=events(event(point={"latitude": 0, "longitude": 0})),
    off_earth=events(event(point={"latitude": 90.000001})),
    impossible_date=events(event(timeStamp=-1000)),
    far_dates={0: events(event(timeStamp=0)), us(2080, 1, 1): events(event(timeStamp=3_471_292_800_000))},
)
SESSIONS = (TCP,)
