"""Messages of LM Direct: options, head, and what each type holds.

    [options(1) and one field of length(1) value for each bit]  service(1) type(1) sequence(2)  content

    event (2), locate (8)   update time(4) time of fix(4) lat(4) lon(4) alt(4) speed(4) heading(2) satellites(1)
                            fix status(1) carrier(2) RSSI(2) comm state(1) HDOP(1) inputs(1) unit status(1)
                            [event index(1) event code(1) accumulators(1) append(1) accumulator(4)…]
    mini event (10)         update time(4) lat(4) lon(4) heading(2) speed(1) satellites and fix(1) comm state(1)
                            inputs(1) event code(1) accumulators(1) accumulator(4)…

There is no length and no checksum but UDP's: a datagram is one message. What follows the fields that are known here
(user data, newer accumulators) is passed over.

Source: CalAmp, "LM Direct Reference Guide" 8.4 (2011), sections 2.1 to 2.3.
"""

import struct
from typing import Any, Final

import msgspec

from tapestry.model import DeviceFault, Flag
from tapestry.wire import (
    HDOP_ACCURACY_M,
    KMH_MPS,
    Fix,
    Readings,
    heading_deg,
    position_flags,
    verify_position,
)

OPTIONS: Final = 0x80
_MOBILE_ID: Final = 0x01  # bits of the options byte
_ID_TYPE: Final = 0x02
_LAST_OPTION_BIT: Final = 0x20
_EXTENSION: Final = 0x40  # one field of one byte, and a field for each of its bits
_IMEI_TYPES: Final = frozenset({2})  # IMEI or ESN of the modem

EVENT_REPORT: Final = 2
USER_DATA: Final = 4
LOCATE_REPORT: Final = 8
USER_DATA_WITH_ACCUMULATORS: Final = 9
MINI_EVENT_REPORT: Final = 10
TYPES: Final = frozenset(range(12))

_MOST_MOBILE_ID_SIZE_BYTES: Final = 32  # numbers have 8 or fewer, names that people chose some more

_PLACE: Final = struct.Struct(">IIiiiIhBB")
_STATE: Final = struct.Struct(">HhBBBB")
_MINI: Final = struct.Struct(">IiihBBBBBB")
_CM_S: Final = 0.01
_HDOP_STEP: Final = 0.1
_POSITION_LEFT_OUT: Final = 0x7FFFFFFF
_INVALID_FIX: Final = 0x08  # bits of the fix status
_HISTORIC: Final = 0x20
_MINI_INVALID_FIX: Final = 0x20
_STATE_SIZE_BYTES: Final = _PLACE.size + _STATE.size


class Message(msgspec.Struct, frozen=True, gc=False):
    """One message."""

    identity: str | None  # None: it has no mobile id
    service: int  # 0 not acknowledged, 1 acknowledged, 2 an answer
    kind: int
    sequence: int
    content: bytes
    head: bytes  # options as received: an answer repeats them


def message_of(data: bytes) -> Message:
    """Return a whole message.

    Raises:
        DeviceFault: It ends inside its options or head, its head is none, or its id is too long for one.
    """
    at = 0
    options: dict[int, bytes] = {}
    if data and data[0] & OPTIONS:
        at = 1
        for bit in _bits(data[0] & (_LAST_OPTION_BIT * 2 - 1)):
            options[bit], at = _field(data, at)
        if data[0] & _EXTENSION:
            more, at = _field(data, at)
            for _ in _bits(more[0] if more else 0):
                _, at = _field(data, at)
    if len(data) < at + 4:
        raise DeviceFault(f"message of {len(data)} bytes, expected {at + 4} or more")
    service, kind, sequence = data[at], data[at + 1], data[at + 2] << 8 | data[at + 3]
    if service > 2 or kind not in TYPES:
        raise DeviceFault(
            f"service {service} type {kind}, expected service 0 to 2 and type 0 to {max(TYPES)}"
        )
    identity = _identity(options[_MOBILE_ID], options.get(_ID_TYPE, b"")) if _MOBILE_ID in options else None
    return Message(identity, service, kind, sequence, data[at + 4 :], data[:at])


def _bits(number: int) -> list[int]:
    return [1 << place for place in range(8) if number >> place & 1]


def _field(data: bytes, at: int) -> tuple[bytes, int]:
    """Return a field that says its length, and where the next one begins."""
    end = at + 1 + data[at] if at < len(data) else len(data) + 1
    if end > len(data):
        raise DeviceFault(f"message of {len(data)} bytes ends inside its options")
    return data[at + 1 : end], end


