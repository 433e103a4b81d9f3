"""Positions in text messages: on the bus for the vehicle, marked, or shown with what was not understood."""

from datetime import timedelta
from typing import Any

import msgspec
import numpy as np
import pytest
from tests.app.test_cases import WAFA, raised, reports
from tests.fakes.small_hub import NOON, SmallHub, add_movement

from tapestry.app._distress_reports import TextIn
from tapestry.app._sheet_lines import line_of
from tapestry.app._track_message import MessageKind, parse_positions, parse_track_message
from tapestry.app.ports import InboundText, SheetWrite
from tapestry.model import (
    Checkpoint,
    Contact,
    ContactMeans,
    CrewMember,
    CrewRole,
    Flag,
    MovementId,
    MovementRequest,
    MovementSheet,
    MovementState,
    OperatorId,
    Person,
    PersonId,
    PlannedVehicle,
    VehicleId,
)

DRIVER = "+9647700000001"
CONVOY = "+8821600000001"
CHECKPOINTS = (
    Checkpoint(name="Hilla gate", lat_deg=33.1, lon_deg=44.1),
    Checkpoint(name="Km 40", lat_deg=33.3, lon_deg=44.3),
)
BY_TEXT = int(Flag.BY_TEXT | Flag.UNAUTHENTICATED)


def placed(hub: SmallHub) -> list[tuple[int, float, float, int]]:
    """Return vehicle, latitude, age in seconds at noon, and flags of each position on the bus."""
    told = []
    for _, payload in hub.bus.published():
        kind, body = parse_track_message(payload)
        if kind is MessageKind.POSITIONS:
            for row in parse_positions(body):
                age_s = NOON.timestamp() - row["fixed_at_us"] / 1e6
                lat = float(np.round(row["lat_deg"], 4))
                told.append((int(row["vehicle_id"]), lat, age_s, int(row["flags"])))
    return told


async def text(hub: SmallHub, words: str, sender: str = DRIVER, **more: Any) -> InboundText:
    await reports(hub).take_text(
        "of the gateway", TextIn(sender=sender, text=words, **more), remote="192.0.2.1"
    )
    return (await reports(hub).texts(WAFA, limit=1))[0]


@pytest.fixture
async def convoy(hub: SmallHub) -> SmallHub:
    """A movement under way: a driver's number in vehicle 1, the convoy's own number, two checkpoints."""
    plan = await add_movement(hub)
    number = Contact(means=ContactMeans.PHONE, value="+964 770 000 0001")
    await hub.store.put_people(
        [Person(person_id=PersonId(0), operator_id=OperatorId(1), name="Ali", contacts=(number,))]
    )
    crew = CrewMember(person_id=PersonId(1), vehicle_id=VehicleId(1), role=CrewRole.DRIVER)
    request = MovementRequest(
        operator_id=OperatorId(1),
        callsign="WOLF",
        commander_id=PersonId(1),
        contacts=(Contact(means=ContactMeans.SATELLITE_PHONE, value=CONVOY),),
        checkpoints=CHECKPOINTS,
        crew=(crew,),
        vehicles=tuple(PlannedVehicle(vehicle_id=VehicleId(n), callsign=f"N-{n}", order=n) for n in (1, 2)),
    )
    sheet = MovementSheet(
        movement_id=plan.movement_id,
        version=1,
        operator_id=OperatorId(1),
        state=MovementState.EN_ROUTE,
        request=request,
        created_at=NOON,
        created_by="omar",
        plan_version=1,
    )
    hub.store.inner.keep_sheet(
        SheetWrite(sheet=sheet, line=line_of(sheet, rerouted=True), at=NOON, by="omar", command="add")
    )
    return hub


async def test_a_drivers_text_is_a_position_of_the_seat_they_have_marked_as_text(convoy: SmallHub) -> None:
    kept = await text(convoy, "موقعنا ٣٣٫٢٥٠٠، ٤٤٫٢٥٠٠")
    assert placed(convoy) == [(1, 33.25, 0.0, BY_TEXT)]
    assert kept.posrep is not None
    assert (kept.kind, kept.vehicle_id, kept.note, kept.posrep.code) == ("other", 1, "", "read")


async def test_it_is_as_old_as_the_time_in_it_or_the_time_it_was_sent_at(convoy: SmallHub) -> None:
    await text(convoy, "passed checkpoint 2 at 14:20")  # 11:20 Zulu
    await text(convoy, "33.26 44.26", sent_at=NOON - timedelta(minutes=7))
    assert placed(convoy) == [(1, 33.3, 2400.0, BY_TEXT), (1, 33.26, 420.0, BY_TEXT)]


async def test_a_callsign_in_it_says_which_vehicle(convoy: SmallHub) -> None:
    await text(convoy, "N-2 at Hilla gate")
    assert placed(convoy) == [(2, 33.1, 0.0, BY_TEXT)]


