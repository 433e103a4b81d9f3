"""A call for help, from the device's socket to a console's WebSocket."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

import msgspec
import numpy as np
from tests.system.hub import Hub
from websockets.asyncio.client import ClientConnection

from bench.consoles import first_session, opened
from bench.figures import Figure, Part, quantile
from bench.hubs import Load, furnish, running_hub, under_load
from bench.scale import Scale

PAUSE_S = (0.1, 0.4)  # between calls, by chance: not in step with anything of the hub
ARRIVES_WITHIN_S = 30.0
LOAD_BEFORE_S = 5.0  # the load runs this long before the first call
SEED = 3


class _Row(msgspec.Struct):
    rule: str
    started_at: str
    vehicle_id: int | None = None


class _Alerts(msgspec.Struct):
    rows: list[_Row]


class Calls(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the calls, in seconds each."""

    made: int
    to_ack_s: list[float]
    to_console_s: list[float]


def measure(scale: Scale) -> Part:
    """Measure with a live fleet, then at full speed."""
    with running_hub("distress-live") as hub:
        scene = furnish(hub, vehicles=scale.live_vehicles, protocol="jsonlines").scene
        identities = [tracker.identity for tracker in scene.trackers]
        rate_per_s = scale.live_vehicles / 10
        with under_load(hub, protocol="jsonlines", vehicles=scale.live_vehicles, seconds=_seconds(scale),
                        rate_per_s=rate_per_s) as load:  # fmt: skip
            live = _called(hub, identities, scale, load)
    with running_hub("distress-full") as hub:
        scene = furnish(hub, vehicles=scale.vehicles, protocol="jsonlines", fences=scale.fences).scene
        identities = [tracker.identity for tracker in scene.trackers]
        with under_load(hub, protocol="jsonlines", vehicles=scale.vehicles, seconds=_seconds(scale)) as load:
            full = _called(hub, identities, scale, load)
    return Part(
        load=f"{scale.calls} SOS lines, each of another vehicle at a random moment, from the write into the device's "
        "socket to the alert's message on the WebSocket of a logged-in console.",
        figures=(
            *_figures(
                live, f"{scale.live_vehicles:,} vehicles at 10 s", target_ms=250.0, share=scale.live_vehicles
            ),
            *_figures(full, "full ingest load", target_ms=2_000.0, share=scale.vehicles),
        ),
    )


def _seconds(scale: Scale) -> float:
    return _before_s(scale) + scale.calls * PAUSE_S[1] + 2.0


def _before_s(scale: Scale) -> float:
    return min(LOAD_BEFORE_S, scale.live_s)


def _figures(calls: Calls, words: str, *, target_ms: float, share: int) -> list[Figure]:
    console_ms = [1000 * took_s for took_s in calls.to_console_s]
    ack_ms = [1000 * took_s for took_s in calls.to_ack_s]
    return [
        Figure(name=f"distress to console p50, {words}", value=quantile(console_ms, 0.5), unit="ms"),
        Figure(name=f"distress to console p99, {words}", value=quantile(console_ms, 0.99), unit="ms",
               target=target_ms, lower_is_better=True, note=f"{len(console_ms)} of {calls.made} calls arrived"),
        Figure(name=f"distress to acknowledgement p99, {words}", value=quantile(ack_ms, 0.99), unit="ms"),
        Figure(name=f"calls that did not arrive, {words}", value=calls.made - len(console_ms), unit="",
               target=0, lower_is_better=True),
    ]  # fmt: skip


def _called(hub: Hub, identities: Sequence[str], scale: Scale, load: Load) -> Calls:
    session = first_session(hub)
    time.sleep(_before_s(scale) if load.running else 0.0)
    return asyncio.run(call(hub, session, identities, scale.calls))


async def call(hub: Hub, session: str, identities: Sequence[str], count: int) -> Calls:
    """Call for help `count` times, each time another vehicle, and time the ways of the calls."""
    rng = np.random.default_rng(SEED)
    chosen = [identities[number] for number in rng.permutation(len(identities))[:count]]
    begun: dict[str, float] = {}  # by the moment of the call, as the feed tells it
    arrived: dict[str, float] = {}
    acked: list[float] = []
    sent: list[float] = []
    async with opened(hub, session) as socket:
        hearing = asyncio.create_task(_hear(socket, begun, arrived))
        reader, writer = await asyncio.open_connection("127.0.0.1", hub.device_ports["jsonlines"])
        answering = asyncio.create_task(_answers(reader, sent, acked))
        for identity in chosen:
            await asyncio.sleep(rng.uniform(*PAUSE_S))
            at_ms = time.time_ns() // 1_000_000
            begun[_told(at_ms)] = time.perf_counter()
            sent.append(time.perf_counter())
            line = {
                "id": identity.removeprefix("id:"),
                "sos": "sos",
                "t": at_ms,
            }  # placeless: no jump to judge
            writer.write(msgspec.json.encode(line) + b"\n")
        with suppress(TimeoutError):
            await asyncio.wait_for(_all_arrived(begun, arrived, acked), ARRIVES_WITHIN_S)
        hearing.cancel()
        answering.cancel()
        await asyncio.gather(hearing, answering, return_exceptions=True)
        writer.close()
    return Calls(made=len(chosen), to_ack_s=acked, to_console_s=[arrived[at] - begun[at] for at in arrived])


def _told(at_ms: int) -> str:
    """Return a moment to the millisecond, as both sides can compare it."""
    return str(at_ms)


async def _all_arrived(begun: dict[str, float], arrived: dict[str, float], acked: list[float]) -> None:
    while min(len(arrived), len(acked)) < len(begun):
        await asyncio.sleep(0.05)


async def _hear(socket: ClientConnection, begun: dict[str, float], arrived: dict[str, float]) -> None:
    async for message in socket:
        now_s = time.perf_counter()
        assert isinstance(message, str)
        if '"type":"alerts"' not in message[:40]:
            continue
        for row in msgspec.json.decode(message, type=_Alerts).rows:
            if row.rule == "distress":
                at = _told(_milliseconds(row.started_at))
                if at in begun:
                    arrived.setdefault(at, now_s)


def _milliseconds(moment: str) -> int:
    return round(datetime.fromisoformat(moment).timestamp() * 1000)


async def _answers(reader: asyncio.StreamReader, sent: list[float], acked: list[float]) -> None:
    while line := await reader.readline():
        now_s = time.perf_counter()
        answer = msgspec.json.decode(line)
        while "ack" in answer and len(acked) < min(answer["ack"], len(sent)):
            acked.append(now_s - sent[len(acked)])
