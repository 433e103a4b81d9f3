"""From messages of LM Direct to events."""

from typing import Final

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
from tapestry.wire import Event, Heartbeat, Login, Reply, Transport, WholeDecoder

_PLACED: Final = frozenset(
    {EVENT_REPORT, LOCATE_REPORT, MINI_EVENT_REPORT, USER_DATA, USER_DATA_WITH_ACCUMULATORS}
)
_ACKNOWLEDGED: Final = 1  # service: the device sends again until it is answered
_TAKEN: Final = 0
_FAILED: Final = 1  # operation failed, no reason given


class CalampDecoder(WholeDecoder):
    """One datagram of LM Direct. See wire.Decoder."""

    def __init__(self, transport: Transport = Transport.UDP) -> None:
        del transport  # it runs over UDP only
        super().__init__()

    def _read(self, data: bytes, events: list[Event], received_at_us: int) -> None:
        del received_at_us  # a datagram says when it was
        message = message_of(data)
        if message.identity is not None:
            events.append(Login(message.identity))
        events.append(fix_of(message) if message.kind in _PLACED else Heartbeat())
        if message.service == _ACKNOWLEDGED:
            answer, refused = encode_answer(message, _TAKEN), encode_answer(message, _FAILED)
            events.append(Reply(answer, refused=refused))
