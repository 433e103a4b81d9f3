"""The desk of the watch with fakes: how it is taken, handed over and planned, and what is written into its log."""

from datetime import timedelta

import msgspec
import pytest
from tests.fakes.small_hub import NOON, SmallHub

from tapestry.access import Principal
from tapestry.app._refusals import Forbidden, Invalid, Missing
from tapestry.app._tasks import NewTask
from tapestry.app._watch_desk import NewHandOver, NewShift, WatchView
from tapestry.app._watch_log import NewEntry, WatchLogQuestion
from tapestry.model import NATIONAL, Centre, OperatorId, numbers_of
from tapestry.watch import HandOver, Turn, sign

WAFA = Principal(user_name="wafa", role="watch_officer")
ADAM = Principal(user_name="adam", role="administrator")
OLGA = Principal(user_name="olga", role="operator", operator_id=OperatorId(1))
HOUR = timedelta(hours=1)


async def give(hub: SmallHub, text: str) -> None:
    await hub.desk.tasks.give(WAFA, NewTask(text=text, owner="wafa", due_at=NOON + HOUR))


async def closed(hub: SmallHub, *, note: str = "") -> WatchView:
    """Let wafa take the watch, with one open task, and close the sheet."""
    await hub.desk.watches.take(WAFA, "")
    await give(hub, "call the ferry")
    return await hub.desk.watches.close(WAFA, NewHandOver(note=note, notes={"task:2": " the night number "}))


async def test_who_takes_a_watch_that_nobody_has_has_it_and_the_log_says_so(hub: SmallHub) -> None:
    assert (await hub.desk.watches.told_turn(WAFA)).turn is None
    taken = (await hub.desk.watches.take(WAFA, "")).turn
    assert taken is not None
    assert (taken.user_name, taken.taken_at, taken.before) == ("wafa", NOON, "")
    entry = hub.store.inner.entries[-1]
    assert (entry.actor, entry.action, entry.subject) == ("wafa", "take-watch", "watch")


async def test_a_watch_that_was_not_handed_over_is_taken_with_a_reason_only(hub: SmallHub) -> None:
    await hub.desk.watches.take(WAFA, "")
    with pytest.raises(Invalid) as refused:
        await hub.desk.watches.take(ADAM, "  ")
    assert refused.value.code == "reason-needed"
    turn = (await hub.desk.watches.take(ADAM, "wafa fell ill")).turn
    assert turn is not None
    assert (turn.user_name, turn.before, turn.reason) == ("adam", "wafa", "wafa fell ill")


async def test_the_watch_changes_only_when_every_item_is_ticked_and_signed(hub: SmallHub) -> None:
    view = await closed(hub, note="quiet")
    assert view.hand_over is not None
    number, sheet = view.hand_over.number, view.hand_over.sheet
    assert (sheet.outgoing, sheet.note, [it.note for it in sheet.items]) == (
        "wafa", "quiet", ["the night number"],
    )  # fmt: skip
    with pytest.raises(Invalid) as refused:
        await hub.desk.watches.sign(ADAM, number)
    assert refused.value.code == "not-ticked"
    assert (await hub.desk.watches.told_turn(ADAM)).turn == view.turn
    await hub.desk.watches.tick(ADAM, number, "task:2")
    after = await hub.desk.watches.sign(ADAM, number)
    assert after.turn is not None
    assert (after.turn.user_name, after.turn.before, after.turn.hand_over_id) == ("adam", "wafa", number)
    assert after.hand_over is None


async def test_what_opened_meanwhile_forces_the_sheet_to_be_closed_again(hub: SmallHub) -> None:
    view = await closed(hub)
    assert view.hand_over is not None
    number = view.hand_over.number
    await hub.desk.watches.tick(ADAM, number, "task:2")
    await give(hub, "wake the second driver")
    with pytest.raises(Invalid) as refused:
        await hub.desk.watches.sign(ADAM, number)
    assert refused.value.code == "opened-meanwhile"
    again = (await hub.desk.watches.close(WAFA, NewHandOver())).hand_over
    assert again is not None
    assert (again.number, again.unticked, again.opened_since) == (number, ("task:4",), ())
    await hub.desk.watches.tick(ADAM, number, "task:4")
    turn = (await hub.desk.watches.sign(ADAM, number)).turn
    assert turn is not None
    assert turn.user_name == "adam"


async def test_a_power_cut_between_signature_and_turn_does_not_lose_the_watch(hub: SmallHub) -> None:
    view = await closed(hub)
    assert view.hand_over is not None
    number = view.hand_over.number
    await hub.desk.watches.tick(ADAM, number, "task:2")
    kept = await hub.store.watch_record("hand-over", number)
    assert kept is not None
    sheet = msgspec.json.decode(kept.body, type=HandOver)
    signed = sign(sheet, "adam", NOON + HOUR, open_now=sheet.items)
    body = msgspec.json.encode(signed)  # the last thing that was written before the cut
    assert await hub.store.put_watch_record(
        msgspec.structs.replace(kept, version=kept.version + 1, open=False, body=body)
    )
    turn = (await hub.desk.watches.told_turn(WAFA)).turn
    assert turn == Turn(user_name="adam", taken_at=NOON + HOUR, before="wafa", hand_over_id=number)
    hub.clock.now = NOON + HOUR / 2  # a clock that was set back takes nobody's watch away
    await hub.desk.watches.take(WAFA, "adam fell ill")
    assert (await hub.desk.watches.told_turn(WAFA)).turn == Turn(
        user_name="wafa", taken_at=NOON + HOUR / 2, before="adam", reason="adam fell ill"
    )


