"""From lines of GPS103 to events.

##,imei:<15 digits>,A;      login; answered with LOAD
<15 digits>;                a sign of life, every minute; answered with ON
imei:<15 digits>,…;         a record
"""

import re
from typing import Final

from tapestry.model import DeviceFault, DistressKind
from tapestry.protocols.gps103._event import ROUTINE, alarm_of, kind_of
from tapestry.protocols.gps103._record import fix_of, obd_readings
from tapestry.wire import (
    DistressCall,
    Event,
    Heartbeat,
    LineDecoder,
    Login,
    Readings,
    Reply,
    Transport,
    call_at,
)

MAX_LINE_SIZE_BYTES: Final = 8192  # records have 150 bytes; pieces of a picture are longer, and not read
_END: Final = b";"
_SAME_END: Final = bytes.maketrans(b"\r\n", b";;")
_HEAD: Final = b"imei:"
_STRAY: Final = b" \t\0|*#,"  # what some put before a record
_NUMBER = re.compile(rb"[0-9]{1,20}")  # copies have numbers of their own: "7"
_FIRST = re.compile(rb"(?:##,)?imei:[0-9]{8,20},.|[0-9]{15};")
_PICTURES: Final = frozenset({"vr", "vt", "vu"})


def is_first(first: bytes) -> bool:
    """Tell whether the first bytes of a connection are GPS103: a login, a record, or the digits of a sign of life."""
    return _FIRST.match(first) is not None


class Gps103Decoder(LineDecoder):
    """One GPS103 connection or datagram. See wire.Decoder."""

    def __init__(self, transport: Transport = Transport.TCP) -> None:
        super().__init__(transport, ends=_END, most_size_bytes=MAX_LINE_SIZE_BYTES)
        self._number: str | None = None  # who spoke last

    def feed(self, data: bytes, *, received_at_us: int) -> list[Event]:
        """Return the events of the lines that `data` ends, with a semicolon or a line end."""
        return super().feed(data.translate(_SAME_END), received_at_us=received_at_us)

    def _read(self, line: bytes, events: list[Event], received_at_us: int) -> None:
        line = line.lstrip(_STRAY)
        at = line.rfind(_HEAD)
        if at > 0:  # a record that was cut short by the next one
            self._rejections.reject(events, line[:at], "a new record began before this one ended with ;")
            line = line[at:]
        if not line or self._rejections.closed:
            return
        try:
            if at < 0:
                self._sign_of_life(line, events)
            else:
                self._record(
                    [one.strip() for one in line.decode("latin-1").split(",")], events, received_at_us
                )
        except DeviceFault as fault:
            self._rejections.reject(events, line, str(fault))

    def _sign_of_life(self, line: bytes, events: list[Event]) -> None:
        if _NUMBER.fullmatch(line.strip()) is None:
            raise DeviceFault("no imei: and no digits of an IMEI alone, expected one of these")
        self._name(line.strip().decode(), events)
        events.append(Heartbeat())
        events.append(Reply(b"ON", durable=False))

    def _record(self, fields: list[str], events: list[Event], received_at_us: int) -> None:
        number = fields[0].removeprefix("imei:").strip()
        if not (number.isascii() and number.isdecimal() and len(number) <= 20):
            raise DeviceFault(f"imei is {number[:24]!r}, expected 15 digits")
        self._name(number, events)
        if len(fields) == 2 and fields[1].strip() == "A":
            events.append(Reply(b"LOAD", durable=False))
            return
        word = fields[1] if len(fields) > 1 else ""
        alarm = alarm_of(word) or (alarm_of(fields[2]) if len(fields) > 2 else None)
        kind = kind_of(alarm)
        # The device repeats a call for help until it is told that it was heard.
        heard = [Reply(f"**,imei:{number},E;".encode())] if kind is DistressKind.SOS else []
        alarms = () if alarm is None else (alarm,)
        try:
            fix = None if word in _PICTURES else fix_of(fields, alarms, received_at_us=received_at_us)
        except DeviceFault as fault:
            if kind is None:
                raise
            events += [DistressCall(kind, received_at_us), *heard]
            raise DeviceFault(f"{fault}; the distress call in it was taken") from fault
        if fix is None:
            events.append(Heartbeat(readings=_readings(fields, word, alarms)))
        else:
            events.append(fix)
        if kind is not None:
            events.append(call_at(kind, fix, received_at_us=received_at_us))
        events += heard

    def _name(self, number: str, events: list[Event]) -> None:
        if number != self._number:
            self._number = number
            events.append(Login(f"imei:{number}" if len(number) == 15 else f"gps103:{number}"))


def _readings(fields: list[str], word: str, alarms: tuple[str, ...]) -> Readings:
    """Return what a record without a place says."""
    if word == "OBD":
        return obd_readings(fields, alarms)
    unknown = word[:32] if word not in ("", ROUTINE) and not alarms else None
    return Readings(alarms=alarms, codes=None if unknown is None else {"event": unknown})
