"""Distress cases at the desk: delivered, escalated, acknowledged, told in words."""

from typing import Any, cast

import msgspec
import pytest
from tests.fakes.small_hub import NOON, SmallHub, add_movement

from tapestry.access import Principal
from tapestry.app._case_message import CASE_SUBJECT
from tapestry.app._distress_reports import DistressReports, TextIn, VoiceReport
from tapestry.app._outbox import Outbox
from tapestry.app.desk import Letter, NoMessenger, NotSent
from tapestry.app.ports import OutState, alert_of_distress
from tapestry.app.projector import Projector
from tapestry.app.refusals import Changed, Forbidden, Invalid, LockedOut, Missing
from tapestry.distress import CaseDesk, DeskKind, DistressSettings, DutyContact, DutyWay, Means
from tapestry.model import (
    AcknowledgeCase,
    AlertId,
    CaseId,
    CaseState,
    Contact,
    ContactMeans,
    Distress,
    DistressCase,
    DistressKind,
    OperatorId,
    OutsideFault,
    Person,
    PersonId,
    VehicleId,
)

WAFA = Principal(user_name="wafa", role="watch_officer")
ADAM = Principal(user_name="adam", role="administrator")
OMAR = Principal(user_name="omar", role="operator", operator_id=OperatorId(1))
PIA = Principal(user_name="pia", role="partner")
RANA = DutyContact(
    name="Rana",
    language="ar",
    ways=(
        DutyWay(means=Means.SMS, address="+9647700000001"),
        DutyWay(means=Means.MAIL, address="rana@centre.test"),
    ),
)
CENTRE = CaseDesk(name="Centre", whole_country=True, members=("wafa",), contacts=(RANA,))
PARTNER = CaseDesk(name="Partner", kind=DeskKind.PARTNER, whole_country=True, members=("pia",))
SETTINGS = DistressSettings(desks=(CENTRE, PARTNER))


class FakeMessenger:
    """Takes letters, or refuses a means with a code."""

    def __init__(self, **refused: str) -> None:
        self.letters: list[Letter] = []
        self.refused = refused

    def means(self) -> frozenset[str]:
        return frozenset({"sms", "mail"})

    async def send(self, letter: Letter) -> None:
        if letter.means in self.refused:
            raise NotSent(self.refused[letter.means])
        self.letters.append(letter)

    def is_gateway(self, secret: str) -> bool:
        return secret == "of the gateway"


async def pressed(hub: SmallHub, **changed: Any) -> AlertId:
    """Let a tracker's call be stored, as the projector does."""
    given: dict[str, Any] = {
        "identity": "imei:1",
        "kind": DistressKind.SOS,
        "raised_at": hub.clock(),
        "received_at": hub.clock(),
        "vehicle_id": VehicleId(1),
        "lat_deg": 33.3,
        "lon_deg": 44.4,
    }
    call = Distress(**(given | changed))
    alert = await hub.store.record_distress(alert_of_distress(call).alert_id, call)
    return cast(AlertId, alert.alert_id)


async def case_of(hub: SmallHub, number: int = 1) -> DistressCase:
    found = await hub.store.inner.case(CaseId(number))
    assert found is not None
    return found


async def set_up(hub: SmallHub, settings: DistressSettings = SETTINGS) -> None:
    await hub.desk.case_settings.put(ADAM, settings, 0)


async def test_the_projector_stores_a_call_with_its_case_and_says_so(hub: SmallHub) -> None:
    call = Distress(identity="imei:1", kind=DistressKind.SOS, raised_at=NOON, received_at=NOON)
    await hub.bus.publish("distress.64", msgspec.json.encode(call), msg_id="1")
    (subject, payload), *_ = hub.bus.published("DISTRESS")
    projector = Projector(cast(Any, hub.bus), cast(Any, hub.store))
    message = hub.bus.server.streams["DISTRESS"].messages[0]
    await projector._distress(message)
    await projector._distress(message)
    assert subject == "distress.64" and payload
    assert (await case_of(hub)).call_count == 1
    assert hub.bus.sent == [(CASE_SUBJECT, b'{"case_id":1}')] * 2


