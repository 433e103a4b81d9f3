"""What the simulated world does, held against its script."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sim.convoys import START_US, make_convoy

from tapestry.model import Checkpoint, DistressKind, Flag, Refused, VehicleId, Waypoint
from tapestry.sim import ConvoySpec, Episode, EpisodeKind, RadioModel, Report, World
from tapestry.wire import DistressCall, Fix

STILL = RadioModel(noise_m=0.0, speed_noise_mps=0.0)
METRES_PER_DEGREE = 111_195.08  # on the equator of the mean sphere


def world_of(convoy: ConvoySpec, *, radio: RadioModel = STILL, seed: int = 1) -> World:
    return World([convoy], start_us=START_US, rng=np.random.default_rng(seed), radio=radio)


def run(world: World, seconds: int) -> list[Report]:
    return [report for _ in range(seconds) for report in world.step(1.0)]


def fixes(reports: list[Report], vehicle_id: int) -> list[Fix]:
    return [r.content for r in reports if r.vehicle_id == vehicle_id and isinstance(r.content, Fix)]


def test_a_convoy_starts_closed_up_in_order_of_march() -> None:
    truth = world_of(make_convoy(3)).truth()
    assert truth.vehicle_ids == (1, 2, 3)
    assert truth.progress_m.tolist() == [50.0, 25.0, 0.0]
    assert truth.gap_ahead_m.tolist() == [np.inf, 13.0, 13.0]


def test_a_convoy_reaches_its_cruise_speed_and_opens_its_spacing() -> None:
    world = world_of(make_convoy(3))
    run(world, 600)
    truth = world.truth()
    assert truth.speed_mps == pytest.approx([20.0, 20.0, 20.0], abs=0.1)
    # wanted gap 13 + 20 * 2.5 = 63 m, wish 24 m/s: 63 / sqrt(1 - (20 / 24)^4) = 87.5 m
    assert truth.gap_ahead_m[1:] == pytest.approx([87.5, 87.5], abs=1.0)


def test_a_device_reports_where_its_vehicle_is() -> None:
    world = world_of(make_convoy(1))
    reports = run(world, 60)
    last = fixes(reports, 1)[-1]
    truth = world.truth()
    assert last.fixed_at_us == START_US + 60_000_000
    assert last.lat_deg == 0.0
    assert last.lon_deg * METRES_PER_DEGREE == pytest.approx(truth.progress_m[0], abs=0.02)
    assert last.speed_mps == pytest.approx(truth.speed_mps[0], abs=0.005)
    assert last.heading_deg == 90.0
    assert reports[-1].identity == "id:test-1"


def test_a_device_reports_once_per_interval() -> None:
    reports = run(world_of(make_convoy(2, interval_s=10.0)), 100)
    assert (len(fixes(reports, 1)), len(fixes(reports, 2))) == (10, 10)
    times_us = [fix.fixed_at_us for fix in fixes(reports, 1)]
    assert set(np.diff(times_us)) == {10_000_000}


def test_a_spoofed_vehicle_shows_up_hundreds_of_kilometres_away_and_comes_back() -> None:
    spoof = Episode(
        kind=EpisodeKind.SPOOF, starts_s=20, lasts_s=10, vehicle_id=VehicleId(2), shift_north_m=300_000
    )
    reports = run(world_of(make_convoy(2, episodes=(spoof,))), 60)
    # on the mean sphere 300 km are 2.69796 degrees
    away = [fix.fixed_at_us for fix in fixes(reports, 2) if fix.lat_deg == pytest.approx(2.69796, abs=1e-4)]
    assert away == [START_US + second * 1_000_000 for second in range(20, 30)]
    assert {fix.lat_deg for fix in fixes(reports, 1)} == {0.0}


def test_a_straggler_falls_behind_and_the_others_pass_it() -> None:
    slow = Episode(
        kind=EpisodeKind.STRAGGLE, starts_s=200, lasts_s=300, vehicle_id=VehicleId(1), speed_factor=0.4
    )
    world = world_of(make_convoy(3, episodes=(slow,)))
    run(world, 500)
    progress_m = world.truth().progress_m
    # 300 s at 8 m/s instead of 20 m/s
    assert progress_m[1] - progress_m[0] == pytest.approx(3500, abs=150)


def test_a_broken_down_vehicle_stands_and_catches_up_afterwards() -> None:
    breakdown = Episode(kind=EpisodeKind.BREAKDOWN, starts_s=300, lasts_s=60, vehicle_id=VehicleId(2))
    world = world_of(make_convoy(3, episodes=(breakdown,)))
    run(world, 355)
    assert world.truth().speed_mps[1] == 0.0
    behind_m = world.truth().progress_m[0] - world.truth().progress_m[1]
    run(world, 600)
    assert world.truth().progress_m[0] - world.truth().progress_m[1] < behind_m


def test_a_halt_off_plan_brings_the_whole_convoy_to_stand_closed_up() -> None:
    halt = Episode(kind=EpisodeKind.HALT, starts_s=300, lasts_s=200)
    world = world_of(make_convoy(3, episodes=(halt,)))
    run(world, 495)
    truth = world.truth()
    assert truth.speed_mps == pytest.approx([0.0, 0.0, 0.0], abs=0.05)
    assert truth.gap_ahead_m[1:] == pytest.approx([13.0, 13.0], abs=2.5)
    run(world, 120)
    assert world.truth().speed_mps.min() > 15.0


def test_a_convoy_halts_at_its_checkpoint_for_the_planned_time_and_goes_on() -> None:
    route = make_convoy().plan.route
    middle = Checkpoint(name="middle", lat_deg=0.0, lon_deg=0.03, halt_s=120.0)  # 3,336 m
    convoy = make_convoy(
        2, checkpoints=(middle,), route=(route[0], Waypoint(lat_deg=0.0, lon_deg=0.03), route[1])
    )
    world = world_of(convoy)
    heads = [world.truth().progress_m[0] for _ in range(600) if world.step(1.0) is not None]
    standing = [m for m in heads if m == pytest.approx(3335.85, abs=8.0)]
    assert 120 <= len(standing) <= 145  # the halt, and the last metres of arriving
    assert heads[-1] > 5000


def test_an_excursion_leaves_the_route_to_the_right_and_comes_back() -> None:
    away = Episode(
        kind=EpisodeKind.EXCURSION, starts_s=100, lasts_s=200, vehicle_id=VehicleId(1), offset_m=1500
    )
    world = world_of(make_convoy(2, episodes=(away,)))
    reports = run(world, 301)
    # driving east, right is south; half a sine: 1,500 m in the middle, at 200 s
    lat_deg = {round((fix.fixed_at_us - START_US) / 1e6): fix.lat_deg for fix in fixes(reports, 1)}
    assert lat_deg[200] * METRES_PER_DEGREE == pytest.approx(-1500, abs=1)
    assert (lat_deg[99], lat_deg[301]) == (0.0, 0.0)
    assert {fix.lat_deg for fix in fixes(reports, 2)} == {0.0}


def test_a_coverage_gap_holds_fixes_back_and_ends_in_a_burst_marked_as_stored() -> None:
    gap = Episode(kind=EpisodeKind.COVERAGE_GAP, starts_s=20, lasts_s=10, vehicle_id=VehicleId(1))
    reports = run(world_of(make_convoy(1, episodes=(gap,))), 40)
    burst = [r for r in reports if r.sent_at_us == START_US + 30_000_000]
    assert [(r.content.fixed_at_us - START_US) // 1_000_000 for r in burst] == list(range(20, 31))  # type: ignore[union-attr]
    assert [r.content.flags for r in burst] == [Flag.BUFFERED] * 10 + [0]  # type: ignore[union-attr]
    assert not [r for r in reports if START_US + 20_000_000 <= r.sent_at_us < START_US + 30_000_000]


def test_a_device_that_sends_its_newest_first_makes_the_stored_fixes_late() -> None:
    gap = Episode(kind=EpisodeKind.COVERAGE_GAP, starts_s=20, lasts_s=3)
    reports = run(world_of(make_convoy(1, episodes=(gap,), newest_first=True)), 25)
    order = [(fix.fixed_at_us - START_US) // 1_000_000 for fix in fixes(reports, 1)]
    assert order[-6:] == [19, 23, 20, 21, 22, 24] or order[-7:] == [19, 23, 20, 21, 22, 24, 25]


def test_a_distress_call_is_sent_once_at_its_moment_with_the_place() -> None:
    press = Episode(
        kind=EpisodeKind.DISTRESS, starts_s=60, vehicle_id=VehicleId(2), distress=DistressKind.CONTACT
    )
    world = world_of(make_convoy(2, episodes=(press,)))
    reports = run(world, 60)
    calls = [r for r in reports if isinstance(r.content, DistressCall)]
    lon_deg = world.truth().lon_deg[1]
    assert calls == [
        Report(
            VehicleId(2),
            "id:test-2",
            "jsonlines",
            START_US + 60_000_000,
            DistressCall(DistressKind.CONTACT, START_US + 60_000_000, 0.0, pytest.approx(lon_deg)),
        )
    ]


def test_a_distress_call_in_a_coverage_gap_comes_late_with_its_own_time() -> None:
    script = (
        Episode(kind=EpisodeKind.COVERAGE_GAP, starts_s=10, lasts_s=50),
        Episode(kind=EpisodeKind.DISTRESS, starts_s=30),
    )
    reports = run(world_of(make_convoy(1, episodes=script)), 70)
    calls = [r for r in reports if isinstance(r.content, DistressCall)]
    assert [(r.content.raised_at_us, r.sent_at_us) for r in calls] == [  # type: ignore[union-attr]
        (START_US + 30_000_000, START_US + 60_000_000)
    ]


def test_loss_and_repeats_come_in_about_the_given_shares() -> None:
    radio = RadioModel(loss_share=0.2, duplicate_share=0.1)
    reports = fixes(run(world_of(make_convoy(4), radio=radio), 500), 1)
    distinct = {fix.fixed_at_us for fix in reports}
    assert len(distinct) == pytest.approx(400, abs=40)
    assert len(reports) - len(distinct) == pytest.approx(40, abs=25)


def test_a_distress_call_is_never_lost() -> None:
    press = Episode(kind=EpisodeKind.DISTRESS, starts_s=5)
    world = world_of(make_convoy(5, episodes=(press,)), radio=RadioModel(loss_share=1.0))
    assert [type(report.content) for report in run(world, 10)] == [DistressCall] * 5


def test_noise_has_the_spread_that_the_radio_model_says() -> None:
    radio = RadioModel(noise_m=5.0, noise_memory_s=1.0)
    reports = run(world_of(make_convoy(5), radio=radio), 600)
    north_m = [r.content.lat_deg * METRES_PER_DEGREE for r in reports if isinstance(r.content, Fix)]
    assert float(np.std(north_m)) == pytest.approx(5.0, rel=0.15)


def test_the_same_seed_gives_the_same_reports_and_another_seed_does_not() -> None:
    radio = RadioModel(loss_share=0.1, duplicate_share=0.1)
    first, again, other = (run(world_of(make_convoy(3), radio=radio, seed=s), 60) for s in (7, 7, 8))
    assert first == again
    assert first != other


def test_how_a_stretch_of_time_is_cut_does_not_change_where_vehicles_get() -> None:
    fine, coarse = world_of(make_convoy(3)), world_of(make_convoy(3))
    for _ in range(100):
        fine.step(0.5)
    coarse.step(50.0)
    assert fine.truth().progress_m.tolist() == coarse.truth().progress_m.tolist()
    assert fine.now_us == coarse.now_us == START_US + 50_000_000


def test_an_episode_for_a_vehicle_outside_the_convoy_is_refused() -> None:
    stray = Episode(kind=EpisodeKind.HALT, starts_s=0, vehicle_id=VehicleId(99))
    with pytest.raises(Refused) as caught:
        world_of(make_convoy(2, episodes=(stray,)))
    assert str(caught.value) == (
        "episode halt names vehicle 99, which convoy TEST does not have; it has [1, 2]"
    )


EPISODES = st.builds(
    Episode,
    kind=st.sampled_from(EpisodeKind),
    starts_s=st.floats(0, 120),
    lasts_s=st.floats(1, 120),
    vehicle_id=st.sampled_from([None, *map(VehicleId, range(1, 6))]),
    speed_factor=st.floats(0.1, 1.0),
    offset_m=st.floats(-2000, 2000),
)


@settings(max_examples=40, deadline=None)
@given(episodes=st.lists(EPISODES, max_size=5), seed=st.integers(0, 100))
def test_vehicles_never_touch_in_line_and_never_drive_backwards(episodes: list[Episode], seed: int) -> None:
    convoy = make_convoy(5, episodes=tuple(episodes), interval_s=10.0)
    world = world_of(convoy, seed=seed)
    before_m = world.truth().progress_m
    for _ in range(60):
        world.step(4.0)
        truth = world.truth()
        assert (truth.gap_ahead_m >= -1e-6).all()
        assert (truth.progress_m >= before_m - 1e-6).all()
        assert (truth.speed_mps >= -1e-9).all()
        before_m = truth.progress_m
