"""The MQTT listener of the bus: who is let in, and each message into intake.

Theory of operation. The bus itself speaks MQTT. It asks us about every client, and keeps a message of QoS 1 or 2 on
the disk before it confirms it to the device. We read these by a durable consumer, which keeps each until we settle it:
after the position is in TRACK, or after it was found to be none. A message of QoS 0 promises nothing and is taken from
the fast lane as it passes; copies of the others pass there too and are let go.
"""

import asyncio
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import structlog
from nats.aio.msg import Msg

from tapestry.adapters._log_lines import NewLines
from tapestry.adapters._nats_callout import CALLOUT_SUBJECT, CalloutKey, read_request
from tapestry.adapters._nats_pull import Pull
from tapestry.adapters._nats_streams import NAME_IN_USE, NANOSECONDS, refuse_memory
from tapestry.adapters._nats_wire import ApiFault, Wire
from tapestry.app.intake import Session
from tapestry.app.mqtt import MAX_MESSAGE_SIZE_BYTES, ROOMS, MqttDoor
from tapestry.model import OutsideFault
from tapestry.wire import STORED

LIFETIME_S: Final = (
    900.0  # of what a device is allowed: then the bus hangs up, and asks again when it is back
)
STREAM: Final = "$MQTT_msgs"  # names of the bus, not ours
RETAINED: Final = "$MQTT_rmsgs"
CONSUMER: Final = "hub"
MAX_AGE_S: Final = 7 * 86_400.0
MAX_STORE_SIZE_BYTES: Final = 2_000_000_000
MAX_RETAINED_SIZE_BYTES: Final = 64_000_000
AGAIN_AFTER_S: Final = 30.0  # a message that we neither settled nor gave back comes again
MAX_IN_HAND: Final = 2_000
VIOLATIONS_EVERY_S: Final = 5.0
FULL_PAUSE_S: Final = 0.05
TROUBLE_PAUSE_S: Final = 1.0
QOS_HEADER: Final = "Nmqtt-Pub"
SETTLED: Final = b"+ACK"
GIVEN_BACK: Final = b'-NAK {"delay": 2000000000}'  # nanoseconds

_VIOLATION: Final = re.compile(
    r"\] (?P<remote>\S+:\d+) - mid:\d+ - .*Publish Violation - .*Subject \"(?P<subject>[^\"]*)\""
)

log = structlog.get_logger()


