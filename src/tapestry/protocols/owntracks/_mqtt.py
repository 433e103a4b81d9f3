"""OwnTracks over MQTT: topics `owntracks/<user>/<device>` and below, each its phone's own.

Source: OwnTracks booklet, "MQTT" (topics).
"""

from collections.abc import Sequence
from typing import Final

from tapestry.model import DeviceFault
from tapestry.protocols.owntracks._decoder import SCHEME, read_messages
from tapestry.wire import MqttReport, MqttSpec, Seals

ROOT: Final = "owntracks"


def _sender(levels: Sequence[str]) -> str | None:
    return f"{SCHEME}:{levels[1]}/{levels[2]}" if len(levels) > 2 and levels[1] and levels[2] else None


def _topics(identity: str) -> tuple[str, ...]:
    user, _, device = identity.partition(":")[2].partition("/")
    own = f"{ROOT}/{user}/{device}"
    return (own, f"{own}/#") if user and device else ()


def _read(data: bytes, levels: Sequence[str], seals: Seals, received_at_us: int) -> MqttReport:
    sender = _sender(levels)
    if sender is None:
        raise DeviceFault(f"topic {'/'.join(levels)[:64]!r}, expected {ROOT}/<user>/<device>")
    if not data.strip():
        return MqttReport(events=())  # a retained message was taken back
    events, faults = read_messages(data, sender, seals, received_at_us)
    return MqttReport(events=events, faults=faults)


MQTT: Final = MqttSpec(root=ROOT, sender=_sender, topics=_topics, relays=False, read=_read)
