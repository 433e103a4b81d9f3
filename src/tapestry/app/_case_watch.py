"""The watch over distress cases: delivers them to desks, and climbs the ladder until a human acknowledges.

Everything that is due follows from what the store has: after a power cut the next look goes on where the last one was.
"""

import asyncio
from datetime import datetime
from typing import Final

import msgspec
import structlog

from tapestry.app._access import DeskPorts
from tapestry.app._case_message import CASE_SUBJECT, CaseChanged
from tapestry.app._case_settings import CaseSettings, desks_here, desks_of
from tapestry.app._case_views import resource_of_case
from tapestry.app.ports import OutMessage, OutState
from tapestry.distress import AWAITED, DistressSettings, StepDue, escalation, next_step, told_at_once
from tapestry.model import CaseDelivery, CaseId, DistressCase, LadderStep, OutsideFault

LOOK_EVERY_S: Final = 1.0
TOGETHER_S: Final = (
    0.1  # changes of one case within this are told as one: a storm changes it a hundred times a second
)
SYSTEM: Final = "system"

log = structlog.get_logger()


class CaseWatch:
    """Looks after the cases that nobody has acknowledged."""

    def __init__(self, ports: DeskPorts, settings: CaseSettings) -> None:
        self._ports = ports
        self._settings = settings
        self._changed: set[CaseId] = set()
        self._wake = asyncio.Event()
        self._next: dict[
            CaseId, datetime | None
        ] = {}  # when a case is looked at again; None: at the next look

    async def run(self) -> None:
        """Watch for ever."""
        await self._ports.bus.listen(CASE_SUBJECT, self._on_case)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._tell_for_ever())
            group.create_task(self._look_for_ever())

    async def look(self) -> None:
        """Look at every case that waits for a human and has something due."""
        awaited = await self._ports.store.awaited_cases()
        now = self._ports.now()
        ours = [case_id for case_id in awaited if self._ports.links.is_ours(case_id)]  # others climb theirs
        self._next = {case_id: self._next.get(case_id) for case_id in ours}
        for case_id, due_at in list(self._next.items()):
            if due_at is None or due_at <= now:
                await self.handle(case_id)

    async def handle(self, case_id: CaseId) -> None:
        """Deliver a case to whom it is due, and take the steps that are due."""
        case = await self._ports.store.case(case_id)
        if case is None:
            return
        settings = await self._settings.current()
        now = self._ports.now()
        before = case
        if case.state in AWAITED:
            await self._deliver(case, settings, now)
            case = await self._ports.store.case(case_id) or case
            for step in escalation(case, now, settings):
                await self._take(case, step, now)
        case = await self._ports.store.case(case_id) or case
        self._ports.live.note_case(case_id, resource_of_case(self._ports.live.directory, case, settings))
        await self._tell_desks(case, settings)
        untold = any(it.told_at is None for it in case.deliveries)
        following = next_step(case, now, settings)
        if case.state in AWAITED:
            soon = None if untold or following is None else following[1]
            self._next[case_id] = soon
        if len(case.steps) > len(before.steps):
            log.warning("case.escalated", case_id=case_id, step=case.steps[-1].step)

    async def _deliver(self, case: DistressCase, settings: DistressSettings, now: datetime) -> None:
        here = desks_here(settings, case.lat_deg, case.lon_deg)
        known = {it.desk for it in case.deliveries}
        due = [
            CaseDelivery(desk=told.desk, reason=told.reason, due_at=now)
            for told in told_at_once(case, settings, here=here)
            if told.desk not in known
        ]
        if due:
            await self._ports.store.add_deliveries(case.case_id, due)

    async def _take(self, case: DistressCase, due: StepDue, now: datetime) -> None:
        step = LadderStep(
            raise_count=due.raise_count,
            step=due.step.value,
            round=due.round,
            due_at=due.due_at,
            taken_at=now,
            desks=due.desks,
            contacts=len(due.calls),
        )
        deliveries = [CaseDelivery(desk=desk, reason=due.step.value, due_at=now) for desk in due.desks]
        if await self._ports.store.take_step(case.case_id, step, deliveries, _messages(case, due, now)):
            details = {"step": due.step.value, "round": due.round, "contacts": len(due.calls)}
            await self._ports.entries.note(SYSTEM, "escalate-case", f"case/{case.case_id}", details)

    async def _tell_desks(self, case: DistressCase, settings: DistressSettings) -> None:
        """Note which desks have a console open: these were just told."""
        waiting = {it.desk for it in case.deliveries if it.told_at is None}
        if not waiting:
            return
        watching = {desk for who in self._ports.live.watching() for desk in desks_of(settings, who)}
        told = sorted(waiting & watching)
        if told:
            await self._ports.store.mark_told(case.case_id, told, at=self._ports.now())

    async def _on_case(self, _: str, payload: bytes) -> None:
        self._changed.add(msgspec.json.decode(payload, type=CaseChanged).case_id)
        self._wake.set()

    async def _tell_for_ever(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            changed, self._changed = self._changed, set()
            for case_id in sorted(changed):
                try:
                    await self.handle(case_id)
                except OutsideFault as fault:
                    log.warning("case.not_reached", case_id=case_id, error=str(fault))
            await asyncio.sleep(TOGETHER_S)

    async def _look_for_ever(self) -> None:
        while True:
            try:
                await self.look()
            except OutsideFault as fault:
                log.warning("case.not_looked", error=str(fault))
            await asyncio.sleep(LOOK_EVERY_S)


def _messages(case: DistressCase, due: StepDue, now: datetime) -> list[OutMessage]:
    """Return the messages of a step: each person's first way waits to be sent, their others are held."""
    messages = []
    for number, call in enumerate(due.calls):
        person = f"{case.case_id}/{due.raise_count}/{due.step}/{due.round}/{number}"
        for rank, way in enumerate(call.contact.ways):
            messages.append(
                OutMessage(
                    key=f"{person}/{rank}",
                    case_id=case.case_id,
                    recipient_key=person,
                    rank=rank,
                    desk=call.desk,
                    recipient=call.contact.name,
                    means=way.means.value,
                    address=way.address,
                    language=call.contact.language,
                    state=OutState.HELD if rank else OutState.WAITING,
                    created_at=now,
                    next_try_at=None if rank else now,
                )
            )
    return messages
