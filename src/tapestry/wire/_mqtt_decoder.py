"""One message of an MQTT broker, read as if it were a datagram."""

from typing import Final

import msgspec

from tapestry.model import DeviceFault
from tapestry.wire._decoder import MAX_BUFFER_SIZE_BYTES
from tapestry.wire._events import Close, Event, Rejected, Reply
from tapestry.wire._mqtt import MqttReport, MqttSpec, Seals
from tapestry.wire._rejections import Rejections

STORED: Final = b"stored"
NOT_STORED: Final = b"not stored"


class MqttDecoder:
    """One message. See wire.Decoder.

    What comes from the identity that the topic belongs to has no identity of its own: whoever let that sender publish
    there has proved it. Ends in one durable Reply, STORED or NOT_STORED.
    """

    def __init__(self, spec: MqttSpec, topic: str, seals: Seals) -> None:
        self._spec = spec
        self._levels = topic.split("/")
        self._seals = seals
        self._data = bytearray()
        self._rejections = Rejections()

    def feed(self, data: bytes, *, received_at_us: int) -> list[Event]:
        """Take a part of the message; it is read at its end."""
        del received_at_us
        self._data += data[: MAX_BUFFER_SIZE_BYTES - len(self._data)]
        return []

    def end(self, *, received_at_us: int) -> list[Event]:
        """Return what the message says."""
        events: list[Event] = []
        data, self._data = bytes(self._data), bytearray()
        sender = self._spec.sender(self._levels)
        try:
            report = self._spec.read(data, self._levels, self._seals, received_at_us)
        except DeviceFault as fault:
            report = MqttReport(events=(), faults=(str(fault),))
        events += [_without_identity(event, sender) for event in report.events]
        for fault_words in report.faults:
            if not self._rejections.closed:
                self._rejections.reject(events, data, fault_words)
        events = [event for event in events if not isinstance(event, Close)]  # a message ends by itself
        events.append(Reply(STORED, refused=NOT_STORED))
        return events


def _without_identity(event: Event, sender: str | None) -> Event:
    if sender is None or isinstance(event, Rejected) or getattr(event, "identity", None) != sender:
        return event
    return msgspec.structs.replace(event, identity=None)
