"""Taskings as text messages: tried until the gateway takes each, the team answers, or the tasking is over.

What is to be sent is written with the order and survives with it. A message can go out twice when the hub dies between
sending it and noting that: it carries the same key, by which a gateway can tell.
"""

import asyncio
from datetime import timedelta
from typing import Final

import msgspec
import structlog

from tapestry import dispatch
from tapestry.app._access import DeskPorts
from tapestry.app._dispatch_news import tell_dispatch
from tapestry.app._messenger_port import Letter, Messenger, NotSent
from tapestry.model import (
    ContactMeans,
    OutsideFault,
    Tasking,
    TaskingId,
    TaskingText,
    Team,
    TextState,
)

LOOK_EVERY_S: Final = 1.0
SENT_WITHIN_S: Final = 20.0
FIRST_PAUSE_S: Final = 5.0
LONGEST_PAUSE_S: Final = 120.0
MAX_TRIES: Final = 40  # more than an hour: the officer was told long before
MAX_LOOKED_AT: Final = 2_000
MAX_WRITES: Final = 10  # of one outcome, when others change the tasking meanwhile
SYSTEM: Final = "system"

log = structlog.get_logger()


class TaskingTexts:
    """Sends what waits."""

    def __init__(self, ports: DeskPorts, messenger: Messenger) -> None:
        self._ports = ports
        self._messenger = messenger

    async def run(self) -> None:
        """Send for ever."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.send_due()
            except OutsideFault as fault:
                log.warning("tasking_texts.not_looked", error=str(fault))

    async def send_due(self) -> None:
        """Try every text message that is due now, of taskings that wait for an answer."""
        now = self._ports.now()
        for tasking in await self._ports.store.taskings(only_open=True, limit=MAX_LOOKED_AT):
            if tasking.state not in dispatch.UNANSWERED:
                continue
            due = [it for it in tasking.texts if it.state is TextState.WAITING and it.next_try_at <= now]
            team = await self._ports.store.team(tasking.team_id) if due else None
            if team is not None:
                await asyncio.gather(*(self._try(tasking, team, text) for text in due))

    async def _try(self, tasking: Tasking, team: Team, text: TaskingText) -> None:
        error = await self._send(tasking, team, text)
        at, tries = self._ports.now(), text.tries + 1
        pause = timedelta(seconds=min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(text.tries, 10)))
        state = TextState.SENT if not error else TextState.WAITING
        if error and tries >= MAX_TRIES:
            state = TextState.GIVEN_UP
        after = msgspec.structs.replace(
            text,
            state=state,
            tries=tries,
            error=error,
            next_try_at=at + pause,
            sent_at=at if not error else None,
        )
        await self._note(tasking.tasking_id, after)

    async def _note(self, tasking_id: TaskingId, text: TaskingText) -> None:
        """Write what became of a message into its tasking, whatever else happened to that meanwhile."""
        for _ in range(MAX_WRITES):
            known = await self._ports.store.tasking(tasking_id)
            assert known is not None
            texts = tuple(text if it.number == text.number else it for it in known.texts)
            after = msgspec.structs.replace(known, version=known.version + 1, texts=texts)
            if await self._ports.store.put_tasking(after, is_open=known.state in dispatch.OPEN):
                break
        action = "send-tasking" if text.state is TextState.SENT else "fail-tasking-text"
        details = {"means": "sms", "error": text.error, "tries": text.tries}
        await self._ports.entries.note(SYSTEM, action, f"tasking/{tasking_id}", details)
        await tell_dispatch(self._ports)

    async def _send(self, tasking: Tasking, team: Team, text: TaskingText) -> str:
        """Return nothing when it was taken, else the code of what went wrong."""
        letter = Letter(
            key=f"tasking-{tasking.tasking_id}-{text.number}",
            means="sms",
            address=text.number,
            subject=f"Tasking {tasking.tasking_id}",
            text=dispatch.tasking_text(tasking, team.language),
            facts={"tasking_id": float(tasking.tasking_id)},
        )
        try:
            async with asyncio.timeout(SENT_WITHIN_S):
                await self._messenger.send(letter)
        except NotSent as fault:
            return fault.code
        except TimeoutError:
            return "no-answer"
        return ""


def texts_for(team: Team, tasking: Tasking) -> tuple[TaskingText, ...]:
    """Return what is to be sent with an order: one message to each number of the team."""
    numbers = dict.fromkeys(it.value for it in team.contacts if it.means is ContactMeans.SMS)
    return tuple(TaskingText(number=number, next_try_at=tasking.ordered_at) for number in numbers)
