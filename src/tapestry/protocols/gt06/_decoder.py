"""From frames of GT06 to events."""

from tapestry.model import DeviceFault, Flag
from tapestry.protocols.gt06._encode import encode_frame, encode_time
from tapestry.protocols.gt06._frame import Frame, FrameReader
from tapestry.protocols.gt06._packet import (
    ALARMS,
    HEARTBEAT,
    LOCATIONS,
    LOGIN,
    TIME_REQUEST,
    alarm_kind,
    fix,
    imei,
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
        self._logged_in = False

    def feed(self, data: bytes, *, received_at_us: int) -> list[Event]:
        """Return the events of the frames that `data` completes."""
        events: list[Event] = []
        if self._rejections.closed:
            return events
        self._frames.feed(data)
        while (frame := self._frames.next_frame(events)) is not None:
            try:
                events += self._events_of(frame, received_at_us)
            except DeviceFault as fault:
                self._rejections.reject(events, frame.raw, str(fault))
        return events

    def end(self, *, received_at_us: int) -> list[Event]:
        """Return a Rejected for a frame cut short."""
        events: list[Event] = []
        self._frames.end(events)
        return events

    def _events_of(self, frame: Frame, received_at_us: int) -> list[Event]:
        if frame.number == LOGIN:
            login = Login(f"imei:{imei(frame.content)}")
            self._logged_in = True
            return [login, _answer(frame, durable=False)]
        if not self._logged_in:
            raise DeviceFault(f"frame 0x{frame.number:02x} before a login, expected login 0x01 first")
        if frame.number in LOCATIONS:
            return [fix(frame)]
        if frame.number in ALARMS:
            return _alarm_events(frame)
        if frame.number == HEARTBEAT:
            return [Heartbeat(), _answer(frame, durable=False)]
        if frame.number == TIME_REQUEST:
            return [Heartbeat(), _answer(frame, encode_time(received_at_us), durable=False)]
        # Texts, cell towers, parameters: the checksum is right, so the device is alive; nothing to track.
        return [Heartbeat()]


def _alarm_events(frame: Frame) -> list[Event]:
    position = fix(frame)
    kind = alarm_kind(frame)
    events: list[Event] = [position]
    if kind is not None:
        placed = not position.flags & Flag.NO_FIX
        events.append(
            DistressCall(
                kind,
                position.fixed_at_us,
                position.lat_deg if placed else None,
                position.lon_deg if placed else None,
            )
        )
    return [*events, _answer(frame, durable=True)]


def _answer(frame: Frame, content: bytes = b"", *, durable: bool) -> Reply:
    return Reply(encode_frame(frame.number, content, frame.serial), durable=durable)
