"""Posts: the search against every layout there is, more teams, busy teams, calls replayed."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapestry.dispatch import Load, MedianModel, PostModel, best_layout, plan_posts, replay
from tapestry.dispatch._cover import CoverModel
from tapestry.dispatch._posts_busy import busy_of

LOAD = Load(calls_per_day=10.0, service_min=45.0)


@st.composite
def small_towns(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, int]:
    """Return minutes (demand by candidate), weights, and teams: few enough to try all layouts."""
    demand, candidates = draw(st.integers(1, 7)), draw(st.integers(2, 6))
    numbers = draw(st.lists(st.integers(0, 60), min_size=demand * candidates, max_size=demand * candidates))
    weight = draw(st.lists(st.integers(1, 9), min_size=demand, max_size=demand))
    teams = draw(st.integers(1, min(3, candidates)))
    return np.array(numbers, float).reshape(demand, candidates), np.array(weight, float), teams


def covered(minutes: np.ndarray, weight: np.ndarray, posts: tuple[int, ...], busy: float) -> float:
    depth = (minutes[:, list(posts)] <= 20).sum(axis=1)
    return float(sum(w * (1 - busy**k) for w, k in zip(weight.tolist(), depth.tolist(), strict=True) if k))


@given(town=small_towns())
@settings(max_examples=120, deadline=None)
def test_maximal_covering_is_the_best_of_all_layouts_and_proves_it(
    town: tuple[np.ndarray, np.ndarray, int],
) -> None:
    minutes, weight, teams = town
    found = best_layout(CoverModel(minutes <= 20, weight, teams=teams, busy=None), teams)
    every = itertools.combinations(range(minutes.shape[1]), teams)
    assert found.value == pytest.approx(max(covered(minutes, weight, posts, 0.0) for posts in every))
    assert found.exact
    assert found.gap == 0.0
    assert len(found.posts) == teams


@given(town=small_towns(), busy=st.sampled_from([0.1, 0.4, 0.8]))
@settings(max_examples=120, deadline=None)
def test_expected_covering_is_the_best_of_all_layouts_where_teams_may_share_a_post(
    town: tuple[np.ndarray, np.ndarray, int], busy: float
) -> None:
    minutes, weight, teams = town
    found = best_layout(CoverModel(minutes <= 20, weight, teams=teams, busy=busy), teams)
    every = itertools.combinations_with_replacement(range(minutes.shape[1]), teams)
    assert found.value == pytest.approx(max(covered(minutes, weight, posts, busy) for posts in every))
    assert found.value == pytest.approx(covered(minutes, weight, found.posts, busy))
    assert found.exact


@given(town=small_towns())
@settings(max_examples=120, deadline=None)
def test_the_median_is_the_cheapest_of_all_layouts(town: tuple[np.ndarray, np.ndarray, int]) -> None:
    minutes, weight, teams = town
    cost = minutes * weight[:, None]
    found = best_layout(MedianModel(cost), teams)
    every = itertools.combinations(range(minutes.shape[1]), teams)
    assert -found.value == pytest.approx(min(cost[:, list(posts)].min(axis=1).sum() for posts in every))
    assert found.exact


@given(town=small_towns())
@settings(max_examples=60, deadline=None)
def test_one_team_more_never_covers_less(town: tuple[np.ndarray, np.ndarray, int]) -> None:
    minutes, weight, _ = town
    for busy in (None, 0.3):
        values = [
            best_layout(CoverModel(minutes <= 20, weight, teams=teams, busy=busy), teams).value
            for teams in range(1, minutes.shape[1] + 1)
        ]
        assert all(after >= before - 1e-9 for before, after in itertools.pairwise(values))


def test_a_search_that_may_not_branch_says_what_gap_is_left() -> None:
    # three points in a ring: each candidate reaches two; two teams cover all, the relaxation of one team 1.5 points
    ring = np.array([[True, True, False], [False, True, True], [True, False, True]])
    found = best_layout(CoverModel(ring, np.ones(3), teams=1, busy=None), 1, max_nodes=1)
    assert found.value == 2.0
    assert found.bound >= found.value


def test_more_teams_than_places_are_refused_with_both_numbers() -> None:
    with pytest.raises(ValueError, match="3 teams for 2 candidates"):
        plan_posts(np.ones((4, 2)), np.ones(4), teams=3, within_min=20.0, load=LOAD)


def test_demand_that_weighs_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no demand"):
        plan_posts(np.ones((4, 2)), np.zeros(4), teams=1, within_min=20.0, load=LOAD)


def test_one_team_is_busy_for_its_work_and_both_ways() -> None:
    busy = busy_of(np.array([[15.0]]), np.array([1.0]), Load(calls_per_day=4.8, service_min=45.0))
    assert busy.fraction == pytest.approx(4.8 * (45 + 2 * 15) / 1440)  # 0.25
    assert busy.travel_min == pytest.approx(15.0)
    assert not busy.overloaded


def test_more_calls_than_teams_can_answer_are_said_to_be() -> None:
    busy = busy_of(np.array([[15.0]]), np.array([1.0]), Load(calls_per_day=40.0, service_min=45.0))
    assert busy.overloaded
    assert busy.fraction == 0.98


def test_the_three_models_are_measured_alike_and_each_is_best_by_its_own() -> None:
    minutes = np.array([[5.0, 30.0, 18.0], [30.0, 5.0, 18.0], [40.0, 6.0, 19.0]])
    mclp, mexclp, median = plan_posts(minutes, np.array([1.0, 4.0, 4.0]), teams=2, within_min=20.0, load=LOAD)
    assert [it.model for it in (mclp, mexclp, median)] == list(PostModel)
    assert mclp.within_reach == 1.0
    assert mexclp.layout.posts == (2, 2)  # every point is reached twice
    assert median.layout.posts == (0, 1)
    assert mexclp.expected >= max(mclp.expected, median.expected)
    assert mexclp.busy_planned is not None


def test_a_replayed_call_waits_for_the_first_team_that_is_free() -> None:
    ways = np.array([[10.0, 30.0], [10.0, 30.0], [10.0, 30.0]])
    done = replay(ways, np.array([0.0, 1.0, 2.0]), np.full(3, 40.0), within_min=20.0)
    # team 0 is away until 60, team 1 from 1 until 101; the third call starts at 60: 58 min of waiting and 10 of driving
    assert done.mean_min == pytest.approx((10 + 30 + 68) / 3)
    assert done.reached == pytest.approx(1 / 3)
    assert done.waited == pytest.approx(1 / 3)
    assert done.calls == 3