class NatsMqtt:
    """MQTT of an embedded bus."""

    def __init__(
        self, wire: Wire, door: MqttDoor, key: CalloutKey, *, account: str, server_log: Path
    ) -> None:
        self._wire = wire
        self._door = door
        self._key = key
        self._account = account
        self._lines = NewLines(server_log)
        self._settling: list[tuple[str, bytes]] = []
        self._pull: Pull | None = None
        self._broken = ""

    async def open(self) -> None:
        """Let devices in from now on.

        Raises:
            OutsideFault: The bus does not answer.
        """
        await self._ensure()
        for root in ROOMS:
            await self._wire.nc.subscribe(f"{root}.>", cb=self._on_passing)
        await self._wire.nc.subscribe(CALLOUT_SUBJECT, cb=self._on_asked)
        await self._wire.nc.flush()

    async def run(self) -> None:
        """Take messages in, for ever."""
        while True:
            try:
                await self._read()
            except OutsideFault as fault:
                log.warning("mqtt.read_again", error=str(fault))
            finally:
                if self._pull is not None:
                    await self._pull.close()
                    self._wire.on_reconnect.discard(self._pull.forget)
            await asyncio.sleep(TROUBLE_PAUSE_S)

    async def tell_violations(self) -> None:
        """Tell administrators who published where he may not, for ever: the bus drops it, and its log alone says so."""
        while True:
            await asyncio.sleep(VIOLATIONS_EVERY_S)
            for remote, topic in violations(self._lines.take()):
                self._door.tell_violation(topic, remote=remote)

    async def _read(self) -> None:
        await self._ensure()
        self._broken = ""
        pull = self._pull = Pull(
            self._wire, STREAM, CONSUMER, on_delivery=self._on_kept, on_status=self._on_status
        )
        self._wire.on_reconnect.add(pull.forget)
        while not self._broken:
            pull.changed.clear()
            settling, self._settling = self._settling, []
            for reply, word in settling:
                await self._wire.send(reply, word)
            await pull.wait(FULL_PAUSE_S if self._door.full else await pull.ask())
        log.warning("mqtt.read_again", error=self._broken)

    async def _ensure(self) -> None:
        """Make the streams that the bus keeps messages in, before it makes them without limits; and our consumer."""
        await self._ensure_stream(
            {
                "name": STREAM,
                "subjects": ["$MQTT.msgs.>"],
                "retention": "interest",
                "discard": "new",  # a device is not confirmed what there is no room for
                "max_bytes": MAX_STORE_SIZE_BYTES,
                "max_age": int(MAX_AGE_S * NANOSECONDS),
            }
        )
        await self._ensure_stream(
            {
                "name": RETAINED,
                "subjects": ["$MQTT.rmsgs.>"],
                "retention": "limits",
                "discard": "old",
                "max_msgs_per_subject": 1,
                "max_bytes": MAX_RETAINED_SIZE_BYTES,
            }
        )
        config = {
            "durable_name": CONSUMER,
            "ack_policy": "explicit",
            "ack_wait": int(AGAIN_AFTER_S * NANOSECONDS),
            "max_ack_pending": MAX_IN_HAND,
        }
        body = {"stream_name": STREAM, "config": config}
        await self._wire.patient_api(f"CONSUMER.DURABLE.CREATE.{STREAM}.{CONSUMER}", body)

    async def _ensure_stream(self, config: dict[str, Any]) -> None:
        name = config["name"]
        config = config | {"storage": "file", "num_replicas": 1}
        try:
            answer = await self._wire.patient_api(f"STREAM.CREATE.{name}", config)
        except ApiFault as fault:
            if fault.err_code != NAME_IN_USE:
                raise
            answer = await self._wire.patient_api(f"STREAM.INFO.{name}")
        refuse_memory(answer["config"])

    async def _on_asked(self, msg: Msg) -> None:
        try:
            asked = read_request(msg.data)
        except ValueError as err:  # msgspec's faults are such
            log.error("mqtt.request_not_read", error=str(err)[:200])
            return
        topics = () if asked.kind != "mqtt" else self._door.admit(asked.user, asked.key, remote=asked.remote)
        if topics:
            answer = self._key.admit(
                asked,
                account=self._account,
                publish=tuple(subject_of(topic) for topic in topics),
                lifetime_s=LIFETIME_S,
                most_size_bytes=MAX_MESSAGE_SIZE_BYTES,
            )
        else:
            answer = self._key.refuse(asked)
        await self._wire.send(msg.reply, answer)

    async def _on_passing(self, msg: Msg) -> None:
        if (msg.headers or {}).get(QOS_HEADER) == "0":
            self._door.take(topic_of(msg.subject), msg.data, _NoWay())

    def _on_kept(self, msg: Msg) -> None:
        link = _Settlement(self, msg.reply)
        link.session = self._door.take(topic_of(msg.subject.removeprefix("$MQTT.msgs.")), msg.data, link)
        if link.session is None:
            self.settle(msg.reply, SETTLED)

    def _on_status(self, code: int, words: str) -> None:
        self._broken = f"{code} {words}"

    def settle(self, reply: str, word: bytes) -> None:
        """Tell the bus about a message, soon."""
        self._settling.append((reply, word))
        if self._pull is not None:
            self._pull.changed.set()


class _NoWay:
    """The way back to who expects no answer."""

    def send(self, data: bytes) -> None:
        """Let it go."""

    def close(self) -> None:
        """Nothing to close."""


class _Settlement:
    """The way back for one kept message."""

    def __init__(self, mqtt: NatsMqtt, reply: str) -> None:
        self.session: Session | None = None  # None while its answer comes at once
        self._mqtt = mqtt
        self._reply = reply

    def send(self, data: bytes) -> None:
        """Settle the message, or have it come again when the bus was late.

        What nobody bound to a vehicle, or what broke its protocol, is settled too: it was told and would be no other
        the next time.
        """
        late = data != STORED and self.session is not None and self.session.late
        self._mqtt.settle(self._reply, GIVEN_BACK if late else SETTLED)

    def close(self) -> None:
        """Nothing to close."""


def violations(lines: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    """Yield (address, topic) of MQTT messages that the bus dropped because their sender may not publish there.

    Args:
        lines: Of nats-server's log: `… 10.0.0.7:4711 - mid:28 - "phone" - Publish Violation - Subject "a.b"`.
    """
    for line in lines:
        found = _VIOLATION.search(line.decode("utf-8", "replace"))
        if found is not None:
            yield found["remote"], topic_of(found["subject"])


def subject_of(topic: str) -> str:
    """Return a topic or filter of MQTT as the bus writes it.

    Source: NATS, "MQTT" (topic to subject): `/` parts levels as `.` does, a dot in a level is `//`, an empty level `/`.
    """
    wild = {"+": "*", "#": ">", "": "/"}
    return ".".join(wild.get(level) or level.replace(".", "//") for level in topic.split("/"))


def topic_of(subject: str) -> str:
    """Return the topic that a subject of the bus stands for."""
    return "/".join("" if level == "/" else level.replace("//", ".") for level in subject.split("."))
