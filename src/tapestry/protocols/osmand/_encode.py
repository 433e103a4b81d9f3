"""What a phone sends: GET requests on a connection that is kept alive."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from tapestry.model import DistressKind, Flag
from tapestry.wire import KNOT_MPS, DistressCall, Fix


def encode_login(identity: str) -> bytes:
    """Return nothing: each request names its sender."""
    del identity
    return b""


def encode_fix(fix: Fix, identity: str) -> bytes:
    """Return a GET request with every number in full; the time to the millisecond."""
    parameters: dict[str, str] = {
        "id": identity.removeprefix("osmand:"),
        "timestamp": _time(fix.fixed_at_us),
        "lat": repr(fix.lat_deg),
        "lon": repr(fix.lon_deg),
    }
    if fix.speed_mps is not None:
        parameters["speed"] = repr(fix.speed_mps / KNOT_MPS)
    if fix.heading_deg is not None:
        parameters["bearing"] = repr(fix.heading_deg)
    if fix.alt_m is not None:
        parameters["altitude"] = repr(fix.alt_m)
    if fix.accuracy_m is not None:
        parameters["accuracy"] = repr(fix.accuracy_m)
    if fix.flags & Flag.NO_FIX:
        parameters["valid"] = "false"
    return _get(parameters)


def encode_distress(call: DistressCall, identity: str) -> bytes:
    """Return a GET request with `alarm`; TAMPER goes under Traccar's name for it."""
    parameters: dict[str, str] = {
        "id": identity.removeprefix("osmand:"),
        "timestamp": _time(call.raised_at_us),
        "alarm": "tampering" if call.kind is DistressKind.TAMPER else str(call.kind),
    }
    if call.lat_deg is not None and call.lon_deg is not None:
        parameters |= {"lat": repr(call.lat_deg), "lon": repr(call.lon_deg)}
    return _get(parameters)


def _time(instant_us: int) -> str:
    return datetime.fromtimestamp(instant_us // 1000 / 1000, tz=UTC).isoformat(timespec="milliseconds")


def _get(parameters: dict[str, str]) -> bytes:
    return f"GET /?{urlencode(parameters)} HTTP/1.1\r\nHost: tapestry\r\n\r\n".encode()
