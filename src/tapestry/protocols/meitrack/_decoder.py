"""From frames of Meitrack to events. Nothing is answered: the protocol asks for none."""

from collections.abc import Sequence

from tapestry.model import DeviceFault
from tapestry.protocols.meitrack._frame import Frame, FrameReader
from tapestry.protocols.meitrack._report import CALLS, batch_fixes, packets_fixes, placed, text_fix
from tapestry.wire import DistressCall, Event, Fix, Heartbeat, Login, Rejections, Transport

TEXT_REPORT = "AAA"
BATCH = "CCC"
PACKETS = "CCE"


class MeitrackDecoder:
    """One connection or datagram of Meitrack. See wire.Decoder."""

    def __init__(self, transport: Transport = Transport.TCP) -> None:
        self._rejections = Rejections()
        self._frames = FrameReader(self._rejections, datagram=transport is Transport.UDP)
        self._identity = ""

    def feed(self, data: bytes, *, received_at_us: int) -> list[Event]:
        """Return the events of the frames that `data` completes."""
        events: list[Event] = []
        if self._rejections.closed:
            return events
        self._frames.feed(data)
        while (frame := self._frames.next_frame(events)) is not None:
            self._take(frame, events, received_at_us)
        return events

    def end(self, *, received_at_us: int) -> list[Event]:
        """Return what the end of the input completes."""
        events: list[Event] = []
        frame = self._frames.end(events)
        if frame is not None:
            self._take(frame, events, received_at_us)
        return events

    def _take(self, frame: Frame, events: list[Event], received_at_us: int) -> None:
        if frame.identity != self._identity:
            self._identity = frame.identity
            is_imei = len(frame.identity) == 15 and frame.identity.isdecimal()
            events.append(Login(f"imei:{frame.identity}" if is_imei else f"meitrack:{frame.identity}"))
        try:
            faults = self._read(frame, events, received_at_us)
        except DeviceFault as fault:
            faults = [str(fault)]
        if faults:
            raw = f"$$…,{frame.identity},{frame.command},".encode() + frame.content
            self._rejections.reject(events, raw, f"{len(faults)} left out: {faults[0]}")

    def _read(self, frame: Frame, events: list[Event], received_at_us: int) -> Sequence[str]:
        """Append what a frame says; return what was wrong with parts of it."""
        faults: Sequence[str] = ()
        if frame.command == TEXT_REPORT:
            text = frame.content.decode("latin-1")
            try:
                _say(*text_fix(text), events, received_at_us)
            except DeviceFault as fault:
                first = text.partition(",")[0]
                is_number = first.isascii() and first.isdigit() and len(first) < 4
                kind = CALLS.get(int(first)) if is_number else None
                if kind is not None:
                    events.append(DistressCall(kind, received_at_us))
                    return [f"{fault}; the distress call in it was taken"]
                return [str(fault)]
        elif frame.command == BATCH:
            found, faults = batch_fixes(frame.content)
            for event, fix in found:
                _say(event, fix, events, received_at_us)
        elif frame.command == PACKETS:
            packets, faults = packets_fixes(frame.content)
            for number, position in packets:
                _say(number, position, events, received_at_us)
        else:
            events.append(Heartbeat())
        return faults


def _say(event: int, fix: Fix | None, events: list[Event], received_at_us: int) -> None:
    events.append(Heartbeat() if fix is None else fix)
    kind = CALLS.get(event)
    if kind is not None:
        at_us = received_at_us if fix is None else fix.fixed_at_us
        place = (None, None) if fix is None else placed(fix)
        events.append(DistressCall(kind, at_us, *place))
