"""Whatever is typed into a request, its checks come to an end and say the same twice."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tapestry.model import (
    Checkpoint,
    Contact,
    ContactMeans,
    CrewMember,
    CrewRole,
    MovementId,
    MovementRequest,
    OperatorId,
    PermitId,
    PersonId,
    Place,
    PlannedVehicle,
    VehicleId,
    Waypoint,
)
from tapestry.movement import Timed, check_request, meetings, responsible
from tests.movement.builders import NOW, ROSTER, SETTINGS

lats, lons = st.floats(-90, 90), st.floats(-180, 180)
times = st.none() | st.datetimes(datetime(2026, 11, 20), datetime(2026, 12, 1), timezones=st.just(UTC))
names = st.text(max_size=5)
few_ids = st.integers(0, 3)
places = st.none() | st.builds(Place, name=names, lat_deg=lats, lon_deg=lons)
requests = st.builds(
    MovementRequest,
    operator_id=st.just(OperatorId(1)),
    callsign=names,
    commander_id=st.none() | few_ids.map(PersonId),
    contacts=st.lists(st.builds(Contact, means=st.sampled_from(ContactMeans), value=names), max_size=3).map(
        tuple
    ),
    origin=places,
    destination=places,
    depart_at=times,
    arrive_at=times,
    route=st.lists(st.builds(Waypoint, lat_deg=lats, lon_deg=lons), max_size=4).map(tuple),
    checkpoints=st.lists(
        st.builds(
            Checkpoint, name=names, lat_deg=lats, lon_deg=lons, planned_at=times, halt_s=st.floats(0, 86_400)
        ),
        max_size=3,
    ).map(tuple),
    vehicles=st.lists(
        st.builds(PlannedVehicle, vehicle_id=few_ids.map(VehicleId), callsign=names, order=few_ids),
        max_size=4,
    ).map(tuple),
    crew=st.lists(
        st.builds(
            CrewMember,
            person_id=few_ids.map(PersonId),
            vehicle_id=few_ids.map(VehicleId),
            role=st.sampled_from(CrewRole),
        ),
        max_size=4,
    ).map(tuple),
    permits=st.lists(few_ids.map(PermitId), max_size=2).map(tuple),
)


@given(requests)
@settings(max_examples=60, deadline=None)
def test_any_request_is_checked_and_what_blocks_comes_first(asked: MovementRequest) -> None:
    found = check_request(asked, at=NOW, settings=SETTINGS, roster=ROSTER)
    assert found == check_request(asked, at=NOW, settings=SETTINGS, roster=ROSTER)
    assert [it.blocks for it in found] == sorted((it.blocks for it in found), reverse=True)
    assert all(it.code == it.code.lower() and " " not in it.code for it in found)


@given(requests, requests)
@settings(max_examples=60, deadline=timedelta(seconds=5))
def test_any_two_requests_are_deconflicted(one: MovementRequest, other: MovementRequest) -> None:
    own, there = (
        Timed(movement_id=MovementId(number), callsign="", request=asked)
        for number, asked in ((1, one), (2, other))
    )
    assert len(meetings(own, [there, own], within_m=1_000, within_minutes=15)) <= 1
    assert len(responsible(one, SETTINGS)) <= 1
