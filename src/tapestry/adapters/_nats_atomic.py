"""Several messages written as one: JetStream's atomic batch, which syncs the disk once for all of them.

Theory of operation. All messages of a batch carry its id and their number; the last one commits, and its answer
comes when every one is on the disk. Whatever goes wrong with a batch, the messages are then written one by one
under the same Msg-Ids: those that are there already are not written again, and a batch of which a crash left a part
is made whole.
"""

import asyncio
import secrets
from collections.abc import Sequence
from itertools import count

import structlog

from tapestry.adapters._nats_wire import ApiFault, Wire
from tapestry.app.ports import Draft

MAX_MESSAGES = 500  # the server takes 1,000 in a batch
PREFIX = secrets.token_hex(6)

log = structlog.get_logger()
_numbers = count(1)


async def publish_together(wire: Wire, drafts: Sequence[Draft]) -> None:
    """Write messages of one stream in their order; see `app.ports.Bus`."""
    for start in range(0, len(drafts), MAX_MESSAGES):
        part = drafts[start : start + MAX_MESSAGES]
        if len(part) == 1:
            await _publish_singly(wire, part)
        else:
            await _publish_batch(wire, part)


async def _publish_batch(wire: Wire, drafts: Sequence[Draft]) -> None:
    batch = f"{PREFIX}-{next(_numbers)}"
    for number, draft in enumerate(drafts[:-1], 1):
        await wire.send(draft.subject, draft.payload, headers=_headers(draft, batch, number))
    last = drafts[-1]
    try:
        await wire.publish(
            last.subject,
            last.payload,
            headers=_headers(last, batch, len(drafts)) | {"Nats-Batch-Commit": "1"},
        )
    except ApiFault as fault:
        log.info("bus.batch_refused", error=str(fault), messages=len(drafts))
        await _publish_singly(wire, drafts)


def _headers(draft: Draft, batch: str, number: int) -> dict[str, str]:
    return {"Nats-Msg-Id": draft.msg_id, "Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(number)}


async def _publish_singly(wire: Wire, drafts: Sequence[Draft]) -> None:
    await asyncio.gather(
        *(
            wire.publish(draft.subject, draft.payload, headers={"Nats-Msg-Id": draft.msg_id})
            for draft in drafts
        )
    )