async def test_a_case_is_delivered_to_the_desks_whose_consoles_are_open_and_shown_by_name(
    hub: SmallHub,
) -> None:
    await set_up(hub)
    await pressed(hub)
    hub.clients.join(WAFA, None)
    await hub.desk.case_watch.handle(CaseId(1))
    told = {it.desk: (it.reason, it.told_at is not None) for it in (await case_of(hub)).deliveries}
    assert told == {"Centre": ("responsible", True), "Partner": ("policy", False)}
    assert (await case_of(hub)).state is CaseState.RAISED
    view = await hub.desk.cases.shown(WAFA, 1)
    assert (view.case.state, view.case.deliveries[0].shown_by) == (CaseState.DELIVERED, "wafa")
    again = await hub.desk.cases.shown(WAFA, 1)
    assert again.case.version == view.case.version


async def test_a_live_console_is_told_of_a_case_at_once(hub: SmallHub) -> None:
    client = hub.clients.join(WAFA, None)
    await client.next()
    await pressed(hub)
    await hub.desk.case_watch.handle(CaseId(1))
    assert any('"type":"cases"' in message and "[1]" in message for message in await client.next())


async def test_a_partner_sees_the_case_that_its_desk_was_given_without_numbers_and_no_other(
    hub: SmallHub,
) -> None:
    await set_up(hub)
    await pressed(hub)
    with pytest.raises(Missing):
        await hub.desk.cases.case(PIA, 1)
    await hub.desk.case_watch.handle(CaseId(1))
    view = await hub.desk.cases.case(PIA, 1)
    assert (view.allowed, view.messages, view.case.calls[0].identity) == ((), (), "imei:…")
    assert view.case.lat_deg == 33.3
    with pytest.raises(Forbidden):
        await hub.desk.cases.command(PIA, 1, AcknowledgeCase())
    silent = await pressed(hub, vehicle_id=VehicleId(3), silent=True, kind=DistressKind.HELP)
    assert silent
    await hub.desk.case_watch.handle(CaseId(2))
    assert [it.case.case_id for it in await hub.desk.cases.cases(PIA, only_open=True, limit=9)] == [1]


async def test_nobody_acknowledges_so_each_step_is_taken_once_and_the_first_way_is_tried(
    hub: SmallHub,
) -> None:
    await set_up(hub)
    await pressed(hub)
    messenger = FakeMessenger()
    outbox = Outbox(hub.desk.ports, messenger, address="http://hub.test")
    await hub.desk.case_watch.look()
    for _ in range(130):
        hub.clock.move(seconds=1)
        await hub.desk.case_watch.look()
        await outbox.send_due()
    case = await case_of(hub)
    assert [(it.step, it.contacts) for it in case.steps] == [("second-desk", 0), ("duty-phone", 1)]
    (letter,) = messenger.letters
    assert (letter.means, letter.address) == ("sms", "+9647700000001")
    assert "نداء استغاثة: N-1 (#1)" in letter.text
    assert letter.text.endswith("http://hub.test/distress/1")
    found = await hub.store.inner.messages_of(CaseId(1))
    assert [it.state for it in found] == [OutState.SENT, OutState.STOPPED]
    assert ("system", "escalate-case", "case/1") in await hub.logged()


async def test_a_way_that_fails_hands_over_to_the_next_and_is_tried_again_with_growing_pauses(
    hub: SmallHub,
) -> None:
    await set_up(hub)
    await pressed(hub)
    messenger = FakeMessenger(sms="status-500", mail="not-reached")
    outbox = Outbox(hub.desk.ports, messenger, address="")
    await hub.desk.case_watch.look()
    hub.clock.move(seconds=120)
    await hub.desk.case_watch.look()
    await outbox.send_due()
    await outbox.send_due()
    assert await outbox.states() == {"mail": "not-reached", "sms": "status-500"}
    pauses = []
    for _ in range(8):
        (first, _) = await hub.store.inner.messages_of(CaseId(1))
        assert first.next_try_at is not None
        pauses.append((first.next_try_at - hub.clock()).total_seconds())
        hub.clock.move(seconds=pauses[-1])
        await outbox.send_due()
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300]
    messenger.refused.clear()
    hub.clock.move(seconds=300)
    await outbox.send_due()
    assert await outbox.states() == {"mail": "ok", "sms": "ok"}


