"""Requests of OwnTracks, laid out by its booklet."""

from tests.protocols.session import Session, us

from tapestry.wire import Transport


def post(
    body: str, *, headers: str = "X-Limit-U: jane\r\nX-Limit-D: phone\r\n", target: str = "/pub"
) -> bytes:
    data = body.encode()
    return (
        f"POST {target} HTTP/1.1\r\nHost: hub\r\n{headers}Content-Length: {len(data)}\r\n\r\n".encode() + data
    )


def location(**changes: object) -> str:
    fields = {"_type": '"location"', "lat": "33.3152", "lon": "44.3661", "tst": "1760000000"} | {
        name: str(value) for name, value in changes.items()
    }
    return "{" + ",".join(f'"{name}":{value}' for name, value in fields.items()) + "}"


FULL = post(
    location(acc=8, alt=34, vel=36, cog=92, batt=78, bs=2, tid='"jp"', created_at=1760000005, t='"u"')
)
BARE = post(location())
LATE = post(location(created_at=1760003600))
TWO = post(f"[{location()},{location(tst=1760000010)}]")
STATUS = post('{"_type":"lwt","tst":1760000000}')
TRIED = post("")

TCP = Session(
    protocol="owntracks",
    transport=Transport.TCP,
    opening=(),
    frames=(FULL, BARE, LATE, TWO, STATUS, TRIED),
    broken={
        "no JSON": post("hello"),
        "no type": post('{"lat":1}'),
        "a latitude of letters": post(location(lat='"x"')),
        "a sealed message": post('{"_type":"encrypted","data":"AAAA"}'),
        "nobody's": post(location(), headers="").replace(b"/pub", b"/"),
        "a list of numbers": post("[1]"),
    },
    endless=b"POST /pub HTTP/1.1\r\nx: a",
    zero_place=post(location(lat=0, lon=0)),
    off_earth=post(location(lat=90.000001)),
    impossible_date=post(location(tst=-1)),
    far_dates={0: post(location(tst=0)), us(2080, 1, 1): post(location(tst=3471292800))},
)
SESSIONS = (TCP,)
