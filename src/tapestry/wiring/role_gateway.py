"""The role `gateway`: device sockets in, the bus out."""

import asyncio
import os
import secrets

import msgspec
import structlog

from tapestry.adapters._sockets import DeviceSockets
from tapestry.app.directory import DIRECTORY_KEY, REF_BUCKET, decode_directory
from tapestry.app.intake import Intake
from tapestry.app.settings import Settings
from tapestry.protocols import DOORS, TAK, TAK_TLS
from tapestry.wire import Transport
from tapestry.wiring.connect import connect_bus, mark_ready, now_us, tell_metrics

log = structlog.get_logger()


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Take in what devices send until told to stop; what was taken in is on the bus before this returns."""
    bus = await connect_bus(settings, name="gateway", sets_limits=True)
    intake = Intake(bus, name=f"g{secrets.token_hex(4)}-{os.getpid()}", now_us=now_us)

    async def use(body: bytes) -> None:
        intake.use_directory(decode_directory(body))
        log.info("directory.loaded", trackers=len(intake.directory.trackers))

    await bus.watch(REF_BUCKET, DIRECTORY_KEY, use)
    sockets = DeviceSockets(intake, host=settings.device_host)
    for spec in DOORS.values():
        if spec.name in (
            TAK.name,
            TAK_TLS.name,
        ):  # connections are another role's; datagrams of a mesh are not
            spec = msgspec.structs.replace(spec, transports=spec.transports - {Transport.TCP})
        await sockets.open(spec, settings.device_ports.get(spec.name, spec.port))
    await tell_metrics(bus, "gateway")
    mark_ready(settings, "gateway")
    async with asyncio.TaskGroup() as group:
        chores = [group.create_task(sockets.sweep_for_ever()), group.create_task(intake.quarantine.run())]
        await stop.wait()
        for chore in chores:
            chore.cancel()
    await sockets.close()
    await intake.drain()
    await bus.close()
