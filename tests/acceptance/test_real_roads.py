"""Real tracks on real roads, real trips, and the shipped net: the figures that the project promises.

The data lies beside the checkout (`../shared/data`) and is no part of the project; without it tests are skipped.
"""

import numpy as np
import pytest

from bench import arrivals, road_matchers, road_tracks, routes
from tapestry.adapters._valhalla_tiles import find_valhalla, why_not

needs_tracks = pytest.mark.skipif(
    not road_tracks.TRACKS.is_dir(), reason=f"tracks with a known route are not here: {road_tracks.TRACKS} is absent"
)  # fmt: skip
needs_trips = pytest.mark.skipif(
    not arrivals.GPS.is_dir(), reason=f"real trips are not here: {arrivals.GPS} is absent"
)


@needs_tracks
def test_tracks_are_matched_to_the_roads_that_they_took() -> None:
    shares = road_tracks.match_all()
    for every_s, target in road_tracks.TARGETS.items():
        rows = [it for it in shares if it.every_s == every_s]
        assert len(rows) == 12
        assert np.mean([it.right for it in rows]) >= target
        # a matcher that tells every road is right everywhere: what it tells too much counts against it
        assert np.mean([it.right / (1.0 + it.wrong) for it in rows]) >= target


@needs_tracks
@pytest.mark.parametrize("matcher", ["plain", "valhalla"])
def test_through_the_port_each_matcher_keeps_the_targets_and_puts_fixes_on_the_right_road(
    matcher: str,
) -> None:
    if matcher == "valhalla" and find_valhalla() is None:
        pytest.skip(f"Valhalla is not installed: {why_not()}")
    judged = [it for it in road_matchers.judge_all() if it.matcher == matcher]
    for every_s, target in road_tracks.TARGETS.items():
        rows = [it for it in judged if it.every_s == every_s]
        assert len(rows) == 12
        assert np.mean([it.right / (1.0 + it.wrong) for it in rows]) >= target
        assert np.average([it.fixes_right for it in rows], weights=[it.fixes for it in rows]) >= 0.97


@needs_trips
def test_arrivals_are_told_better_than_by_mean_speed_and_the_range_holds() -> None:
    found = [arrivals.judge(fleet) for fleet in arrivals.FLEETS]
    assert [it.fleet for it in found if it.better < 0.15] == []
    # over all trips: the 48 of Athens alone are too few to tell 80 % from 90 %
    held = sum(it.held * it.ranged for it in found) / sum(it.ranged for it in found)
    assert 0.75 <= held <= 0.85


def test_a_plan_on_the_shipped_net_takes_less_than_a_tenth_of_a_second() -> None:
    assert np.quantile(routes.plan_ms(100), 0.95) <= 100.0
