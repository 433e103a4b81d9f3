"""`tapestry demo`, `sim` and `replay`: the house driven through its own device sockets."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tapestry.app.ports import Bus, Store
from tapestry.app.provision import Provisioned, SheetCourse, Step, provision, provision_sheets
from tapestry.app.settings import Settings
from tapestry.model import (
    CrewRole,
    Operator,
    OperatorId,
    OutsideFault,
    Person,
    PersonId,
    Tracker,
    TrackerId,
    Vehicle,
    VehicleId,
)
from tapestry.movement import MovementSettings
from tapestry.protocols import DECODERS
from tapestry.sim import DemoScene, World, demo_plans, demo_sheets, with_ids
from tapestry.sim.fleet import Door, Tally, identity_of, play
from tapestry.sim.fleet import Progress as Pace
from tapestry.sim.recorded import CsvColumns, by_time, moved_to_now, read_recording
from tapestry.sim.recorded import replay as play_recording
from tapestry.wiring.connect import hub_connections, load_settings

READY_WITHIN_S = 120.0  # the very first start makes the database
ACTOR = "system"
MAX_BAD_ROWS_SHOWN = 10
COMMANDER = "Convoy commander (demonstration)"

Say = Callable[[str], None]


def demo(settings: Settings, *, convoys: int, seed: int, seconds: float | None, say: Say) -> None:
    """Start a hub as a child process, drive convoys against it, and stop both at Ctrl-C."""
    data = Path(settings.data)
    (data / "run" / "welcomed").unlink(missing_ok=True)
    argv = [
        sys.executable,
        "-m",
        "tapestry.cli",
        "serve",
        "--data",
        settings.data,
        "--port",
        str(settings.port),
    ]
    argv += [f"--device-port={name}={port}" for name, port in settings.device_ports.items()]
    hub = subprocess.Popen(argv)
    try:
        _wait_until_welcomed(hub, data)
        asyncio.run(simulate(data, convoys=convoys, seed=seed, seconds=seconds, say=say, asked=True))
    except KeyboardInterrupt:
        say("Stopping …")
    finally:
        if hub.poll() is None:
            hub.send_signal(signal.SIGINT)
        hub.wait()


def _wait_until_welcomed(hub: subprocess.Popen[bytes], data: Path) -> None:
    deadline_s = time.monotonic() + READY_WITHIN_S
    while not (data / "run" / "welcomed").exists():
        if hub.poll() is not None:
            raise OutsideFault(f"the hub ended with exit code {hub.returncode}; see above", retry_helps=False)
        if time.monotonic() > deadline_s:
            raise OutsideFault(
                f"the hub was not ready within {READY_WITHIN_S:.0f} s; run tapestry doctor --data {data}",
                retry_helps=False,
            )
        time.sleep(0.1)


async def simulate(
    data: Path, *, convoys: int, seed: int, seconds: float | None, say: Say, asked: bool = False
) -> None:
    """Put a scene on the roster of the running hub, then drive it; `asked`: with sheets, as people ask for them."""
    settings = load_settings(data)
    now = datetime.now(UTC)
    scene = demo_plans(now, seed=seed, convoys=convoys)
    async with hub_connections(settings, "sim") as (store, bus):
        placed = await provision(
            store, bus, operators=scene.operators, vehicles=scene.vehicles, trackers=scene.trackers,
            plans=() if asked else scene.plans, actor=ACTOR, now=now,
        )  # fmt: skip
        if asked:
            await _ask(store, bus, scene, placed, now)
    rng = np.random.default_rng(seed)
    world = World(scene.convoys, start_us=int(datetime.now(UTC).timestamp() * 1_000_000), rng=rng)
    spoken = {device.protocol for convoy in scene.convoys for device in convoy.devices}
    doors = {name: door for name, door in doors_of(settings).items() if name in spoken}
    say(f"{convoys} convoys with {len(scene.vehicles)} vehicles drive; what will happen:")
    for episode in world.episodes:
        say(f"  {episode.kind}")
    _stop_on_signals()
    tally = Tally()
    try:
        tally = await play(world, doors=doors, rng=rng, seconds=seconds)
    except asyncio.CancelledError:
        say("The convoys stop.")
    say(f"sent {tally.sent}, acknowledged {tally.acknowledged}, without an answer {tally.unanswered}")


async def _ask(store: Store, bus: Bus, scene: DemoScene, placed: Provisioned, now: datetime) -> None:
    """Store the sheets of a scene, and who commands its convoys."""
    known = {it.operator_id: it for it in await store.people() if it.name == COMMANDER}
    people = {}
    for number, operator_id in placed.operators.items():
        if operator_id not in known:
            new = Person(
                person_id=PersonId(0), operator_id=operator_id, name=COMMANDER, role=CrewRole.COMMANDER
            )
            (known[operator_id],) = await store.put_people([new])
        people[number] = known[operator_id].person_id
    courses = []
    for sheet in demo_sheets(scene, now):
        own = with_ids(sheet, operators=placed.operators, vehicles=placed.vehicles, people=people)
        steps = tuple(Step(by=it.by, at=it.at, command=it.command) for it in own.steps)
        courses.append(SheetCourse(request=own.request, plan=own.plan, steps=steps))
    await provision_sheets(store, bus, courses, settings=MovementSettings(), now=now)


def _stop_on_signals() -> None:
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)


def doors_of(settings: Settings) -> dict[str, Door]:
    """Return where a hub's device sockets are, by protocol."""
    return {
        name: Door(host=settings.device_host, port=settings.device_ports.get(name, spec.port))
        for name, spec in DECODERS.items()
    }


