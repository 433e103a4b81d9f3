"""How far a position has come: taken from the hub's own metrics, bus and store."""

import math
import time

import httpx
import msgspec
from tests.system.hub import Hub

from bench.hubs import connections

CATCH_UP_WITHIN_S = 180.0
LOOK_EVERY_S = 0.1


def metric(text: str, name: str) -> float:
    """Return the sum of a metric over its labels; 0 when nobody told it."""
    total = 0.0
    for line in text.splitlines():
        if line.startswith(name) and line[len(name) : len(name) + 1] in (" ", "{"):
            total += float(line.rpartition(" ")[2])
    return total


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Positions that went through track and rules, and that are in the store."""

    folded: int
    projected: int


def progress(hub: Hub) -> Progress:
    """Return the counts now; a role that does not answer within a second counts as 0."""
    text = httpx.get(f"{hub.url}/metrics", timeout=10).text
    return Progress(
        folded=int(metric(text, "tapestry_step_positions_total")),
        projected=int(metric(text, "tapestry_projected_positions_total")),
    )


class CatchUp(msgspec.Struct, frozen=True, kw_only=True):
    """Who was how far behind when the last position was acknowledged, and for how long."""

    folded_behind: int  # positions
    projected_behind: int
    folded_after_s: float  # NaN: not within CATCH_UP_WITHIN_S
    projected_after_s: float


def catch_up(hub: Hub, positions: int) -> CatchUp:
    """Wait until worker and projector have had so many positions since the hub started."""
    begun_s = time.perf_counter()
    first = seen = progress(hub)
    folded_s = projected_s = float("nan")
    while (now_s := time.perf_counter() - begun_s) < CATCH_UP_WITHIN_S:
        if seen.folded >= positions and math.isnan(folded_s):
            folded_s = now_s
        if seen.projected >= positions and math.isnan(projected_s):
            projected_s = now_s
        if not (math.isnan(folded_s) or math.isnan(projected_s)):
            break
        time.sleep(LOOK_EVERY_S)
        seen = progress(hub)
    return CatchUp(
        folded_behind=max(0, positions - first.folded),
        projected_behind=max(0, positions - first.projected),
        folded_after_s=folded_s,
        projected_after_s=projected_s,
    )


async def stored_positions(hub: Hub) -> int:
    """Return the number of positions in PostgreSQL."""
    async with connections(hub) as (store, _):
        return await store.count_positions()
