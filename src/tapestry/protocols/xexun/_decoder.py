"""From lines and messages of Xexun to events."""

from typing import Final

from tapestry.model import DeviceFault, DistressKind
from tapestry.protocols.xexun._encode import encode_answer
from tapestry.protocols.xexun._frame import MARK, FrameReader, Message, message_of
from tapestry.protocols.xexun._records import Entry, entries_of, tagged_entries_of
from tapestry.protocols.xexun._text import (
    Record,
    alarms_of,
    fix_of,
    is_half,
    readings_of,
    record_of,
    records_of,
)
from tapestry.wire import DistressCall, Event, Heartbeat, Login, Rejections, Reply, Transport, call_at

_POSITIONS: Final = 0x0014
_TAGGED: Final = 0x0020
_KINDS: Final = {"sos": DistressKind.SOS, "removed": DistressKind.TAMPER}


class XexunDecoder:
    """One Xexun connection or datagram. See wire.Decoder. Lines are not answered, messages are once they are stored."""

    def __init__(self, transport: Transport = Transport.TCP) -> None:
        self._rejections = Rejections()
        self._frames = FrameReader(self._rejections, datagram=transport is Transport.UDP)
        self._half = b""  # a line whose second half has not come
        self._identity: str | None = None  # who spoke last

    def feed(self, data: bytes, *, received_at_us: int) -> list[Event]:
        """Return the events of the lines and messages that `data` ends."""
        events: list[Event] = []
        if self._rejections.closed:
            return events
        self._frames.feed(data)
        while (frame := self._frames.next_frame(events)) is not None:
            self._take(frame, events, received_at_us)
        return events

    def end(self, *, received_at_us: int) -> list[Event]:
        """Return what the end completes: a datagram's last line needs no line end."""
        events: list[Event] = []
        frame = self._frames.end(events)
        if frame is not None:
            self._take(frame, events, received_at_us)
        self._drop_half(events)
        return events

    def _take(self, frame: bytes, events: list[Event], received_at_us: int) -> None:
        if frame[:2] == MARK:
            self._drop_half(events)
            if self._rejections.closed:
                return
            try:
                self._message(message_of(frame), events, received_at_us)
            except DeviceFault as fault:
                self._rejections.reject(events, frame, str(fault))
            return
        line = frame.strip()
        joined = bool(self._half) and line[:1] == b","
        if self._half:
            if joined:
                line, self._half = self._half + line, b""
            else:
                self._drop_half(events)
        if self._rejections.closed:  # the half was the last fault that is borne: nothing follows a Close
            return
        text = line.decode("latin-1")
        if is_half(text):
            self._half = line
            if joined:  # two halves are a whole: what lacks the imei still will not get it
                self._drop_half(events)
            return
        for part in records_of(text):
            if self._rejections.closed:
                return
            try:
                self._record(record_of(part), events, received_at_us)
            except DeviceFault as fault:
                self._rejections.reject(events, part.encode("latin-1"), str(fault))

    def _drop_half(self, events: list[Event]) -> None:
        if self._half:
            reason = "no imei: after GPRMC, expected it in this line or at the start of the next one"
            self._rejections.reject(events, self._half, reason)
            self._half = b""

    def _record(self, record: Record, events: list[Event], received_at_us: int) -> None:
        self._name(record.identity, events)
        kind = _kind(alarms_of(record))
        try:
            fix = fix_of(record, received_at_us=received_at_us)
        except DeviceFault as fault:
            if kind is None:
                raise
            events.append(DistressCall(kind, received_at_us))
            raise DeviceFault(f"{fault}; the distress call in it was taken") from fault
        events.append(Heartbeat(readings=readings_of(record)[0]) if fix is None else fix)
        if kind is not None:
            events.append(call_at(kind, fix, received_at_us=received_at_us))

    def _message(self, message: Message, events: list[Event], received_at_us: int) -> None:
        digits = message.imei.hex()[:15]
        if not digits.isdecimal():
            raise DeviceFault(f"imei is {digits!r}, expected 15 decimal digits")
        if message.number not in (_POSITIONS, _TAGGED):
            self._name(f"imei:{digits}", events)
            events.append(Heartbeat())
            return
        entries = (
            entries_of(message.body) if message.number == _POSITIONS else tagged_entries_of(message.body)
        )
        self._name(f"imei:{digits}", events)
        faults = [fault for entry in entries if (fault := self._entry(entry, events, received_at_us))]
        if not entries:
            events.append(Heartbeat())
        if faults:
            raise DeviceFault(faults[0])
        durable = any(entry.fix is not None or entry.readings.alarms for entry in entries)
        events.append(Reply(encode_answer(message), durable=durable))

    def _entry(self, entry: Entry, events: list[Event], received_at_us: int) -> str:
        """Append what one record says; return what was wrong with its place."""
        kind = _kind(entry.readings.alarms)
        if not entry.fault:
            events.append(Heartbeat(readings=entry.readings) if entry.fix is None else entry.fix)
        if kind is None:
            return entry.fault
        events.append(call_at(kind, entry.fix, received_at_us=received_at_us))
        return f"{entry.fault}; the distress call in it was taken" if entry.fault else ""

    def _name(self, identity: str, events: list[Event]) -> None:
        if identity != self._identity:
            self._identity = identity
            events.append(Login(identity))


def _kind(alarms: tuple[str, ...]) -> DistressKind | None:
    return next((_KINDS[word] for word in alarms if word in _KINDS), None)
