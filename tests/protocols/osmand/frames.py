"""Requests after traccar.org/osmand (query) and the JSON example of colota.app/docs/integrations/traccar."""

from tests.protocols.session import Session

from tapestry.wire import Transport

HEAD_END = b" HTTP/1.1\r\nHost: hub\r\n\r\n"


def get(query: str) -> bytes:
    return b"GET /?" + query.encode() + HEAD_END


def post(body: bytes, content_type: str = "application/json") -> bytes:
    head = (
        f"POST / HTTP/1.1\r\nHost: hub\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


# The example of traccar.org/osmand with its placeholders filled in
QUERY = get("id=123456&lat=33.3152&lon=44.3661&timestamp=1760000000&hdop=1.5&altitude=34&speed=10")
# The query of colota.app/docs/integrations/traccar
COLOTA_QUERY = get(
    "id=my-phone&lat=52.12345&lon=-2.12345&accuracy=15&altitude=380&speed=5&batt=85&charge=2"
    "&timestamp=1739362800&bearing=180.0"
)
# The body of colota.app/docs/integrations/traccar ("Traccar JSON (POST)", Traccar 6.7)
COLOTA_BODY = b"""{
"location": {
"timestamp": "2025-02-12T13:00:00Z",
"coords": {
"latitude": 52.12345,
"longitude": -2.12345,
"accuracy": 15,
"altitude": 380,
"speed": 5,
"heading": 180
},
"battery": {
"level": 0.85,
"is_charging": false
}
},
"device_id": "colota"
}"""
SOS = get("deviceid=123456&location=33.3,44.4&timestamp=1760000000250&bearing=360&alarm=sos&key=s3cret")
FORM = post(b"id=a&lat=1.5&lon=2.5&timestamp=2025-10-09+08%3A53%3A20", "application/x-www-form-urlencoded")
CHUNKED = (
    b"POST / HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nid=a&\r\nB;x=y\r\nlat=1&lon=2\r\n0\r\n\r\n"
)

TCP = Session(
    protocol="osmand",
    transport=Transport.TCP,
    opening=(),
    frames=(QUERY, COLOTA_QUERY, post(COLOTA_BODY), SOS, FORM, CHUNKED),
    broken={
        "no id": get("lat=1&lon=2"),
        "an id with a space": get("id=a%20b&lat=1&lon=2"),
        "no place": get("id=a"),
        "no longitude": get("id=a&lat=1"),
        "a latitude that is no number": get("id=a&lat=north&lon=2"),
        "a latitude of nan": get("id=a&lat=nan&lon=2"),
        "JSON cut short": post(COLOTA_BODY[:-2]),
        "JSON without coords": post(b'{"device_id":"a","location":{"event":"heartbeat"}}'),
        "JSON nested too deep": post(b'{"device_id":"a","x":' + b"[" * 5000),
        "a method that is not allowed": b"DELETE /?id=a&lat=1&lon=2" + HEAD_END,
    },
    endless=b"GET /?id=x",
    zero_place=get("id=a&lat=0&lon=0.0"),
    off_earth=get("id=a&lat=33&lon=-180.5"),
    impossible_date=get("id=a&lat=1&lon=2&timestamp=2025-13-01T00:00:00Z"),
    secret_marks=(b"key=",),
    far_dates={
        0: get("id=a&lat=1&lon=2&timestamp=0"),
        3_471_292_800_000_000: get("id=a&lat=1&lon=2&timestamp=3471292800"),
    },
)
SESSIONS = (TCP,)
