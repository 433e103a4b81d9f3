"""kill -9 of children under load: what is counted afterwards equals what was sent and what had to be found.

Theory of operation. Convoys drive to and fro across a fence, so how often each vehicle enters and leaves it is
known beforehand. Careful devices keep what is not acknowledged and send it again. The same is done once with
nobody killed, as the reference for all findings of rules that follow event time alone.
"""

import asyncio
import threading
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta

import msgspec
import psutil
from tests.system.hub import Hub
from tests.system.lines import line, send_all
from tests.system.roster import Convoy, add_convoy, done

from bench.figures import Figure, Grid, Part
from bench.hubs import connections, running_hub
from bench.scale import Scale
from tapestry.app.ports import Message
from tapestry.model import AlertEvent, OutsideFault, VehicleId

VICTIMS = ("worker", "nats", "postgres")
CONVOY_VEHICLES = 10
STEP_S = 5
LAP_FIXES = 100  # fifty east, fifty back
KILL_AFTER = (0.2, 0.55)  # of the load's time
LINES_AT_ONCE = 100  # that a careful device writes before it looks up
COUNTED_WITHIN_S = 60.0
LOOK_EVERY_S = 2.0
KILLED_WITHIN_S = 30.0
EVENT_TIME_RULES = ("fence-enter", "fence-exit", "off-corridor", "overspeed", "position-disputed")
SQUARE = [[44.22, 32.9], [44.24, 32.9], [44.24, 33.1], [44.22, 33.1], [44.22, 32.9]]
ROUTE = [(33.0, 44.0), (33.0, 45.0)]


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """What was there at the end."""

    positions: int  # different (vehicle, time) in PostgreSQL
    entered: int
    left: int
    findings: dict[str, int]  # by "rule/phase", of rules that follow event time alone
    alerts: dict[str, int]  # in PostgreSQL, by rule
    took_s: float  # from the first line to the last acknowledgement
    killed_s: tuple[float, ...] = ()  # after the first line


def measure(scale: Scale) -> Part:
    """Measure with nobody killed, then with each victim killed twice."""
    expected_positions, laps = _positions(scale), _crossings(scale)
    reference = driven(scale, None)
    counted = {victim: driven(scale, victim) for victim in VICTIMS}
    figures = [_differ("nobody killed: differs from what was sent", reference, expected_positions, laps)]
    for victim, seen in counted.items():
        figures.append(
            _differ(f"{victim} killed twice: differs from what was sent", seen, expected_positions, laps)
        )
        figures.append(
            Figure(name=f"{victim} killed twice: findings that differ from the reference",
                   value=_distance(seen.findings, reference.findings), unit="", target=0, lower_is_better=True)
        )  # fmt: skip
    late = [at_s for seen in counted.values() for at_s in seen.killed_s if at_s > seen.took_s]
    figures.append(
        Figure(name="kills that came after the load had ended", value=len(late), unit="", target=0,
               lower_is_better=True, note=f"of {sum(len(seen.killed_s) for seen in counted.values())}")
    )  # fmt: skip
    rows = [("expected", f"{expected_positions:,}", f"{laps:,}", f"{laps:,}", "", "", "", "")]
    rows += [
        (name, f"{seen.positions:,}", f"{seen.entered:,}", f"{seen.left:,}", f"{sum(seen.findings.values()):,}",
         ", ".join(f"{rule} {count:,}" for rule, count in seen.alerts.items()), f"{seen.took_s:.1f}",
         ", ".join(f"{at_s:.1f}" for at_s in seen.killed_s))
        for name, seen in {"nobody killed": reference, **counted}.items()
    ]  # fmt: skip
    return Part(
        load=f"{scale.survivors} vehicles in {scale.survivors // CONVOY_VEHICLES} convoys, {scale.survivor_fixes} "
        f"positions each over JSON lines in about {scale.drive_s:.0f} s, to and fro across a fence; kill -9 after "
        f"{KILL_AFTER[0]:.0%} and {KILL_AFTER[1]:.0%} of it.",
        figures=tuple(figures),
        grids=(
            Grid(
                title="Counted at the end",
                columns=(
                    "killed",
                    "positions",
                    "entered",
                    "left",
                    "findings",
                    "alerts stored",
                    "load s",
                    "killed at s",
                ),
                rows=tuple(rows),
            ),
        ),
    )


def _differ(name: str, seen: Counted, positions: int, laps: int) -> Figure:
    """Return how many positions and crossings are too few or too many."""
    value = abs(seen.positions - positions) + abs(seen.entered - laps) + abs(seen.left - laps)
    return Figure(name=name, value=value, unit="", target=0, lower_is_better=True,
                  note=f"{seen.positions:,} positions, {seen.entered:,} times in, {seen.left:,} times out")  # fmt: skip


def _distance(one: dict[str, int], other: dict[str, int]) -> int:
    return sum(abs(one.get(key, 0) - other.get(key, 0)) for key in one.keys() | other.keys())


def driven(scale: Scale, victim: str | None) -> Counted:
    """Drive everything through a new hub, killing `victim` twice on the way, and count."""
    with running_hub(f"survival-{victim or 'nobody'}") as hub:
        convoys = _convoys(hub, scale)
        start_ms = int(time.time() * 1000) - scale.survivor_fixes * STEP_S * 1000
        port = hub.device_ports["jsonlines"]
        pause_s = scale.drive_s * LINES_AT_ONCE / (scale.survivor_fixes * CONVOY_VEHICLES)
        senders = [
            threading.Thread(
                target=send_all, args=(port, _lines(convoy, scale, start_ms)), kwargs={"pause_s": pause_s}
            )
            for convoy in convoys
        ]
        begun_s = time.perf_counter()
        for sender in senders:
            sender.start()
        killed_s = [] if victim is None else _kill(hub, victim, begun_s, scale)
        for sender in senders:
            sender.join()
        took_s = time.perf_counter() - begun_s
        vehicle_ids = [vehicle_id for convoy in convoys for vehicle_id in convoy.vehicle_ids]
        seen = asyncio.run(_settled(hub, scale, vehicle_ids, took_s))
        return msgspec.structs.replace(seen, killed_s=tuple(killed_s))


