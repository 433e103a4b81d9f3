"""What a watch is kept with: tasks, the contact plan, roll calls, the readiness board, and briefs that cut nothing."""

from datetime import timedelta

import pytest
from tests.fakes.small_hub import NOON, SmallHub, add_movement, track_rows

from tapestry.access import Principal
from tapestry.app import _briefs
from tapestry.app._contact_desk import Heard, NewLine, NewRoll, RollAnswer
from tapestry.app._refusals import Forbidden, Invalid, Missing
from tapestry.app._tasks import NewTask, TaskCommand
from tapestry.app._watch_log import NewEntry
from tapestry.brief import BriefKind
from tapestry.model import OperatorId, Place, Team, TeamId
from tapestry.watch import Answer

WAFA = Principal(user_name="wafa", role="watch_officer")
OMAR = Principal(user_name="omar", role="operator", operator_id=OperatorId(1))
HOUR = timedelta(hours=1)
FERRY = NewTask(text="call the ferry", owner="wafa", due_at=NOON + HOUR, about="movement/1")
PALM = NewLine(callsign="PALM", means="148.5 MHz", every_minutes=60, grace_minutes=5)


async def refused(hub: SmallHub, number: int, command: TaskCommand) -> str:
    with pytest.raises(Invalid) as fault:
        await hub.desk.tasks.command(WAFA, number, command)
    return fault.value.code


async def test_a_task_is_overdue_until_it_is_done_and_every_step_is_kept(hub: SmallHub) -> None:
    given = await hub.desk.tasks.give(WAFA, FERRY)
    assert not given.overdue
    hub.clock.move(minutes=61)
    (late,) = await hub.desk.tasks.tasks(WAFA, only_open=True)
    assert late.overdue
    assert await refused(hub, given.number, TaskCommand(command="drop")) == "reason-needed"
    to_adam = TaskCommand(command="pass-on", owner="adam", reason="he is at the ferry")
    await hub.desk.tasks.command(WAFA, given.number, to_adam)
    done = await hub.desk.tasks.command(WAFA, given.number, TaskCommand(command="done"))
    assert (done.task.owner, done.overdue) == ("adam", False)
    assert [it.command for it in done.task.steps] == ["give", "pass-on", "done"]
    assert await hub.desk.tasks.tasks(WAFA, only_open=True) == []
    assert await refused(hub, given.number, TaskCommand(command="done")) == "not-now"
    actions = [it.action for it in hub.store.inner.entries if it.subject.startswith("task/")]
    assert actions == ["give-task", "pass-on-task", "done-task"]


async def test_a_task_goes_to_somebody_who_may_keep_a_watch(hub: SmallHub) -> None:
    with pytest.raises(Invalid) as fault:
        await hub.desk.tasks.give(WAFA, NewTask(text="x", owner="omar", due_at=NOON))
    assert fault.value.code == "no-officer"
    with pytest.raises(Forbidden):
        await hub.desk.tasks.give(OMAR, FERRY)
    with pytest.raises(Missing):
        await hub.desk.tasks.command(WAFA, 77, TaskCommand(command="done"))


async def test_who_was_not_heard_in_time_is_an_open_item_until_heard(hub: SmallHub) -> None:
    line = await hub.desk.contact.add(WAFA, PALM)
    hub.clock.move(minutes=66)  # the check of 13:00 and its grace are over
    (told,) = (await hub.desk.contact.view(WAFA)).lines
    assert (told.missed, told.next_at, told.heard_at) == (1, NOON + 2 * HOUR, None)
    (item,) = (await hub.desk.watches.view(WAFA)).open
    assert (item.kind, item.item_id) == ("check", str(line.number))
    heard = await hub.desk.contact.heard(WAFA, line.number, Heard(words="loud and clear"))
    assert (heard.missed, heard.heard_at) == (0, NOON + timedelta(minutes=66))
    assert (await hub.desk.watches.view(WAFA)).open == ()
    with pytest.raises(Invalid) as fault:
        await hub.desk.contact.heard(WAFA, line.number, Heard(at=NOON + 9 * HOUR))
    assert fault.value.code == "ahead"
    await hub.desk.contact.end(WAFA, line.number)
    assert (await hub.desk.contact.view(WAFA)).lines == ()


