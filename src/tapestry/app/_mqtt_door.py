"""Who may publish over MQTT and under which topics, and what becomes of a message.

Whoever comes in is a tracker of the roster with a key: the user name is its name, the password its key. Where a topic
belongs to one tracker alone, what is published there is that tracker's word, and proved.
"""

import hashlib
import hmac
import re
from typing import Final

from tapestry.app._answers import Link
from tapestry.app._directory import DirectoryTracker
from tapestry.app._intake import Intake, Session
from tapestry.protocols import DECODERS
from tapestry.wire import DecoderSpec, MqttSpec

MQTT: Final = "mqtt"  # what it is called where protocols are
MAX_MESSAGE_SIZE_BYTES: Final = 65_536
MAX_NAME_LENGTH: Final = 128
_WILD: Final = re.compile(r"[+#*>\s]")  # names that would be filters
_PRINTABLE: Final = re.compile(r"[\x21-\x7e]+", re.ASCII)


ROOMS: Final[dict[str, tuple[DecoderSpec, MqttSpec]]] = {
    spec.mqtt.root: (spec, spec.mqtt) for spec in DECODERS.values() if spec.mqtt is not None
}
_BY_SCHEME: Final = {spec.name: mqtt for spec, mqtt in ROOMS.values()}


class MqttDoor:
    """The door of one gateway."""

    def __init__(self, intake: Intake) -> None:
        self.intake = intake
        self._generation = -1
        self._users: dict[str, list[str]] = {}  # identities by the user names that mean them

    @property
    def full(self) -> bool:
        """True while so much waits for the bus that no more should be taken."""
        return self.intake.full

    def admit(self, user: str, key: str, *, remote: str) -> tuple[str, ...]:
        """Return the filters of topics that a user may publish to; empty when he may not come in.

        A refusal is told to administrators, with its reason.
        """
        allowed: list[str] = []
        reason = "no tracker of this name has a key; expected one, as OwnTracks' user name or owntracks:user/device"
        shown = hashlib.sha256(key.encode("utf-8", "replace")).digest()
        for identity in self._named(user):
            tracker = self.intake.directory.trackers[identity]
            if not hmac.compare_digest(shown, tracker.secret_sha256 or b""):
                reason = "the key is not the one of this tracker; expected the key shown when it was added"
                continue
            mqtt = _BY_SCHEME[identity.partition(":")[0]]
            if tracker.vehicle_id is None and not mqtt.relays:
                reason = "the tracker is bound to no vehicle; bind it, then it is let in"
                continue
            allowed += mqtt.topics(identity)
        if not allowed:
            name = user if len(user) <= MAX_NAME_LENGTH and _PRINTABLE.fullmatch(user) else None
            self.intake.quarantine.reject(MQTT, remote, name, b"", reason, self.intake.now_us())
        return tuple(allowed)

    def take(self, topic: str, payload: bytes, link: Link) -> Session | None:
        """Take in one message; None when no protocol is under its topic."""
        room = ROOMS.get(topic.partition("/")[0])
        if room is None:
            return None
        remote = f"{topic[:MAX_NAME_LENGTH]}:{MQTT}"
        spec, mqtt = room
        session = self.intake.open_message(spec, mqtt, topic, remote=remote, link=link)
        session.feed(payload)
        session.end()
        return session

    def tell_violation(self, topic: str, *, remote: str) -> None:
        """Tell administrators of a message that the bus dropped: its sender may not publish under this topic."""
        reason = f"published under {topic[:MAX_NAME_LENGTH]!r}, which is not its own; expected a topic of docs/mqtt.md"
        self.intake.quarantine.reject(MQTT, remote, None, b"", reason, self.intake.now_us())

    def _named(self, user: str) -> list[str]:
        if self._generation != self.intake.generation:
            self._generation = self.intake.generation
            self._users = _users(self.intake.directory.trackers)
        return self._users.get(user, [])


def _users(trackers: dict[str, DirectoryTracker]) -> dict[str, list[str]]:
    """Return the identities of trackers with keys by the names that mean them.

    `owntracks:amal/phone` comes in as that, as `amal/phone` and as `amal`; `meshtastic:!0badcafe` also as `!0badcafe`.
    """
    users: dict[str, list[str]] = {}
    for identity, tracker in trackers.items():
        scheme, _, value = identity.partition(":")
        if tracker.secret_sha256 is None or scheme not in _BY_SCHEME or _WILD.search(value):
            continue
        for name in dict.fromkeys((identity, value, value.partition("/")[0])):
            users.setdefault(name, []).append(identity)
    return users
