"""Reading a stream from a sequence on, in order and without gaps, for ever.

Theory of operation. An ephemeral consumer without acknowledgements delivers; its own running number shows a
lost delivery. After a gap, a lost connection, a lost leader or a forgotten pull a new consumer begins right
after the last message taken: the log is the truth, consumers are thrown away.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import structlog
from nats.aio.msg import Msg
from nats.nuid import NUID

from tapestry.adapters._nats_pull import AFTER_TROUBLE_S, Pull, message_of, sequences_of
from tapestry.adapters._nats_wire import Wire
from tapestry.app.ports import Message
from tapestry.model import OutsideFault

FORGOTTEN_AFTER_S = 90.0  # the server drops the consumer of a reader that vanished
DELETE_WITHIN_S = 1.0
LOSS_IS_A_FAULT = frozenset(
    {"TRACK", "DISTRESS", "EVENTS", "QUALITY", "PASSAGES"}
)  # readers project these; a gap must be seen
NAMES = NUID()

log = structlog.get_logger()


async def follow(
    wire: Wire, stream: str, *, subject: str | None, after_seq: int
) -> AsyncIterator[list[Message]]:
    """Yield every message of `stream` after `after_seq`. "TRACK@c1" is stream TRACK of the bus in domain c1.

    Raises:
        OutsideFault: Messages after `after_seq` were removed by retention, or the stream ends before it (it
        was
            made anew); retry_helps is False.
    """
    last = after_seq
    while True:
        reader = _Reader(wire, stream, subject=subject, last=last)
        try:
            await reader.open()
            async for messages in reader.run():
                last = messages[-1].seq
                yield messages
        except OutsideFault as fault:
            if not fault.retry_helps:
                raise
            log.info("bus.follow_again", stream=stream, after_seq=last, why=str(fault))
        finally:
            await reader.close()
        await asyncio.sleep(AFTER_TROUBLE_S)


class _Reader:
    """One consumer of a stream, until it breaks."""

    def __init__(self, wire: Wire, stream: str, *, subject: str | None, last: int) -> None:
        self._wire = wire
        self._stream, _, far = stream.partition("@")
        self._domain = far or None
        self._subject = subject
        self._last = last
        self._expected = 1  # the consumer's next running number
        self._broken: str | None = None
        self._buffer: deque[Message] = deque()
        self._name = f"follow-{NAMES.next().decode()}"
        self._pull: Pull | None = None

    async def open(self) -> None:
        if self._last:
            refuse_gap(
                self._stream,
                self._last,
                (await self._wire.patient_api(f"STREAM.INFO.{self._stream}", domain=self._domain))["state"],
            )
        config: dict[str, Any] = {
            "name": self._name,
            "ack_policy": "none",
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": self._last + 1,
            "mem_storage": True,
            "num_replicas": 1,
            "inactive_threshold": int(FORGOTTEN_AFTER_S * 1e9),
        }
        verb = f"CONSUMER.CREATE.{self._stream}.{self._name}"
        if self._subject is not None:
            config["filter_subject"] = self._subject
            verb += f".{self._subject}"
        body = {"stream_name": self._stream, "action": "create", "config": config}
        await self._wire.patient_api(verb, body, domain=self._domain)
        self._wire.on_reconnect.add(self._on_reconnect)
        self._pull = Pull(
            self._wire,
            self._stream,
            self._name,
            on_delivery=self._on_delivery,
            on_status=self._on_status,
            domain=self._domain,
        )

    def _on_reconnect(self) -> None:
        self._broken = "the connection was lost"
        if self._pull is not None:
            self._pull.changed.set()

    def _on_status(self, code: int, words: str) -> None:
        self._broken = f"{code} {words}"

    def _on_delivery(self, msg: Msg) -> None:
        seq, number = sequences_of(msg)
        if self._broken is None and number != self._expected:
            self._broken = f"delivery {number} came, expected {self._expected}"
        if self._broken is None:
            self._expected += 1
            self._buffer.append(message_of(msg, seq))

    async def run(self) -> AsyncIterator[list[Message]]:
        assert self._pull is not None
        while True:
            self._pull.changed.clear()
            wait_s = await self._pull.ask()
            if self._buffer:
                messages = list(self._buffer)
                self._buffer.clear()
                await self._check_jump(messages)
                self._last = messages[-1].seq
                yield messages
            elif self._broken is not None:
                raise OutsideFault(
                    f"reading {self._stream} was interrupted: {self._broken}", retry_helps=True
                )
            else:
                await self._pull.wait(wait_s)

    async def _check_jump(self, messages: list[Message]) -> None:
        """Notice retention that overtook a slow reader. Not to be seen by one who reads a single subject."""
        jumped = self._last > 0 and messages[-1].seq - self._last > len(messages)
        if jumped and self._subject is None:
            state = (await self._wire.patient_api(f"STREAM.INFO.{self._stream}", domain=self._domain))[
                "state"
            ]
            if int(state["first_seq"]) > self._last + 1:
                refuse_gap(self._stream, self._last, state)

    async def close(self) -> None:
        self._wire.on_reconnect.discard(self._on_reconnect)
        if self._pull is None:
            return
        await self._pull.close()
        if self._wire.is_connected:
            with suppress(OutsideFault):
                await self._wire.api(
                    f"CONSUMER.DELETE.{self._stream}.{self._name}",
                    timeout_s=DELETE_WITHIN_S,
                    domain=self._domain,
                )


def refuse_gap(stream: str, last: int, state: dict[str, Any]) -> None:
    """Check that a reader who has everything up to `last` can go on from there.

    Raises:
        OutsideFault: It cannot; retry_helps is False.
    """
    if stream not in LOSS_IS_A_FAULT:
        return
    first, newest = int(state["first_seq"]), int(state["last_seq"])
    if first > last + 1:
        raise OutsideFault(
            f"stream {stream} holds {first} to {newest}, asked for what follows {last}: {last + 1} to "
            f"{first - 1} were removed by retention before they were read; give the stream more room, and "
            "rebuild the reader",
            retry_helps=False,
        )
    if newest < last:
        raise OutsideFault(
            f"stream {stream} ends at {newest}, asked for what follows {last}: the stream was made anew "
            "or restored from an older copy; rebuild the reader from its start",
            retry_helps=False,
        )
