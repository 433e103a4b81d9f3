"""Posts at the desk: who may ask, and what the hub takes as demand."""

from datetime import timedelta

import pytest
from tests.fakes.small_hub import NOON, SmallHub

from tapestry.access import Principal
from tapestry.app._post_desk import places_of
from tapestry.app.posts import DemandSource, PostDemand, PostQuestion, answer_posts
from tapestry.app.refusals import Forbidden, Invalid
from tapestry.model import MovementRequest, OperatorId, Waypoint

OFFICER = Principal(user_name="wafa", role="watch_officer")
OPERATOR = Principal(user_name="omar", role="operator", operator_id=OperatorId(1))
PARTNER = Principal(user_name="pia", role="partner")
QUESTION = PostQuestion(teams=1, within_min=20.0)


def request(*, hours: float) -> MovementRequest:
    return MovementRequest(
        operator_id=OperatorId(1),
        callsign="EAGLE",
        depart_at=NOON,
        arrive_at=NOON + timedelta(hours=hours),
        route=(Waypoint(lat_deg=33.0, lon_deg=44.0), Waypoint(lat_deg=34.0, lon_deg=44.0)),
    )


@pytest.mark.parametrize("who", [OPERATOR, PARTNER], ids=["operator", "partner"])
async def test_only_the_watch_plans_posts(hub: SmallHub, who: Principal) -> None:
    with pytest.raises(Forbidden):
        await hub.desk.posts.plan(who, QUESTION)


async def test_a_hub_without_calls_and_convoys_says_what_is_missing(hub: SmallHub) -> None:
    with pytest.raises(Invalid, match="no demand") as refused:
        await hub.desk.posts.plan(OFFICER, QUESTION)
    assert refused.value.code == "no-demand"


def test_a_convoy_of_one_hour_is_at_six_places_for_ten_minutes_each() -> None:
    places = places_of(request(hours=1.0))
    assert [it.lat_deg for it in places] == pytest.approx([33 + (2 * step + 1) / 12 for step in range(6)])
    assert {it.hours for it in places} == {1 / 6}
    assert {it.source for it in places} == {DemandSource.CONVOY}


def test_a_convoy_without_its_times_is_nowhere() -> None:
    assert places_of(request(hours=0.0)) == ()


def test_incidents_and_convoys_count_half_each_whatever_their_number() -> None:
    incidents = tuple(PostDemand(lat_deg=33.0, lon_deg=44.0) for _ in range(9))
    convoy = PostDemand(lat_deg=36.0, lon_deg=44.0, hours=0.5, source=DemandSource.CONVOY)
    answer = answer_posts(QUESTION, (*incidents, convoy))
    assert sorted(it.weight for it in answer.demand) == pytest.approx([0.5, 0.5])
    assert sorted(it.lat_deg for it in answer.demand) == pytest.approx([33.0, 36.0])
    assert "each source counts half" in answer.basis[0]


def test_more_teams_than_candidates_are_refused() -> None:
    question = PostQuestion(teams=60, within_min=20.0)
    place = PostDemand(lat_deg=33.0, lon_deg=44.0)
    with pytest.raises(Invalid, match="60 teams were asked for"):
        answer_posts(question, (place,))
