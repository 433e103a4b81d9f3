"""From messages of LM Direct to events."""

from typing import Final

from tapestry.model import DeviceFault
from tapestry.protocols.calamp._encode import encode_answer
from tapestry.protocols.calamp._message import (
    EVENT_REPORT,
    LOCATE_REPORT,
    MINI_EVENT_REPORT,
    USER_DATA,
    USER_DATA_WITH_ACCUMULATORS,
    fix_of,
    message_of,
)
from tapestry.wire import MAX_BUFFER_SIZE_BYTES, Event, Heartbeat, Login, Rejections, Reply, Transport

_PLACED: Final = frozenset(
    {EVENT_REPORT, LOCATE_REPORT, MINI_EVENT_REPORT, USER_DATA, USER_DATA_WITH_ACCUMULATORS}
)
_ACKNOWLEDGED: Final = 1  # service: the device sends again until it is answered
_TAKEN: Final = 0
_FAILED: Final = 1  # operation failed, no reason given


class CalampDecoder:
    """One datagram of LM Direct. See wire.Decoder."""

    def __init__(self, transport: Transport = Transport.UDP) -> None:
        del transport  # it runs over UDP only
        self._data = bytearray()
        self._rejections = Rejections()

    def feed(self, data: bytes, *, received_at_us: int) -> list[Event]:
        """Take a part of the datagram; it is read at its end."""
        del received_at_us
        room = MAX_BUFFER_SIZE_BYTES - len(self._data)
        self._data += data[:room]
        return []

    def end(self, *, received_at_us: int) -> list[Event]:
        """Return what the datagram says."""
        events: list[Event] = []
        data, self._data = bytes(self._data), bytearray()
        try:
            self._read(data, events)
        except DeviceFault as fault:
            self._rejections.reject(events, data, str(fault))
        return events

    @staticmethod
    def _read(data: bytes, events: list[Event]) -> None:
        message = message_of(data)
        if message.identity is not None:
            events.append(Login(message.identity))
        events.append(fix_of(message) if message.kind in _PLACED else Heartbeat())
        if message.service == _ACKNOWLEDGED:
            answer, refused = encode_answer(message, _TAKEN), encode_answer(message, _FAILED)
            events.append(Reply(answer, refused=refused))
