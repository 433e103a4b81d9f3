"""Who is proposed, in which order, and what is said for and against each."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tapestry.dispatch import DispatchSettings, propose, start_of
from tapestry.model import (
    Capability,
    Contact,
    ContactMeans,
    Place,
    Readiness,
    Team,
    TeamId,
    TeamPosition,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BAGHDAD = {"lat_deg": 33.3, "lon_deg": 44.4}


def team(number: int, **changes: Any) -> Team:
    known: dict[str, Any] = {
        "team_id": TeamId(number),
        "name": f"T{number}",
        "post": Place(name="post", lat_deg=33.0, lon_deg=44.4),
        "capabilities": (Capability.SECURITY,),
        "contacts": (Contact(means=ContactMeans.RADIO, value="42.5"),),
    }
    return Team(**(known | changes))


def seen(number: int, *, minutes: float) -> TeamPosition:
    at = NOON - timedelta(minutes=minutes)
    return TeamPosition(
        team_id=TeamId(number), lat_deg=33.2, lon_deg=44.4, fixed_at=at, received_at=NOON, source="tracker"
    )


def proposed(teams: list[Team], road_s: list[float], **more: Any) -> Any:
    positions = more.pop("positions", {})
    starts = [start_of(it, positions.get(it.team_id), now=NOON) for it in teams]
    return propose(teams, starts, road_s, now=NOON, **BAGHDAD, **more)


def test_the_first_is_who_is_there_soonest_until_it_moves_included() -> None:
    quick, near = team(1, ready_in_min=0), team(2, ready_in_min=30)
    found = proposed([near, quick], [600.0, 1_200.0])
    assert [(it.team_id, it.arrive_s) for it in found] == [(1, 1_200.0), (2, 2_400.0)]


def test_each_objection_is_said_and_puts_a_team_behind_those_without() -> None:
    teams = [
        team(1, readiness=Readiness.NOT_READY, note="flat tyre"),
        team(2, rest_until=NOON + timedelta(hours=1)),
        team(3),
        team(4, capabilities=(Capability.MEDIC,)),
        team(5, governorates=("Basrah", "Basra")),
        team(6, contacts=()),
    ]
    found = proposed(
        teams, [60.0] * 6, needs=frozenset({Capability.SECURITY}), tasked={TeamId(3): "secure the bridge"}
    )
    against = {
        it.team_id: {reason.code for reason in it.reasons_against} - {"position-unknown"} for it in found
    }
    assert against == {
        1: {"not-ready"}, 2: {"resting"}, 3: {"already-tasked"}, 4: {"no-capability"}, 5: {"outside-area"},
        6: {"no-contact-means"},
    }  # fmt: skip
    assert [(it.team_id, it.tier) for it in found] == [(6, 1), (5, 2), (1, 3), (3, 3), (4, 3), (2, 3)]


def test_the_age_of_a_position_is_told_and_an_old_one_speaks_against() -> None:
    found = proposed(
        [team(1), team(2), team(3)], [60.0] * 3, positions={1: seen(1, minutes=15), 2: seen(2, minutes=15.1)}
    )
    told = {it.team_id: (it.basis, it.position_age_s, [r.code for r in it.reasons_against]) for it in found}
    assert told == {
        1: ("position", 900.0, []),
        2: ("position", 906.0, ["position-stale"]),
        3: ("post", None, ["position-unknown"]),
    }


def test_without_a_road_the_straight_line_is_taken_and_said() -> None:
    (found,) = proposed([team(1)], [math.inf])
    assert found.travel_basis == "straight-line"
    assert round(found.travel_s) == 4_203  # 33.36 km, 1.4 times as far by road, at 40 km/h
    assert "no-road-known" in {it.code for it in found.reasons_against}


def test_who_flies_needs_no_road() -> None:
    (found,) = proposed([team(1, capabilities=(Capability.AIR,))], [math.inf])
    assert (found.travel_basis, round(found.travel_s)) == ("air", 556)  # 33.36 km at 60 m/s


def test_an_area_of_its_own_counts_beside_governorates() -> None:
    square = ((33.0, 44.0), (33.0, 45.0), (34.0, 45.0), (34.0, 44.0))
    (inside,) = proposed([team(1, area=square)], [60.0])
    (outside,) = proposed([team(1, area=tuple((lat + 2, lon) for lat, lon in square))], [60.0])
    assert (inside.tier, outside.tier) == (1, 2)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(Readiness),
            st.booleans(),
            st.floats(0, 1e5) | st.just(math.inf),
            st.integers(0, 99),
        ),
        max_size=12,
    )
)
def test_no_team_is_ever_hidden(rows: list[tuple[Readiness, bool, float, int]]) -> None:
    teams = [
        team(number, readiness=ready, governorates=("Basra",) if far else (), ready_in_min=minutes)
        for number, (ready, far, _, minutes) in enumerate(rows, start=1)
    ]
    found = proposed(teams, [it[2] for it in rows], settings=DispatchSettings())
    assert sorted(it.team_id for it in found) == [it.team_id for it in teams]
    assert [it.rank for it in found] == list(range(1, len(teams) + 1))
    keys = [(it.tier, it.arrive_s) for it in found]
    assert keys == sorted(keys)
