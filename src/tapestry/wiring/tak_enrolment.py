"""The door where TAK devices enrol: HTTPS with a certificate of the device authority, beside the console."""

import asyncio
import socket
from collections.abc import Callable
from typing import Final

import structlog
from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.server.embed import Server

from tapestry.app.desk import Desk, TakDoors
from tapestry.app.settings import Settings
from tapestry.web import build_marti_app
from tapestry.wiring.tls_files import device_door_files, device_host_name

SERVE_AGAIN_S: Final = 86_400.0  # a certificate that was renewed meanwhile is taken up
ASK_AGAIN_S: Final = 30.0
BACKLOG: Final = 256

log = structlog.get_logger()


def tak_doors(settings: Settings) -> TakDoors:
    """Return where TAK devices reach this hub."""
    return TakDoors(
        host=device_host_name(settings),
        stream_port=settings.tak_port,
        enrol_port=settings.enrol_port,
    )


async def serve_enrolment(settings: Settings, desk: Desk) -> None:
    """Let devices enrol, for ever; without a port, wait for ever."""
    if not settings.enrol_port:
        await asyncio.Event().wait()
    while not is_free(settings.device_host, settings.enrol_port):
        log.warning("tak.enrol_port_taken", port=settings.enrol_port, asked_again_in_s=ASK_AGAIN_S)
        await asyncio.sleep(ASK_AGAIN_S)
    while True:
        await serve_once(settings, desk, for_s=SERVE_AGAIN_S)


async def serve_once(
    settings: Settings, desk: Desk, *, for_s: float, listening: Callable[[], None] | None = None
) -> None:
    """Serve for a while with the certificate as it is now.

    Args:
        listening: Called once the port accepts connections.
    """
    chain, key, _ = await asyncio.to_thread(device_door_files, settings)
    server = Server(
        build_marti_app(desk, host=device_host_name(settings)),
        address=settings.device_host,
        port=settings.enrol_port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        websockets=False,
        backlog=BACKLOG,
        log_enabled=False,
        ssl_cert=chain,
        ssl_key=key,
        ssl_protocol_min=SSLProtocols.tls12,  # ATAK and WinTAK of some years ago know no newer one
    )
    serving = asyncio.create_task(server.serve())
    try:
        if listening is not None:
            await _until_listening(settings, serving)
            listening()
        await asyncio.wait({serving}, timeout=for_s)
    finally:
        server.stop()
        await asyncio.gather(serving, return_exceptions=True)
    serving.result()


def is_free(host: str, port: int) -> bool:
    """Return whether nobody listens on a port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


async def _until_listening(settings: Settings, serving: asyncio.Task[None]) -> None:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.device_host, settings.device_host)  # noqa: S104
    while not serving.done():
        try:
            _, writer = await asyncio.open_connection(host, settings.enrol_port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return
    serving.result()
