"""The messages of one partition, for its one owner among all workers.

Theory of operation. Each partition has a durable consumer of TRACK that JetStream pins to one client: only
that client's pulls are served, others wait. A new owner has the consumer go back to the settled sequence,
so that it gets everything not yet in a checkpoint again, in order. The consumer's running number starts at
1 then and shows every lost delivery; after one, or after a lost connection, it goes back once more and what
was already given out is left out. Losing the pin, or finding that someone else has settled since we asked,
is NotOwner: the caller's state is void.
"""

import time
from collections import deque
from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog
from nats.aio.msg import Msg

from tapestry.adapters._nats_presence import SILENT_AFTER_S, Presence
from tapestry.adapters._nats_pull import Pull, message_of, sequences_of
from tapestry.adapters._nats_wire import ApiFault, Wire
from tapestry.app.ports import Message, NotOwner
from tapestry.model import OutsideFault

STREAM = "TRACK"
GROUP = "owner"
PIN_LIVES_S = 60.0  # three pulls; a worker stuck for longer is deposed even if it still speaks
AGAIN_AFTER_S = 600.0  # unsettled messages come again by themselves; far longer than a checkpoint interval
WRONG_PIN = 423
UNPIN_WITHIN_S = 1.0

log = structlog.get_logger()


async def own_partition(wire: Wire, presence: Presence, partition: int) -> "NatsPartitionFeed":
    """Return the feed of a partition once no other worker holds it.

    Steps:
        1. Make the consumer, if it is not there.
        2. Wait while another worker says that it holds the partition.
        3. A pin whose holder nobody hears is taken away.
        4. What the last owner was given and did not settle is made to come again: without this it would only
           come with the next new message.
    """
    await presence.start()
    consumer = f"p{partition}"
    await wire.patient_api(
        f"CONSUMER.CREATE.{STREAM}.{consumer}.track.{partition}", _consumer(partition)
    )  # 1
    while True:
        if presence.holder(partition) is not None:  # 2
            await presence.next_beat()
            continue
        info = await wire.patient_api(f"CONSUMER.INFO.{STREAM}.{consumer}")
        if pin_of(info) is None:
            break
        if presence.listened_long_enough and pin_age_s(info) >= SILENT_AFTER_S:  # 3
            with suppress(ApiFault):
                await wire.patient_api(f"CONSUMER.UNPIN.{STREAM}.{consumer}", {"group": GROUP})
            log.info("partition.taken_over", partition=partition)
            break
        await presence.next_beat()
    if info["num_ack_pending"]:  # 4
        await wire.patient_api(f"CONSUMER.RESET.{STREAM}.{consumer}")
    return NatsPartitionFeed(wire, presence, partition, settled=int(info["ack_floor"]["stream_seq"]))


def _consumer(partition: int) -> dict[str, Any]:
    name = f"p{partition}"
    config = {
        "durable_name": name,
        "name": name,
        "filter_subject": f"track.{partition}",
        "deliver_policy": "all",
        "ack_policy": "all",
        "ack_wait": int(AGAIN_AFTER_S * 1e9),
        "max_ack_pending": -1,
        "max_deliver": -1,
        "priority_groups": [GROUP],
        "priority_policy": "pinned_client",
        "priority_timeout": int(PIN_LIVES_S * 1e9),
    }
    return {"stream_name": STREAM, "action": "", "config": config}


def pin_of(info: dict[str, Any]) -> str | None:
    """Return the pin of a consumer, None when no client has it."""
    for group in info.get("priority_groups", ()):
        if group.get("group") == GROUP and group.get("pinned_client_id"):
            return str(group["pinned_client_id"])
    return None


def pin_age_s(info: dict[str, Any]) -> float:
    """Return for how long a client has had the pin, by the server's clock."""
    for group in info.get("priority_groups", ()):
        if group.get("group") == GROUP:
            return (_time(info["ts"]) - _time(group["pinned_ts"])).total_seconds()
    return 0.0


def _time(text: str) -> datetime:
    """Return a time of the server; its nanoseconds are cut."""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    return datetime.fromisoformat(f"{whole}.{fraction[:6]:0<6}+00:00")