async def test_a_roll_call_stays_incomplete_until_everybody_has_an_answer(hub: SmallHub) -> None:
    with pytest.raises(Invalid) as nobody:
        await hub.desk.contact.call_roll(WAFA, NewRoll(scope="teams"))
    assert nobody.value.code == "nobody-to-call"
    for name in ("Falcon", "Heron"):
        post = Place(name="Camp", lat_deg=33.3, lon_deg=44.4)
        await hub.store.inner.add_team(Team(team_id=TeamId(0), name=name, post=post))
    roll = await hub.desk.contact.call_roll(WAFA, NewRoll(scope="teams"))
    assert [it.name for it in roll.roll.lines] == ["Falcon", "Heron"]
    first, second = (it.about for it in roll.roll.lines)
    there = await hub.desk.contact.answer(WAFA, roll.number, RollAnswer(about=first, answer=Answer.PRESENT))
    assert not there.complete
    gone = RollAnswer(about=second, answer=Answer.ABSENT, note="radio dead")
    assert (await hub.desk.contact.answer(WAFA, roll.number, gone)).complete
    with pytest.raises(Invalid) as other:
        await hub.desk.contact.answer(WAFA, roll.number, RollAnswer(about="team/9", answer=Answer.PRESENT))
    assert other.value.code == "not-called"
    (kept,) = (await hub.desk.contact.view(WAFA)).rolls
    assert [(it.answer, it.by, it.note) for it in kept.roll.lines] == [
        ("present", "wafa", ""), ("absent", "wafa", "radio dead"),
    ]  # fmt: skip


async def test_the_board_tells_who_is_silent_under_way_what_is_late_and_who_has_the_watch(
    hub: SmallHub,
) -> None:
    await add_movement(hub)  # of vehicles 1 and 2, under way at noon
    long_ago_us = int((NOON - HOUR).timestamp()) * 1_000_000
    rows = track_rows({"vehicle_id": 1}, {"vehicle_id": 2, "contact_at_us": long_ago_us})
    hub.live.picture.take(rows, version=1, now_us=long_ago_us)
    await hub.desk.tasks.give(WAFA, NewTask(text="late", owner="wafa", due_at=NOON - HOUR))
    await hub.desk.watches.take(WAFA, "")
    board = await hub.desk.readiness.view(WAFA)
    assert (board.heard, board.silent, board.overdue_tasks, board.missed_checks) == (1, 1, 1, 0)
    (own,) = board.centres
    assert (own.own, own.on_watch, own.on_watch_since) == (True, "wafa", NOON)
    with pytest.raises(Forbidden):
        await hub.desk.readiness.view(OMAR)


async def test_a_period_with_more_than_is_read_is_refused_and_not_cut(
    hub: SmallHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_briefs, "PAGE", 1)
    monkeypatch.setattr(_briefs, "MOST_DEEDS", 3)
    question = _briefs.BriefQuestion(kind=BriefKind.SITREP)
    for number in range(2):
        await hub.desk.watch_log.write(WAFA, NewEntry(text=f"all quiet {number}"))
    hub.clock.move(minutes=1)
    made = await hub.desk.briefs.draft(WAFA, question)
    notes = [it for section in made.sections for it in section.numbers if it.name == "notes"]
    assert [it.value for it in notes] == [2]
    for number in range(2):
        await hub.desk.watch_log.write(WAFA, NewEntry(text=f"still quiet {number}"))
    hub.clock.move(minutes=1)
    with pytest.raises(Invalid) as fault:
        await hub.desk.briefs.draft(WAFA, question)
    assert fault.value.code == "too-much"
