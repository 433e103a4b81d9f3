"""What every store keeps of teams, taskings and evacuations: the same suite over the fake and over PostgreSQL."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from tapestry.app.ports import Store
from tapestry.model import (
    Contact,
    ContactMeans,
    Medevac,
    MedevacId,
    MedevacState,
    NineLine,
    Place,
    Precedence,
    Refused,
    Tasking,
    TaskingId,
    TaskingState,
    TaskingStep,
    Team,
    TeamId,
    TeamPosition,
)

pytest_plugins = ["tests.both_stores"]

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
POST = Place(name="Camp", lat_deg=33.3, lon_deg=44.4)
KEY = b"\x04" + b"k" * 64


async def added(store: Store, name: str) -> Team:
    contacts = (Contact(means=ContactMeans.SMS, value="+9647700000000"),)
    return await store.add_team(
        Team(team_id=TeamId(0), name=name, post=POST, contacts=contacts, rest_until=AT, area=((1.0, 2.0),))
    )


def tasking_of(team: Team) -> Tasking:
    return Tasking(
        tasking_id=TaskingId(0),
        version=1,
        team_id=team.team_id,
        state=TaskingState.REQUESTED,
        place=POST,
        what="secure the place",
        recognition="green smoke",
        friendly="two white trucks",
        ordered_by="wafa",
        ordered_at=AT,
        unanswered_at=AT + MINUTE,
    )


def medevac() -> Medevac:
    nine = NineLine(lat_deg=33.3, lon_deg=44.4, precedence={Precedence.URGENT: 2}, lying=2)
    return Medevac(
        medevac_id=MedevacId(0),
        version=1,
        state=MedevacState.NOTIFIED,
        nine=nine,
        notified_at=AT,
        notified_by="wafa",
        due_at=AT + 90 * MINUTE,
    )


async def test_a_team_is_kept_whole_and_its_name_is_its_own(store: Store) -> None:
    team = await added(store, "QRF team")
    assert (team.version, await store.team(team.team_id)) == (1, team)
    with pytest.raises(Refused, match="team"):
        await added(store, "QRF team")
    assert await store.team(TeamId(99_999)) is None


async def test_of_two_changes_of_one_version_the_second_is_not_stored(store: Store) -> None:
    team = await added(store, "Changed team")
    assert await store.put_team(replace(team, version=2, note="one"))
    assert not await store.put_team(replace(team, version=2, note="two"))
    found = await store.team(team.team_id)
    assert found is not None and found.note == "one"


async def test_a_late_position_does_not_replace_a_later_fix(store: Store) -> None:
    team = await added(store, "Seen team")
    later = TeamPosition(
        team_id=team.team_id, lat_deg=33.1, lon_deg=44.1, fixed_at=AT, received_at=AT, source="team page"
    )
    await store.put_team_position(later)
    await store.put_team_position(replace(later, lat_deg=33.0, fixed_at=AT - MINUTE, received_at=AT + MINUTE))
    assert later in await store.team_positions()
    await store.forget_team_position(team.team_id)
    assert team.team_id not in {it.team_id for it in await store.team_positions()}


async def test_a_code_enrols_one_device_until_it_expires(store: Store) -> None:
    team = await added(store, "Paged team")
    token = b"t" * 31 + b"1"
    made = await store.add_team_device(
        team.team_id, token_hash=token, token_expires_at=AT + MINUTE, at=AT, by="wafa"
    )
    assert made.public_key is None
    assert await store.enrol_team_device(token, public_key=KEY, name="x", at=AT + 2 * MINUTE) is None
    assert await store.enrol_team_device(b"other", public_key=KEY, name="x", at=AT) is None
    enrolled = await store.enrol_team_device(token, public_key=KEY, name="tablet", at=AT)
    assert enrolled is not None and (enrolled.name, enrolled.enrolled_at) == ("tablet", AT)
    again = await store.enrol_team_device(token, public_key=KEY, name="tablet", at=AT + MINUTE)
    assert again == enrolled  # the answer was lost
    other = b"\x04" + b"z" * 64
    assert await store.enrol_team_device(token, public_key=other, name="thief", at=AT) is None


async def test_numbers_of_a_device_rise_and_a_wiped_one_stays_wiped(store: Store) -> None:
    team = await added(store, "Counted team")
    made = await store.add_team_device(
        team.team_id, token_hash=b"t" * 31 + b"2", token_expires_at=AT, at=AT, by="wafa"
    )
    counted = [await store.count_team_item(made.device_id, n, at=AT) for n in (2, 2, 1, 3)]
    assert counted == [True, False, False, True]
    assert await store.wipe_team_device(made.device_id, at=AT)
    assert not await store.wipe_team_device(made.device_id, at=AT + MINUTE)
    (device,) = await store.team_devices(team.team_id)
    assert (device.last_n, device.last_seen_at, device.wiped_at) == (3, AT, AT)
    assert await store.team_device(made.device_id) == device


async def test_a_tasking_is_open_until_it_is_said_not_to_be_and_keeps_its_steps(store: Store) -> None:
    team = await added(store, "Tasked team")
    tasking = await store.add_tasking(tasking_of(team), is_open=True)
    step = TaskingStep(
        at=AT, by="team-device/1", command="decline", state=TaskingState.DECLINED, reason="no fuel"
    )
    declined = replace(tasking, version=2, state=TaskingState.DECLINED, steps=(step,))
    assert tasking in await store.taskings(only_open=True, limit=100)
    assert await store.put_tasking(declined, is_open=False)
    assert not await store.put_tasking(replace(tasking, version=2), is_open=True)
    assert await store.tasking(tasking.tasking_id) == declined
    assert declined not in await store.taskings(only_open=True, limit=100)
    assert await store.taskings(only_open=False, limit=100, team_id=team.team_id) == [declined]


async def test_an_evacuation_is_kept_whole_the_newest_first(store: Store) -> None:
    first, second = [await store.add_medevac(medevac(), is_open=True) for _ in range(2)]
    assert (await store.medevacs(only_open=True, limit=2)) == [second, first]
    closed = replace(first, version=2, state=MedevacState.CANCELLED)
    assert await store.put_medevac(closed, is_open=False)
    assert not await store.put_medevac(closed, is_open=False)
    assert await store.medevac(first.medevac_id) == closed
    assert closed not in await store.medevacs(only_open=True, limit=100)
    assert closed in await store.medevacs(only_open=False, limit=100)
