"""The WebSocket of the live feed.

A client is told what is due, one send at a time; a send that does not end within SEND_WITHIN_S means that
nobody reads, and closes the connection. Who watches is checked again all the while: a session that ended,
an account that was disabled or has another role now, and the connection is closed; the console asks again
and gets its due.
"""

import asyncio
from typing import Final

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from tapestry.app.live import LiveClient
from tapestry.app.people import Viewer
from tapestry.app.refusals import DeskRefusal
from tapestry.app.telemetry import LIVE_CLIENTS
from tapestry.model import OutsideFault
from tapestry.web._endpoint import SESSION_COOKIE, check_origin
from tapestry.web._services import Services

SEND_WITHIN_S: Final = 10.0
CLOSE_WITHIN_S: Final = 1.0  # who does not read does not read the goodbye either
CHECK_EVERY_S: Final = 15.0  # with a beat every 5 s, a disabled user is cut off within 20 s
MAX_CLIENTS: Final = 1_000
MAX_CLIENTS_PER_PERSON: Final = 20
MAX_RECEIVED: Final = 100  # the client has nothing to say; whoever says this much is no console

CLOSE_SESSION_ENDED: Final = 4401
CLOSE_FORBIDDEN: Final = 4403
CLOSE_TRY_LATER: Final = 1013  # RFC 6455, IANA registry: try again later
CLOSE_POLICY: Final = 1008

log = structlog.get_logger()


async def live_feed(services: Services, socket: WebSocket) -> None:
    """Serve one connection until it ends."""
    try:
        check_origin(socket)
        viewer = await services.desk.people.sessions.find(socket.cookies.get(SESSION_COOKIE))
        if services.desk.orders.locked or not services.live.may_open(viewer.principal):
            await socket.close(CLOSE_FORBIDDEN)
            return
        name = viewer.account.user_name
        if len(services.clients) >= MAX_CLIENTS or services.clients.count_of(name) >= MAX_CLIENTS_PER_PERSON:
            await socket.close(CLOSE_TRY_LATER)
            return
        await services.desk.entries.note(name, "open-live-view", "live")
    except DeskRefusal:
        await socket.close(CLOSE_SESSION_ENDED)
        return
    except OutsideFault:
        await socket.close(CLOSE_TRY_LATER)
        return
    client = services.clients.join(viewer.principal, socket.query_params.get("cursor"))
    LIVE_CLIENTS.set(len(services.clients))
    try:
        await socket.accept()
        await _serve(services, socket, client, viewer)
    finally:
        services.clients.leave(client)
        LIVE_CLIENTS.set(len(services.clients))


async def _serve(services: Services, socket: WebSocket, client: LiveClient, viewer: Viewer) -> None:
    telling = asyncio.create_task(_tell(services, socket, client, viewer))
    hearing = asyncio.create_task(_hear(socket))
    try:
        done, _ = await asyncio.wait({telling, hearing}, return_when=asyncio.FIRST_COMPLETED)
        code = done.pop().result()
    finally:
        telling.cancel()
        hearing.cancel()
        await asyncio.gather(telling, hearing, return_exceptions=True)
    if code is not None:
        try:
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await socket.close(code)
        except (RuntimeError, TimeoutError, WebSocketDisconnect):
            log.info("live.closed_meanwhile", code=code)


async def _tell(services: Services, socket: WebSocket, client: LiveClient, viewer: Viewer) -> int | None:
    """Send what is due until the connection ends; return the code to close it with, None if it is gone."""
    loop = asyncio.get_running_loop()
    check_at_s = loop.time() + CHECK_EVERY_S
    while True:
        messages = await client.next()
        if loop.time() >= check_at_s:
            check_at_s = loop.time() + CHECK_EVERY_S
            if not await _still(services, socket, viewer):
                return CLOSE_SESSION_ENDED
        for message in messages:
            try:
                async with asyncio.timeout(SEND_WITHIN_S):
                    await socket.send_text(message)
            except TimeoutError:
                log.info("live.not_read", user_name=viewer.account.user_name)
                return CLOSE_POLICY
            except (RuntimeError, WebSocketDisconnect):
                return None


async def _hear(socket: WebSocket) -> int | None:
    for _ in range(MAX_RECEIVED):
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return None
    return CLOSE_POLICY


async def _still(services: Services, socket: WebSocket, viewer: Viewer) -> bool:
    """Return whether the person who watches is still logged in, as what they were."""
    token = socket.cookies.get(SESSION_COOKIE)
    try:
        now = await services.desk.people.sessions.find(token, in_use=False)
    except DeskRefusal:
        return False
    except OutsideFault:
        return True  # the database is down: the live view goes on
    return now.principal == viewer.principal
