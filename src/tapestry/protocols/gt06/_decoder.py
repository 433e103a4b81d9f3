"""From frames of GT06 to events."""

from tapestry.model import DeviceFault, Flag
from tapestry.protocols.gt06._encode import encode_frame, encode_time
from tapestry.protocols.gt06._frame import Frame, FrameReader
from tapestry.protocols.gt06._packet import (
    ALARMS,
    CELL_ALARMS,
    HEARTBEATS,
    LOCATIONS,
    LOGIN,
    TIME_REQUEST,
    alarm_kind,
    cell_alarm,
    fix,
    heartbeat,
    imei,
    zone_s,
)
from tapestry.wire import DistressCall, Event, Heartbeat, Login, Rejections, Reply, Transport


class Gt06Decoder:
    """One GT06 connection. See wire.Decoder.

    Locations are not answered: the protocol has no answer for them. Alarms are, once they are stored.
    """

    def __init__(self, transport: Transport = Transport.TCP) -> None:
        del transport  # GT06 runs over TCP only
        self._rejections = Rejections()
        self._frames = FrameReader(self._rejections)
        self._ahead_s = 0  # of UTC, the device's clock

    def feed(self, data: bytes, *, received_at_us: int) -> list[Event]:
        """Return the events of the frames that `data` completes."""
        events: list[Event] = []
        if self._rejections.closed:
            return events
        self._frames.feed(data)
        while (frame := self._frames.next_frame(events)) is not None:
            try:
                self._read(frame, events, received_at_us)
            except DeviceFault as fault:
                self._rejections.reject(events, frame.raw, str(fault))
        return events

    def end(self, *, received_at_us: int) -> list[Event]:
        """Return a Rejected for a frame cut short."""
        events: list[Event] = []
        self._frames.end(events)
        return events

    def _read(self, frame: Frame, events: list[Event], received_at_us: int) -> None:
        if frame.number == LOGIN:
            events.append(Login(f"imei:{imei(frame.content)}"))
            events.append(_answer(frame, durable=False))
            self._ahead_s = zone_s(frame.content)
        elif frame.number in LOCATIONS:
            events.append(fix(frame, ahead_s=self._ahead_s))
        elif frame.number in ALARMS:
            self._alarm(frame, events, received_at_us)
        elif frame.number in CELL_ALARMS:
            kind, readings = cell_alarm(frame)
            events.append(Heartbeat(readings=readings))
            if kind is not None:
                events.append(DistressCall(kind, received_at_us))
            events.append(_answer(frame, durable=True))
        else:
            # Texts, cell towers, parameters: the checksum is right, so the device is alive.
            events.append(heartbeat(frame))
            if frame.number in HEARTBEATS:
                events.append(_answer(frame, durable=False))
            elif frame.number == TIME_REQUEST:
                events.append(_answer(frame, encode_time(received_at_us), durable=False))

    def _alarm(self, frame: Frame, events: list[Event], received_at_us: int) -> None:
        """Append the fix and the call of an alarm; a call is not lost to a fault in its fix."""
        kind = alarm_kind(frame)
        try:
            position = fix(frame, ahead_s=self._ahead_s)
        except DeviceFault as fault:
            if kind is None:
                raise
            events.append(DistressCall(kind, received_at_us))
            events.append(_answer(frame, durable=True))
            raise DeviceFault(f"{fault}; the distress call in it was taken") from fault
        events.append(position)
        if kind is not None:
            placed = not position.flags & Flag.NO_FIX
            lat_deg, lon_deg = (position.lat_deg, position.lon_deg) if placed else (None, None)
            events.append(DistressCall(kind, position.fixed_at_us, lat_deg, lon_deg))
        events.append(_answer(frame, durable=True))


def _answer(frame: Frame, content: bytes = b"", *, durable: bool) -> Reply:
    return Reply(encode_frame(frame.number, content, frame.serial), durable=durable)
