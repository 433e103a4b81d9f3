"""Roster, fences, alerts and looks at the desk, and the Log that all of them write."""

import asyncio
import hashlib
from datetime import timedelta

import numpy as np
import pytest
from tests.fakes.small_hub import NOON, SmallHub, add_movement

from tapestry.access import Principal
from tapestry.app._directory import decode_fences
from tapestry.app._history import last_known
from tapestry.app.desk import NewTracker, NewVehicle
from tapestry.app.refusals import DeskRefusal, Missing
from tapestry.model import (
    FORMATION,
    POSITION,
    AlertEvent,
    AlertId,
    Distress,
    DistressKind,
    Flag,
    OperatorId,
    OutsideFault,
    Phase,
    Rule,
    Severity,
    VehicleId,
)

WAFA = Principal(user_name="wafa", role="watch_officer")
OMAR = Principal(user_name="omar", role="operator", operator_id=OperatorId(1))
OLGA = Principal(user_name="olga", role="operator", operator_id=OperatorId(2))
PIA = Principal(user_name="pia", role="partner")
NOON_US = int(NOON.timestamp()) * 1_000_000
SQUARE = ((33.0, 44.0), (33.0, 45.0), (34.0, 45.0), (34.0, 44.0), (33.0, 44.0))


def positions(*rows: tuple[int, int, int, float]) -> np.ndarray:
    """Return POSITION rows of (vehicle, movement, seconds after noon, latitude)."""
    made = np.zeros(len(rows), POSITION)
    for index, (vehicle_id, movement_id, at_s, lat_deg) in enumerate(rows):
        made[index]["vehicle_id"], made[index]["movement_id"] = vehicle_id, movement_id
        made[index]["fixed_at_us"] = made[index]["received_at_us"] = NOON_US + at_s * 1_000_000
        made[index]["lat_deg"], made[index]["lon_deg"] = lat_deg, 44.0
        made[index]["speed_mps"], made[index]["tracker_id"] = np.nan, 1
    return made


async def test_a_key_is_told_once_and_only_its_hash_is_kept(hub: SmallHub) -> None:
    new = NewTracker(identity="id:truck-7", vehicle_id=VehicleId(1), with_key=True)
    added = await hub.desk.roster.add_tracker(WAFA, new)
    assert added.key is not None
    assert await hub.store.tracker_secrets() == {1: hashlib.sha256(added.key.encode()).digest()}
    assert added.key not in repr(hub.store.inner.__dict__)


@pytest.mark.parametrize(
    "identity", ["", "imei", "IMEI:1", "imei:", "imei:1 2", "imei:\n", "imei:" + "1" * 129]
)
async def test_an_identity_that_no_decoder_would_say_is_refused(hub: SmallHub, identity: str) -> None:
    with pytest.raises(DeskRefusal, match="a scheme, a colon and a value"):
        await hub.desk.roster.add_tracker(WAFA, NewTracker(identity=identity))


async def test_a_known_identity_is_not_taken_over_by_adding_it_again(hub: SmallHub) -> None:
    await hub.desk.roster.add_tracker(WAFA, NewTracker(identity="imei:1", vehicle_id=VehicleId(1)))
    with pytest.raises(DeskRefusal, match="There is a tracker with this identity"):
        await hub.desk.roster.add_tracker(WAFA, NewTracker(identity="imei:1", vehicle_id=VehicleId(3)))


async def test_a_vehicle_of_an_operator_that_is_not_there_is_refused(hub: SmallHub) -> None:
    with pytest.raises(DeskRefusal, match="no operator with this"):
        await hub.desk.roster.add_vehicle(WAFA, NewVehicle(operator_id=OperatorId(9), callsign="X"))


async def test_an_identity_that_is_not_in_quarantine_cannot_be_bound_there(hub: SmallHub) -> None:
    with pytest.raises(Missing):
        await hub.desk.roster.bind_quarantined(WAFA, "imei:1", VehicleId(1))