async def replay(
    data: Path,
    file: Path,
    *,
    protocol: str,
    speed: float,
    shift_to_now: bool,
    bind: bool,
    identity: str,
    columns: CsvColumns,
    console: Console,
) -> None:
    """Play a recorded file into the running hub and print what became of it."""
    settings = load_settings(data)
    door = doors_of(settings).get(protocol)
    if door is None:
        raise OutsideFault(
            f"no protocol {protocol}; expected one of {', '.join(DECODERS)}", retry_helps=False
        )
    recording = read_recording(file, columns=columns)
    pace = speed if speed > 0 else None
    points = by_time(recording.points) if shift_to_now else recording.points
    if shift_to_now:
        points = moved_to_now(points, now_us=time.time_ns() // 1_000, speed=pace)
    names = sorted({point.name for point in points})
    identities = (
        {names[0]: identity} if len(names) == 1 else {name: identity_of(protocol, name) for name in names}
    )
    if bind:
        await _bind(settings, file.name.partition(".")[0], identities)
    with _progress(console) as progress:
        task = progress.add_task(file.name, total=1.0, words="")
        report = await play_recording(
            points,
            host=door.host,
            port=door.port,
            protocol=protocol,
            rng=np.random.default_rng(),
            speed=pace,
            shared=8,
            identities=identities,
            on_progress=lambda pace: progress.update(task, completed=pace.share, words=_words(pace)),
        )
    tally = report.tally
    console.print(
        f"{report.devices} devices, {report.recorded_s:.0f} s recorded, played in {report.took_s:.1f} s: "
        f"{tally.sent} sent, {tally.acknowledged} acknowledged, {tally.rejected} rejected, {tally.dropped} dropped"
    )
    for row in recording.bad_rows[:MAX_BAD_ROWS_SHOWN]:
        console.print(f"left out {row.place}: {row.reason}", markup=False)
    if len(recording.bad_rows) > MAX_BAD_ROWS_SHOWN:
        console.print(f"… and {len(recording.bad_rows) - MAX_BAD_ROWS_SHOWN} more")


def _words(pace: Pace) -> str:
    return f"{pace.tally.sent} sent, {pace.tally.acknowledged} acknowledged"


def _progress(console: Console) -> Progress:
    return Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(), TextColumn("{task.fields[words]}"), console=console,
    )  # fmt: skip


async def _bind(settings: Settings, operator: str, identities: dict[str, str]) -> None:
    """Add a vehicle, always tracked, for each device of a recording."""
    vehicles = [
        Vehicle(
            vehicle_id=VehicleId(number),
            operator_id=OperatorId(1),
            callsign=f"{operator} {name}",
            always_tracked=True,
        )
        for number, name in enumerate(identities, start=1)
    ]
    trackers = [
        Tracker(tracker_id=TrackerId(number), identity=identity, vehicle_id=VehicleId(number))
        for number, identity in enumerate(identities.values(), start=1)
    ]
    async with hub_connections(settings, "replay") as (store, bus):
        await provision(
            store, bus, operators=[Operator(operator_id=OperatorId(1), name=operator)], vehicles=vehicles,
            trackers=trackers, plans=[], actor=ACTOR, now=datetime.now(UTC),
        )  # fmt: skip
