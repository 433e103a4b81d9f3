"""Pulling the messages of one consumer ahead of their use, within bounds.

Theory of operation. A pull asks the server for up to so many messages and bytes and stays open until it has
them or expires; while it is open messages arrive without further asking. `credit` is what the open pulls
may still bring. A new pull goes out when the credit runs low, so a busy consumer never waits and an idle
one asks three times a minute. A pull that the server forgot (its leader was lost) is overdue some seconds
after its end.
"""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import suppress

import nats.errors
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from tapestry.adapters._nats_wire import Wire, status_of
from tapestry.app.ports import Message

EXPIRES_S = 20.0
OVERDUE_AFTER_S = 5.0  # past its end
FAR_EXPIRES_S = 4.0
FAR_OVERDUE_AFTER_S = 2.0
AFTER_TROUBLE_S = 0.25  # before asking a server again that had trouble
BATCH = 256
MAX_BYTES = 1_000_000  # of one pull: 64 partitions that catch up hold at most twice this each
LARGEST_BYTES = 10_000_000  # lets any single message through
PULL_ENDED = 408
TOO_LARGE = "MaxBytes"  # in the words of a 409: the next message does not fit
COMPLETED = "Batch Completed"  # a 409 as well; sent where a pull has a limit of bytes


class Pull:
    """The open pulls of one consumer."""

    def __init__(
        self,
        wire: Wire,
        stream: str,
        consumer: str,
        *,
        on_delivery: Callable[[Msg], None],
        on_status: Callable[[int, str], None],
        group: str | None = None,
        domain: str | None = None,
    ) -> None:
        """Ask nothing yet.

        Args:
            on_delivery: Given each message with content.
            on_status: Given the code and words of each status that is neither an end nor a size limit.
            group: Priority group of the consumer.
            domain: Of the JetStream behind a leaf node; its link can be cut without a word, so pulls are short.
        """
        self._wire = wire
        prefix = "$JS.API" if domain is None else f"$JS.{domain}.API"
        self._subject = f"{prefix}.CONSUMER.MSG.NEXT.{stream}.{consumer}"
        self._expires_s = EXPIRES_S if domain is None else FAR_EXPIRES_S
        self._overdue_s = OVERDUE_AFTER_S if domain is None else FAR_OVERDUE_AFTER_S
        self._inbox = wire.nc.new_inbox()  # of its own: deliveries keep the subject of their stream
        self._subscription: Subscription | None = None
        self._on_delivery = on_delivery
        self._on_status = on_status
        self._group = group
        self._credit = 0
        self._max_bytes = MAX_BYTES
        self._delivered = False  # since the last pull went out
        self._ends_at_s = 0.0
        self._not_before_s = 0.0
        self.changed = asyncio.Event()

    async def _on_message(self, msg: Msg) -> None:
        if msg.headers is not None and (code := status_of(msg)) is not None:
            self._take_status(code, msg)
        else:
            self._credit = max(0, self._credit - 1)
            self._delivered = True
            self._on_delivery(msg)
        self.changed.set()

    def _take_status(self, code: int, msg: Msg) -> None:
        headers = msg.headers or {}
        words = headers.get("Description", "")
        self._credit = max(0, self._credit - int(headers.get("Nats-Pending-Messages", self._credit)))
        if TOO_LARGE in words:
            self._max_bytes = MAX_BYTES if self._delivered else LARGEST_BYTES
        elif code != PULL_ENDED and words != COMPLETED:
            self._credit = 0
            self._not_before_s = time.monotonic() + AFTER_TROUBLE_S
            self._on_status(code, words)

    def forget(self) -> None:
        """Take all open pulls for lost: the connection was."""
        self._credit = 0
        self.changed.set()

    async def ask(self, pin: str | None = None) -> float:
        """Send a pull if the credit is low; return the seconds until this must be called again."""
        now_s = time.monotonic()
        if self._credit and now_s > self._ends_at_s + self._overdue_s:
            self._credit = 0
        if self._credit > BATCH // 2:
            return self._ends_at_s + self._overdue_s - now_s
        if now_s < self._not_before_s:
            return self._not_before_s - now_s
        if not self._wire.is_connected:
            return AFTER_TROUBLE_S
        body: dict[str, object] = {
            "batch": BATCH,
            "expires": int(self._expires_s * 1e9),
            "max_bytes": self._max_bytes,
        }
        if self._group is not None:
            body |= {"group": self._group} | ({} if pin is None else {"id": pin})
        self._credit += BATCH
        self._delivered = False
        self._max_bytes = MAX_BYTES
        self._ends_at_s = now_s + self._expires_s
        if self._subscription is None:
            self._subscription = await self._wire.nc.subscribe(
                self._inbox, cb=self._on_message, pending_msgs_limit=0, pending_bytes_limit=0
            )
        await self._wire.send(self._subject, json.dumps(body).encode(), reply=self._inbox)
        return self._expires_s + self._overdue_s

    async def wait(self, timeout_s: float) -> None:
        """Return when something arrived, or after `timeout_s`."""
        try:
            async with asyncio.timeout(max(0.0, timeout_s)):
                await self.changed.wait()
        except TimeoutError:
            return

    async def close(self) -> None:
        """Take nothing more."""
        self.changed.set()
        if self._subscription is not None and not self._wire.nc.is_closed:
            with suppress(nats.errors.Error):
                await self._subscription.unsubscribe()


def message_of(msg: Msg, seq: int) -> Message:
    """Return a delivery as our own message; headers of the transport are left out."""
    headers = None
    if msg.headers:
        headers = {name: value for name, value in msg.headers.items() if name != "Nats-Pin-Id"} or None
    return Message(subject=msg.subject, seq=seq, payload=msg.data, headers=headers)


def sequences_of(msg: Msg) -> tuple[int, int]:
    """Return (stream sequence, consumer sequence) of a delivery, from its reply subject.

    `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<time>.<pending>`; a server with
    domains puts domain and account before the stream (ADR-15 of NATS).
    """
    parts = msg.reply.split(".")
    first = 5 if len(parts) == 9 else 7
    return int(parts[first]), int(parts[first + 1])
