"""Messages to duty phones: sent as soon as they are due, tried again with growing pauses until a human acknowledges.

A message can go out twice when the hub dies between sending it and noting that; it never is not sent for that reason.
"""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from tapestry.app._access import DeskPorts
from tapestry.app._case_message import CASE_SUBJECT, encode_case_changed
from tapestry.app._case_words import letter_words
from tapestry.app._messenger_port import Letter, Messenger, NotSent
from tapestry.app.ports import OutMessage, OutState
from tapestry.distress import AWAITED
from tapestry.model import DistressCase, OutsideFault

LOOK_EVERY_S: Final = 0.5
AT_ONCE: Final = 8  # letters on their way at the same time
SENT_WITHIN_S: Final = 20.0
FIRST_PAUSE_S: Final = 5.0
LONGEST_PAUSE_S: Final = 300.0
MAX_TRIES: Final = 100  # some eight hours: by then a person has looked at the case
SYSTEM: Final = "system"

log = structlog.get_logger()


class Outbox:
    """Sends what waits."""

    def __init__(self, ports: DeskPorts, messenger: Messenger, *, address: str) -> None:
        self._ports = ports
        self._messenger = messenger
        self._address = address

    async def run(self) -> None:
        """Send for ever."""
        while True:
            try:
                await self.send_due()
            except OutsideFault as fault:
                log.warning("outbox.not_looked", error=str(fault))
            await asyncio.sleep(LOOK_EVERY_S)

    async def send_due(self) -> None:
        """Try every message that is due now."""
        due = await self._ports.store.due_messages(self._ports.now(), limit=AT_ONCE)
        await asyncio.gather(*(self._try(message) for message in due))

    async def states(self) -> dict[str, str]:
        """Return of each means that is set up or was tried "ok", or the code of what went wrong at the newest try."""
        states = dict.fromkeys(sorted(self._messenger.means()), "ok")
        for tried in await self._ports.store.newest_tries():
            states[tried.means] = "ok" if tried.state is OutState.SENT else tried.last_error
        return states

    async def _try(self, message: OutMessage) -> None:
        case = await self._ports.store.case(message.case_id)
        if case is None or case.state not in AWAITED:
            return  # a human has it: the store stops what waits with the same transaction
        error = await self._send(self._letter(message, case))
        at = self._ports.now()
        if error is None:
            await self._ports.store.message_sent(message, at=at)
        else:
            pause = timedelta(seconds=min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(message.attempts, 16)))
            again = at + pause if message.attempts + 1 < MAX_TRIES else None
            await self._ports.store.message_failed(message, at=at, error=error, next_try_at=again)
            log.warning("outbox.not_sent", means=message.means, error=error, attempts=message.attempts + 1)
        details = {"message_id": message.message_id, "means": message.means, "error": error or ""}
        action = "send-message" if error is None else "fail-message"
        await self._ports.entries.note(SYSTEM, action, f"case/{message.case_id}", details)
        await self._ports.bus.send(CASE_SUBJECT, encode_case_changed(message.case_id))

    async def _send(self, letter: Letter) -> str | None:
        """Return None when it was taken, else the code of what went wrong."""
        try:
            async with asyncio.timeout(SENT_WITHIN_S):
                await self._messenger.send(letter)
        except NotSent as fault:
            return fault.code
        except TimeoutError:
            return "no-answer"
        return None

    def _letter(self, message: OutMessage, case: DistressCase) -> Letter:
        directory = self._ports.live.directory
        names = [
            directory.vehicles[vehicle_id].callsign
            for vehicle_id in case.vehicle_ids
            if vehicle_id in directory.vehicles
        ]
        link = f"{self._address}/distress/{case.case_id}"
        subject, text = letter_words(case, ", ".join(names), link=link, language=message.language)
        return Letter(
            key=message.key,
            means=message.means,
            address=message.address,
            subject=subject,
            text=text,
            facts={
                "case_id": case.case_id,
                "kind": case.kind.value,
                "state": case.state.value,
                "callsigns": ", ".join(names),
                "call_count": case.call_count,
                "received_at": case.opened_at.isoformat(),
                "lat_deg": case.lat_deg,
                "lon_deg": case.lon_deg,
                "link": link,
            },
        )