@pytest.mark.parametrize(
    ("rings", "said"),
    [
        ((), "0 rings"),
        ((SQUARE[:3],), "Ring 1 has 3 vertices"),
        ((SQUARE[:-1],), "Ring 1 has 4 vertices"),
        ((SQUARE, ((91.0, 44.0), (33.0, 45.0), (34.0, 45.0), (91.0, 44.0))), "Ring 2 has a vertex outside"),
        ((((33.0, 44.0),) * 4,), "Ring 1 has no area"),
    ],
)
async def test_a_fence_that_is_no_area_is_refused(hub: SmallHub, rings: object, said: str) -> None:
    with pytest.raises(DeskRefusal, match=said):
        await hub.desk.fences.add(WAFA, "yard", "depot", rings)  # type: ignore[arg-type]


async def test_every_partition_is_told_of_a_new_set_of_fences_once(hub: SmallHub) -> None:
    hub.desk.announcer.told_within_s = 5.0
    chores = asyncio.create_task(hub.desk.run())
    try:
        await hub.desk.fences.add(WAFA, "yard", "depot", (SQUARE,))
        told = [(subject, payload) for subject, payload in hub.bus.published() if payload[0] == 4]
        head = b"\x04\x01\0\0\0\0\0\0"
        assert told == [(f"track.{number}", head + b'{"version":1}') for number in range(64)]
        await hub.desk.announcer.fences_changed()  # nothing changed
        await hub.desk.fences.add(WAFA, "post", "avoid", (SQUARE,))
        told = [(subject, payload) for subject, payload in hub.bus.published() if payload[0] == 4]
        assert told[64:] == [(f"track.{number}", head + b'{"version":2}') for number in range(64)]
        body = await hub.bus.get("ref", "fences.2")
        assert body is not None
        assert decode_fences(body) == await hub.store.fences()
    finally:
        chores.cancel()
        await asyncio.gather(chores, return_exceptions=True)


async def test_an_alert_that_is_not_in_the_store_yet_can_be_decided_on(hub: SmallHub) -> None:
    event = AlertEvent(
        alert_id=AlertId("a1"),
        rule=Rule.SILENT,
        phase=Phase.STARTED,
        severity=Severity.WARNING,
        occurred_at=NOON,
        received_at=NOON,
        late=False,
        vehicle_id=VehicleId(1),
    )
    hub.live.take_event(event)
    assert (await hub.desk.alerts.acknowledge(WAFA, "a1")).acknowledged_by == "wafa"
    call = Distress(
        identity="imei:1", kind=DistressKind.SOS, raised_at=NOON, received_at=NOON, vehicle_id=VehicleId(1)
    )
    hub.live.take_distress(call)
    (opened,) = [it for it in hub.live.board.open_alerts() if it.rule is Rule.DISTRESS]
    assert (await hub.desk.alerts.take(WAFA, opened.alert_id)).owner == "wafa"


@pytest.mark.parametrize(
    ("minutes", "reason", "said"),
    [
        (0, "seen", "in the next 24 hours"),
        (24 * 60 + 1, "seen", "in the next 24 hours"),
        (10, "  ", "A reason has 1 to 500 characters; this one has 0"),
        (10, "x" * 501, "this one has 501"),
    ],
)
async def test_an_alert_is_set_aside_only_for_a_while_and_a_reason(
    hub: SmallHub, minutes: int, reason: str, said: str
) -> None:
    with pytest.raises(DeskRefusal, match=said):
        await hub.desk.alerts.snooze(WAFA, "a1", until=NOON + timedelta(minutes=minutes), reason=reason)


async def test_a_closed_alert_is_not_decided_on_again(hub: SmallHub) -> None:
    call = Distress(identity="imei:1", kind=DistressKind.SOS, raised_at=NOON, received_at=NOON)
    hub.live.take_distress(call)
    (opened,) = hub.live.board.open_alerts()
    await hub.desk.alerts.close(WAFA, opened.alert_id, reason="false alarm, driver called")
    with pytest.raises(DeskRefusal, match="This alert was closed"):
        await hub.desk.alerts.acknowledge(WAFA, opened.alert_id)