def _identity(mobile_id: bytes, id_type: bytes) -> str | None:
    if len(mobile_id) > _MOST_MOBILE_ID_SIZE_BYTES:
        raise DeviceFault(
            f"mobile id of {len(mobile_id)} bytes, expected at most {_MOST_MOBILE_ID_SIZE_BYTES}"
        )
    digits = mobile_id.hex().rstrip("f")
    if not digits:
        return None
    if digits.isdecimal():
        if len(digits) == 15 or (id_type and id_type[0] in _IMEI_TYPES and len(digits) == 16):
            return f"imei:{digits[-15:]}"
        return f"calamp:{digits}"
    text = mobile_id.decode("latin-1")
    return f"calamp:{text}" if text.isascii() and text.isalnum() else f"calamp:{mobile_id.hex()}"


def fix_of(message: Message) -> Fix:
    """Return the position of an event, locate or mini event report, or of user data that has one.

    Raises:
        DeviceFault: Too short, or a place that is not on Earth.
    """
    if message.kind == MINI_EVENT_REPORT:
        return _mini(message.content)
    content = message.content
    if len(content) < _STATE_SIZE_BYTES:
        raise DeviceFault(f"report of {len(content)} bytes, expected {_STATE_SIZE_BYTES} or more")
    update_s, fixed_s, lat, lon, alt_cm, speed_cms, course, satellites, status = _PLACE.unpack_from(content)
    carrier, rssi_dbm, _, hdop, inputs, unit = _STATE.unpack_from(content, _PLACE.size)
    codes: dict[str, bool | int | float | str] = {"inputs": inputs, "unit-status": unit, "carrier": carrier}
    if message.kind == EVENT_REPORT and len(content) >= _STATE_SIZE_BYTES + 4:
        codes["event-index"], codes["event"] = content[_STATE_SIZE_BYTES], content[_STATE_SIZE_BYTES + 1]
        codes |= _accumulators(content[_STATE_SIZE_BYTES + 2 :])
    readings = Readings(
        satellites=satellites & 0x0F,
        hdop=hdop * _HDOP_STEP if hdop else None,
        signal_dbm=float(rssi_dbm) if rssi_dbm < 0 else None,
        fix_age_s=float(update_s - fixed_s) if 0 < fixed_s <= update_s else None,
        ignition=bool(inputs & 1),
        codes=codes,
    )
    return _placed(
        fixed_s or update_s, lat, lon, valid=not status & _INVALID_FIX, stored=bool(status & _HISTORIC),
        readings=readings, speed_mps=speed_cms * _CM_S, heading=course, alt_m=alt_cm * _CM_S,
        accuracy_m=hdop * _HDOP_STEP * HDOP_ACCURACY_M if hdop else None,
    )  # fmt: skip


def _mini(content: bytes) -> Fix:
    if len(content) < _MINI.size:
        raise DeviceFault(f"mini report of {len(content)} bytes, expected {_MINI.size} or more")
    at_s, lat, lon, course, speed_kmh, state, _, inputs, event, _ = _MINI.unpack_from(content)
    codes: dict[str, bool | int | float | str] = {"inputs": inputs, "event": event}
    codes |= _accumulators(content[_MINI.size - 1 :], appended=False)
    readings = Readings(satellites=state & 0x0F, ignition=bool(inputs & 1), codes=codes)
    return _placed(
        at_s, lat, lon, valid=not state & _MINI_INVALID_FIX, stored=False, readings=readings,
        speed_mps=speed_kmh * KMH_MPS,
        heading=course,
    )  # fmt: skip


def _placed(
    at_s: int,
    lat: int,
    lon: int,
    *,
    valid: bool,
    stored: bool,
    readings: Readings,
    heading: int,
    **rest: Any,
) -> Fix:
    if _POSITION_LEFT_OUT in (lat, lon):
        raise DeviceFault("latitude or longitude left out, expected a place")
    lat_deg, lon_deg = lat / 1e7, lon / 1e7
    verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
    flags = position_flags(lat_deg=lat_deg, lon_deg=lon_deg, valid=valid)
    flags |= int(Flag.BUFFERED) if stored else 0
    course = heading_deg(float(heading))
    return Fix(at_s * 1_000_000, lat_deg, lon_deg, heading_deg=course, flags=flags, readings=readings, **rest)


def _accumulators(content: bytes, *, appended: bool = True) -> dict[str, bool | int | float | str]:
    """Return accumulators by number: a count, in full reports a byte of append flags, four bytes each."""
    count, at = content[0] & 0x3F, 2 if appended else 1
    return {
        f"accumulator-{index}": int.from_bytes(content[at + 4 * index : at + 4 * index + 4], "big")
        for index in range(count)
        if at + 4 * index + 4 <= len(content)
    }
