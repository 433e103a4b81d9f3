"""The roads that a vehicle took: who is told, from which positions, and what the matcher's answer becomes."""

from datetime import timedelta
from typing import Literal

import numpy as np
import pytest
from tests.fakes.small_hub import NOON, SmallHub, add_movement

from tapestry import route
from tapestry.access import Principal
from tapestry.app._track_roads import MAX_FIXES, RoadsTaken, TrackRoads
from tapestry.app.refusals import Invalid, Missing
from tapestry.model import POSITION, Flag, OperatorId, OutsideFault, Waypoint

OFFICER = Principal(user_name="wafa", role="watch_officer")
OTHERS = Principal(user_name="olga", role="operator", operator_id=OperatorId(2))
PARTNER = Principal(user_name="pia", role="partner")
NOON_US = int(NOON.timestamp()) * 1_000_000


class StandIn:
    """A matcher that remembers what it was asked and tells a road from the first fix to the last, and one without."""

    name: Literal["valhalla"] = "valhalla"
    source = "town.osm.pbf"

    def __init__(self) -> None:
        self.asked: list[tuple[list[float], list[float]]] = []

    def taken(self, *, fixed_s: np.ndarray, lat_deg: np.ndarray, lon_deg: np.ndarray) -> route.TakenRoads:
        self.asked.append((fixed_s.tolist(), lat_deg.tolist()))
        if not len(lat_deg):
            return route.no_roads(0)
        line = {"lat_deg": np.array([33.0, 33.01]), "lon_deg": np.array([44.0, 44.0])}
        on_road = lat_deg.copy()
        on_road[-1] = np.nan
        return route.TakenRoads(
            roads=(
                route.TakenRoad(name="Main", piece=0, first_fix=0, last_fix=len(lat_deg) - 1, **line),
                route.TakenRoad(name="", piece=1, first_fix=None, last_fix=None, **line),
            ),
            fix_lat_deg=on_road,
            fix_lon_deg=on_road,
        )


class Broken(StandIn):
    """A matcher whose program ended."""

    def taken(self, *, fixed_s: np.ndarray, lat_deg: np.ndarray, lon_deg: np.ndarray) -> route.TakenRoads:
        raise OutsideFault("Valhalla did not answer", retry_helps=False)


def positions(*flags: Flag, movement_id: int = -1, every_s: float = 10.0) -> np.ndarray:
    """Return rows of vehicle 1, each 0.001 degrees north of the one before."""
    rows = np.zeros(len(flags), POSITION)
    rows["fixed_at_us"] = NOON_US + np.arange(len(flags)) * round(every_s * 1e6)
    rows["received_at_us"] = rows["fixed_at_us"]
    rows["lat_deg"], rows["lon_deg"] = 33.0 + np.arange(len(flags)) / 1000.0, 44.0
    rows["vehicle_id"], rows["movement_id"], rows["flags"] = 1, movement_id, [int(it) for it in flags]
    return rows


async def ask(hub: SmallHub, who: Principal, matcher: StandIn) -> RoadsTaken:
    roads = TrackRoads(hub.desk.ports, net=hub.desk.routes.net, choose=lambda _: matcher)
    return await roads.taken(who, 1, since=NOON, until=NOON + timedelta(hours=1))


async def test_roads_are_told_with_times_lengths_and_what_they_rest_on(hub: SmallHub) -> None:
    await hub.store.write_positions([(1, positions(Flag(0), Flag(0), Flag(0)))], up_to_seq=1)
    found = await ask(hub, OFFICER, StandIn())
    assert (found.matcher, found.source, found.fixes, found.fixes_on_road) == (
        "valhalla",
        "town.osm.pbf",
        3,
        2,
    )
    main, nameless = found.roads
    assert (main.name, main.entered_at, main.left_at) == ("Main", NOON, NOON + timedelta(seconds=20))
    assert main.line == (Waypoint(lat_deg=33.0, lon_deg=44.0), Waypoint(lat_deg=33.01, lon_deg=44.0))
    assert main.length_m == pytest.approx(1111.95, abs=0.1)
    assert (nameless.name, nameless.piece, nameless.entered_at) == (None, 1, None)
    assert found.length_m == pytest.approx(2223.9, abs=0.2)
    assert ("wafa", "view-roads-taken", "vehicle/1") in await hub.logged()


async def test_fixes_without_a_place_or_a_time_of_their_own_are_left_out(hub: SmallHub) -> None:
    rows = positions(Flag(0), Flag.NO_FIX, Flag.IMPOSSIBLE, Flag(0), Flag(0))
    rows["fixed_at_us"][4] = rows["fixed_at_us"][3]
    rows["lat_deg"][0] = np.nan
    await hub.store.write_positions([(1, np.concatenate([rows, positions(Flag(0))]))], up_to_seq=1)
    matcher = StandIn()
    await ask(hub, OFFICER, matcher)
    assert matcher.asked == [([0.0, 30.0], [33.0, 33.003])]


async def test_who_sees_a_vehicle_coarsely_is_not_told_its_roads(hub: SmallHub) -> None:
    plan = await add_movement(hub, releasable_to=["partner"])
    rows = positions(Flag(0), Flag(0), movement_id=int(plan.movement_id))
    await hub.store.write_positions([(1, rows)], up_to_seq=1)
    hub.clock.move(hours=8.0)
    matcher = StandIn()
    found = await ask(hub, PARTNER, matcher)
    assert (found.fixes, matcher.asked) == (0, [([], [])])
    track = await hub.desk.looks.track(PARTNER, 1, since=NOON, until=NOON + timedelta(hours=1), limit=9)
    assert len(track.rows) == 2  # the same rows, coarsened


async def test_anothers_vehicle_reads_like_none(hub: SmallHub) -> None:
    with pytest.raises(Missing):
        await ask(hub, OTHERS, StandIn())


async def test_the_net_that_ships_is_refused_with_what_to_do(hub: SmallHub) -> None:
    hub.roads_source = "shipped"
    with pytest.raises(Invalid, match=r"straight lines between towns.*tapestry roads import") as refused:
        await ask(hub, OFFICER, StandIn())
    assert refused.value.code == "no-street-net"


async def test_a_span_with_too_many_fixes_is_refused_not_cut(hub: SmallHub) -> None:
    rows = positions(*[Flag(0)] * (MAX_FIXES + 1), every_s=0.1)
    await hub.store.write_positions([(1, rows)], up_to_seq=1)
    with pytest.raises(Invalid, match="more than 20000 positions") as refused:
        await ask(hub, OFFICER, StandIn())
    assert refused.value.code == "too-many-fixes"


async def test_where_a_program_fails_the_plain_matcher_answers_and_says_so(hub: SmallHub) -> None:
    found = await ask(hub, OFFICER, Broken())
    assert (found.matcher, found.source, found.roads) == ("plain", "iraq.osm.pbf", ())
