"""flespi over MQTT: a stream publishes the messages of many trackers under `flespi/`."""

from collections.abc import Sequence
from typing import Final

from tapestry.protocols.flespi._decoder import read_messages
from tapestry.wire import MqttReport, MqttSpec, Seals

ROOT: Final = "flespi"


def _sender(levels: Sequence[str]) -> str | None:
    del levels  # trackers are named in the messages
    return None


def _topics(identity: str) -> tuple[str, ...]:
    del identity
    return (f"{ROOT}/#",)


def _read(data: bytes, levels: Sequence[str], seals: Seals, received_at_us: int) -> MqttReport:
    del levels, seals
    events, faults = read_messages(data, received_at_us)
    return MqttReport(events=events, faults=faults)


MQTT: Final = MqttSpec(root=ROOT, sender=_sender, topics=_topics, relays=True, read=_read)
