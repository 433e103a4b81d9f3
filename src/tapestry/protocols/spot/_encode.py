"""What SPOT's feed says."""

from typing import Final

from tapestry.model import DistressKind, Refused
from tapestry.wire import DistressCall, Fix

_TYPES: Final = {DistressKind.SOS: "SOS", DistressKind.HELP: "HELP"}


def encode_login(identity: str) -> bytes:
    """Return nothing: every message names its sender."""
    del identity
    return b""


def encode_fix(fix: Fix, identity: str) -> bytes:
    """Return a request with one TRACK message: whole seconds, 1e-5 degree."""
    return _request("TRACK", fix.fixed_at_us, fix.lat_deg, fix.lon_deg, fix.alt_m, identity)


def encode_distress(call: DistressCall, identity: str) -> bytes:
    """Return a message SOS or HELP; without a place it is at 0,0.

    Raises:
        Refused: The kind is neither.
    """
    name = _TYPES.get(call.kind)
    if name is None:
        raise Refused(f"SPOT cannot say distress {call.kind!s}; it has sos and help")
    return _request(name, call.raised_at_us, call.lat_deg or 0.0, call.lon_deg or 0.0, None, identity)


def _request(
    kind: str, at_us: int, lat_deg: float, lon_deg: float, alt_m: float | None, identity: str
) -> bytes:
    altitude = "" if alt_m is None else f"<altitude>{alt_m:.3f}</altitude>"
    body = (
        "<response><feedMessageResponse><messages><message>"
        f"<messengerId>{identity.partition(':')[2]}</messengerId><unixTime>{at_us // 1_000_000}</unixTime>"
        f"<messageType>{kind}</messageType><latitude>{lat_deg:.5f}</latitude><longitude>{lon_deg:.5f}</longitude>"
        f"{altitude}<batteryState>GOOD</batteryState></message></messages></feedMessageResponse></response>"
    ).encode()
    return f"POST / HTTP/1.1\r\nHost: hub\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
