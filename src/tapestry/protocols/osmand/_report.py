"""What a request reports: one position, perhaps a call for help.

Sources: traccar.org/osmand (query parameters; speed in knots); Traccar's documentation of its JSON body,
as Traccar Client 9 sends it (metres, metres per second, degrees).
"""

import math
from datetime import UTC, datetime
from typing import Annotated, Final
from urllib.parse import unquote_plus

import msgspec

from tapestry.model import DeviceFault, DistressKind
from tapestry.wire import (
    HDOP_ACCURACY_M,
    KNOT_MPS,
    MAX_FIXED_AT_US,
    DistressCall,
    Fix,
    Request,
    heading_deg,
    position_flags,
    verify_fixed_at_us,
    verify_position,
)

MAX_ID_LENGTH: Final = 64  # characters
# A timestamp below this counts seconds (until the year 5138), from it on milliseconds (since 1973).
MILLISECONDS_FROM: Final = 100_000_000_000
MAX_AMOUNT: Final = 1e9  # no number of a report is larger; a column of 32 bits must hold it

_ALARMS: Final = {
    "sos": DistressKind.SOS,
    "help": DistressKind.HELP,
    "delay": DistressKind.DELAY,
    "contact": DistressKind.CONTACT,
    "tamper": DistressKind.TAMPER,
    # Traccar's own names of alarms
    "powercut": DistressKind.TAMPER,
    "tampering": DistressKind.TAMPER,
    "removing": DistressKind.TAMPER,
}
"""Value of `alarm`, in lower case -> distress. Any other (lowBattery, fallDown, …) is not a call for help."""


class Report(msgspec.Struct, frozen=True):
    """What one request said."""

    identity: str  # "osmand:<id>"
    secret: str | None
    fix: Fix | None
    call: DistressCall | None
    fault: str = ""  # what was wrong with the position that came with a call for help


_Amount = Annotated[float, msgspec.Meta(ge=-MAX_AMOUNT, le=MAX_AMOUNT)]


class _Coords(msgspec.Struct):
    latitude: float
    longitude: float
    accuracy: _Amount | None = None  # metres
    speed: _Amount | None = None  # m/s, negative: not known
    heading: _Amount | None = None  # degrees, negative: not known
    altitude: _Amount | None = None  # metres


class _Extras(msgspec.Struct):
    alarm: str | None = None


class _Location(msgspec.Struct):
    coords: _Coords | None = None
    timestamp: Annotated[datetime, msgspec.Meta(tz=True)] | int | float | None = None
    event: str | None = None
    alarm: str | None = None
    extras: _Extras | None = None


class _Body(msgspec.Struct):
    location: _Location
    device_id: str
    alarm: str | None = None
    key: str | None = None


_body_of = msgspec.json.Decoder(_Body).decode


def report_of(request: Request, *, received_at_us: int) -> Report:
    """Return what a request reports.

    Raises:
        DeviceFault: Something is missing or wrong; the text tells the client what.
    """
    query = request.target.partition("?")[2].partition("#")[0]
    if request.body and ("json" in request.content_type or request.body.lstrip()[:1] == b"{"):
        return _from_json(request.body, _parameters(query), received_at_us)
    parameters = _parameters(query)
    if request.body:
        parameters |= _parameters(request.body.decode("latin-1"))
    return _from_parameters(parameters, received_at_us)


def _parameters(query: str) -> dict[str, str]:
    """Return name -> value of a query or form; an empty value counts as absent, a later one wins."""
    found = {}
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if value:
            found[name] = unquote_plus(value) if "%" in value or "+" in value else value
    return found


def _from_parameters(parameters: dict[str, str], received_at_us: int) -> Report:
    identity = _identity(parameters.get("id") or parameters.get("deviceid"))
    secret = parameters.get("key")
    kind = _ALARMS.get(parameters.get("alarm", "").lower())
    try:
        fixed_at_us = _time_us(parameters.get("timestamp"), received_at_us)
        fix = _fix_from_parameters(identity, parameters, fixed_at_us)
    except DeviceFault as fault:
        return _call_alone(identity, secret, kind, fault, received_at_us)
    if fix is not None:
        return Report(identity, secret, fix, _call(kind, fix))
    if kind is not None:
        return Report(identity, secret, None, DistressCall(kind, fixed_at_us, identity=identity))
    raise DeviceFault("lat and lon are missing, expected both in degrees, or location=lat,lon")


def _fix_from_parameters(identity: str, parameters: dict[str, str], fixed_at_us: int) -> Fix | None:
    lat_text, lon_text = parameters.get("lat"), parameters.get("lon")
    if location := parameters.get("location"):
        lat_text, _, lon_text = location.partition(",")
    if lat_text is None and lon_text is None:
        return None
    lat_deg, lon_deg = _number("lat", lat_text), _number("lon", lon_text)
    if lat_deg is None or lon_deg is None:
        raise DeviceFault("lat or lon is missing, expected both in degrees, or location=lat,lon")
    hdop = _number("hdop", parameters.get("hdop"))
    accuracy_m = _number("accuracy", parameters.get("accuracy"))
    if accuracy_m is None and hdop is not None:
        accuracy_m = hdop * HDOP_ACCURACY_M
    speed_kn = _number("speed", parameters.get("speed"))
    return _fix(
        identity,
        fixed_at_us=fixed_at_us,
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        speed_mps=None if speed_kn is None else speed_kn * KNOT_MPS,
        course_deg=_number("bearing", parameters.get("bearing") or parameters.get("heading")),
        alt_m=_number("altitude", parameters.get("altitude")),
        accuracy_m=accuracy_m,
        valid=parameters.get("valid", "true").lower() not in ("false", "0"),
    )


