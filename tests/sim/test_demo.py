"""The scene of the demonstration."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tapestry.geo import distance_m
from tapestry.protocols import ENCODERS
from tapestry.sim import DemoScene, EpisodeKind, World, demo_plans
from tapestry.wire import DistressCall

NOW = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
NOW_US = 1_772_344_800_000_000


@pytest.fixture(scope="module")
def scene() -> DemoScene:
    return demo_plans(NOW, seed=7)


def test_the_same_seed_gives_the_same_scene_and_another_one_does_not(scene: DemoScene) -> None:
    assert demo_plans(NOW, seed=7) == scene
    assert demo_plans(NOW, seed=8) != scene


def test_every_vehicle_is_on_the_roster_with_one_tracker_and_one_place_in_one_plan(scene: DemoScene) -> None:
    on_roster = [vehicle.vehicle_id for vehicle in scene.vehicles]
    assert on_roster == list(range(1, len(on_roster) + 1))
    assert [tracker.vehicle_id for tracker in scene.trackers] == on_roster
    assert [v.vehicle_id for plan in scene.plans for v in plan.vehicles] == on_roster
    assert len({tracker.identity for tracker in scene.trackers}) == len(on_roster)
    for plan in scene.plans:
        assert [v.order for v in plan.vehicles] == list(range(1, len(plan.vehicles) + 1))
        assert plan.operator_id in {operator.operator_id for operator in scene.operators}


def test_every_convoy_has_devices_of_five_protocols(scene: DemoScene) -> None:
    for convoy in scene.convoys:
        assert {device.protocol for device in convoy.devices} == {
            "jsonlines",
            "osmand",
            "gt06",
            "teltonika",
            "nmea",
        }
        for device in convoy.devices:
            assert device.identity.startswith(ENCODERS[device.protocol].scheme + ":")


def test_every_convoy_is_on_its_way_inside_its_active_window(scene: DemoScene) -> None:
    for plan in scene.plans:
        assert plan.active_from == NOW
        assert plan.active_until > NOW + timedelta(hours=6)
        assert all(checkpoint.planned_at for checkpoint in plan.checkpoints)


def test_a_convoy_halts_at_every_second_checkpoint(scene: DemoScene) -> None:
    heron = scene.plans[0]
    assert [(place.name, place.halt_s) for place in heron.checkpoints] == [
        ("Nasiriyah", 0.0),
        ("Al Diwaniyah", 300.0),
    ]


def test_the_five_things_that_happen_befall_five_convoys(scene: DemoScene) -> None:
    happens = [[episode.kind for episode in convoy.episodes] for convoy in scene.convoys]
    assert happens == [
        [EpisodeKind.DISTRESS],
        [EpisodeKind.STRAGGLE],
        [EpisodeKind.HALT],
        [EpisodeKind.SPOOF],
        [EpisodeKind.COVERAGE_GAP],
    ]


def test_with_two_convoys_they_share_what_happens() -> None:
    convoys = demo_plans(NOW, seed=7, convoys=2).convoys
    assert [len(convoy.episodes) for convoy in convoys] == [3, 2]


def test_the_distress_call_comes_after_sixty_seconds(scene: DemoScene) -> None:
    world = World(scene.convoys, start_us=NOW_US, rng=np.random.default_rng(1))
    calls = [
        report for _ in range(120) for report in world.step(0.5) if isinstance(report.content, DistressCall)
    ]
    assert [(call.vehicle_id, call.sent_at_us) for call in calls] == [(2, NOW_US + 60_000_000)]


def test_the_vehicles_start_on_their_planned_route(scene: DemoScene) -> None:
    truth = World(scene.convoys, start_us=NOW_US, rng=np.random.default_rng(1)).truth()
    row = 0
    for plan in scene.plans:
        lat_deg = np.array([point.lat_deg for point in plan.route])
        lon_deg = np.array([point.lon_deg for point in plan.route])
        for _ in plan.vehicles:
            away_m = distance_m(lat_deg, lon_deg, truth.lat_deg[row], truth.lon_deg[row])
            assert away_m.min() <= 500.5  # pieces of a route are at most 1,000 m long
            row += 1


def test_many_convoys_have_callsigns_of_their_own_and_little_happens_to_them() -> None:
    scene = demo_plans(NOW, seed=3, convoys=60, vehicles_each=6, protocols=["jsonlines"])
    assert len({plan.callsign for plan in scene.plans}) == 60
    assert [plan.callsign for plan in scene.plans[19:22]] == ["CRANE", "HERON 2", "CEDAR 2"]
    assert len(scene.vehicles) == 360
    assert 2 <= sum(bool(convoy.episodes) for convoy in scene.convoys[5:]) <= 22  # 55 at one in five: 11
    assert {device.protocol for convoy in scene.convoys for device in convoy.devices} == {"jsonlines"}


def test_a_scene_without_a_script_lets_everybody_just_drive() -> None:
    convoys = demo_plans(NOW, seed=3, convoys=8, with_script=False).convoys
    assert [convoy.episodes for convoy in convoys] == [()] * 8
