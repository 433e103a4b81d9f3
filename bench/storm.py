"""A storm of calls for help from trackers that nobody knows, and one real call in the middle of it."""

import asyncio
import time
from contextlib import suppress

import httpx
import msgspec
from tests.system.hub import Hub
from websockets.asyncio.client import ClientConnection

from bench.consoles import COOKIE, first_session, opened
from bench.distress import _Alerts, _milliseconds
from bench.figures import Figure, quantile
from bench.hubs import furnish, running_hub

CALLS = 1_000
WITHIN_S = 10.0
SOCKETS = 10  # a spoofer opens as many as it likes; more of them arrive no faster
REAL_AT = CALLS // 2
ARRIVES_WITHIN_S = 60.0
LOAD = (
    f"{CALLS:,} SOS lines of as many unknown trackers within {WITHIN_S:g} s over {SOCKETS} sockets, and one of a known "
    "vehicle in their middle; from the write into the socket to the alert's message on the WebSocket of a console."
)
LOOK_EVERY_S = 0.25  # how often the console asks for the list of cases meanwhile


class Storm(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it."""

    to_console_s: list[float]
    real_s: float | None  # the one call of a known vehicle
    lists_s: list[float]  # how long the list of cases took, asked all along
    kept: int  # calls in the store, all of them together
    rows: int  # cases that a watch officer has to look at
    stored_s: float  # from the last call to the store having all


def figures() -> tuple[Figure, ...]:
    """Measure one storm on an idle hub with two convoys."""
    with running_hub("storm") as hub:
        scene = furnish(hub, vehicles=20, protocol="jsonlines").scene
        session = first_session(hub)
        storm = asyncio.run(_raise(hub, session, scene.trackers[0].identity))
    delays_ms = [1000 * took_s for took_s in storm.to_console_s]
    lists_ms = [1000 * took_s for took_s in storm.lists_s]
    return (
        Figure(name="storm: delay p50", value=quantile(delays_ms, 0.5), unit="ms"),
        Figure(name="storm: delay p99", value=quantile(delays_ms, 0.99), unit="ms"),
        Figure(name="storm: delay of the slowest", value=max(delays_ms, default=None), unit="ms",
               target=2_000.0, lower_is_better=True, note=f"{len(delays_ms)} of {CALLS + 1} calls arrived"),
        Figure(name="storm: delay of the real call", value=None if storm.real_s is None else 1000 * storm.real_s,
               unit="ms", target=2_000.0, lower_is_better=True),
        Figure(name="storm: calls that were not kept", value=CALLS + 1 - storm.kept, unit="", target=0,
               lower_is_better=True),
        Figure(name="storm: lines in the queue", value=storm.rows, unit="", target=7, lower_is_better=True,
               note="five strangers alone, the group, the real call"),
        Figure(name="storm: list of cases p95 meanwhile", value=quantile(lists_ms, 0.95), unit="ms"),
        Figure(name="storm: all of it stored after the last call", value=1000 * storm.stored_s, unit="ms"),
    )  # fmt: skip


async def _raise(hub: Hub, session: str, known: str) -> Storm:
    begun: dict[int, float] = {}
    arrived: dict[int, float] = {}
    lists: list[float] = []
    cookies = {COOKIE: session}
    async with opened(hub, session) as socket, httpx.AsyncClient(base_url=hub.url, cookies=cookies) as client:
        hearing = asyncio.create_task(_hear(socket, arrived))
        looking = asyncio.create_task(_look(client, lists))
        lines = [
            await asyncio.open_connection("127.0.0.1", hub.device_ports["jsonlines"]) for _ in range(SOCKETS)
        ]
        first_s, first_ms = time.perf_counter(), time.time_ns() // 1_000_000
        for number in range(CALLS + 1):
            due_s = first_s + number * WITHIN_S / CALLS
            await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
            real = number == REAL_AT
            identity = known.removeprefix("id:") if real else f"ghost-{number}"
            at_ms = first_ms + number * 10  # each its own: that is how they are told apart on the way back
            begun[at_ms] = time.perf_counter()
            said = {"id": identity, "sos": "sos", "t": at_ms}
            lines[number % SOCKETS][1].write(msgspec.json.encode(said) + b"\n")
        last_s = time.perf_counter()
        with suppress(TimeoutError):
            await asyncio.wait_for(_all(begun, arrived), ARRIVES_WITHIN_S)
        kept, rows = await _stored(client, last_s + ARRIVES_WITHIN_S)
        stored_s = time.perf_counter() - last_s
        for task in (hearing, looking):
            task.cancel()
        await asyncio.gather(hearing, looking, return_exceptions=True)
        for _, writer in lines:
            writer.close()
    real_ms = first_ms + REAL_AT * 10
    return Storm(
        to_console_s=[arrived[at] - begun[at] for at in arrived if at in begun],
        real_s=arrived[real_ms] - begun[real_ms] if real_ms in arrived else None,
        lists_s=lists,
        kept=kept,
        rows=rows,
        stored_s=stored_s,
    )


async def _hear(socket: ClientConnection, arrived: dict[int, float]) -> None:
    async for message in socket:
        now_s = time.perf_counter()
        assert isinstance(message, str)
        if '"type":"alerts"' in message[:40]:
            for row in msgspec.json.decode(message, type=_Alerts).rows:
                if row.rule == "distress":
                    arrived.setdefault(_milliseconds(row.started_at), now_s)


async def _look(client: httpx.AsyncClient, lists: list[float]) -> None:
    while True:
        asked_s = time.perf_counter()
        (await client.get("/api/cases")).raise_for_status()
        lists.append(time.perf_counter() - asked_s)
        await asyncio.sleep(LOOK_EVERY_S)


async def _all(begun: dict[int, float], arrived: dict[int, float]) -> None:
    while len(arrived) < len(begun):
        await asyncio.sleep(0.02)


async def _stored(client: httpx.AsyncClient, until_s: float) -> tuple[int, int]:
    """Return how many calls the store has and in how many open cases, as soon as it has all of them."""
    while True:
        cases = (await client.get("/api/cases")).json()
        kept = sum(view["case"]["call_count"] for view in cases)
        if kept > CALLS or time.perf_counter() > until_s:
            return kept, len(cases)
        await asyncio.sleep(0.05)
