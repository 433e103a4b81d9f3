"""What one centre takes from another: its own, and nothing that speaks for somebody else's vehicles."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
import numpy as np
import pytest
from tests.fakes.fake_bus import FakeBus, FakeServer
from tests.fakes.fake_store import FakeStore

from tapestry.app._directory import far_suffix, rows_of_centre
from tapestry.app._link_board import LinkBoard
from tapestry.app._projector import Projector
from tapestry.app.refusals import Invalid
from tapestry.model import (
    IDS_PER_CENTRE,
    TRACK,
    AlertEvent,
    AlertId,
    Centre,
    LinkState,
    MovementId,
    Phase,
    Rule,
    Severity,
    VehicleId,
)

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
NATIONAL, BASRA = Centre(number=0, name="baghdad"), Centre(number=1, name="basra")
OWN = VehicleId(IDS_PER_CENTRE + 1)
STREAMS = ("TRACK", "DISTRESS", "EVENTS", "QUALITY", "PASSAGES")


@pytest.fixture
def far_bus() -> Iterator[FakeBus]:
    """A bus through which the streams of basra can be read."""
    server = FakeServer()
    for stream in STREAMS:
        server.streams[stream + far_suffix(BASRA)] = server.streams[stream]
    yield FakeBus(server)


def silent(number: int, vehicle_id: int | None) -> AlertEvent:
    return AlertEvent(
        alert_id=AlertId(f"silent-{number}"), rule=Rule.SILENT, phase=Phase.STARTED, severity=Severity.WARNING,
        occurred_at=AT, received_at=AT, late=False, vehicle_id=None if vehicle_id is None else VehicleId(vehicle_id),
    )  # fmt: skip


async def test_a_region_is_believed_of_its_own_vehicles_and_the_rest_goes_to_the_dead_letters(
    far_bus: FakeBus,
) -> None:
    store = FakeStore()
    for number, vehicle_id in enumerate((OWN, 1, 2 * IDS_PER_CENTRE + 1, None)):
        event = silent(number, vehicle_id)
        await far_bus.publish("event.1", msgspec.json.encode(event), msg_id=str(event.alert_id))
    running = asyncio.create_task(Projector(far_bus, store, far=BASRA).run())
    async with asyncio.timeout(10):
        while await store.projected_seq("EVENTS" + far_suffix(BASRA)) < 4:
            await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert {it.alert_id for it in await store.alerts(only_open=True, limit=9)} == {"silent-0", "silent-3"}
    assert await far_bus.last_seq("DEAD") == 2


def test_of_live_rows_only_those_of_the_centres_vehicles_are_left() -> None:
    rows = np.zeros(3, TRACK)
    rows["vehicle_id"] = (OWN, 1, -1)
    assert rows_of_centre(rows, BASRA)["vehicle_id"].tolist() == [OWN]


def board(own: Centre | None, *, up: bool) -> LinkBoard:
    board = LinkBoard(own)
    other = BASRA if own == NATIONAL else NATIONAL
    board.links = (LinkState(centre=other, up=up, since=AT),)
    return board


@pytest.mark.parametrize("own", [NATIONAL, BASRA])
def test_a_movement_of_a_centre_that_is_not_heard_is_decided_there(own: Centre) -> None:
    theirs = MovementId(1 if own == BASRA else IDS_PER_CENTRE + 1)
    ours = MovementId(IDS_PER_CENTRE + 1 if own == BASRA else 1)
    board(own, up=True).refuse_unreachable(theirs)
    board(own, up=False).refuse_unreachable(ours)
    with pytest.raises(Invalid, match="link"):
        board(own, up=False).refuse_unreachable(theirs)


def test_a_region_takes_back_its_own_orders_alone_and_the_national_centre_all() -> None:
    board(BASRA, up=True).refuse_foreign(IDS_PER_CENTRE + 1)
    board(NATIONAL, up=True).refuse_foreign(IDS_PER_CENTRE + 1)
    with pytest.raises(Invalid, match="Another centre"):
        board(BASRA, up=True).refuse_foreign(1)


def test_a_hub_that_stands_alone_refuses_nothing() -> None:
    board(None, up=False).refuse_unreachable(MovementId(IDS_PER_CENTRE + 1))
    board(None, up=False).refuse_foreign(IDS_PER_CENTRE + 1)
