"""What a device of this protocol sends."""

import msgspec

from tapestry.model import Flag
from tapestry.wire import DistressCall, Fix


def encode_login(identity: str) -> bytes:
    """Return the login line of identity "id:<value>"."""
    return msgspec.json.encode({"login": identity.removeprefix("id:")}) + b"\n"


def encode_fix(fix: Fix, identity: str) -> bytes:
    """Return one position line; its time is cut to milliseconds."""
    fields: dict[str, float | bool | None] = {
        "t": fix.fixed_at_us // 1000,
        "lat": fix.lat_deg,
        "lon": fix.lon_deg,
        "v": fix.speed_mps,
        "h": fix.heading_deg,
        "alt": fix.alt_m,
        "acc": fix.accuracy_m,
    }
    line: dict[str, float | bool | str] = {key: value for key, value in fields.items() if value is not None}
    if fix.flags & Flag.NO_FIX:
        line["nofix"] = True
    if fix.flags & Flag.BUFFERED:
        line["buf"] = True
    if identity:
        line = {"id": identity.removeprefix("id:"), **line}
    return msgspec.json.encode(line) + b"\n"


def encode_distress(call: DistressCall, identity: str) -> bytes:
    """Return one distress line; with a place it comes back as a Fix too."""
    line: dict[str, float | bool | str] = {
        "id": identity.removeprefix("id:"),
        "sos": str(call.kind),
        "t": call.raised_at_us // 1000,
    }
    if call.lat_deg is not None and call.lon_deg is not None:
        line |= {"lat": call.lat_deg, "lon": call.lon_deg}
    if call.silent:
        line["silent"] = True
    return msgspec.json.encode(line) + b"\n"
