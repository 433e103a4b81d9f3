"""A link between centres, cut and restored: how long until both have the same.

Half an hour of a fleet is offered to the region while the link is cut, faster than in life: what waits is the same.
"""

import asyncio
import tempfile
import time
from pathlib import Path

import msgspec
from tests.system.hub import Hub
from tests.system.pair import Pair

from bench.figures import Figure, Part
from bench.hubs import connections, fences_over_iraq, furnish, under_load
from bench.scale import Scale

CONVOYS = 200
CONVOY_VEHICLES = 10  # of the load's fleet
FIX_EVERY_S = 10.0
CUT_S = 1_800.0
OFFERED_IN_S = 40.0
DEEDS = 500  # of people, while the link is cut, on each side
EQUAL_WITHIN_S = 30.0
GIVE_UP_AFTER_S = 240.0
LOOK_EVERY_S = 0.2  # how finely the time is told


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """What one centre has."""

    positions: int
    plates: list[tuple[int, str]]
    fences: list[int]


def measure(scale: Scale) -> Part:
    """Cut the link, offer what half an hour brings, restore it, and wait until both are equal."""
    share = 0.1 if scale.name != "full" else 1.0
    vehicles = int(CONVOYS * CONVOY_VEHICLES * share)
    fixes = int(vehicles * CUT_S / FIX_EVERY_S)
    with tempfile.TemporaryDirectory(prefix="tapestry-bench-centres-") as folder:
        pair = Pair(Path(folder)).start()
        try:
            furnish(pair.basra, vehicles=vehicles, protocol="jsonlines")
            _wait(pair, GIVE_UP_AFTER_S)
            pair.link.cut()
            rate_per_s = fixes / OFFERED_IN_S
            with under_load(
                pair.basra,
                protocol="jsonlines",
                vehicles=vehicles,
                seconds=OFFERED_IN_S,
                rate_per_s=rate_per_s,
            ) as load:
                report = load.report()
            asyncio.run(_deeds(pair))
            stored = asyncio.run(_settled(pair.basra))
            before = asyncio.run(_counts(pair.national)).positions
            pair.link.restore()
            took_s = _wait(pair, GIVE_UP_AFTER_S)
            counted = asyncio.run(_counts(pair.national)).positions
        finally:
            pair.stop()
    return Part(
        load=f"Link cut; {vehicles:,} vehicles in {vehicles // CONVOY_VEHICLES} convoys, {fixes:,} fixes as half an "
        f"hour brings, offered in {OFFERED_IN_S:.0f} s; {DEEDS} changes by people on each side; then the link is "
        "restored. Both hubs on this machine, with everything that they do.",
        figures=(
            Figure(
                name="equal after the link returned",
                value=took_s,
                unit="s",
                target=EQUAL_WITHIN_S,
                lower_is_better=True,
            ),
            Figure(
                name="positions that one has and the other has not",
                value=float(abs(stored - counted)),
                unit="positions",
                target=0.0,
                lower_is_better=True,
            ),
            Figure(
                name="positions that waited for the link",
                value=float(counted - before),
                unit="positions",
            ),
        ),
        remarks=(f"{report.acked:,} fixes were acknowledged by the region while it was alone.",),
    )


async def _deeds(pair: Pair) -> None:
    async with connections(pair.basra) as (store, _):
        vehicles = await store.vehicles()
        for number in range(DEEDS):
            vehicle = vehicles[number % len(vehicles)]
            await store.update_vehicle(msgspec.structs.replace(vehicle, plate=f"plate {number}"))
    async with connections(pair.national) as (store, _):
        for fence in fences_over_iraq(DEEDS):
            await store.add_fence(fence)


async def _counts(hub: Hub) -> Counted:
    async with connections(hub) as (store, _):
        plates = sorted((it.vehicle_id, it.plate or "") for it in await store.vehicles())
        fences = sorted(it.fence_id for it in await store.fences())
        return Counted(positions=await store.count_positions(), plates=plates, fences=fences)


async def _settled(hub: Hub) -> int:
    """Return the positions of a hub once its projector has caught up."""
    seen = -1
    while True:
        now = (await _counts(hub)).positions
        if now == seen:
            return now
        seen = now
        await asyncio.sleep(2.0)


def _wait(pair: Pair, give_up_after_s: float) -> float:
    """Return the seconds until both have the same of the region; infinity when that does not come."""
    begun_s = time.monotonic()
    while time.monotonic() - begun_s < give_up_after_s:
        if asyncio.run(_counts(pair.national)) == asyncio.run(_counts(pair.basra)):
            return time.monotonic() - begun_s
        time.sleep(LOOK_EVERY_S)
    return float("inf")