class NatsPartitionFeed:
    """See `app.ports.PartitionFeed`."""

    def __init__(self, wire: Wire, presence: Presence, partition: int, *, settled: int) -> None:
        self._wire = wire
        self._presence = presence
        self._partition = partition
        self._settled = settled  # by anyone, when we last knew
        self._last = 0  # newest sequence given out
        self._pin: str | None = None
        self._expected = 1  # the consumer's next running number
        self._must_go_back = False
        self._reconnected = False
        self._lost: str | None = None
        self._buffer: deque[Message] = deque()
        self._replies: deque[tuple[int, str]] = (
            deque()
        )  # of what is given out or about to be, and not settled
        self._pull = Pull(
            wire,
            STREAM,
            f"p{partition}",
            on_delivery=self._on_delivery,
            on_status=self._on_status,
            group=GROUP,
        )
        wire.on_reconnect.add(self._on_reconnect)
        presence.watch(partition, self._on_held)

    async def fetch(self, *, max_messages: int, timeout_s: float) -> list[Message]:
        """Return the next messages; see the port."""
        deadline_s = time.monotonic() + timeout_s
        while True:
            self._pull.changed.clear()
            await self._stay_owner()
            wait_s = await self._pull.ask(self._pin)
            if messages := self._take(max_messages):
                return messages
            left_s = deadline_s - time.monotonic()
            if left_s <= 0:
                return []
            await self._pull.wait(min(left_s, wait_s))

    def _take(self, max_messages: int) -> list[Message]:
        taken = [self._buffer.popleft() for _ in range(min(max_messages, len(self._buffer)))]
        if taken:
            self._last = taken[-1].seq
        return taken

    async def _stay_owner(self) -> None:
        """Mend what was noticed since the last call.

        Raises:
            NotOwner: It cannot be mended: the partition is another's now.
        """
        if self._pin is None and self._lost is None and self._presence.holder(self._partition) is not None:
            self._lost = f"{self._presence.holder(self._partition)} holds it"
        if self._reconnected and self._lost is None:
            await self._check_pin()
        if self._must_go_back and self._lost is None:
            await self._go_back()
        if self._lost is not None:
            raise NotOwner(f"partition {self._partition} is another's: {self._lost}")

    async def _check_pin(self) -> None:
        self._reconnected = False
        if self._pin is None:
            return
        info = await self._wire.patient_api(f"CONSUMER.INFO.{STREAM}.p{self._partition}")
        if pin_of(info) == self._pin:
            self._must_go_back = True  # deliveries may have been lost with the connection
        else:
            self._lose("the pin went while there was no connection")

    async def _go_back(self) -> None:
        """Have the consumer deliver again from the settled sequence on."""
        self._must_go_back = False
        self._expected = 1
        self._buffer.clear()
        self._replies.clear()  # their running numbers mean nothing afterwards
        answer = await self._wire.patient_api(f"CONSUMER.RESET.{STREAM}.p{self._partition}")
        settled = int(answer["ack_floor"]["stream_seq"])
        if settled > self._settled and not await self._was_removed(settled):
            self._lose(f"it was settled up to {settled}, expected {self._settled}")

    async def _was_removed(self, seq: int) -> bool:
        """Return whether retention, not another owner, put everything up to `seq` behind us."""
        info = await self._wire.patient_api(f"STREAM.INFO.{STREAM}")
        return int(info["state"]["first_seq"]) > seq

    def _on_delivery(self, msg: Msg) -> None:
        pin = (msg.headers or {}).get("Nats-Pin-Id")
        if self._pin is None:
            self._pin = pin
            self._presence.watch(self._partition, None)
            self._presence.hold(self._partition)
            self._must_go_back = True
        elif pin != self._pin:
            self._lose("the pin was lost and given to us again")
        seq, number = sequences_of(msg)
        if number == 1:
            self._expected = 1  # the consumer went back
            self._buffer.clear()
            self._replies.clear()
        if number != self._expected:
            self._must_go_back = self._must_go_back or self._expected != 1
            return
        self._expected += 1
        self._replies.append((seq, msg.reply))
        if seq > self._last:
            self._buffer.append(message_of(msg, seq))

    def _on_status(self, code: int, words: str) -> None:
        if code == WRONG_PIN:
            self._lose("another client has the pin")
        else:
            log.info("partition.pull_ended", partition=self._partition, code=code, words=words)

    def _on_reconnect(self) -> None:
        self._reconnected = True
        self._pull.forget()

    def _on_held(self) -> None:
        if self._pin is None:
            self._pull.changed.set()

    def _lose(self, why: str) -> None:
        self._lost = self._lost or why
        self._presence.watch(self._partition, None)
        self._presence.release(self._partition)
        self._buffer.clear()

    async def settle(self, seq: int) -> None:
        """Tell the bus that everything up to `seq` need not come again; see the port."""
        if self._lost is not None:
            raise NotOwner(f"partition {self._partition} is another's: {self._lost}")
        reply = None
        while self._replies and self._replies[0][0] <= seq:
            self._settled, reply = self._replies.popleft()
        if reply is not None:
            await self._wire.send(reply, b"+ACK")

    async def close(self) -> None:
        """Give the partition up."""
        held = self._pin is not None and self._lost is None
        self._lose("it was given up")
        self._wire.on_reconnect.discard(self._on_reconnect)
        await self._pull.close()
        if held and self._wire.is_connected:
            with suppress(OutsideFault):
                await self._wire.api(
                    f"CONSUMER.UNPIN.{STREAM}.p{self._partition}", {"group": GROUP}, timeout_s=UNPIN_WITHIN_S
                )