def _from_json(body: bytes, parameters: dict[str, str], received_at_us: int) -> Report:
    try:
        parsed = _body_of(body)
    except (msgspec.DecodeError, ValueError) as err:
        raise DeviceFault(f"JSON body: {err}") from err
    except RecursionError as err:
        raise DeviceFault("JSON body: brackets nested too deep") from err
    location = parsed.location
    identity = _identity(parsed.device_id)
    secret = parsed.key or parameters.get("key")
    extras = location.extras.alarm if location.extras else None
    said = parsed.alarm or location.alarm or extras or location.event or ""
    kind = _ALARMS.get(said.lower())
    try:
        if location.coords is None:
            raise DeviceFault("JSON body: location.coords is missing")
        fixed_at_us = _instant_us(location.timestamp, received_at_us)
        fix = _fix_from_coords(identity, location.coords, fixed_at_us)
    except DeviceFault as fault:
        return _call_alone(identity, secret, kind, fault, received_at_us)
    return Report(identity, secret, fix, _call(kind, fix))


def _fix_from_coords(identity: str, coords: _Coords, fixed_at_us: int) -> Fix:
    return _fix(
        identity,
        fixed_at_us=fixed_at_us,
        lat_deg=coords.latitude,
        lon_deg=coords.longitude,
        speed_mps=coords.speed,
        course_deg=coords.heading,
        alt_m=coords.altitude,
        accuracy_m=coords.accuracy,
        valid=True,
    )


def _call_alone(
    identity: str, secret: str | None, kind: DistressKind | None, fault: DeviceFault, received_at_us: int
) -> Report:
    """Return a call for help without its position: it is never lost to a fault beside it.

    Raises:
        DeviceFault: It was not a call for help: `fault` again.
    """
    if kind is None:
        raise fault
    return Report(identity, secret, None, DistressCall(kind, received_at_us, identity=identity), str(fault))


def _fix(
    identity: str,
    *,
    fixed_at_us: int,
    lat_deg: float,
    lon_deg: float,
    speed_mps: float | None,
    course_deg: float | None,
    alt_m: float | None,
    accuracy_m: float | None,
    valid: bool,
) -> Fix:
    verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
    return Fix(
        fixed_at_us,
        lat_deg,
        lon_deg,
        speed_mps if speed_mps is not None and speed_mps >= 0 else None,  # iOS says -1 for "not known"
        heading_deg(course_deg) if course_deg is not None else None,
        alt_m,
        accuracy_m if accuracy_m is not None and accuracy_m >= 0 else None,
        position_flags(lat_deg=lat_deg, lon_deg=lon_deg, valid=valid),
        identity,
    )


def _call(kind: DistressKind | None, fix: Fix) -> DistressCall | None:
    if kind is None:
        return None
    placed = fix.flags == 0
    return DistressCall(
        kind,
        fix.fixed_at_us,
        fix.lat_deg if placed else None,
        fix.lon_deg if placed else None,
        identity=fix.identity,
    )


def _identity(value: str | None) -> str:
    if not value:
        raise DeviceFault("id is missing, expected the device's identifier in id or device_id")
    if len(value) > MAX_ID_LENGTH or not value.isascii() or not value.isprintable() or " " in value:
        raise DeviceFault(
            f"id {value[:MAX_ID_LENGTH]!r}, expected up to {MAX_ID_LENGTH} printable characters, no spaces"
        )
    return f"osmand:{value}"


def _number(name: str, text: str | None) -> float | None:
    """Return a finite decimal number, None when it is absent."""
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not abs(value) <= MAX_AMOUNT or "_" in text:  # also when it is not a number
        raise DeviceFault(f"{name} is {text[:32]!r}, expected a decimal number up to {MAX_AMOUNT:.0f}")
    return value


def _time_us(text: str | None, received_at_us: int) -> int:
    """Return `timestamp` as microseconds: seconds, milliseconds or ISO 8601; absent is the hub's clock."""
    if text is None:
        return received_at_us
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return _instant_us(float(text), received_at_us)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as err:
        raise DeviceFault(
            f"timestamp is {text[:40]!r}, expected seconds or milliseconds since 1970, or ISO 8601"
        ) from err
    return _instant_us(instant, received_at_us)


def _instant_us(instant: datetime | float | None, received_at_us: int) -> int:
    if instant is None:
        return received_at_us
    if isinstance(instant, datetime):
        aware = instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
        fixed_at_us = round(aware.timestamp() * 1_000_000)
    elif not 0 <= instant <= MAX_FIXED_AT_US / 1000:
        raise DeviceFault(f"timestamp {instant:.6g}, expected seconds or milliseconds since 1970")
    else:
        scale = 1000 if instant >= MILLISECONDS_FROM else 1_000_000
        fixed_at_us = round(instant * scale)
    verify_fixed_at_us(fixed_at_us)
    return fixed_at_us
