"""How long a request may take: a database that is there and does not answer must not hold people for minutes."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

import structlog

ANSWER_WITHIN_S: Final = 8.0  # people give up on a page at about ten seconds
HEALTH_WITHIN_S: Final = 2.0

T = TypeVar("T")
log = structlog.get_logger()
_unfinished: set[asyncio.Task[Any]] = set()


async def within(work: Coroutine[Any, Any, T], *, within_s: float) -> T:
    """Return what `work` returns, if it does so in time.

    Work that does not is left to end by itself, not cancelled: to cancel a statement, its database would have to
    answer too.

    Raises:
        TimeoutError: It was not done in time. It may still be done later.
    """
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait({task}, timeout=within_s)
    if done:
        return task.result()
    _unfinished.add(task)
    task.add_done_callback(_forget)
    raise TimeoutError(f"no answer within {within_s:g} s")


def _forget(task: asyncio.Task[Any]) -> None:
    _unfinished.discard(task)
    if not task.cancelled() and (fault := task.exception()) is not None:
        log.warning("web.ended_late", kind=type(fault).__name__)
