"""What every store keeps: the same suite over the fake and over PostgreSQL."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyotp
import pytest
from msgspec.structs import replace
from tests.fakes.small_hub import PASSWORD, QuickHasher

from tapestry.app._login import Logins
from tapestry.app.ports import (
    Account,
    Fence,
    Quarantined,
    RejectedFrame,
    RejectedGroup,
    RejectedWanted,
    Session,
    Store,
    TreeHead,
    alert_of_distress,
)
from tapestry.app.refusals import BadCredentials
from tapestry.ledger import EMPTY_TREE, entry_leaf_hash, root_of
from tapestry.model import (
    ABSENT_ID,
    POSITION,
    Alert,
    AlertEvent,
    AlertId,
    Distress,
    DistressKind,
    Flag,
    MovementId,
    MovementPlan,
    Operator,
    OperatorId,
    Phase,
    PlannedVehicle,
    Refused,
    Rule,
    Severity,
    Tracker,
    TrackerId,
    Vehicle,
    VehicleId,
    VehicleRole,
    Waypoint,
)

pytest_plugins = ["tests.both_stores"]

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
AT_US = 1_772_366_400_000_000  # the same moment
SECOND = timedelta(seconds=1)
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238 appendix B: "12345678901234567890" in base32


# ---------------------------------------------------------------- roster


def vehicle(**changed: Any) -> Vehicle:
    given: dict[str, Any] = {
        "vehicle_id": VehicleId(0),
        "operator_id": OperatorId(1),
        "callsign": "MULE 1",
        "plate": "بغداد 12345",
        "kind": "tractor with tanker",
        "role": VehicleRole.ESCORT,
        "always_tracked": True,
    }
    return Vehicle(**(given | changed))


async def test_an_operator_gets_an_id_and_its_name_is_its_own(store: Store) -> None:
    assert await store.add_operator(name="Tigris Haulage") == Operator(
        operator_id=OperatorId(1), name="Tigris Haulage"
    )
    with pytest.raises(
        Refused, match=r"^store: operator name is taken \(table operator\); change the value$"
    ):
        await store.add_operator(name="Tigris Haulage")
    assert [operator.name for operator in await store.operators()] == ["Tigris Haulage"]


async def test_a_vehicle_is_added_under_a_new_id_and_can_be_changed(store: Store) -> None:
    await store.add_operator(name="Tigris Haulage")
    added = await store.add_vehicle(vehicle(vehicle_id=VehicleId(77)))
    assert added == vehicle(vehicle_id=VehicleId(1))
    changed = vehicle(vehicle_id=VehicleId(1), callsign="MULE 2", plate=None, kind=None, always_tracked=False)
    await store.update_vehicle(changed)
    assert await store.vehicles() == [changed]


async def test_a_vehicle_without_an_operator_or_unknown_is_refused(store: Store) -> None:
    with pytest.raises(
        Refused, match=r"^store: vehicle needs an operator \(table vehicle\); change the value$"
    ):
        await store.add_vehicle(vehicle())
    with pytest.raises(Refused, match=r"^vehicle 5: not on the roster; add it first$"):
        await store.update_vehicle(vehicle(vehicle_id=VehicleId(5)))


async def test_a_tracker_is_bound_and_rebound_by_its_identity_and_keeps_its_secret(store: Store) -> None:
    await store.add_operator(name="Tigris Haulage")
    await store.add_vehicle(vehicle())
    first = await store.put_tracker(identity="imei:1", vehicle_id=None)
    assert first == Tracker(tracker_id=first.tracker_id, identity="imei:1")
    proved = await store.put_tracker(identity="imei:1", vehicle_id=VehicleId(1), secret_sha256=b"\1" * 32)
    bound = Tracker(
        tracker_id=first.tracker_id, identity="imei:1", vehicle_id=VehicleId(1), authenticated=True
    )
    assert proved == bound
    assert await store.put_tracker(identity="imei:1", vehicle_id=VehicleId(1)) == bound
    assert await store.trackers() == [bound]
    assert await store.tracker_secrets() == {TrackerId(first.tracker_id): b"\1" * 32}
    with pytest.raises(
        Refused, match=r"^store: tracker needs its vehicle \(table tracker\); change the value$"
    ):
        await store.put_tracker(identity="imei:2", vehicle_id=VehicleId(9))


def plan(**changed: Any) -> MovementPlan:
    given: dict[str, Any] = {
        "movement_id": MovementId(0),
        "version": 0,
        "operator_id": OperatorId(1),
        "callsign": "قافلة 1",
        "route": (Waypoint(lat_deg=33.3, lon_deg=44.4), Waypoint(lat_deg=33.4, lon_deg=44.5)),
        "vehicles": (PlannedVehicle(vehicle_id=VehicleId(1), callsign="MULE 1", order=1),),
        "active_from": AT,
        "active_until": AT + timedelta(hours=6, microseconds=1),
    }
    return MovementPlan(**(given | changed))


async def test_a_movement_gets_an_id_and_a_new_version_with_each_change(store: Store) -> None:
    await store.add_operator(name="Tigris Haulage")
    first = await store.put_movement(plan())
    assert first == plan(movement_id=MovementId(1), version=1)
    assert await store.put_movement(plan(callsign="B")) == plan(
        movement_id=MovementId(2), version=1, callsign="B"
    )
    second = await store.put_movement(plan(movement_id=MovementId(1), cancelled=True))
    assert second == plan(movement_id=MovementId(1), version=2, cancelled=True)
    assert await store.movement(MovementId(1)) == second
    assert [movement.version for movement in await store.movements()] == [2, 1]


async def test_a_movement_that_is_not_there_is_none_and_cannot_be_changed(store: Store) -> None:
    await store.add_operator(name="Tigris Haulage")
    assert await store.movement(MovementId(3)) is None
    with pytest.raises(Refused, match=r"^movement 3: does not exist; give 0 for a new one$"):
        await store.put_movement(plan(movement_id=MovementId(3)))
    with pytest.raises(Refused, match=r"^store: movement needs an operator \(table movement\)"):
        await store.put_movement(plan(operator_id=OperatorId(8)))


async def test_fences_come_go_and_their_version_only_rises(store: Store) -> None:
    ring = ((33.0, 44.0), (33.0, 45.0), (34.0, 44.0), (33.0, 44.0))
    depot = await store.add_fence(Fence(fence_id=0, name="Depot", kind="depot", rings=(ring,)))
    border = await store.add_fence(Fence(fence_id=0, name="Border", kind="border", rings=(ring, ring)))
    assert await store.fences() == [depot, border]
    await store.remove_fence(depot.fence_id)
    assert await store.fences() == [Fence(fence_id=2, name="Border", kind="border", rings=(ring, ring))]
    with pytest.raises(Refused, match=r"^fence 1: does not exist; it may have been removed already$"):
        await store.remove_fence(depot.fence_id)
    first = await store.next_fences_version()
    assert await store.next_fences_version() > first


# ---------------------------------------------------------------- alerts


def event(**changed: Any) -> AlertEvent:
    given: dict[str, Any] = {
        "alert_id": AlertId("silent:1:-1:5"),
        "rule": Rule.SILENT,
        "phase": Phase.STARTED,
        "severity": Severity.WARNING,
        "occurred_at": AT,
        "received_at": AT + SECOND,
        "late": False,
        "vehicle_id": VehicleId(1),
        "movement_id": MovementId(2),
        "lat_deg": 33.3,
        "lon_deg": 44.4,
        "facts": {"silent_s": 130.5, "limit_s": 120.0, "callsign": "MULE 1"},
    }
    return AlertEvent(**(given | changed))


SILENT = Alert(
    alert_id=AlertId("silent:1:-1:5"),
    rule=Rule.SILENT,
    severity=Severity.WARNING,
    started_at=AT,
    received_at=AT + SECOND,
    late=False,
    vehicle_id=VehicleId(1),
    movement_id=MovementId(2),
    lat_deg=33.3,
    lon_deg=44.4,
    facts={"silent_s": 130.5, "limit_s": 120.0, "callsign": "MULE 1"},
)


def ended(after: timedelta) -> AlertEvent:
    return event(phase=Phase.ENDED, occurred_at=AT + after, received_at=AT + after, lat_deg=35.0, facts={})


def silent(**changed: Any) -> Alert:
    return Alert(**({name: getattr(SILENT, name) for name in SILENT.__struct_fields__} | changed))


async def test_an_episode_starts_and_ends_and_the_same_event_twice_changes_nothing(store: Store) -> None:
    assert await store.record_event(event()) == SILENT
    assert await store.record_event(event(severity=Severity.NOTICE, facts={})) == SILENT
    over = silent(ended_at=AT + 9 * SECOND)
    assert await store.record_event(ended(9 * SECOND)) == over
    assert await store.record_event(ended(10 * SECOND)) == over
    assert await store.record_event(event()) == over
    assert await store.alert(SILENT.alert_id) == over


async def test_an_end_that_comes_before_its_start_waits_for_it(store: Store) -> None:
    first = await store.record_event(ended(9 * SECOND))
    assert (first.started_at, first.ended_at) == (AT + 9 * SECOND, AT + 9 * SECOND)
    assert await store.record_event(event()) == silent(ended_at=AT + 9 * SECOND)
    assert await store.record_event(ended(10 * SECOND)) == silent(ended_at=AT + 9 * SECOND)


async def test_a_distress_call_opens_one_emergency(store: Store) -> None:
    call = Distress(
        identity="imei:1",
        kind=DistressKind.CONTACT,
        raised_at=AT,
        received_at=AT + SECOND,
        lat_deg=33.3,
        lon_deg=44.4,
        silent=True,
    )
    alert_id = alert_of_distress(call).alert_id
    opened = await store.record_distress(alert_id, call)
    assert opened == Alert(
        alert_id=alert_id,
        rule=Rule.DISTRESS,
        severity=Severity.EMERGENCY,
        started_at=AT,
        received_at=AT + SECOND,
        late=False,
        lat_deg=33.3,
        lon_deg=44.4,
        facts={"kind": "contact", "silent": "yes", "identity": "imei:1"},
    )
    await store.acknowledge_alert(alert_id, by="amal", at=AT)
    again = await store.record_distress(alert_id, call)
    assert again.acknowledged_by == "amal"
    assert len(await store.alerts(only_open=False, limit=10)) == 1


async def test_alerts_are_listed_newest_first_and_open_until_a_person_closes_them(store: Store) -> None:
    for number in range(3):
        await store.record_event(event(alert_id=AlertId(f"a{number}"), occurred_at=AT + number * SECOND))
    await store.record_event(event(alert_id=AlertId("a1"), phase=Phase.ENDED))
    await store.close_alert(AlertId("a2"), by="amal", at=AT, reason="false")
    assert [alert.alert_id for alert in await store.alerts(only_open=True, limit=9)] == ["a1", "a0"]
    assert [alert.alert_id for alert in await store.alerts(only_open=False, limit=2)] == ["a2", "a1"]


async def test_what_people_decide_is_in_the_alert_and_the_first_acknowledgement_stays(store: Store) -> None:
    await store.record_event(event())
    alert_id = SILENT.alert_id
    await store.acknowledge_alert(alert_id, by="amal", at=AT)
    await store.acknowledge_alert(alert_id, by="dara", at=AT + SECOND)
    await store.take_alert(alert_id, by="dara", at=AT)
    until = AT + timedelta(minutes=10)
    await store.snooze_alert(alert_id, by="dara", at=AT, until=until, reason="radio check agreed")
    closed = await store.close_alert(alert_id, by="amal", at=AT + SECOND, reason="spoke to driver")
    assert closed == silent(
        owner="dara",
        acknowledged_at=AT,
        acknowledged_by="amal",
        snoozed_until=until,
        snooze_reason="radio check agreed",
        closed_at=AT + SECOND,
        closed_by="amal",
        close_reason="spoke to driver",
    )
    assert await store.alert(alert_id) == closed


async def test_a_closed_or_unknown_alert_cannot_be_decided_on(store: Store) -> None:
    await store.record_event(event())
    await store.close_alert(SILENT.alert_id, by="amal", at=AT, reason="false")
    with pytest.raises(
        Refused,
        match=r"^alert silent:1:-1:5: amal closed it at 2026-03-01T12:00:00\+00:00; cannot close it any",
    ):
        await store.close_alert(SILENT.alert_id, by="dara", at=AT, reason="false")
    with pytest.raises(Refused, match=r"cannot acknowledge it any more$"):
        await store.acknowledge_alert(SILENT.alert_id, by="dara", at=AT)
    with pytest.raises(Refused, match=r"^alert x: does not exist; the list may be old, load it again$"):
        await store.take_alert(AlertId("x"), by="dara", at=AT)
    assert await store.alert(AlertId("x")) is None


async def test_a_snooze_needs_a_reason_and_a_later_moment(store: Store) -> None:
    await store.record_event(event())
    with pytest.raises(Refused, match=r"^alert silent:1:-1:5: snoozed without a reason; write why$"):
        await store.snooze_alert(SILENT.alert_id, by="amal", at=AT, until=AT + SECOND, reason=" ")
    with pytest.raises(Refused, match=r"snoozed until 2026-03-01T12:00:00\+00:00, which is not after 2026-"):
        await store.snooze_alert(SILENT.alert_id, by="amal", at=AT, until=AT, reason="later")
    assert await store.alert(SILENT.alert_id) == SILENT


# ---------------------------------------------------------------- positions


def positions(*rows: tuple[int, float], flags: int = 0) -> np.ndarray:
    """Return rows of (vehicle_id, seconds after AT), received a second later."""
    made = np.zeros(len(rows), POSITION)
    for index, (vehicle_id, after_s) in enumerate(rows):
        made["vehicle_id"][index] = vehicle_id
        made["fixed_at_us"][index] = AT_US + round(after_s * 1_000_000)
    made["received_at_us"] = made["fixed_at_us"] + 1_000_000
    made["lat_deg"], made["lon_deg"] = 33.312805, -44.361488
    made["speed_mps"], made["heading_deg"] = 12.5, 359.75
    made["alt_m"], made["accuracy_m"] = np.nan, np.nan
    made["movement_id"], made["tracker_id"], made["flags"] = ABSENT_ID, 7, flags
    return made


async def all_of(store: Store, vehicle_id: int) -> np.ndarray:
    return await store.track_of(
        VehicleId(vehicle_id),
        since=AT - timedelta(days=400),
        until=AT + timedelta(days=400),
        limit=1000,
    )


async def test_positions_come_back_as_they_were_written_by_the_devices_time(store: Store) -> None:
    rows = positions((1, 2.000001), (1, -3), (2, 0), (1, 1))
    assert await store.write_positions([(5, rows[:2]), (6, rows[2:])], up_to_seq=6) == 4
    assert (await all_of(store, 1)).tobytes() == rows[[1, 3, 0]].tobytes()
    assert (await all_of(store, 3)).tobytes() == b""
    assert (await all_of(store, 1)).dtype == POSITION


async def test_rows_without_a_vehicle_are_left_out_and_the_others_keep_their_place(store: Store) -> None:
    rows = np.concatenate(
        [positions((-1, 0)), positions((1, 5)), positions((-1, 6), flags=Flag.CONTACT_ONLY)]
    )
    assert await store.write_positions([(1, rows)], up_to_seq=1) == 1
    await store.write_quality(1, [1], [int(Flag.DUPLICATE)])
    found = await all_of(store, 1)
    assert [int(it) & int(Flag.DUPLICATE) for it in found["flags"]] == [int(Flag.DUPLICATE)]
    assert -1 not in await store.last_contacts()


async def test_positions_are_written_once_whatever_comes_again(store: Store) -> None:
    assert await store.projected_seq("positions") == 0
    await store.write_positions([(1, positions((1, 0))), (2, positions((1, 1)))], up_to_seq=2)
    assert await store.write_positions([(1, positions((1, 0))), (2, positions((1, 1)))], up_to_seq=2) == 0
    assert await store.write_positions([(2, positions((1, 1))), (4, positions((1, 2)))], up_to_seq=9) == 1
    assert await store.projected_seq("positions") == 9
    assert await store.write_positions([], up_to_seq=3) == 0
    assert await store.projected_seq("positions") == 9
    assert await store.count_positions() == 3


async def test_other_projections_move_by_themselves_and_never_back(store: Store) -> None:
    await store.mark_projected("EVENTS", 7)
    await store.mark_projected("EVENTS", 5)
    assert [await store.projected_seq(name) for name in ("EVENTS", "QUALITY", "positions")] == [7, 0, 0]


async def test_a_sign_of_life_without_a_place_only_moves_the_last_contact(store: Store) -> None:
    heard = positions((1, 10), (2, 0), (1, 5), flags=Flag.CONTACT_ONLY | Flag.UNAUTHENTICATED)
    heard["lat_deg"] = heard["lon_deg"] = np.nan
    assert await store.write_positions([(1, np.concatenate([heard, positions((3, 0))]))], up_to_seq=1) == 1
    await store.write_positions([(2, positions((2, 30)))], up_to_seq=2)
    await store.write_positions([(3, heard[2:])], up_to_seq=3)
    assert await store.last_contacts() == {1: AT + 11 * SECOND, 2: AT + 31 * SECOND, 3: AT + SECOND}
    assert await store.count_positions() == 2


async def test_a_device_clock_that_runs_ahead_does_not_freeze_the_last_contact(store: Store) -> None:
    ahead = positions((1, 86_400 * 365), (2, 0))
    ahead["received_at_us"][0] = AT_US
    await store.write_positions([(1, ahead), (2, positions((1, 60)))], up_to_seq=2)
    assert await store.last_contacts() == {1: AT + 61 * SECOND, 2: AT + SECOND}


async def test_what_track_judged_is_joined_when_positions_are_read(store: Store) -> None:
    await store.write_quality(4, [1, 1], [Flag.LATE, Flag.DUPLICATE])
    await store.write_positions([(4, positions((1, 0), (1, 1), flags=Flag.BUFFERED))], up_to_seq=4)
    for _ in range(2):
        await store.write_quality(4, [0, 1], [Flag.DISPUTED, Flag.LATE])
    await store.write_quality(5, [0], [Flag.IMPOSSIBLE])
    assert (await all_of(store, 1))["flags"].tolist() == [
        Flag.BUFFERED | Flag.DISPUTED,
        Flag.BUFFERED | Flag.LATE | Flag.DUPLICATE,
    ]


async def test_history_of_many_vehicles_is_by_vehicle_then_time_within_bounds(store: Store) -> None:
    rows = positions(*((vehicle_id, after_s) for after_s in (0, 10, 20) for vehicle_id in (3, 1, 2)))
    await store.write_positions([(1, rows)], up_to_seq=1)
    between = await store.positions_between(
        [VehicleId(3), VehicleId(1), VehicleId(9)], since=AT, until=AT + 20 * SECOND, limit=3
    )
    assert between["vehicle_id"].tolist() == [1, 1, 3]
    assert (between["fixed_at_us"] - AT_US).tolist() == [0, 10_000_000, 0]
    nobody = await store.positions_between([], since=AT, until=AT + SECOND, limit=3)
    assert (len(nobody), nobody.dtype) == (0, POSITION)


MINUTES = [AT + minute * timedelta(minutes=1) for minute in range(3)]


async def last_places(store: Store, *ids: int, **changed: Any) -> list[tuple[int, float]]:
    """Return (vehicle_id, seconds after AT) of the last positions at MINUTES."""
    given = {"at": MINUTES, "look_back": timedelta(minutes=15), "no_place": Flag.IMPOSSIBLE | Flag.NO_FIX}
    rows = await store.last_positions([VehicleId(id_) for id_ in ids], **(given | changed))
    return list(zip(rows["vehicle_id"], (rows["fixed_at_us"] - AT_US) / 1_000_000, strict=True))


async def test_the_last_position_of_each_vehicle_and_moment_is_told_as_it_was_written(store: Store) -> None:
    rows = positions((2, 0), (1, -70), (1, -5), (1, 1), (1, 60), (1, 60.000001), (1, 119), (1, 121), (3, 1))
    await store.write_positions([(1, rows)], up_to_seq=1)
    found = await store.last_positions(
        [VehicleId(2), VehicleId(1), VehicleId(9)],
        at=MINUTES,
        look_back=timedelta(minutes=15),
        no_place=Flag(0),
    )
    assert found.tobytes() == rows[[2, 4, 6, 0]].tobytes()
    nobody = await store.last_positions([], at=MINUTES, look_back=SECOND, no_place=Flag(0))
    never = await store.last_positions([VehicleId(1)], at=[], look_back=SECOND, no_place=Flag(0))
    assert (len(nobody), len(never), nobody.dtype, never.dtype) == (0, 0, POSITION, POSITION)


async def test_a_last_position_is_no_older_than_asked_for(store: Store) -> None:
    await store.write_positions([(1, positions((1, -30), (2, -30.000001), (3, 90)))], up_to_seq=1)
    assert await last_places(store, 1, 2, 3, look_back=30 * SECOND) == [(1, -30), (3, 90)]


async def test_what_is_no_place_gives_way_to_the_position_before_it_whoever_judged(store: Store) -> None:
    said = positions((1, 50), flags=Flag.NO_FIX)
    rows = np.concatenate([positions((1, 10), (1, 30), (1, 40)), said, positions((1, 70))])
    await store.write_positions([(1, rows)], up_to_seq=1)
    await store.write_quality(1, [1, 2, 4], [Flag.LATE, Flag.IMPOSSIBLE | Flag.LATE, Flag.IMPOSSIBLE])
    found = await store.last_positions(
        [VehicleId(1)], at=MINUTES, look_back=timedelta(minutes=15), no_place=Flag.IMPOSSIBLE | Flag.NO_FIX
    )
    assert ((found["fixed_at_us"] - AT_US) // 1_000_000).tolist() == [30]
    assert found["flags"].tolist() == [Flag.LATE]
    assert await last_places(store, 1, no_place=Flag(0)) == [(1, 50), (1, 70)]


async def test_last_positions_asked_for_in_parts_are_the_same(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tapestry.adapters._pg_positions.LOOKUPS_AT_ONCE", 2)
    await store.write_positions([(1, positions((2, 0), (1, 0), (1, 59), (1, 61), (2, 61)))], up_to_seq=1)
    assert await last_places(store, 1, 2) == [(1, 0), (1, 59), (1, 61), (2, 0), (2, 61)]


async def test_a_span_has_its_first_moment_and_not_its_last(store: Store) -> None:
    await store.write_positions([(1, positions((1, -0.000001), (1, 0), (1, 9.999999), (1, 10)))], up_to_seq=1)
    span: dict[str, Any] = {"since": AT, "until": AT + 10 * SECOND, "limit": 9}
    for rows in (
        await store.track_of(VehicleId(1), **span),
        await store.positions_between([VehicleId(1)], **span),
    ):
        assert (rows["fixed_at_us"] - AT_US).tolist() == [0, 9_999_999]


# ---------------------------------------------------------------- intake


def quarantined(**changed: Any) -> Quarantined:
    given: dict[str, Any] = {
        "identity": "imei:9",
        "protocol": "gt06",
        "remote": "10.0.0.1",
        "first_at": AT,
        "last_at": AT + SECOND,
        "count": 3,
        "rejected_count": 1,
        "lat_deg": 33.3,
        "lon_deg": 44.4,
    }
    return Quarantined(**(given | changed))


async def test_an_identity_in_quarantine_adds_up_until_it_is_released(store: Store) -> None:
    await store.record_quarantined(quarantined())
    await store.record_quarantined(quarantined(identity="imei:8", first_at=AT, last_at=AT + 5 * SECOND))
    seen_before = quarantined(
        remote="10.0.0.2",
        first_at=AT - SECOND,
        last_at=AT,
        count=2,
        rejected_count=4,
        lat_deg=None,
        lon_deg=None,
    )
    await store.record_quarantined(seen_before)
    assert await store.quarantined() == [
        quarantined(identity="imei:8", first_at=AT, last_at=AT + 5 * SECOND),
        quarantined(remote="10.0.0.2", first_at=AT - SECOND, count=5, rejected_count=5),
    ]
    await store.release_quarantined("imei:8")
    await store.release_quarantined("imei:8")
    assert [entry.identity for entry in await store.quarantined()] == ["imei:9"]


async def test_rejected_frames_are_listed_newest_first(store: Store) -> None:
    frames = [
        RejectedFrame(
            received_at=AT,
            protocol="gt06",
            remote="10.0.0.1",
            reason="CRC",
            raw_hex=f"0{number}",
            identity=identity,
        )
        for number, identity in ((1, None), (2, "imei:9"), (3, None))
    ]
    for frame in frames:
        await store.record_rejected(frame)
    newest, second = await store.rejected(RejectedWanted(), before=None, limit=2)
    assert [replace(it, rejected_id=0) for it in (newest, second)] == [frames[2], frames[1]]
    (oldest,) = await store.rejected(RejectedWanted(), before=second.rejected_id, limit=2)
    assert oldest.raw_hex == "01"
    assert await store.rejected(RejectedWanted(), before=oldest.rejected_id, limit=2) == []


@pytest.fixture
async def store_of_rejected(store: Store) -> Store:
    for number, (protocol, remote, identity, reason) in enumerate(
        [
            ("gt06", "10.0.0.1:400", None, "CRC 0x12ab, expected 0x34cd over 12 bytes"),
            ("gt06", "10.0.0.1:401", None, "CRC 0x12ac, expected 0x34cd over 7 bytes"),
            ("gt06", "10.0.0.2:402", "imei:9", "CRC 0x0000, expected 0x0001 over 7 bytes"),
            ("h02", "[::1]:403", None, "CRC 0x0000, expected 0x0001 over 7 bytes"),
            ("gt06", "10.0.0.1:404", None, "latitude 'Ab1', expected -90 to 90"),
        ]
    ):
        at = AT + timedelta(minutes=number)
        await store.record_rejected(
            RejectedFrame(
                received_at=at, protocol=protocol, remote=remote, identity=identity, reason=reason, raw_hex=f"0{number}"
            )
        )  # fmt: skip
    return store


async def test_rejected_frames_stand_together_by_protocol_and_shape_of_the_reason(
    store_of_rejected: Store,
) -> None:
    place, other, crc = await store_of_rejected.rejected_groups(RejectedWanted(), limit=9)
    assert crc == RejectedGroup(
        protocol="gt06",
        shape="CRC …, expected … over … bytes",
        reason="CRC 0x0000, expected 0x0001 over 7 bytes",
        count=3,
        first_at=AT,
        last_at=AT + timedelta(minutes=2),
        senders=["10.0.0.1", "imei:9"],
        sender_count=2,
    )
    assert (other.protocol, other.shape, other.senders) == ("h02", crc.shape, ["[::1]"])
    assert place.shape == "latitude …, expected … to …"
    assert await store_of_rejected.rejected_groups(RejectedWanted(), limit=1) == [place]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (RejectedWanted(protocol="h02"), ["03"]),
        (RejectedWanted(shape="CRC …, expected … over … bytes"), ["03", "02", "01", "00"]),
        (RejectedWanted(text="IMEI:9"), ["02"]),
        (RejectedWanted(text="10.0.0.1:40", protocol="gt06", shape="latitude …, expected … to …"), ["04"]),
        (RejectedWanted(text="ab1"), ["04"]),
        (RejectedWanted(text="%"), []),
        (RejectedWanted(protocol="gt"), []),
    ],
)
async def test_of_rejected_frames_those_asked_for_are_given(
    store_of_rejected: Store, wanted: RejectedWanted, found: list[str]
) -> None:
    frames = await store_of_rejected.rejected(wanted, before=None, limit=9)
    assert [frame.raw_hex for frame in frames] == found
    groups = await store_of_rejected.rejected_groups(wanted, limit=9)
    assert sum(group.count for group in groups) == len(found)


async def test_of_many_senders_of_a_group_some_are_named_and_all_counted(store: Store) -> None:
    for number in range(7):
        frame = RejectedFrame(
            received_at=AT, protocol="gt06", remote=f"10.0.0.{number}:1", reason="r", raw_hex=""
        )
        await store.record_rejected(frame)
    (group,) = await store.rejected_groups(RejectedWanted(), limit=9)
    assert (group.senders, group.sender_count) == ([f"10.0.0.{number}" for number in range(4)], 7)


# ---------------------------------------------------------------- accounts


def account(**changed: Any) -> Account:
    given: dict[str, Any] = {"user_name": "amal", "role": "watch_officer", "password_hash": "$argon2id$x"}
    return Account(**(given | changed))


async def test_an_account_is_added_once_and_changed_as_a_whole(store: Store) -> None:
    await store.add_account(account())
    with pytest.raises(
        Refused, match=r"^store: account user name is taken \(table account\); change the value$"
    ):
        await store.add_account(account(role="administrator"))
    await store.add_account(account(user_name="Zana"))
    changed = account(
        totp_secret="ABC",
        totp_used_step=59_078_880,
        language="ckb",
        disabled=True,
        failed_count=3,
        locked_until=AT,
    )
    await store.update_account(changed)
    assert await store.account("amal") == changed
    assert [one.user_name for one in await store.accounts()] == ["Zana", "amal"]
    assert await store.account("nobody") is None
    with pytest.raises(Refused, match=r"^account nobody: does not exist; add it first$"):
        await store.update_account(account(user_name="nobody"))


async def test_an_account_is_added_with_everything_that_it_is_given(store: Store) -> None:
    given = account(totp_secret="ABC", totp_used_step=1, language="ar", failed_count=2, locked_until=AT)
    await store.add_account(given)
    assert await store.accounts() == [given]


async def test_a_used_one_time_code_is_refused_after_a_restart_of_the_web_process(store: Store) -> None:
    hasher, code = QuickHasher(), pyotp.TOTP(SECRET).at(AT)
    await store.add_account(account(password_hash=await hasher.hash(PASSWORD), totp_secret=SECRET))
    before = Logins(store, hasher, now=lambda: AT)
    assert (
        await before.check("amal", PASSWORD, code, remote="10.0.0.1")
    ).totp_used_step == AT_US // 30_000_000
    after = Logins(store, hasher, now=lambda: AT)
    with pytest.raises(BadCredentials):
        await after.check("amal", PASSWORD, code, remote="10.0.0.1")


async def test_a_session_lives_until_it_is_ended(store: Store) -> None:
    await store.add_account(account())
    sessions = [
        Session(token_hash=bytes([number]) * 32, user_name="amal", csrf="c", created_at=AT, seen_at=AT)
        for number in range(3)
    ]
    for session in sessions:
        await store.put_session(session)
    seen = Session(token_hash=bytes(32), user_name="amal", csrf="c", created_at=AT, seen_at=AT + SECOND)
    await store.put_session(seen)
    assert await store.session(bytes(32)) == seen
    await store.end_session(bytes(32))
    assert await store.session(bytes(32)) is None
    assert await store.session(bytes([1]) * 32) == sessions[1]
    await store.end_sessions_of("amal")
    assert await store.session(bytes([2]) * 32) is None


async def test_a_session_of_nobody_is_refused(store: Store) -> None:
    with pytest.raises(
        Refused, match=r"^store: session needs an account \(table session\); change the value$"
    ):
        await store.put_session(
            Session(token_hash=bytes(32), user_name="nobody", csrf="c", created_at=AT, seen_at=AT)
        )


async def test_a_setup_link_works_once_even_when_twenty_use_it_together(store: Store) -> None:
    await store.put_setup_link(b"link", valid_until=AT)
    used = await asyncio.gather(*(store.use_setup_link(b"link", at=AT - SECOND) for _ in range(20)))
    assert sorted(used) == [False] * 19 + [True]
    with pytest.raises(Refused, match=r"^store: setup link is there already \(table setup_link\)"):
        await store.put_setup_link(b"link", valid_until=AT)


async def test_a_setup_link_that_is_too_old_or_unknown_does_not_work(store: Store) -> None:
    await store.put_setup_link(b"link", valid_until=AT)
    assert not await store.use_setup_link(b"link", at=AT)
    assert not await store.use_setup_link(b"other", at=AT)


# ---------------------------------------------------------------- the Log


async def test_the_log_counts_from_0_and_its_tree_is_over_its_entries(store: Store) -> None:
    assert (await store.log_size(), await store.log_tree()) == (0, EMPTY_TREE)
    details: dict[str, Any] = {"z": [1, 2.5, None], "a": "سبب"}
    first = await store.append_log(
        at=AT, actor="amal", action="close-alert", subject="alert/1", details=details
    )
    assert (first.seq, first.details) == (0, details)
    assert first.leaf_hash == entry_leaf_hash(
        at=AT, actor="amal", action="close-alert", subject="alert/1", details=details
    )
    second = await store.append_log(at=AT, actor="system", action="start-hub", subject="hub", details={})
    assert await store.log_entries(start=0, limit=10) == [first, second]
    assert await store.log_entries(start=1, limit=1) == [second]
    assert await store.log_size() == 2
    assert (await store.log_tree()).root() == root_of([first.leaf_hash, second.leaf_hash])


async def test_entries_appended_together_keep_their_order_and_leave_no_holes(store: Store) -> None:
    entries = await asyncio.gather(
        *(
            store.append_log(
                at=AT, actor="amal", action="view-movement", subject=f"movement/{number}", details={}
            )
            for number in range(50)
        )
    )
    assert [entry.seq for entry in entries] == list(range(50))
    assert [entry.subject for entry in await store.log_entries(start=0, limit=99)] == [
        f"movement/{number}" for number in range(50)
    ]
    assert (await store.log_tree()).root() == root_of([entry.leaf_hash for entry in entries])


async def test_an_entry_that_cannot_be_written_is_refused_and_leaves_no_hole(store: Store) -> None:
    with pytest.raises(Refused, match=r"^log entry: details cannot be written as JSON"):
        await store.append_log(at=AT, actor="amal", action="x", subject="y", details={"value": object()})
    entry = await store.append_log(at=AT, actor="amal", action="x", subject="y", details={})
    assert entry.seq == 0


async def test_tree_heads_are_listed_newest_first(store: Store) -> None:
    heads = [
        TreeHead(size=size, root_hash=bytes(32), signed_at=at, signature=bytes(64), public_key=bytes(32))
        for size, at in ((1, AT), (3, AT), (3, AT + SECOND))
    ]
    for head in heads:
        await store.put_tree_head(head)
    assert await store.tree_heads(limit=2) == [heads[2], heads[1]]


async def test_a_store_that_answers_is_healthy(store: Store) -> None:
    assert await store.healthy()
