"""What two centres' stores tell one another: real databases, one for each."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from itertools import count

import msgspec
import psycopg
import pytest
from tests.databases import APP_PASSWORD, create_database

from tapestry.adapters._pg_centres import become_centre, tell_all_again
from tapestry.adapters._pg_migrate import app_dsn, migrate
from tapestry.adapters._pg_store import PgStore
from tapestry.app.link import Outcome, Taken
from tapestry.app.ports import Fence
from tapestry.model import (
    IDS_PER_CENTRE,
    AlertEvent,
    AlertId,
    Centre,
    Change,
    Phase,
    Refused,
    Rule,
    Severity,
    Vehicle,
    VehicleRole,
)

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
NATIONAL = Centre(number=0, name="national")
BASRA = Centre(number=1, name="basra")
NAMES = count(1)


class Side:
    """One centre's store, and what it has told so far."""

    def __init__(self, centre: Centre, owner_dsn: str) -> None:
        self.centre = centre
        self.owner_dsn = owner_dsn
        self.told: list[tuple[int, Change]] = []

    async def open(self) -> "Side":
        self.store = await PgStore.open(app_dsn(self.owner_dsn, app_password=APP_PASSWORD))
        return self

    async def tell(self) -> list[tuple[int, Change]]:
        """Return what it wrote since it was asked last, as the bus would hold it."""
        changes = await self.store.changes_ready(limit=1_000)
        await self.store.drop_changes([it.change_no for it in changes])
        first = len(self.told) + 1
        fresh = [
            (first + n, msgspec.json.decode(msgspec.json.encode(it), type=Change))
            for n, it in enumerate(changes)
        ]
        self.told += fresh
        return fresh

    async def take(self, other: "Side", changes: list[tuple[int, Change]]) -> Taken:
        return await self.store.take_over(
            other.centre.number, changes, projection=f"changes_c{other.centre.number}"
        )


@pytest.fixture(scope="module")
def empty_pair(postgres_dsn: str) -> tuple[str, str]:
    """The owners' dsns of two databases with all migrations; the second is copied for each test."""
    dsns = tuple(create_database(postgres_dsn, f"centre_{name}") for name in ("a", "b"))
    for dsn in dsns:
        asyncio.run(migrate(dsn, app_password=APP_PASSWORD))
    return dsns[0], dsns[1]