async def test_nobody_takes_over_from_themselves_nor_closes_for_another(hub: SmallHub) -> None:
    view = await closed(hub)
    assert view.hand_over is not None
    with pytest.raises(Invalid) as own:
        await hub.desk.watches.tick(WAFA, view.hand_over.number, "task:2")
    with pytest.raises(Invalid) as other:
        await hub.desk.watches.close(ADAM, NewHandOver())
    assert (own.value.code, other.value.code) == ("own-hand-over", "not-on-watch")


async def test_a_shift_that_ended_without_a_hand_over_is_said(hub: SmallHub) -> None:
    await hub.desk.watches.take(WAFA, "")
    shift = NewShift(user_name="wafa", begins_at=NOON, ends_at=NOON + HOUR)
    await hub.desk.watches.plan_shift(ADAM, shift)
    told = await hub.desk.watches.told_turn(WAFA)
    assert (told.until, told.overrun) == (NOON + HOUR, False)
    hub.clock.now = NOON + 2 * HOUR
    assert (await hub.desk.watches.told_turn(WAFA)).overrun


async def test_one_officer_at_a_time_is_planned_to_have_the_watch(hub: SmallHub) -> None:
    await hub.desk.watches.plan_shift(ADAM, NewShift(user_name="wafa", begins_at=NOON, ends_at=NOON + HOUR))
    late = NewShift(user_name="adam", begins_at=NOON + HOUR / 2, ends_at=NOON + 2 * HOUR)
    with pytest.raises(Invalid) as refused:
        await hub.desk.watches.plan_shift(ADAM, late)
    assert refused.value.code == "shift-taken"
    with pytest.raises(Invalid) as nobody:
        await hub.desk.watches.plan_shift(
            ADAM, NewShift(user_name="olga", begins_at=NOON, ends_at=NOON + HOUR)
        )
    assert nobody.value.code == "no-officer"


async def test_what_somebody_wrote_is_corrected_by_another_entry_and_both_stay(hub: SmallHub) -> None:
    earlier = NOON - HOUR
    await hub.desk.watch_log.write(WAFA, NewEntry(text="two trucks", at=earlier, about="movement/1"))
    first = (await hub.desk.watch_log.entries(WAFA, WatchLogQuestion(kind="written")))[0]
    assert (first.text, first.at, first.happened_at, first.about) == (
        "two trucks", NOON, earlier, "movement/1",
    )  # fmt: skip
    assert first.seq is not None
    await hub.desk.watch_log.correct(ADAM, first.seq, "three trucks")
    newest, old = await hub.desk.watch_log.entries(WAFA, WatchLogQuestion(kind="written"))
    assert (newest.who, newest.text, newest.corrects, newest.happened_at) == (
        "adam", "three trucks", first.seq, earlier,
    )  # fmt: skip
    assert (old.text, old.corrected_by) == ("two trucks", newest.seq)


async def test_only_what_people_wrote_is_corrected_and_nothing_is_written_of_the_future(
    hub: SmallHub,
) -> None:
    await hub.desk.watches.take(WAFA, "")
    with pytest.raises(Invalid) as automatic:
        await hub.desk.watch_log.correct(WAFA, hub.store.inner.entries[-1].seq, "I did not")
    with pytest.raises(Invalid) as ahead:
        await hub.desk.watch_log.write(WAFA, NewEntry(text="arrived", at=NOON + HOUR))
    with pytest.raises(Missing):
        await hub.desk.watch_log.correct(WAFA, 999, "what")
    assert (automatic.value.code, ahead.value.code) == ("not-written", "ahead")


async def test_a_look_into_the_watch_log_is_in_the_log_and_not_in_the_watch_log(hub: SmallHub) -> None:
    assert await hub.desk.watch_log.entries(WAFA, WatchLogQuestion()) == []
    assert hub.store.inner.entries[-1].action == "view-watch-log"
    assert await hub.desk.watch_log.entries(WAFA, WatchLogQuestion()) == []


async def test_an_operator_sees_nothing_of_the_watch(hub: SmallHub) -> None:
    with pytest.raises(Forbidden):
        await hub.desk.watches.view(OLGA)
    with pytest.raises(Forbidden):
        await hub.desk.watches.told_turn(OLGA)
    with pytest.raises(Forbidden):
        await hub.desk.watch_log.entries(OLGA, WatchLogQuestion())


async def test_at_the_national_centre_the_sheets_of_regions_do_not_hide_its_own(hub: SmallHub) -> None:
    hub.desk.ports.links.own = Centre(number=NATIONAL, name="National")
    watches = hub.desk.watches
    await watches.take(WAFA, "")
    hub.store.inner.next_watch_record = numbers_of(3).start + 1  # as the link brings them from a region
    theirs = HandOver(outgoing="x", closed_at=NOON, items=())
    await hub.store.inner.add_watch_record("hand-over", msgspec.json.encode(theirs), is_open=True)
    hub.store.inner.next_watch_record = 2
    view = await watches.close(WAFA, NewHandOver())
    assert view.hand_over is not None
    assert view.hand_over.sheet.outgoing == "wafa"
    view = await watches.sign(ADAM, view.hand_over.number)
    assert view.turn is not None
    assert (view.turn.user_name, view.hand_over) == ("adam", None)
