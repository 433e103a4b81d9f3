"""One message of an MQTT broker, read as if it were a datagram."""

from typing import Final

import msgspec

from tapestry.model import DeviceFault
from tapestry.wire._events import Close, Event, Rejected, Reply
from tapestry.wire._mqtt import MqttReport, MqttSpec, Seals
from tapestry.wire._whole import WholeDecoder

STORED: Final = b"stored"
NOT_STORED: Final = b"not stored"


class MqttDecoder(WholeDecoder):
    """One message. See wire.Decoder.

    What comes from the identity that the topic belongs to has no identity of its own: whoever let that sender publish
    there has proved it. Ends in one durable Reply, STORED or NOT_STORED.
    """

    def __init__(self, spec: MqttSpec, topic: str, seals: Seals) -> None:
        super().__init__()
        self._spec = spec
        self._levels = topic.split("/")
        self._seals = seals

    def _read(self, data: bytes, events: list[Event], received_at_us: int) -> None:
        sender = self._spec.sender(self._levels)
        try:
            report = self._spec.read(data, self._levels, self._seals, received_at_us)
        except DeviceFault as fault:
            report = MqttReport(events=(), faults=(str(fault),))
        events += [_without_identity(event, sender) for event in report.events]
        for fault_words in report.faults:
            if not self._rejections.closed:
                self._rejections.reject(events, data, fault_words)
        events[:] = [event for event in events if not isinstance(event, Close)]  # a message ends by itself
        events.append(Reply(STORED, refused=NOT_STORED))


def _without_identity(event: Event, sender: str | None) -> Event:
    if sender is None or isinstance(event, Rejected) or getattr(event, "identity", None) != sender:
        return event
    return msgspec.structs.replace(event, identity=None)
