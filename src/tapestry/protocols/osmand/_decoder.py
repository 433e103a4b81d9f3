"""From HTTP requests to events."""

import re

from tapestry.protocols.osmand._report import report_of
from tapestry.wire import Event, HttpDecoder, HttpReport, Login, Request, Transport

_SECRET = re.compile(rb"""((?<![A-Za-z0-9_])key=|"key"\s*:\s*)("(?:[^"\\]|\\.)*"?|[^&\s]*)""")


class OsmAndDecoder(HttpDecoder):
    """One HTTP connection of OsmAnd or Traccar Client. See wire.Decoder."""

    def __init__(self, transport: Transport = Transport.TCP) -> None:
        del transport  # HTTP runs over TCP only
        super().__init__(self._report, conceal=without_secret)
        self._login: Login | None = None

    def _report(self, request: Request, received_at_us: int) -> HttpReport:
        report = report_of(request, received_at_us=received_at_us)
        events: list[Event] = []
        login = Login(report.identity, report.secret)
        if report.secret is not None and login != self._login:
            self._login = login
            events.append(login)
        events += [event for event in (report.fix, report.call) if event is not None]
        return HttpReport(events=events, faults=(report.fault,) if report.fault else ())


def without_secret(raw: bytes) -> bytes:
    """Return a request with the value of its key struck out."""
    return _SECRET.sub(rb"\1***", raw)
