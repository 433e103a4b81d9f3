"""Distress cases and the outbox in memory, kept to the same contract suite as PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from tapestry.app.ports import (
    CALLS_WITH_CASE,
    ChangeCase,
    InboundText,
    MeansTried,
    OutMessage,
    OutState,
)
from tapestry.distress import AWAITED, OPEN, STORM_ENDS_AFTER, call_of, join
from tapestry.model import (
    Alert,
    AlertId,
    CaseCall,
    CaseDelivery,
    CaseId,
    CaseState,
    Distress,
    DistressCase,
    LadderStep,
)

PENDING = {OutState.WAITING, OutState.HELD}


class FakeCases:
    _alerts: dict[AlertId, Alert]

    def __init__(self) -> None:
        super().__init__()
        self._distress_cases: dict[CaseId, DistressCase] = {}  # whole but for their calls
        self._case_calls: dict[AlertId, tuple[CaseId, CaseCall]] = {}  # in the order in which they came
        self._outbox: dict[int, OutMessage] = {}
        self._inbound_texts: list[InboundText] = []

    def join_case(self, alert_id: AlertId, distress: Distress) -> None:
        if alert_id in self._case_calls:
            return
        call = call_of(alert_id, distress)
        since = call.received_at - STORM_ENDS_AFTER
        could_hold = [
            it
            for it in self._distress_cases.values()
            if it.state in OPEN
            and (
                call.vehicle_id in it.vehicle_ids
                or (call.movement_id is not None and call.movement_id == it.movement_id)
                or call.identity in it.identities
                or (it.unverified and it.last_call_at > since)
            )
        ]
        case = join(call, could_hold)
        if not case.case_id:
            case = replace(case, case_id=CaseId(len(self._distress_cases) + 1))
        self._distress_cases[case.case_id] = case
        self._case_calls[alert_id] = (case.case_id, call)

    async def case_of_alert(self, alert_id: AlertId) -> CaseId | None:
        return self._case_calls[alert_id][0] if alert_id in self._case_calls else None

    async def case(self, case_id: CaseId) -> DistressCase | None:
        case = self._distress_cases.get(case_id)
        return (
            None if case is None else replace(case, calls=tuple(self._calls_of(case_id)[-CALLS_WITH_CASE:]))
        )

    async def cases(self, *, only_open: bool, limit: int) -> list[DistressCase]:
        chosen = [
            it for it in self._distress_cases.values() if not only_open or it.state is not CaseState.RESOLVED
        ]
        chosen.sort(key=lambda it: (it.opened_at, it.case_id), reverse=True)
        return [replace(it, steps=(), entries=()) for it in chosen[:limit]]

    async def awaited_cases(self) -> list[CaseId]:
        return sorted(it.case_id for it in self._distress_cases.values() if it.state in AWAITED)

    async def cases_between(self, since: datetime, until: datetime, *, limit: int) -> list[DistressCase]:
        chosen = [it for it in self._distress_cases.values() if since <= it.opened_at < until]
        chosen.sort(key=lambda it: (it.opened_at, it.case_id))
        return [replace(it, deliveries=(), steps=(), entries=()) for it in chosen[:limit]]

    async def case_calls(self, case_id: CaseId, *, after: int, limit: int) -> list[CaseCall]:
        return self._calls_of(case_id)[after : after + limit]

    async def change_case(self, case_id: CaseId, change: ChangeCase) -> DistressCase | None:
        before = self._distress_cases.get(case_id)
        if before is None:
            return None
        bare = replace(before, deliveries=(), steps=())
        after = change(bare)
        if after != bare:
            self._distress_cases[case_id] = replace(after, deliveries=before.deliveries, steps=before.steps)
            self._decide_alerts(before, after)
        return after

    def _decide_alerts(self, before: DistressCase, after: DistressCase) -> None:
        for alert_id in [key for key, (case_id, _) in self._case_calls.items() if case_id == after.case_id]:
            alert = self._alerts[alert_id]
            if alert.closed_at is not None:
                continue
            if before.acknowledged_at is None and after.acknowledged_at and alert.acknowledged_at is None:
                seen = {"acknowledged_at": after.acknowledged_at, "acknowledged_by": after.acknowledged_by}
                alert = replace(alert, **seen)
            if before.resolved_at is None and after.resolved_at is not None:
                reason = f"case {after.case_id}: {after.resolve_reason}"
                alert = replace(
                    alert, closed_at=after.resolved_at, closed_by=after.resolved_by, close_reason=reason
                )
            self._alerts[alert_id] = alert
        if before.acknowledged_at is None and after.acknowledged_at is not None:
            for message in list(self._outbox.values()):
                if message.case_id == after.case_id and message.state in PENDING:
                    self._put_message(message, state=OutState.STOPPED, next_try_at=None)

    async def alerts_of_case(self, case_id: CaseId) -> list[Alert]:
        return sorted(
            (self._alerts[it.alert_id] for it in self._calls_of(case_id)), key=lambda it: it.alert_id
        )

    async def add_deliveries(self, case_id: CaseId, deliveries: Sequence[CaseDelivery]) -> None:
        case = self._distress_cases[case_id]
        known = {it.desk for it in case.deliveries}
        both = [*case.deliveries, *(it for it in deliveries if it.desk not in known)]
        both.sort(key=lambda it: (it.due_at, it.desk))
        self._distress_cases[case_id] = replace(case, deliveries=tuple(both))

    def _deliver_case(self, case_id: CaseId, desks: Sequence[str], **changes: Any) -> None:
        case = self._distress_cases[case_id]
        changed = [replace(it, **changes) if it.desk in desks else it for it in case.deliveries]
        self._distress_cases[case_id] = replace(case, deliveries=tuple(changed))

    async def mark_told(self, case_id: CaseId, desks: Sequence[str], *, at: datetime) -> int:
        new = [
            it.desk
            for it in self._distress_cases[case_id].deliveries
            if it.desk in desks and it.told_at is None
        ]
        self._deliver_case(case_id, new, told_at=at)
        return len(new)

    async def mark_shown(self, case_id: CaseId, desks: Sequence[str], *, by: str, at: datetime) -> list[str]:
        await self.mark_told(case_id, desks, at=at)
        new = [
            it.desk
            for it in self._distress_cases[case_id].deliveries
            if it.desk in desks and it.shown_at is None
        ]
        self._deliver_case(case_id, new, shown_at=at, shown_by=by)
        return sorted(new)

    async def take_step(
        self,
        case_id: CaseId,
        step: LadderStep,
        deliveries: Sequence[CaseDelivery],
        messages: Sequence[OutMessage],
    ) -> bool:
        case = self._distress_cases[case_id]
        if (step.raise_count, step.step, step.round) in {
            (it.raise_count, it.step, it.round) for it in case.steps
        }:
            return False
        ordered = sorted([*case.steps, step], key=lambda it: (it.due_at, it.taken_at, it.step))
        self._distress_cases[case_id] = replace(case, steps=tuple(ordered))
        await self.add_deliveries(case_id, deliveries)
        keys = {it.key for it in self._outbox.values()}
        for message in messages:
            if message.key not in keys:
                number = len(self._outbox) + 1
                self._outbox[number] = replace(message, message_id=number)
        return True

    async def due_messages(self, now: datetime, *, limit: int) -> list[OutMessage]:
        due = [
            it
            for it in self._outbox.values()
            if it.state is OutState.WAITING and it.next_try_at is not None and it.next_try_at <= now
        ]
        return sorted(due, key=lambda it: (it.next_try_at, it.message_id))[:limit]

    async def messages_of(self, case_id: CaseId) -> list[OutMessage]:
        return [it for it in self._outbox.values() if it.case_id == case_id]

    async def message_sent(self, message: OutMessage, *, at: datetime) -> None:
        known = self._outbox[message.message_id]
        attempts = known.attempts + 1
        self._put_message(
            known, state=OutState.SENT, sent_at=at, tried_at=at, attempts=attempts, next_try_at=None
        )
        for other in list(self._outbox.values()):
            if other.recipient_key == message.recipient_key and other.state in PENDING:
                self._put_message(other, state=OutState.STOPPED, next_try_at=None)

    async def message_failed(
        self, message: OutMessage, *, at: datetime, error: str, next_try_at: datetime | None
    ) -> None:
        known = self._outbox[message.message_id]
        state = OutState.GIVEN_UP if next_try_at is None else OutState.WAITING
        state = known.state if known.state is OutState.STOPPED else state
        attempts = known.attempts + 1
        self._put_message(
            known, state=state, tried_at=at, attempts=attempts, last_error=error, next_try_at=next_try_at
        )
        for other in sorted(self._outbox.values(), key=lambda it: it.rank):
            same = other.recipient_key == message.recipient_key and other.rank > message.rank
            if same and other.state is OutState.HELD:
                self._put_message(other, state=OutState.WAITING, next_try_at=at)
                break

    async def newest_tries(self) -> list[MeansTried]:
        newest: dict[str, MeansTried] = {}
        for it in self._outbox.values():
            if it.tried_at is None or (it.means in newest and newest[it.means].tried_at >= it.tried_at):
                continue
            newest[it.means] = MeansTried(
                means=it.means, state=it.state, last_error=it.last_error, tried_at=it.tried_at
            )
        return [newest[means] for means in sorted(newest)]

    async def add_text(self, text: InboundText) -> InboundText | None:
        if text.gateway_id is not None and text.gateway_id in {it.gateway_id for it in self._inbound_texts}:
            return None
        self._inbound_texts.append(replace(text, text_id=len(self._inbound_texts) + 1))
        return self._inbound_texts[-1]

    async def text_of_gateway(self, gateway_id: str) -> InboundText | None:
        return next((it for it in self._inbound_texts if it.gateway_id == gateway_id), None)

    async def texts(self, *, limit: int) -> list[InboundText]:
        return self._inbound_texts[::-1][:limit]

    def _calls_of(self, case_id: CaseId) -> list[CaseCall]:
        return [call for of, call in self._case_calls.values() if of == case_id]

    def _put_message(self, message: OutMessage, **changes: Any) -> None:
        self._outbox[message.message_id] = replace(message, **changes)
