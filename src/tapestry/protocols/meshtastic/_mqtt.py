"""Meshtastic over MQTT: what a gateway passes on lies under `msh/<region>/2/<kind>/<channel>/<gateway>`.

A region has levels of its own, none to three. Source: Meshtastic, "MQTT" (topics).
"""

from collections.abc import Sequence
from typing import Final

from tapestry.protocols.meshtastic._decoder import SCHEME, channel_keys, read_message
from tapestry.wire import MqttReport, MqttSpec, Seals

ROOT: Final = "msh"
MOST_REGION_LEVELS: Final = 3


def _sender(levels: Sequence[str]) -> str | None:
    return f"{SCHEME}:{levels[-1]}" if levels[-1].startswith("!") else None


def _topics(identity: str) -> tuple[str, ...]:
    gateway = identity.partition(":")[2]
    roots = ["/".join([ROOT, *["+"] * count, "2"]) for count in range(MOST_REGION_LEVELS + 1)]
    return tuple(f"{root}/{rest}/{gateway}" for root in roots for rest in ("e/+", "c/+", "json/+", "stat"))


def _read(data: bytes, levels: Sequence[str], seals: Seals, received_at_us: int) -> MqttReport:
    if "stat" in levels[-2:-1]:  # whether the gateway is there
        return MqttReport(events=())
    return MqttReport(events=[read_message(data, channel_keys(seals), received_at_us)])


MQTT: Final = MqttSpec(root=ROOT, sender=_sender, topics=_topics, relays=True, read=_read)
