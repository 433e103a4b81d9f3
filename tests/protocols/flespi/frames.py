"""Requests of a flespi stream, laid out by its list of parameters."""

import json

from tests.protocols.session import Session, us

from tapestry.wire import Transport


def post(*messages: object) -> bytes:
    body = json.dumps(list(messages)).encode()
    return f"POST / HTTP/1.1\r\nHost: hub\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def message(**changes: object) -> dict[str, object]:
    named = {name.replace("_", "."): value for name, value in changes.items()}
    return {
        "ident": "123456789012345",
        "timestamp": 1_760_000_000,
        "position.latitude": 33.3152,
        "position.longitude": 44.3661,
    } | named


FULL = message(
    position_altitude=34, position_speed=36, position_direction=92, position_satellites=9, position_hdop=1.1,
    position_valid=True, battery_level=78, battery_voltage=4.1, external_powersource_voltage=12.8,
    engine_ignition_status=True, movement_status=True, vehicle_mileage=123.456, gsm_signal_level=50,
)  # fmt: skip
SOS = message(alarm_sos_status=True)
NO_PLACE = {"ident": "123456789012345", "server.timestamp": 1_760_000_000.5, "battery.level": 50}

TCP = Session(
    protocol="flespi",
    transport=Transport.TCP,
    opening=(),
    frames=(post(FULL), post(message(), message(timestamp=1_760_000_010)), post(SOS), post(NO_PLACE)),
    broken={
        "no JSON": b"POST / HTTP/1.1\r\nHost: hub\r\nContent-Length: 5\r\n\r\nhello",
        "no ident": post({"timestamp": 1, "position.latitude": 1, "position.longitude": 1}),
        "a latitude of letters": post(message(position_latitude="x")),
        "a list in a list": post([1]),
    },
    endless=b"POST / HTTP/1.1\r\nx: a",
    zero_place=post(message(position_latitude=0, position_longitude=0)),
    off_earth=post(message(position_latitude=90.000001)),
    impossible_date=post(message(timestamp=-1)),
    far_dates={0: post(message(timestamp=0)), us(2080, 1, 1): post(message(timestamp=3_471_292_800))},
)
SESSIONS = (TCP,)
