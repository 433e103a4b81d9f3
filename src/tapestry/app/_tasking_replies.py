"""A team's text message as its answer: taken from the team's own number only, and answered when it cannot be taken."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import structlog

from tapestry import dispatch
from tapestry.app._access import DeskPorts
from tapestry.app._messenger_port import Letter, Messenger, NotSent
from tapestry.app._refusals import Changed, Invalid
from tapestry.app._taskings import TaskingDesk
from tapestry.app._telephone import plain_number
from tapestry.model import ContactMeans, Tasking, Team, TeamId

MAX_OPEN: Final = 200
SENT_WITHIN_S: Final = 20.0
AGAIN_WITHIN: Final = timedelta(minutes=10)  # a gateway delivers again what was not answered

log = structlog.get_logger()


class TaskingReplies:
    """Takes what teams write."""

    def __init__(self, ports: DeskPorts, taskings: TaskingDesk, messenger: Messenger) -> None:
        self._ports = ports
        self._taskings = taskings
        self._messenger = messenger
        self._sending: set[asyncio.Task[None]] = set()

    async def take(self, sender: str, text: str) -> str | None:
        """Return what became of a message, as a code; None when it is not a team's answer.

        Codes: "tasking-<command>" when it was taken; "tasking-unclear" when nothing open fits, or more than one.
        """
        reply = dispatch.read_reply(text)
        teams = [it for it in await self._ports.store.teams() if sender in _numbers(it)] if reply else []
        if reply is None or not teams:
            return None
        mine = {it.team_id for it in teams}
        found = await self._ports.store.taskings(only_open=True, limit=MAX_OPEN)
        fitting = [it for it in found if it.team_id in mine and reply.tasking_id in (None, it.tasking_id)]
        ready = [it for it in fitting if reply.command in dispatch.tasking_commands(it.state)]
        if not ready and await self._said_before(reply, mine, sender):
            return f"tasking-{reply.command}"  # taken, and the power was cut before it was kept
        if len(ready) != 1:
            self._say(sender, teams[0], "reply-unclear", fitting)
            return "tasking-unclear"
        try:
            await self._taskings.apply(
                ready[0].tasking_id, reply.command, by=f"sms:{sender}", reason=reply.reason
            )
        except (Invalid, Changed) as fault:  # a decline without its reason, or somebody was quicker
            self._say(sender, teams[0], f"reply-{fault.code}", ready)
            return "tasking-unclear"
        return f"tasking-{reply.command}"

    async def _said_before(self, reply: dispatch.TextReply, teams: set[TeamId], sender: str) -> bool:
        """Return whether the newest step of a tasking, ended or not, is this answer, taken a moment ago."""
        since = self._ports.now() - AGAIN_WITHIN
        return any(
            it.team_id in teams
            and reply.tasking_id in (None, it.tasking_id)
            and it.steps
            and it.steps[-1].at > since
            and (it.steps[-1].command, it.steps[-1].by) == (reply.command, f"sms:{sender}")
            for it in await self._ports.store.taskings(only_open=False, limit=MAX_OPEN)
        )

    def _say(self, number: str, team: Team, word: str, taskings: Sequence[Tasking]) -> None:
        """Tell the team what was expected, without letting the gateway wait for that."""
        text = dispatch.reply_text(word, team.language, [it.tasking_id for it in taskings])
        letter = Letter(
            key=f"reply-{number}-{self._ports.now().isoformat()}", means="sms", address=number,
            subject="Tasking", text=text, facts={},
        )  # fmt: skip
        task = asyncio.create_task(self._send(letter))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send(self, letter: Letter) -> None:
        try:
            async with asyncio.timeout(SENT_WITHIN_S):
                await self._messenger.send(letter)
        except (NotSent, TimeoutError) as fault:
            log.warning("tasking_reply.not_answered", error=str(fault))

    async def sent(self) -> None:
        """Return once every answer that was begun is out."""
        await asyncio.gather(*self._sending)


def _numbers(team: Team) -> set[str]:
    means = {ContactMeans.SMS, ContactMeans.PHONE}
    return {plain_number(it.value) for it in team.contacts if it.means in means}