async def test_a_track_holds_only_the_rows_of_movements_that_are_ones_own(hub: SmallHub) -> None:
    await add_movement(hub, vehicles=[{"vehicle_id": 3, "order": 1}])  # operator 2's vehicle in 1's convoy
    rows = positions((3, -1, 0, 33.0), (3, 1, 10, 33.1), (3, 1, 20, 33.2))
    await hub.store.write_positions([(1, rows)], up_to_seq=1)
    span = {"since": NOON - timedelta(hours=1), "until": NOON + timedelta(hours=1), "limit": 100}
    seen = {}
    for who in (WAFA, OLGA, OMAR):
        table = await hub.desk.looks.track(who, 3, **span)  # type: ignore[arg-type]
        seen[who.user_name] = [row[1] for row in table.rows]
    assert seen == {"wafa": [33.0, 33.1, 33.2], "olga": [33.0, 33.1, 33.2], "omar": [33.1, 33.2]}
    with pytest.raises(Missing):
        await hub.desk.looks.track(PIA, 3, **span)  # type: ignore[arg-type]


async def test_a_partners_track_is_coarse_and_late(hub: SmallHub) -> None:
    await add_movement(hub, releasable_to=["partner"])
    rows = positions((1, 1, 0, 33.3152), (1, 1, 60, 33.3152))
    await hub.store.write_positions([(1, rows)], up_to_seq=1)
    hub.clock.move(minutes=15)
    span = {"since": NOON - timedelta(hours=1), "until": NOON + timedelta(hours=1), "limit": 100}
    table = await hub.desk.looks.track(PIA, 1, **span)  # type: ignore[arg-type]
    assert table.rows == [(NOON, 33.3, 44.0, None, 0)]


async def test_frames_hold_the_last_known_place_of_each_vehicle_and_its_age(hub: SmallHub) -> None:
    rows = positions((1, -1, 0, 33.0), (1, -1, 90, 33.1), (2, -1, 130, 34.0))
    await hub.store.write_positions([(1, rows)], up_to_seq=1)
    history = await hub.desk.looks.frames(WAFA, since=NOON, until=NOON + timedelta(seconds=120), step_s=60)
    assert history.vehicle_ids == [1]
    assert [(f.at - NOON, f.lat_deg, f.fix_age_s) for f in history.frames] == [
        (timedelta(seconds=0), [33.0], [0.0]),
        (timedelta(seconds=60), [33.0], [60.0]),
        (timedelta(seconds=120), [33.1], [30.0]),
    ]


def test_a_fix_is_last_known_for_a_quarter_of_an_hour() -> None:
    at_us = np.array([NOON_US - 1, NOON_US, NOON_US + 900_000_000, NOON_US + 900_000_001])
    lat_deg, _, age_s = last_known(positions((1, -1, 0, 33.0)), at_us)
    assert lat_deg[1:3].tolist() == [33.0, 33.0]
    assert age_s[1:3].tolist() == [0.0, 900.0]
    assert np.isnan(lat_deg[[0, 3]]).all()


