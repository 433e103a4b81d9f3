"""What every store keeps of the watch: the same suite over the fake and over PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from tapestry.app.ports import LogPlace, LogQuery, Store
from tapestry.model import AlertEvent, AlertId, MovementId, Phase, Rule, Severity, VehicleId

pytest_plugins = ["tests.both_stores"]

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


async def wrote(store: Store, minute: float, actor: str, action: str, subject: str, **details: Any) -> int:
    entry = await store.append_log(
        at=AT + minute * MINUTE, actor=actor, action=action, subject=subject, details=details
    )
    return entry.seq


async def test_a_record_is_stored_by_version_and_found_by_its_kind(store: Store) -> None:
    task = await store.add_watch_record("task", b'{"a":1}', is_open=True)
    turn = await store.add_watch_record("turn", b"{}", is_open=False)
    assert (task.version, task.open, task.body) == (1, True, b'{"a":1}')
    done = replace(task, version=2, open=False, body='{"b":"مهمة"}'.encode())
    assert await store.put_watch_record(done)
    assert not await store.put_watch_record(replace(task, version=2))
    assert not await store.put_watch_record(replace(done, kind="turn", version=3))
    assert await store.watch_record("task", task.record_id) == done
    assert await store.watch_record("turn", task.record_id) is None
    second = await store.add_watch_record("task", b"{}", is_open=True)
    assert [it.record_id for it in await store.watch_records("task", only_open=False, limit=9)] == [
        second.record_id, task.record_id,
    ]  # fmt: skip
    assert await store.watch_records("task", only_open=True, limit=9) == [second]
    assert await store.watch_records("turn", only_open=False, limit=9) == [turn]


async def test_the_newest_of_one_centre_is_found_below_those_of_others(store: Store) -> None:
    first = await store.add_watch_record("task", b"{}", is_open=True)
    second = await store.add_watch_record("task", b"{}", is_open=True)
    for only_open in (True, False):
        numbers = range(first.record_id, second.record_id)
        assert await store.watch_records("task", only_open=only_open, limit=1, numbers=numbers) == [first]
        newest = await store.watch_records("task", only_open=only_open, limit=1)
        assert newest == [second]


async def test_the_watch_log_has_deeds_and_no_looks_the_newest_first(store: Store) -> None:
    await wrote(store, 0, "wafa", "view-case", "case/1")
    first = await wrote(store, 0, "wafa", "add-sheet", "movement/1")
    await wrote(store, 1, "wafa", "print-card", "movement/1")
    second = await wrote(store, 1, "adam", "acknowledge-case", "case/1", reason="heard on net 2")
    third = await wrote(store, 1, "hub", "escalate-case", "case/1")
    found = await store.deeds(LogQuery())
    assert [it.seq for it in found] == [third, second, first]
    assert found[1].details == {"reason": "heard on net 2"}
    assert [it.seq for it in await store.deeds(LogQuery(limit=1))] == [third]
    place = LogPlace(at=found[1].at, seq=second)
    assert [it.seq for it in await store.deeds(LogQuery(before=place))] == [first]
    assert await store.deed(second) == found[1]
    assert await store.deed(999) is None
    assert await store.deed(0) is None


async def test_the_watch_log_is_sifted_by_who_what_and_when(store: Store) -> None:
    sheet = await wrote(store, 0, "wafa", "add-sheet", "movement/1")
    case = await wrote(store, 5, "adam", "acknowledge-case", "case/1")
    note = await wrote(store, 9, "wafa", "note-watch", "movement/12")

    async def seqs(query: LogQuery) -> list[int]:
        return [it.seq for it in await store.deeds(query)]

    assert await seqs(LogQuery(actor="wafa")) == [note, sheet]
    assert await seqs(LogQuery(about="movement/1")) == [sheet]
    assert await seqs(LogQuery(subjects=("case/",))) == [case]
    assert await seqs(LogQuery(subjects=("case/",), actions=("note-watch",))) == [note, case]
    assert await seqs(LogQuery(since=AT + 5 * MINUTE, until=AT + 9 * MINUTE)) == [case]


async def test_words_are_found_from_their_beginnings_in_every_language(store: Store) -> None:
    ferry = await wrote(store, 0, "wafa", "note-watch", "movement/12", text="The ferry at Al-Kut is late")
    bridge = await wrote(store, 1, "adam", "note-watch", "movement/3", text="الجسر مغلق عند الكوت")

    async def seqs(words: str) -> list[int]:
        return [it.seq for it in await store.deeds(LogQuery(words=words))]

    lines = await wrote(store, 2, "adam", "note-watch", "hub", text="two trucks\nشاحنتان\tthree")
    assert await seqs("شاحنتان") == await seqs("three") == [lines]
    assert await seqs("FERR") == [ferry]
    assert await seqs("ferry late") == [ferry]
    assert await seqs("ferry early") == []
    assert await seqs("الجسر") == [bridge]
    assert await seqs("wafa") == [ferry]
    assert await seqs("movement 12") == [ferry]
    assert await seqs("&|!():*") == []
    assert await seqs("it's & ! kut") == []


async def test_a_correction_is_told_with_what_it_corrects(store: Store) -> None:
    wrong = await wrote(store, 0, "wafa", "note-watch", "hub", text="two trucks")
    other = await wrote(store, 1, "wafa", "note-watch", "hub", text="all quiet")
    await wrote(store, 2, "wafa", "correct-entry", "hub", corrects=wrong, text="three trucks")
    last = await wrote(store, 3, "adam", "correct-entry", "hub", corrects=wrong, text="four trucks")
    found = {it.seq: it.corrected_by for it in await store.deeds(LogQuery())}
    assert (found[wrong], found[other]) == (last, None)


async def test_alerts_are_told_by_when_the_hub_knew(store: Store) -> None:
    def raised(number: int, movement_id: int) -> AlertEvent:
        return AlertEvent(
            alert_id=AlertId(f"a/{number}"), rule=Rule.SILENT, severity=Severity.WARNING, phase=Phase.STARTED,
            occurred_at=AT, received_at=AT + number * MINUTE, late=False, vehicle_id=VehicleId(7),
            movement_id=MovementId(movement_id),
        )  # fmt: skip

    for number, movement_id in ((1, 5), (2, 6), (3, 5)):
        await store.record_event(raised(number, movement_id))
    found = await store.raised_alerts(LogQuery())
    assert [it.alert_id for it in found] == ["a/3", "a/2", "a/1"]
    assert (found[0].rule, found[0].severity, found[0].started_at, found[0].at) == (
        "silent", "warning", AT, AT + 3 * MINUTE,
    )  # fmt: skip
    after = LogPlace(at=AT + 2 * MINUTE, alert_id="a/2")
    assert [it.alert_id for it in await store.raised_alerts(LogQuery(before=after))] == ["a/1"]
    same = LogPlace(at=AT + 2 * MINUTE, seq=7)
    assert [it.alert_id for it in await store.raised_alerts(LogQuery(before=same))] == ["a/2", "a/1"]
    assert [it.alert_id for it in await store.raised_alerts(LogQuery(about="movement/6"))] == ["a/2"]
    assert [it.alert_id for it in await store.raised_alerts(LogQuery(about="vehicle/7", limit=1))] == ["a/3"]