async def test_a_human_who_acknowledges_ends_the_ladder_and_the_alerts_follow(hub: SmallHub) -> None:
    await set_up(hub)
    alert_id = await pressed(hub)
    await hub.desk.case_watch.look()
    await hub.desk.cases.command(WAFA, 1, AcknowledgeCase())
    hub.clock.move(hours=9)
    await hub.desk.case_watch.look()
    assert (await case_of(hub)).steps == ()
    assert (await hub.store.alert(alert_id)).acknowledged_by == "wafa"
    shown = hub.live.alert(alert_id)
    assert shown is not None and shown.acknowledged_by == "wafa"
    assert ("wafa", "acknowledge-case", "case/1") in await hub.logged()
    with pytest.raises(Invalid) as refused:
        await hub.desk.cases.command(WAFA, 1, AcknowledgeCase())
    assert refused.value.code == "not-now"


async def test_acknowledging_a_calls_alert_acknowledges_its_case_and_setting_it_aside_does_not(
    hub: SmallHub,
) -> None:
    alert_id = await pressed(hub)
    later = hub.clock.now.replace(hour=13)
    await hub.desk.alerts.snooze(WAFA, alert_id, until=later, reason="looking")
    assert (await case_of(hub)).state is CaseState.RAISED
    await hub.desk.alerts.acknowledge(WAFA, alert_id)
    assert (await case_of(hub)).acknowledged_by == "wafa"


async def test_the_ladder_goes_on_after_a_restart_from_the_clock_it_had(hub: SmallHub) -> None:
    await set_up(hub)
    await pressed(hub)
    await hub.desk.case_watch.look()
    hub.clock.move(seconds=125)
    from tapestry.app._case_watch import CaseWatch  # as a process that starts anew has it

    await CaseWatch(hub.desk.ports, hub.desk.case_settings).look()
    assert [it.step for it in (await case_of(hub)).steps] == ["second-desk", "duty-phone"]


async def test_a_case_that_every_desk_was_told_of_is_looked_at_again_when_its_next_step_is_due(
    hub: SmallHub,
) -> None:
    hub.clients.join(WAFA, None)
    await pressed(hub)
    await hub.desk.case_watch.look()
    assert all(it.told_at is not None for it in (await case_of(hub)).deliveries)
    hub.clock.move(seconds=59)
    await hub.desk.case_watch.look()
    assert (await case_of(hub)).steps == ()
    hub.clock.move(seconds=1)
    await hub.desk.case_watch.look()
    assert [it.step for it in (await case_of(hub)).steps] == ["second-desk"]


async def test_with_the_database_down_the_watch_goes_on_looking_and_nothing_is_taken_twice(
    hub: SmallHub,
) -> None:
    await pressed(hub)
    await hub.desk.case_watch.look()
    hub.store.down = True
    with pytest.raises(OutsideFault):
        await hub.desk.case_watch.look()
    hub.store.down = False
    hub.clock.move(seconds=61)
    await hub.desk.case_watch.look()
    await hub.desk.case_watch.handle(CaseId(1))
    assert [it.step for it in (await case_of(hub)).steps] == ["second-desk"]


def reports(hub: SmallHub) -> DistressReports:
    return DistressReports(hub.desk.ports, FakeMessenger())


def raised(hub: SmallHub) -> list[Distress]:
    return [msgspec.json.decode(body, type=Distress) for _, body in hub.bus.published("DISTRESS")]


async def test_a_call_by_voice_is_the_vehicles_when_its_callsign_is_known(hub: SmallHub) -> None:
    await add_movement(hub)
    told = await reports(hub).report(
        WAFA, VoiceReport(callsign=" n 1", kind=DistressKind.SOS, place="33.3, 44.4")
    )
    (call,) = raised(hub)
    assert (told.known, call.vehicle_id, call.movement_id, call.lat_deg) == (True, 1, 1, 33.3)
    assert call.identity == "voice:n 1"


async def test_an_unknown_callsign_is_raised_and_said_to_be_unknown(hub: SmallHub) -> None:
    told = await reports(hub).report(WAFA, VoiceReport(callsign="GHOST 9", kind=DistressKind.HELP))
    (call,) = raised(hub)
    assert (told.known, call.vehicle_id, call.identity) == (False, None, "voice:GHOST 9")


async def test_an_impossible_grid_is_refused_with_what_to_ask_for(hub: SmallHub) -> None:
    with pytest.raises(Invalid) as refused:
        await reports(hub).report(WAFA, VoiceReport(callsign="N-1", kind=DistressKind.SOS, place="99ZZZ1"))
    assert refused.value.code == "bad-place"
    assert "38SMB4414084706" in refused.value.todo
    assert raised(hub) == []


