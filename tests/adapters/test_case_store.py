"""What every store keeps of distress cases: the same suite over the fake and over PostgreSQL."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from tapestry.app.ports import InboundText, MeansTried, OutMessage, OutState, Store, alert_of_distress
from tapestry.distress import NotAllowed, apply, deliver
from tapestry.model import (
    AcknowledgeCase,
    AlertId,
    CallChannel,
    CallStanding,
    CaseCall,
    CaseDelivery,
    CaseId,
    CaseState,
    ConfirmCase,
    Distress,
    DistressCase,
    DistressKind,
    LadderStep,
    MovementId,
    ResolveCase,
    VehicleId,
)
from tapestry.posrep import PosRep

pytest_plugins = ["tests.both_stores"]

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def distress(**changed: Any) -> Distress:
    given: dict[str, Any] = {
        "identity": "imei:1",
        "kind": DistressKind.SOS,
        "raised_at": AT,
        "received_at": AT + SECOND,
        "vehicle_id": VehicleId(1),
        "movement_id": MovementId(7),
        "lat_deg": 33.3,
        "lon_deg": 44.4,
    }
    return Distress(**(given | changed))


async def call(store: Store, **changed: Any) -> AlertId:
    said = distress(**changed)
    alert = await store.record_distress(alert_of_distress(said).alert_id, said)
    return alert.alert_id


async def case(store: Store, number: int = 1) -> DistressCase:
    found = await store.case(CaseId(number))
    assert found is not None
    return found


def message(**changed: Any) -> OutMessage:
    given: dict[str, Any] = {
        "key": "1/1/duty-phone/1/North/Rana/0",
        "case_id": CaseId(1),
        "recipient_key": "1/1/duty-phone/1/North/Rana",
        "rank": 0,
        "desk": "North",
        "recipient": "Rana",
        "means": "sms",
        "address": "+9647700000001",
        "language": "ar",
        "state": OutState.WAITING,
        "created_at": AT,
        "next_try_at": AT,
    }
    return OutMessage(**(given | changed))


STEP = LadderStep(raise_count=1, step="duty-phone", due_at=AT, taken_at=AT + SECOND, contacts=1)


async def test_a_call_opens_a_case_with_its_alert_and_the_same_call_again_changes_nothing(
    store: Store,
) -> None:
    alert_id = await call(store)
    opened = await case(store)
    await call(store)
    assert await case(store) == opened
    assert await store.case_of_alert(alert_id) == 1
    assert await store.case_of_alert(AlertId("distress-none")) is None
    assert opened.calls == (
        CaseCall(
            alert_id=alert_id,
            identity="imei:1",
            channel=CallChannel.TRACKER,
            standing=CallStanding.KNOWN,
            kind=DistressKind.SOS,
            raised_at=AT,
            received_at=AT + SECOND,
            vehicle_id=VehicleId(1),
            movement_id=MovementId(7),
            lat_deg=33.3,
            lon_deg=44.4,
        ),
    )
    assert (opened.state, opened.version, opened.call_count) == (CaseState.RAISED, 1, 1)
    assert [(it.what, it.by) for it in opened.entries] == [("raise", "imei:1")]


async def test_calls_of_one_vehicle_and_of_its_convoy_join_one_case(store: Store) -> None:
    await call(store)
    await call(store, raised_at=AT + 5 * SECOND, received_at=AT + 6 * SECOND)
    await call(store, identity="phone:4", vehicle_id=VehicleId(2), received_at=AT + 7 * SECOND)
    joined = await case(store)
    assert [it.identity for it in joined.calls] == ["imei:1", "imei:1", "phone:4"]
    assert (joined.call_count, joined.vehicle_ids, joined.version) == (3, (1, 2), 1)
    assert await store.case(CaseId(2)) is None
    assert await store.case_calls(CaseId(1), after=1, limit=1) == [joined.calls[1]]


async def test_calls_at_the_same_moment_still_make_one_case(store: Store) -> None:
    await asyncio.gather(
        *(call(store, raised_at=AT + n * SECOND, received_at=AT + n * SECOND) for n in range(4))
    )
    assert [it.call_count for it in await store.cases(only_open=True, limit=9)] == [4]


async def test_calls_from_unknown_trackers_are_grouped_after_the_fifth(store: Store) -> None:
    for number in range(9):
        nobody = {"vehicle_id": None, "movement_id": None, "identity": f"imei:9{number}"}
        await call(store, **nobody, received_at=AT + number * SECOND)
    found = await store.cases(only_open=True, limit=99)
    assert [(it.case_id, it.storm, it.call_count) for it in found] == [
        (6, True, 4), (5, False, 1), (4, False, 1), (3, False, 1), (2, False, 1), (1, False, 1)
    ]  # fmt: skip


async def test_a_case_is_changed_under_a_lock_with_its_history(store: Store) -> None:
    alert_id = await call(store)

    def take(found: DistressCase) -> DistressCase:
        return apply(found, AcknowledgeCase(), by="wafa", at=AT + 9 * SECOND)

    after = await store.change_case(CaseId(1), take)
    assert after is not None
    stored = await case(store)
    assert (stored.state, stored.version, stored.acknowledged_by) == (CaseState.ACKNOWLEDGED, 2, "wafa")
    assert [it.what for it in stored.entries] == ["raise", "acknowledge"]
    alert = await store.alert(alert_id)
    assert alert is not None
    assert (alert.acknowledged_by, alert.acknowledged_at) == ("wafa", AT + 9 * SECOND)
    with pytest.raises(NotAllowed):
        await store.change_case(CaseId(1), take)
    assert await case(store) == stored
    assert await store.change_case(CaseId(5), take) is None


async def test_a_resolved_case_closes_its_alerts_and_takes_no_more_calls(store: Store) -> None:
    alert_id = await call(store)
    for command in (AcknowledgeCase(), ConfirmCase(reason="seen"), ResolveCase(reason="towed")):
        await store.change_case(
            CaseId(1), lambda it, command=command: apply(it, command, by="wafa", at=AT + 9 * SECOND)
        )
    alert = await store.alert(alert_id)
    assert alert is not None
    assert (alert.closed_by, alert.close_reason) == ("wafa", "case 1: towed")
    assert [it.alert_id for it in await store.alerts_of_case(CaseId(1))] == [alert_id]
    await call(store, raised_at=AT + 60 * SECOND, received_at=AT + 60 * SECOND)
    assert [it.case_id for it in await store.cases(only_open=True, limit=9)] == [2]
    assert [it.case_id for it in await store.cases(only_open=False, limit=9)] == [2, 1]
    assert await store.awaited_cases() == [2]
    found = await store.cases_between(AT, AT + 30 * SECOND, limit=9)
    assert [(it.case_id, it.verdict) for it in found] == [(1, CaseState.CONFIRMED)]


async def test_a_delivery_is_told_and_shown_once(store: Store) -> None:
    await call(store)
    due = CaseDelivery(desk="North", reason="responsible", due_at=AT)
    await store.add_deliveries(CaseId(1), [due])
    await store.add_deliveries(CaseId(1), [msgspec.structs.replace(due, reason="region")])
    assert await store.mark_told(CaseId(1), ["North", "South"], at=AT + SECOND) == 1
    assert await store.mark_told(CaseId(1), ["North"], at=AT + 2 * SECOND) == 0
    assert await store.mark_shown(CaseId(1), ["North", "South"], by="wafa", at=AT + 3 * SECOND) == ["North"]
    assert await store.mark_shown(CaseId(1), ["North"], by="adam", at=AT + 4 * SECOND) == []
    told = CaseDelivery(
        desk="North",
        reason="responsible",
        due_at=AT,
        told_at=AT + SECOND,
        shown_at=AT + 3 * SECOND,
        shown_by="wafa",
    )
    assert (await case(store)).deliveries == (told,)
    assert (await store.cases(only_open=True, limit=1))[0].deliveries == (told,)
    after = await store.change_case(
        CaseId(1), lambda it: deliver(it, desk="North", by="wafa", at=AT + 3 * SECOND)
    )
    assert after is not None
    assert after.state is CaseState.DELIVERED
    assert (await case(store)).deliveries == (told,)


async def test_a_step_of_the_ladder_is_taken_once_with_all_that_follows(store: Store) -> None:
    await call(store)
    second = CaseDelivery(desk="South", reason="second-desk", due_at=AT)
    assert await store.take_step(CaseId(1), STEP, [second], [message()])
    assert not await store.take_step(CaseId(1), STEP, [], [message(key="other")])
    assert (await case(store)).steps == (STEP,)
    assert [it.desk for it in (await case(store)).deliveries] == ["South"]
    assert await store.messages_of(CaseId(1)) == [message(message_id=1)]
    assert await store.due_messages(AT, limit=5) == [message(message_id=1)]
    assert await store.due_messages(AT - SECOND, limit=5) == []


async def test_a_way_that_fails_is_tried_again_and_the_next_way_taken_at_once(store: Store) -> None:
    await call(store)
    mail = message(key="k2", rank=1, means="mail", address="a@b", state=OutState.HELD, next_try_at=None)
    await store.take_step(CaseId(1), STEP, [], [message(), mail])
    first = (await store.due_messages(AT, limit=5))[0]
    later = AT + 30 * SECOND
    await store.message_failed(first, at=AT + SECOND, error="not-reached", next_try_at=later)
    assert [(it.means, it.state, it.next_try_at) for it in await store.messages_of(CaseId(1))] == [
        ("sms", OutState.WAITING, later), ("mail", OutState.WAITING, AT + SECOND)
    ]  # fmt: skip
    assert await store.newest_tries() == [
        MeansTried(means="sms", state=OutState.WAITING, last_error="not-reached", tried_at=AT + SECOND)
    ]
    (by_mail,) = await store.due_messages(AT + SECOND, limit=5)
    await store.message_sent(by_mail, at=AT + 2 * SECOND)
    assert [(it.state, it.attempts) for it in await store.messages_of(CaseId(1))] == [
        (OutState.STOPPED, 1), (OutState.SENT, 1)
    ]  # fmt: skip


async def test_a_message_that_nobody_takes_is_given_up(store: Store) -> None:
    await call(store)
    await store.take_step(CaseId(1), STEP, [], [message()])
    (due,) = await store.due_messages(AT, limit=5)
    await store.message_failed(due, at=AT, error="refused", next_try_at=None)
    assert [it.state for it in await store.messages_of(CaseId(1))] == [OutState.GIVEN_UP]
    assert await store.due_messages(AT + 999 * SECOND, limit=5) == []


async def test_what_waits_to_be_sent_stops_when_a_human_acknowledges(store: Store) -> None:
    await call(store)
    await store.take_step(CaseId(1), STEP, [], [message()])
    await store.change_case(CaseId(1), lambda it: apply(it, AcknowledgeCase(), by="wafa", at=AT))
    assert [it.state for it in await store.messages_of(CaseId(1))] == [OutState.STOPPED]


async def test_a_text_message_is_kept_once(store: Store) -> None:
    text = InboundText(
        gateway_id="g-1", received_at=AT, sender="+9647700000001", text="SOS", kind="sos", known=False,
        posrep=PosRep(code="read", lat_deg=33.3, lon_deg=44.4, accuracy_m=10.0, fixed_at=AT, place="33.3 44.4"),
    )  # fmt: skip
    kept = await store.add_text(text)
    assert kept == msgspec.structs.replace(text, text_id=1)
    assert await store.add_text(text) is None
    assert await store.texts(limit=5) == [kept]
    assert await store.text_of_gateway("g-1") == kept
    assert await store.text_of_gateway("g-2") is None
