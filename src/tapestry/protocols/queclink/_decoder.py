"""From reports of @Track to events."""

from typing import Final

from tapestry.model import DeviceFault, Flag
from tapestry.protocols.queclink._report import Report, fixes_of, readings_of, report_of
from tapestry.wire import DistressCall, Event, Heartbeat, LineDecoder, Login, Reply, Transport

MAX_REPORT_SIZE_BYTES: Final = 8192  # the longest, with many positions and cells, have about 2 KiB


class QueclinkDecoder(LineDecoder):
    """One connection or datagram of @Track. See wire.Decoder.

    Every report is answered by its count once it is stored: devices that do not wait for it pass it over.
    """

    def __init__(self, transport: Transport = Transport.TCP) -> None:
        super().__init__(transport, ends=b"$", most_size_bytes=MAX_REPORT_SIZE_BYTES)
        self._identity = ""

    def _read(self, line: bytes, events: list[Event], received_at_us: int) -> None:
        text = line.strip(b"\0\r\n ").decode("latin-1")
        if not text:
            return
        report = report_of(text)
        if report.identity != self._identity:
            self._identity = report.identity
            events.append(Login(report.identity))
        if report.source == "ACK":
            events.append(Heartbeat())
            if report.name == "GTHBD":
                answer = f"+SACK:GTHBD,{report.version},{report.count}$".encode("latin-1")
                events.append(Reply(answer, durable=False))
            return
        fault = _say(report, events, received_at_us)
        events.append(Reply(f"+SACK:{report.count}$".encode()))
        if fault is not None:
            raise fault


def _say(report: Report, events: list[Event], received_at_us: int) -> DeviceFault | None:
    """Append what a report says; return what was wrong with its positions. A call is not lost to that."""
    fault = None
    try:
        fixes = fixes_of(report)
    except DeviceFault as err:
        fixes, fault = [], err
    events += fixes
    if not fixes and fault is None:
        events.append(Heartbeat(readings=readings_of(report)))
    if report.call is not None:
        last = fixes[-1] if fixes else None
        if last is None:
            events.append(DistressCall(report.call, report.sent_at_us or received_at_us))
        else:
            placed = (None, None) if last.flags & Flag.NO_FIX else (last.lat_deg, last.lon_deg)
            events.append(DistressCall(report.call, last.fixed_at_us, *placed))
        if fault is not None:
            fault = DeviceFault(f"{fault}; the distress call in it was taken")
    return fault
