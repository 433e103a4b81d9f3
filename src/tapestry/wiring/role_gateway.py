"""The role `gateway`: device sockets in, the bus out."""

import asyncio
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
import structlog

from tapestry.adapters._capture_taps import Captures
from tapestry.adapters._centre_file import centre_file
from tapestry.adapters._data_folder import read_data_folder
from tapestry.adapters._nats_bus import NatsBus
from tapestry.adapters._nats_mqtt import NatsMqtt
from tapestry.adapters._nats_server import bus_account, callout_key
from tapestry.adapters._outside_keys import load_outside_keys
from tapestry.adapters._private_files import make_private_folder
from tapestry.adapters._seal_file import SealFile
from tapestry.adapters._sockets import DeviceSockets
from tapestry.adapters._spot_fetch import SpotFetch, spot_feeds
from tapestry.app.captures import AT_START, CAPTURES_KEY, orders_of
from tapestry.app.directory import DIRECTORY_KEY, REF_BUCKET, decode_directory
from tapestry.app.intake import Intake, SpotFeeds
from tapestry.app.mqtt import MqttDoor
from tapestry.app.ports import Bus
from tapestry.app.settings import Settings
from tapestry.model import TapestryError
from tapestry.protocols import DOORS, TAK, TAK_TLS
from tapestry.wire import Transport
from tapestry.wiring.connect import connect_bus, mark_ready, now_us, tell_metrics

SEALS_AGAIN_S: Final = 1.0

log = structlog.get_logger()


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Take in what devices send until told to stop; what was taken in is on the bus before this returns."""
    bus = await connect_bus(settings, name="gateway", sets_limits=True)
    intake = Intake(bus, name=f"g{secrets.token_hex(4)}-{os.getpid()}", now_us=now_us)

    async def use(body: bytes) -> None:
        intake.use_directory(decode_directory(body))
        log.info("directory.loaded", trackers=len(intake.directory.trackers))

    await bus.watch(REF_BUCKET, DIRECTORY_KEY, use)
    captures = Captures(now=lambda: datetime.now(UTC))
    sockets = DeviceSockets(intake, host=settings.device_host, captures=captures)
    for spec in DOORS.values():
        if spec.name in (
            TAK.name,
            TAK_TLS.name,
        ):  # connections are another role's; datagrams of a mesh are not
            spec = msgspec.structs.replace(spec, transports=spec.transports - {Transport.TCP})
        await sockets.open(spec, settings.device_ports.get(spec.name, spec.port))

    async def keep(body: bytes) -> None:
        orders = orders_of(body)
        # one that an earlier start of the hub ordered is over unless this start orders it again
        captures.use([one for one in orders if one.name != AT_START or settings.capture is not None])

    await bus.watch(REF_BUCKET, CAPTURES_KEY, keep)
    chores_due = [
        sockets.sweep_for_ever(), intake.quarantine.run(), captures.run(), _heed_seals(settings, intake)
    ]  # fmt: skip
    if settings.mqtt_port:
        mqtt = await _open_mqtt(settings, bus, intake)
        chores_due += [mqtt.run(), mqtt.tell_violations()]
    spot_fetch = SpotFetch()
    chores_due.append(_ask_spot(settings, bus, intake, spot_fetch))
    await intake.readings.answer_on(bus)
    await tell_metrics(bus, "gateway")
    mark_ready(settings, "gateway")
    async with asyncio.TaskGroup() as group:
        chores = [group.create_task(chore) for chore in chores_due]
        await stop.wait()
        for chore in chores:
            chore.cancel()
    await spot_fetch.close()
    await sockets.close()
    captures.close()
    await intake.drain()
    await bus.close()


async def _heed_seals(settings: Settings, intake: Intake) -> None:
    """Open sealed messages with the secrets that are kept, for ever; a file that cannot be used opens none."""
    file = SealFile(Path(settings.data))
    while True:
        if file.changed():
            try:
                intake.seals = file.load()
                log.info("seals.loaded", count=len(intake.seals))
            except TapestryError as fault:
                intake.seals = {}
                log.error("seals.not_loaded", error=str(fault))
        await asyncio.sleep(SEALS_AGAIN_S)


async def _ask_spot(settings: Settings, bus: Bus, intake: Intake, fetch: SpotFetch) -> None:
    """Ask the feeds of SPOT that are set up, for ever; a file that cannot be used asks none."""
    try:
        keys = load_outside_keys(make_private_folder(Path(settings.data) / "keys"))
        feeds = spot_feeds(keys.spot)
    except TapestryError as fault:
        log.error("spot.not_loaded", error=str(fault))
        return
    await SpotFeeds(intake, bus, feeds, fetch, clock_s=asyncio.get_running_loop().time).run()


async def _open_mqtt(settings: Settings, bus: Bus, intake: Intake) -> NatsMqtt:
    """Let devices in by MQTT."""
    assert isinstance(bus, NatsBus)
    data = Path(settings.data)
    account = bus_account(centre_file(data))
    folder = read_data_folder(data)
    mqtt = NatsMqtt(
        bus.wire, MqttDoor(intake), callout_key(folder), account=account, server_log=folder.logs / "nats.log"
    )
    await mqtt.open()
    return mqtt