async def test_an_operator_does_not_report_for_others(hub: SmallHub) -> None:
    with pytest.raises(Forbidden):
        await reports(hub).report(OMAR, VoiceReport(callsign="N-1", kind=DistressKind.SOS))


async def with_driver(hub: SmallHub) -> None:
    number = Contact(means=ContactMeans.PHONE, value="+964 770 000 0001")
    driver = Person(person_id=PersonId(0), operator_id=OperatorId(1), name="Ali", contacts=(number,))
    await hub.store.put_people([driver])


async def text(hub: SmallHub, words: str, sender: str = "009647700000001", **more: Any) -> str:
    taken = await reports(hub).take_text(
        "of the gateway", TextIn(sender=sender, text=words, **more), remote="192.0.2.1"
    )
    return taken.note


async def test_a_text_of_a_known_number_is_the_vehicles_that_it_names(hub: SmallHub) -> None:
    await with_driver(hub)
    assert await text(hub, "مساعدة N-2 33.3, 44.4") == ""
    (call,) = raised(hub)
    assert (call.kind, call.vehicle_id, call.identity) == (DistressKind.HELP, 2, "sms:+9647700000001")


async def test_a_text_that_names_anothers_vehicle_counts_for_no_vehicle(hub: SmallHub) -> None:
    await with_driver(hub)
    assert await text(hub, "SOS S-1") == "unknown-callsign"
    assert raised(hub)[0].vehicle_id is None


async def test_a_text_of_an_unknown_number_is_kept_raised_and_counts_for_no_vehicle(hub: SmallHub) -> None:
    assert await text(hub, "SOS N-1", sender="+15550001") == "unknown-number"
    assert raised(hub)[0].vehicle_id is None
    (kept,) = await reports(hub).texts(WAFA, limit=5)
    assert (kept.known, kept.text, kept.alert_id is not None) == (False, "SOS N-1", True)


async def test_words_that_ask_for_nothing_are_kept_and_raise_nothing(hub: SmallHub) -> None:
    await with_driver(hub)
    await text(hub, "when do we leave")
    assert raised(hub) == []
    assert [it.kind for it in await reports(hub).texts(WAFA, limit=5)] == ["other"]


async def test_a_text_that_calls_for_help_is_raised_with_the_database_down_and_sent_again_by_the_gateway(
    hub: SmallHub,
) -> None:
    await with_driver(hub)
    hub.store.down = True
    with pytest.raises(OutsideFault):
        await text(hub, "SOS N-1 33.3, 44.4")
    (call,) = raised(hub)
    assert (call.identity, call.vehicle_id, call.lat_deg) == ("sms:+9647700000001", None, 33.3)


async def test_ok_is_written_on_the_open_case_and_ends_nothing(hub: SmallHub) -> None:
    await with_driver(hub)
    await pressed(hub)
    await text(hub, "OK N-1")
    case = await case_of(hub)
    assert (case.state, case.entries[-1].what) == (CaseState.RAISED, "says-well")


async def test_a_gateway_with_a_wrong_secret_finds_nothing_and_is_soon_locked_out(hub: SmallHub) -> None:
    desk = reports(hub)
    words = TextIn(sender="+1", text="SOS")
    for _ in range(10):
        with pytest.raises(Missing):
            await desk.take_text("guessed", words, remote="192.0.2.1")
    with pytest.raises(LockedOut):
        await desk.take_text("guessed", words, remote="192.0.2.1")
    assert raised(hub) == []
    assert not NoMessenger().is_gateway("")


async def test_settings_are_kept_by_version_and_name_only_people_who_have_accounts(hub: SmallHub) -> None:
    await set_up(hub)
    with pytest.raises(Changed):
        await hub.desk.case_settings.put(ADAM, SETTINGS, 0)
    stranger = msgspec.structs.replace(CENTRE, members=("nobody",))
    with pytest.raises(Invalid) as refused:
        await hub.desk.case_settings.put(ADAM, DistressSettings(desks=(stranger,)), 1)
    assert refused.value.code == "unknown-member"
    with pytest.raises(Forbidden):
        await hub.desk.case_settings.view(WAFA)