async def test_many_places_are_asked_for_in_parts_and_nothing_is_lost(
    hub: SmallHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tapestry.app._history.CELLS_AT_ONCE", 4)
    rows = positions((1, -1, 0, 33.0), (2, -1, 0, 34.0), (3, -1, 0, 35.0))
    await hub.store.write_positions([(1, rows)], up_to_seq=1)
    later = NOON + timedelta(seconds=60)
    history = await hub.desk.looks.frames(WAFA, since=NOON, until=later, step_s=60)
    assert (history.vehicle_ids, history.frames[1].lat_deg) == ([1, 2, 3], [33.0, 34.0, 35.0])


@pytest.mark.parametrize("judged", [Flag.IMPOSSIBLE, Flag.DUPLICATE, Flag.BAD_TIME])
async def test_what_track_judged_to_be_no_place_is_in_no_frame(hub: SmallHub, judged: Flag) -> None:
    rows = positions((1, -1, 0, 33.0), (1, -1, 30, 89.0))
    await hub.store.write_positions([(1, rows)], up_to_seq=1)
    await hub.store.write_quality(1, [1], [judged])
    later = NOON + timedelta(seconds=60)
    history = await hub.desk.looks.frames(WAFA, since=NOON, until=later, step_s=60)
    assert [frame.lat_deg for frame in history.frames] == [[33.0], [33.0]]


async def test_a_partners_frames_end_with_the_newest_place_that_is_old_enough(hub: SmallHub) -> None:
    await add_movement(hub, releasable_to=["partner"])
    rows = positions((1, 1, 0, 33.0), (1, 1, 299, 33.11), (1, 1, 301, 33.9))
    await hub.store.write_positions([(1, rows)], up_to_seq=1)
    hub.clock.move(minutes=20)
    until = NOON + timedelta(minutes=10)
    history = await hub.desk.looks.frames(PIA, since=NOON, until=until, step_s=600)
    assert [(frame.lat_deg, frame.fix_age_s) for frame in history.frames] == [
        ([33.0], [0.0]),
        ([33.1], [301.0]),
    ]


async def test_of_a_vehicle_in_anothers_convoy_the_frames_keep_ones_own_last_place(hub: SmallHub) -> None:
    await add_movement(hub, operator_id=2)
    rows = positions((1, -1, 0, 33.0), (1, 1, 60, 33.5))
    await hub.store.write_positions([(1, rows)], up_to_seq=1)
    later = NOON + timedelta(seconds=60)
    frames = {
        who.user_name: (await hub.desk.looks.frames(who, since=NOON, until=later, step_s=60)).frames
        for who in (OMAR, OLGA)
    }
    assert [frame.lat_deg for frame in frames["olga"]] == [[None], [33.5]]
    assert [frame.lat_deg for frame in frames["omar"]] == [[33.0], [33.5]]


@pytest.mark.parametrize(
    ("hours", "step_s", "said"),
    [
        (25, 60, "longer than 24 hours"),
        (-1, 60, "ends before its start"),
        (1, 0, "0 frames"),
        (24, 1, "86401 frames"),
    ],
)
async def test_a_span_or_a_step_that_is_too_much_is_refused(
    hub: SmallHub, hours: int, step_s: int, said: str
) -> None:
    with pytest.raises(DeskRefusal, match=said):
        await hub.desk.looks.frames(WAFA, since=NOON, until=NOON + timedelta(hours=hours), step_s=step_s)


async def test_a_formation_is_told_by_planned_order_with_null_for_what_is_not_known(hub: SmallHub) -> None:
    await add_movement(hub)
    rows = np.zeros(3, FORMATION)
    rows["vehicle_id"] = [2, 1, 3]  # 3 is of another convoy in the same partition
    rows["planned_order"], rows["actual_order"] = [2, 1, 1], [1, 0, 1]
    rows["progress_m"], rows["gap_ahead_m"] = [900.04, np.nan, 5.0], np.nan
    rows["fix_age_s"], rows["dead_reckoned"] = [3.0, np.nan, 1.0], [True, False, False]

    async def tell(_: bytes) -> bytes:
        return rows.tobytes()

    await hub.bus.answer("live.formations", tell)
    formation = await hub.desk.looks.formation(OMAR, 1)
    assert [
        (r.vehicle_id, r.callsign, r.actual_order, r.progress_m, r.fix_age_s, r.dead_reckoned)
        for r in formation.rows
    ] == [(1, "N-1", None, None, None, False), (2, "N-2", 1, 900.0, 3.0, True)]
    assert formation.length_m is None


async def test_an_entry_waits_for_the_database_and_keeps_its_moment_and_its_place(hub: SmallHub) -> None:
    hub.store.down = True
    await hub.desk.entries.note("wafa", "open-live-view", "live")
    hub.clock.move(minutes=5)
    hub.store.down = False
    await hub.desk.entries.note("omar", "open-live-view", "live")
    entries = await hub.store.inner.log_entries(start=0, limit=10)
    assert [(e.actor, e.at - NOON) for e in entries] == [
        ("wafa", timedelta(0)),
        ("omar", timedelta(minutes=5)),
    ]


async def test_looks_are_refused_when_too_many_of_them_wait_for_the_log(
    hub: SmallHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tapestry.app._entries.MAX_WAITING", 2)
    hub.store.down = True
    for _ in range(2):
        await hub.desk.entries.note("wafa", "open-live-view", "live")
    with pytest.raises(OutsideFault, match="2 entries wait for the database"):
        await hub.desk.entries.note("wafa", "open-live-view", "live")
