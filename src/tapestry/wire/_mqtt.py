"""Messages of an MQTT broker: whose topics are whose, and what reads a message."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from tapestry.wire._events import Event

Seals = Mapping[str, str]
"""What sealed messages are opened with: secrets by the name that `tapestry seal` gives them."""


class MqttReport(msgspec.Struct, frozen=True, kw_only=True):
    """What one message says."""

    events: Sequence[Event]  # no Reply and no Close
    faults: Sequence[str] = ()  # of parts that were left out; the rest was taken


class MqttSpec(msgspec.Struct, frozen=True, kw_only=True):
    """How a protocol travels over MQTT."""

    root: str  # the first level of its topics: "owntracks"
    # The identity that alone may publish under these levels of a topic; None: they do not say one.
    sender: Callable[[Sequence[str]], str | None]
    # The filters of topics that an identity may publish to.
    topics: Callable[[str], tuple[str, ...]]
    relays: bool  # a sender passes on what others said too
    # What a message under these levels says; raises DeviceFault.
    read: Callable[[bytes, Sequence[str], Seals, int], MqttReport]