@pytest.fixture
def fresh_dsns(postgres_dsn: str, empty_pair: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """Two databases of this test alone."""
    number = next(NAMES)
    made = []
    with psycopg.connect(postgres_dsn, autocommit=True) as connection:
        for side in ("a", "b"):
            name = f"centre_{side}_{number}"
            connection.execute(f"CREATE DATABASE {name} TEMPLATE centre_{side}")
            made.append(psycopg.conninfo.make_conninfo(postgres_dsn, dbname=name))
    yield made[0], made[1]


@pytest.fixture
async def sides(fresh_dsns: tuple[str, str]) -> AsyncIterator[tuple[Side, Side]]:
    """A national and a regional centre, both without anything."""
    opened = []
    for centre, dsn in zip((NATIONAL, BASRA), fresh_dsns, strict=True):
        await become_centre(dsn, centre)
        opened.append(await Side(centre, dsn).open())
    yield opened[0], opened[1]
    for side in opened:
        await side.store.close()


async def furnished(side: Side) -> Vehicle:
    operator = await side.store.add_operator(name=f"operator of {side.centre.name}")
    new = Vehicle(vehicle_id=0, operator_id=operator.operator_id, callsign="PALM 1", role=VehicleRole.CARGO)  # type: ignore[arg-type]
    return await side.store.add_vehicle(new)


async def test_what_one_centre_wrote_stands_at_the_other_under_the_same_numbers(
    sides: tuple[Side, Side],
) -> None:
    national, basra = sides
    vehicle = await furnished(basra)
    assert vehicle.vehicle_id == IDS_PER_CENTRE + 1
    taken = await national.take(basra, await basra.tell())
    assert set(taken.outcomes) == {Outcome.TAKEN}
    assert await national.store.vehicles() == [vehicle]
    assert await national.tell() == []  # what came from elsewhere is not told back


async def test_the_same_again_changes_nothing(sides: tuple[Side, Side]) -> None:
    national, basra = sides
    await furnished(basra)
    told = await basra.tell()
    await national.take(basra, told)
    assert set((await national.take(basra, told)).outcomes) == {Outcome.KNOWN}
    without_cursor = await national.store.take_over(1, told, projection="another")
    assert set(without_cursor.outcomes) == {Outcome.KNOWN}


async def test_numbers_of_two_centres_never_meet(sides: tuple[Side, Side]) -> None:
    national, basra = sides
    ours, theirs = await furnished(national), await furnished(basra)
    await national.take(basra, await basra.tell())
    assert ours.vehicle_id != theirs.vehicle_id
    assert len(await national.store.vehicles()) == 2


async def test_of_two_changes_made_apart_the_later_one_counts_at_both_and_the_other_is_kept(
    sides: tuple[Side, Side],
) -> None:
    national, basra = sides
    vehicle = await furnished(basra)
    await national.take(basra, await basra.tell())
    for side, plate in ((basra, "1"), (national, "2")):  # the national one is later
        await side.store.update_vehicle(msgspec.structs.replace(vehicle, plate=plate))
    from_basra, from_national = await basra.tell(), await national.tell()
    assert (await national.take(basra, from_basra)).outcomes == (Outcome.ASIDE,)
    assert (await basra.take(national, from_national)).outcomes == (Outcome.TAKEN,)
    for side in sides:
        assert [it.plate for it in await side.store.vehicles()] == ["2"]
        (aside,) = await side.store.asides(limit=10)
        assert (aside.centre, aside.reason, msgspec.json.decode(aside.row)["plate"]) == (
            1,
            "later-change-counts",
            "1",
        )


async def test_a_change_on_top_of_the_other_one_sets_nothing_aside(sides: tuple[Side, Side]) -> None:
    national, basra = sides
    vehicle = await furnished(basra)
    await national.take(basra, await basra.tell())
    await national.store.update_vehicle(msgspec.structs.replace(vehicle, plate="2"))
    await basra.take(national, await national.tell())
    await basra.store.update_vehicle(msgspec.structs.replace(vehicle, plate="3"))
    await national.take(basra, await basra.tell())
    for side in sides:
        assert [it.plate for it in await side.store.vehicles()] == ["3"]
        assert await side.store.asides(limit=10) == []


async def test_a_decision_waits_for_its_alert(sides: tuple[Side, Side]) -> None:
    national, basra = sides
    event = AlertEvent(
        alert_id=AlertId("silent-1"), rule=Rule.SILENT, phase=Phase.STARTED, severity=Severity.WARNING,
        occurred_at=AT, received_at=AT, late=False,
    )  # fmt: skip
    await basra.store.record_event(event)
    await basra.store.acknowledge_alert(event.alert_id, by="watch-1", at=AT)
    told = await basra.tell()
    waiting = await national.take(basra, told)
    assert waiting.outcomes == () and waiting.waits_for
    await national.store.record_event(event)
    assert set((await national.take(basra, told)).outcomes) == {Outcome.TAKEN}
    found = await national.store.alert(event.alert_id)
    assert found is not None and found.acknowledged_by == "watch-1"


async def test_the_log_of_a_region_is_at_the_national_centre_word_for_word(sides: tuple[Side, Side]) -> None:
    national, basra = sides
    await basra.store.append_log(
        at=AT, actor="watch-1", action="look", subject="x", details={"b": 1, "a": "ا"}
    )
    assert set((await national.take(basra, await basra.tell())).outcomes) == {Outcome.TAKEN}
    query = "SELECT seq, at, actor, action, subject, details::text, leaf_hash FROM {} ORDER BY seq"
    rows = []
    for side, table in ((basra, "log"), (national, "peer_log")):
        with psycopg.connect(side.owner_dsn) as connection:
            rows.append(connection.execute(query.format(table)).fetchall())
    assert rows[0] == rows[1] and len(rows[0]) == 1


async def test_what_a_rule_refuses_is_kept_with_the_reason_and_the_rest_goes_on(
    sides: tuple[Side, Side],
) -> None:
    national, basra = sides
    await national.store.add_operator(name="Date Palm Haulage")
    await basra.store.add_operator(name="Date Palm Haulage")
    await basra.store.add_operator(name="Other")
    assert (await national.take(basra, await basra.tell())).outcomes == (Outcome.REFUSED, Outcome.TAKEN)
    (aside,) = await national.store.asides(limit=10)
    assert "operator_name_is_taken" in aside.said


async def test_fences_go_to_every_centre_also_to_one_that_joins_later(sides: tuple[Side, Side]) -> None:
    national, basra = sides
    ring = ((44.0, 33.0), (44.1, 33.0), (44.1, 33.1), (44.0, 33.0))
    await national.store.add_fence(Fence(fence_id=0, name="depot", kind="keep-out", rings=(ring,)))  # type: ignore[arg-type]
    assert [change.home for _, change in await national.tell()] == [-1]
    await tell_all_again(national.owner_dsn)
    again = await national.tell()
    assert (await basra.take(national, again)).outcomes == (Outcome.TAKEN,)
    assert [it.name for it in await basra.store.fences()] == ["depot"]


async def test_a_hub_with_things_of_its_own_cannot_become_a_regional_centre(
    fresh_dsns: tuple[str, str],
) -> None:
    store = await PgStore.open(app_dsn(fresh_dsns[0], app_password=APP_PASSWORD))
    await store.add_operator(name="Date Palm Haulage")
    await store.close()
    with pytest.raises(Refused, match="empty roster"):
        await become_centre(fresh_dsns[0], BASRA)
    await become_centre(fresh_dsns[0], NATIONAL)
    with pytest.raises(Refused, match="a centre already"):
        await become_centre(fresh_dsns[0], NATIONAL)


FORGED = Change(
    change_no=1, table="operator", gone=False, changed_at=datetime(2100, 1, 1, tzinfo=UTC), home=1,
    row='{"operator_id": 1, "name": "taken", "originator": "hub", "marking": "TLP:AMBER", "releasable_to": [], '
    '"source": "desk"}',
)  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        FORGED,
        msgspec.structs.replace(FORGED, gone=True),
        msgspec.structs.replace(
            FORGED, row=FORGED.row.replace('"operator_id": 1', '"operator_id": 7')
        ),  # to be
        msgspec.structs.replace(
            FORGED,
            table="tracker",
            row='{"tracker_id": 1, "identity": "imei:1", "vehicle_id": 10000001, "originator": "hub", '
            '"marking": "TLP:AMBER", "releasable_to": [], "source": "desk"}',
        ),
        msgspec.structs.replace(FORGED, table="peer_log", row='{"centre": 2, "seq": 1}'),
        msgspec.structs.replace(FORGED, table="account", row='{"user_name": "mallory"}'),
    ],
    ids=["changes", "deletes", "numbers", "rebinds", "speaks for another", "is not shared"],
)
async def test_a_region_changes_nothing_that_is_not_its_own(sides: tuple[Side, Side], change: Change) -> None:
    national, basra = sides
    own = await national.store.add_operator(name="Date Palm Haulage")
    vehicle = Vehicle(vehicle_id=0, operator_id=own.operator_id, callsign="OAK 1", role=VehicleRole.CARGO)  # type: ignore[arg-type]
    oak = await national.store.add_vehicle(vehicle)
    tracker_id = await national.store.put_tracker(identity="imei:1", vehicle_id=oak.vehicle_id)
    await furnished(basra)
    await national.take(basra, await basra.tell())
    before = [await it() for it in (national.store.operators, national.store.trackers)]
    taken = await national.store.take_over(1, [(1_000, change)], projection="forged")
    assert taken.outcomes == (Outcome.REFUSED,)
    assert [await it() for it in (national.store.operators, national.store.trackers)] == before
    assert tracker_id
    (aside,) = await national.store.asides(limit=10)
    assert aside.reason == "refused"


async def test_the_national_centre_may_change_what_is_a_regions(sides: tuple[Side, Side]) -> None:
    national, basra = sides
    vehicle = await furnished(basra)
    await national.take(basra, await basra.tell())
    await national.store.update_vehicle(msgspec.structs.replace(vehicle, plate="2"))
    assert (await basra.take(national, await national.tell())).outcomes == (Outcome.TAKEN,)
