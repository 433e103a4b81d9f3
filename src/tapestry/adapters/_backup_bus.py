"""Streams of the bus as bytes, and back: JetStream's own snapshots, which hold messages, sequences and consumers.

A snapshot is taken while the bus runs and shows the stream at one moment. It comes out of an encrypted store in
plain text: whoever takes it seals it.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec
import nats.errors
from nats.aio.msg import Msg

from tapestry.adapters._nats_wire import Wire, status_of
from tapestry.model import OutsideFault

CHUNK_SIZE_BYTES: Final = 262_144
SILENCE_S: Final = 30.0  # without a chunk this long, the snapshot has stopped
FIRST: Final = "KV_checkpoint"  # before what it points into: a checkpoint never lies ahead of its stream
DONE: Final = 204


class StreamHead(msgspec.Struct, frozen=True, kw_only=True):
    """What the server must know to make a stream again, as it told it."""

    name: str
    config: dict[str, Any]
    state: dict[str, Any]

    @property
    def messages(self) -> int:
        """Return how many messages it held."""
        return int(self.state["messages"])

    @property
    def last_sequence(self) -> int:
        """Return the sequence of its newest message; 0 when there never was one."""
        return int(self.state["last_seq"])


async def stream_names(wire: Wire) -> list[str]:
    """Return the names of all streams that are on the disk, in the order in which to copy them."""
    names: list[str] = []
    while True:
        page = await wire.api("STREAM.LIST", {"offset": len(names)})
        names += [found["config"]["name"] for found in page["streams"] or []]
        if not page["streams"] or len(names) >= page["total"]:
            return sorted(names, key=lambda name: (name != FIRST, name))


async def snapshot(wire: Wire, name: str) -> tuple[StreamHead, AsyncIterator[bytes]]:
    """Return what a stream is, and its snapshot in pieces.

    Raises:
        OutsideFault: The bus does not give it.
    """
    inbox = wire.nc.new_inbox()
    pieces: asyncio.Queue[Msg] = asyncio.Queue()
    taking = await wire.nc.subscribe(inbox, cb=pieces.put, pending_bytes_limit=0, pending_msgs_limit=0)
    asked = {"deliver_subject": inbox, "chunk_size": CHUNK_SIZE_BYTES, "no_consumers": False}
    answer = await wire.api(f"STREAM.SNAPSHOT.{name}", asked, timeout_s=SILENCE_S)
    head = StreamHead(name=name, config=answer["config"], state=answer["state"])

    async def given() -> AsyncIterator[bytes]:
        try:
            while (piece := await _next(pieces, name)).data:
                yield piece.data
                if piece.reply:
                    await wire.nc.publish(piece.reply, b"")
            status = status_of(piece)
            if status not in (None, DONE):
                raise OutsideFault(f"snapshot of {name}: the bus broke it off ({status})", retry_helps=True)
        finally:
            await taking.unsubscribe()

    return head, given()


async def _next(pieces: "asyncio.Queue[Msg]", name: str) -> Msg:
    try:
        async with asyncio.timeout(SILENCE_S):
            return await pieces.get()
    except TimeoutError as err:
        raise OutsideFault(
            f"snapshot of {name}: nothing came for {SILENCE_S:g} s; is the bus in trouble? see logs/nats.log",
            retry_helps=True,
        ) from err


async def restore(wire: Wire, head: StreamHead, pieces: AsyncIterator[bytes]) -> None:
    """Make a stream from its snapshot; it must not be there yet.

    Raises:
        OutsideFault: The bus does not take it.
    """
    answer = await wire.api(
        f"STREAM.RESTORE.{head.name}", {"config": head.config, "state": head.state}, timeout_s=SILENCE_S
    )
    subject = answer["deliver_subject"]
    try:
        async for piece in pieces:
            _refuse_error(head.name, (await wire.request(subject, piece, timeout_s=SILENCE_S)).data)
        _refuse_error(head.name, (await wire.request(subject, b"", timeout_s=SILENCE_S)).data)
    except nats.errors.Error as err:
        raise OutsideFault(f"restoring {head.name}: {err}", retry_helps=False) from err


def _refuse_error(name: str, answer: bytes) -> None:
    error = json.loads(answer).get("error") if answer else None
    if error is not None:
        raise OutsideFault(
            f"restoring {name}: the bus answered {error.get('description')}; see logs/nats.log",
            retry_helps=False,
        )