def _convoys(hub: Hub, scale: Scale) -> list[Convoy]:
    with closing(hub.admin()) as admin:
        start = datetime.now(UTC) - timedelta(hours=2)
        convoys = [
            add_convoy(admin, f"Survivor {number}", vehicles=CONVOY_VEHICLES, route=ROUTE, start=start,
                       speed_limit_mps=60.0)
            for number in range(1, scale.survivors // CONVOY_VEHICLES + 1)
        ]  # fmt: skip
        done(admin.post("/api/fences", json={"name": "Depot", "kind": "depot",
                                             "geometry": {"type": "Polygon", "coordinates": [SQUARE]}}))  # fmt: skip
    return convoys


def _lines(convoy: Convoy, scale: Scale, start_ms: int) -> list[bytes]:
    return [
        line(identity, start_ms + number * STEP_S * 1000, 33.0, _lon_deg(number), 18.0)
        for number in range(scale.survivor_fixes)
        for identity in convoy.identities
    ]


def _lon_deg(number: int) -> float:
    """Return the longitude of a fix: east for half a lap, home for the other; twice through the fence."""
    phase = number % LAP_FIXES
    half = LAP_FIXES // 2
    return 44.2 + 0.001 * (phase if phase < half else LAP_FIXES - phase)


def _kill(hub: Hub, victim: str, begun_s: float, scale: Scale) -> list[float]:
    """Kill a child twice; return the seconds after the first line at which it died.

    Raises:
        RuntimeError: It could not be killed: nothing would have been proved.
    """
    killed_s: list[float] = []
    killed_pids: set[int] = set()
    for share in KILL_AFTER:
        time.sleep(max(0.0, begun_s + share * scale.drive_s - time.perf_counter()))
        deadline_s = time.perf_counter() + KILLED_WITHIN_S
        while len(killed_s) < len(killed_pids) + 1:
            if time.perf_counter() > deadline_s:
                raise RuntimeError(f"{victim} was not there to be killed within {KILLED_WITHIN_S:.0f} s")
            pid = hub.children()[victim]["pid"]  # written every few seconds: it may be the one before
            if pid is None or pid in killed_pids or not psutil.pid_exists(pid):
                time.sleep(0.05)
                continue
            psutil.Process(pid).kill()
            killed_s.append(time.perf_counter() - begun_s)
        killed_pids.add(pid)
    return killed_s


async def _settled(hub: Hub, scale: Scale, vehicle_ids: list[int], took_s: float) -> Counted:
    """Count until everything is there and does not change any more, or the time is over."""
    deadline_s = time.perf_counter() + COUNTED_WITHIN_S
    seen = None
    while time.perf_counter() < deadline_s:
        await asyncio.sleep(LOOK_EVERY_S)
        try:
            before, seen = seen, await _count(hub, scale, vehicle_ids, took_s)
        except OutsideFault:
            continue  # it is starting again
        if seen == before and _is_whole(seen, scale):
            break
    if seen is None:
        raise RuntimeError(f"the hub could not be counted within {COUNTED_WITHIN_S:.0f} s:\n{hub.said()}")
    return seen


def _is_whole(seen: Counted, scale: Scale) -> bool:
    """Return whether at least everything was found that was sent; too much would show as well."""
    return seen.positions >= _positions(scale) and min(seen.entered, seen.left) >= _crossings(scale)


def _positions(scale: Scale) -> int:
    return scale.survivors * scale.survivor_fixes


def _crossings(scale: Scale) -> int:
    """Return how often the fence is entered, which is how often it is left: twice a lap."""
    return scale.survivors * scale.survivor_fixes // LAP_FIXES * 2


async def _count(hub: Hub, scale: Scale, vehicle_ids: list[int], took_s: float) -> Counted:
    async with connections(hub) as (store, bus):
        rows = await store.positions_between(
            [VehicleId(number) for number in vehicle_ids],
            since=datetime(2000, 1, 1, tzinfo=UTC),
            until=datetime(2100, 1, 1, tzinfo=UTC),
            limit=3 * _positions(scale),
        )
        places = set(zip(rows["vehicle_id"].tolist(), rows["fixed_at_us"].tolist(), strict=True))
        alerts = await store.alerts(only_open=False, limit=1_000_000)
        events: list[AlertEvent] = []
        last_seq = await bus.last_seq("EVENTS")
        if last_seq:
            async for messages in bus.follow("EVENTS"):
                events += [_event(message) for message in messages]
                if messages[-1].seq >= last_seq:
                    break
    kinds = Counter(f"{event.rule}/{event.phase}" for event in events if event.rule in EVENT_TIME_RULES)
    stored = Counter(str(alert.rule) for alert in alerts)
    return Counted(
        positions=len(places),
        entered=stored["fence-enter"],
        left=stored["fence-exit"],
        findings=dict(kinds),
        alerts=dict(sorted(stored.items())),
        took_s=took_s,
    )


def _event(message: Message) -> AlertEvent:
    return msgspec.json.decode(message.payload, type=AlertEvent)
