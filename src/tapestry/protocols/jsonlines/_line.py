"""The four kinds of line, and what each becomes. Ranges are checked by msgspec while it parses."""

from datetime import datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from tapestry.model import DeviceFault, DistressKind, Flag
from tapestry.wire import MAX_FIXED_AT_US, DistressCall, Event, Fix, Heartbeat, Login, verify_fixed_at_us

MAX_IDENTITY_LENGTH: Final = 64  # characters; a name for a vehicle or a device, not a place for payload

# The alphabet of an identity is checked by `identity_of`, once per name: a pattern here would cost
# as much as the rest of the line.
_Identity = Annotated[str, Meta(min_length=1, max_length=MAX_IDENTITY_LENGTH)]
_TimeMs = Annotated[int, Meta(ge=0, le=MAX_FIXED_AT_US // 1000)]
_Instant = _TimeMs | Annotated[datetime, Meta(tz=True)]
_Latitude = Annotated[float, Meta(ge=-90, le=90)]
_Longitude = Annotated[float, Meta(ge=-180, le=180)]


class PositionLine(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """One position. A key that is not listed is refused: a misspelt key must not pass as an absent one."""

    t: _Instant  # device's clock: milliseconds since 1970-01-01 UTC, or RFC 3339 with its offset
    lat: _Latitude
    lon: _Longitude
    id: _Identity | None = None
    v: Annotated[float, Meta(ge=0, le=1000)] | None = None  # m/s over ground
    h: Annotated[float, Meta(ge=0, le=360)] | None = None  # degrees, true north
    alt: Annotated[float, Meta(ge=-1000, le=100_000)] | None = None  # metres
    acc: Annotated[float, Meta(ge=0, le=1_000_000)] | None = None  # metres, 68 % radius
    nofix: bool = False  # the receiver has no fix: the place is its last one
    buf: bool = False  # stored by the device and sent later


class _LoginLine(msgspec.Struct, forbid_unknown_fields=True):
    login: _Identity
    key: Annotated[str, Meta(min_length=1, max_length=256)] | None = None


class _DistressLine(msgspec.Struct, forbid_unknown_fields=True):
    sos: DistressKind
    id: _Identity | None = None
    t: _Instant | None = None
    lat: _Latitude | None = None
    lon: _Longitude | None = None
    silent: bool = False


class _BareDistressLine(msgspec.Struct):
    """What is left of a distress line when its time or place is wrong."""

    sos: DistressKind
    id: _Identity | None = None
    silent: bool = False


class _HeartbeatLine(msgspec.Struct, forbid_unknown_fields=True):
    hb: bool
    id: _Identity | None = None


class _Key(msgspec.Struct):
    """Which of the four kinds a line is: the one whose own key it has."""

    login: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    sos: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    hb: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


position_of = msgspec.json.Decoder(PositionLine).decode
_key_of = msgspec.json.Decoder(_Key).decode
_login_of = msgspec.json.Decoder(_LoginLine).decode
_distress_of = msgspec.json.Decoder(_DistressLine).decode
_bare_distress_of = msgspec.json.Decoder(_BareDistressLine).decode
_heartbeat_of = msgspec.json.Decoder(_HeartbeatLine).decode


def identity_of(name: str) -> str:
    """Return the identity that a name stands for: "id:<name>".

    Raises:
        DeviceFault: The name holds a space, a control character or anything outside ASCII.
    """
    if not (name.isascii() and name.isprintable()) or " " in name:
        raise DeviceFault(f"id {name!r}, expected printable ASCII without spaces")
    return f"id:{name}"


def time_us(instant: int | datetime) -> int:
    """Return a line's time as microseconds since 1970-01-01 UTC.

    Raises:
        DeviceFault: A date before 1970 or after the year 9999.
    """
    if isinstance(instant, int):
        return instant * 1000
    at_us = round(instant.timestamp() * 1_000_000)
    verify_fixed_at_us(at_us)
    return at_us


def flags_of(line: PositionLine) -> int:
    """Return the Flag bits of a position line; the place 0,0 counts as no fix."""
    flags = 0
    if line.nofix or not (line.lat or line.lon):
        flags |= Flag.NO_FIX
    if line.buf:
        flags |= Flag.BUFFERED
    return int(flags)


def other_events(line: bytes, *, received_at_us: int) -> tuple[list[Event], str]:
    """Return the events of a line that is not a position: login, distress or heartbeat.

    Returns:
        The events, and what was wrong with the time or place of a distress call, if anything:
        a call is not lost to a fault beside it, it then has the hub's time and no place.

    Raises:
        msgspec.DecodeError: The line is none of the four kinds, or breaks the rules of its kind.
        DeviceFault: Its identity has characters that are not allowed, or its time is before 1970.
    """
    key = _key_of(line)
    if key.sos is not msgspec.UNSET:
        try:
            return _distress_events(_distress_of(line), received_at_us=received_at_us), ""
        except (msgspec.ValidationError, DeviceFault) as err:
            bare = _bare_distress_of(line)
            call = DistressCall(bare.sos, received_at_us, silent=bare.silent, identity=_identity(bare.id))
            return [call], str(err)
    if key.login is not msgspec.UNSET:
        login = _login_of(line)
        return [Login(identity_of(login.login), login.key)], ""
    if key.hb is not msgspec.UNSET:
        heartbeat = _heartbeat_of(line)
        return [Heartbeat(_identity(heartbeat.id))], ""
    position = position_of(line)  # raises, and says what the position lacks
    time_us(position.t)  # raises when it was the time …
    return [Heartbeat(_identity(position.id))], ""  # … else: its name is the only thing left to be wrong


def _distress_events(line: _DistressLine, *, received_at_us: int) -> list[Event]:
    identity = _identity(line.id)
    raised_at_us = received_at_us if line.t is None else time_us(line.t)
    lat_deg, lon_deg = line.lat, line.lon
    events: list[Event] = []
    if lat_deg is None or lon_deg is None or not (lat_deg or lon_deg):
        lat_deg = lon_deg = None
    elif line.t is not None:
        events.append(Fix(raised_at_us, lat_deg, lon_deg, identity=identity))
    events.append(DistressCall(line.sos, raised_at_us, lat_deg, lon_deg, line.silent, identity))
    return events


def _identity(value: str | None) -> str | None:
    return None if value is None else identity_of(value)
