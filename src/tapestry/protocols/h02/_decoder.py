"""From frames of H02 to events."""

from typing import Final

from tapestry.model import DeviceFault
from tapestry.protocols.h02._binary import position
from tapestry.protocols.h02._encode import encode_answer
from tapestry.protocols.h02._frame import Frame, FrameReader
from tapestry.protocols.h02._status import Calls, status_readings
from tapestry.protocols.h02._text import Text, fix_of, identity_of, readings_of, text_of
from tapestry.wire import (
    Event,
    Fix,
    Heartbeat,
    Login,
    Rejections,
    Reply,
    Transport,
    call_at,
    position_flags,
)

# Positions that makers want confirmed with the time, once they are stored; and signs of life, at once.
_CONFIRMED: Final = frozenset({"V1", "V6", "V8"})
_GREETED: Final = frozenset({"HTBT", "LINK", "NBR", "V0", "V3"})


class H02Decoder:
    """One H02 connection or datagram. See wire.Decoder."""

    def __init__(self, transport: Transport = Transport.TCP) -> None:
        del transport  # a datagram carries what a connection would
        self._rejections = Rejections()
        self._frames = FrameReader(self._rejections)
        self._number: str | None = None  # who spoke last
        self._calls = Calls()

    def feed(self, data: bytes, *, received_at_us: int) -> list[Event]:
        """Return the events of the frames that `data` completes."""
        events: list[Event] = []
        if self._rejections.closed:
            return events
        self._frames.feed(data)
        while (frame := self._frames.next_frame(events)) is not None:
            try:
                if frame.id_size_bytes:
                    self._binary(frame, events, received_at_us)
                else:
                    self._text(text_of(frame.raw), events, received_at_us)
            except DeviceFault as fault:
                self._rejections.reject(events, frame.raw, str(fault))
        return events

    def end(self, *, received_at_us: int) -> list[Event]:
        """Return a Rejected for a frame cut short."""
        del received_at_us
        events: list[Event] = []
        self._frames.end(events)
        return events

    def _binary(self, frame: Frame, events: list[Event], received_at_us: int) -> None:
        said = position(frame.raw, frame.id_size_bytes, received_at_us=received_at_us)
        self._name(said.number, events)
        readings = status_readings(
            said.status, battery_ratio=said.battery_ratio, codes={"status": said.status}
        )
        if said.fixed_at_us is None:
            events.append(Heartbeat(readings=readings))
            self._call(None, said.status, events, received_at_us)
            return
        flags = position_flags(lat_deg=said.lat_deg, lon_deg=said.lon_deg, valid=said.valid)
        fix = Fix(
            said.fixed_at_us,
            said.lat_deg,
            said.lon_deg,
            speed_mps=said.speed_mps,
            heading_deg=said.heading_deg,
            flags=flags,
            readings=readings,
        )
        events.append(fix)
        self._call(fix, said.status, events, received_at_us)

    def _text(self, text: Text, events: list[Event], received_at_us: int) -> None:
        self._name(text.number, events)
        try:
            fix = fix_of(text, received_at_us=received_at_us)
        except DeviceFault as fault:
            known = len(events)
            self._call(None, text.status, events, received_at_us)
            if len(events) == known:
                raise
            raise DeviceFault(f"{fault}; the distress call in it was taken") from fault
        events.append(Heartbeat(readings=readings_of(text)) if fix is None else fix)
        known = len(events)
        self._call(fix, text.status, events, received_at_us)
        if text.command in _CONFIRMED or text.command in _GREETED:
            answer = encode_answer(text.maker, text.number, text.command, received_at_us)
            events.append(Reply(answer, durable=fix is not None or len(events) > known))

    def _name(self, number: str, events: list[Event]) -> None:
        if number and number != self._number:
            self._number = number
            events.append(Login(identity_of(number)))

    def _call(self, fix: Fix | None, status: int | None, events: list[Event], received_at_us: int) -> None:
        """Append the calls for help that a status is, one by one as `Calls` judges them."""
        kinds = self._calls.of(status)
        events += [call_at(kind, fix, received_at_us=received_at_us) for kind in kinds]