async def test_a_number_bound_to_a_vehicle_as_a_tracker_is_speaks_for_it(convoy: SmallHub) -> None:
    await convoy.store.put_tracker(identity="sms:+9647700000077", vehicle_id=VehicleId(2))
    await convoy.refresh()
    await text(convoy, "38S MB 30 80", sender="009647700000077")
    assert [it[0] for it in placed(convoy)] == [2]


async def test_a_convoys_own_number_speaks_for_its_commanders_vehicle_or_the_one_it_names(
    convoy: SmallHub,
) -> None:
    await text(convoy, "km 40", sender=CONVOY)
    await text(convoy, "N-2 km 40", sender=CONVOY)
    assert [it[0] for it in placed(convoy)] == [1, 2]


async def test_what_is_said_of_another_vehicle_does_not_move_ones_own(convoy: SmallHub) -> None:
    await convoy.store.put_tracker(identity="sms:+9647700000077", vehicle_id=VehicleId(2))
    await convoy.refresh()
    for words, sender in (
        ("S-1 at km 40", DRIVER),
        ("N-9 at km 40", CONVOY),
        ("N-1 at km 40", "+9647700000077"),
    ):
        kept = await text(convoy, words, sender=sender)
        assert kept.posrep is not None
        assert kept.posrep.code == "other-vehicle", words
    assert placed(convoy) == []
    await text(convoy, "passed km 40, fuel 40")
    assert [it[0] for it in placed(convoy)] == [1]


async def test_a_number_on_the_sheets_of_two_convoys_speaks_for_neither(convoy: SmallHub) -> None:
    sheet = await convoy.store.inner.sheet(MovementId(1))
    assert sheet is not None
    twin = msgspec.structs.replace(sheet, movement_id=MovementId(2))
    convoy.store.inner.keep_sheet(
        SheetWrite(sheet=twin, line=line_of(twin, rerouted=True), at=NOON, by="omar", command="add")
    )
    kept = await text(convoy, "km 40", sender=CONVOY)
    assert (kept.known, placed(convoy)) == (False, [])


async def test_what_is_ambiguous_is_not_placed_and_is_shown_with_what_was_read(convoy: SmallHub) -> None:
    kept = await text(convoy, "32.5 44.4 or 33")
    assert placed(convoy) == []
    assert kept.posrep is not None
    assert (kept.note, kept.posrep.code, kept.posrep.place) == ("bad-place", "two-places", "32.5 44.4")


async def test_a_position_of_a_number_that_nobody_knows_is_shown_and_placed_nowhere(convoy: SmallHub) -> None:
    kept = await text(convoy, "33.25 44.25", sender="+15550001")
    assert placed(convoy) == []
    assert kept.posrep is not None
    assert (kept.known, kept.note, kept.posrep.code, kept.posrep.lat_deg) == (
        False, "unknown-number", "no-vehicle", 33.25
    )  # fmt: skip


async def test_the_gateway_may_deliver_twice_and_it_is_one_position(convoy: SmallHub) -> None:
    for _ in range(2):
        await text(convoy, "33.25 44.25", id="g-7")
        await text(convoy, "SOS 33.26 44.26", id="g-8")
    assert [it[1] for it in placed(convoy)] == [33.25, 33.26]


async def test_outside_its_movement_only_the_contact_is_kept(convoy: SmallHub) -> None:
    convoy.clock.move(hours=20)
    kept = await text(convoy, "N-1 33.25 44.25")
    (row,) = placed(convoy)
    assert np.isnan(row[1])
    assert row[3] == BY_TEXT | int(Flag.CONTACT_ONLY)
    assert kept.posrep is not None
    assert kept.posrep.code == "not-tracked"


async def test_a_call_for_help_at_a_checkpoint_has_its_place_and_is_a_position_too(convoy: SmallHub) -> None:
    await text(convoy, "SOS CP 2")
    assert [(it.vehicle_id, it.lat_deg) for it in raised(convoy)] == [(1, 33.3)]
    assert placed(convoy) == [(1, 33.3, 0.0, BY_TEXT)]


async def test_a_sender_whose_clock_is_wrong_is_believed_no_further_than_now(convoy: SmallHub) -> None:
    await text(convoy, "33.25 44.25", sent_at=NOON + timedelta(days=400))
    await text(convoy, "33.26 44.26", sent_at=NOON + timedelta(hours=2))
    assert [it[2] for it in placed(convoy)] == [0.0, 0.0]


async def test_a_position_by_text_is_in_the_log_under_the_number_that_sent_it(convoy: SmallHub) -> None:
    await text(convoy, "33.25 44.25")
    assert (f"sms:{DRIVER}", "position-by-text", "vehicle/1") in await convoy.logged()
