"""What the web layer works with: made by wiring, handed to every endpoint."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from tapestry.app.desk import Desk
from tapestry.app.live import LiveClients, LiveFeed, LiveView
from tapestry.app.ports import Bus, Store


class WebSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How the console is served."""

    hosts: frozenset[str]  # host names and addresses, without port, under which the hub answers
    tls: bool  # the console is served over TLS: cookies are Secure, HSTS is sent
    static: Path  # folder of the built console
    osmand_port: int = 0  # where other tracking apps on phones send to; 0: nowhere


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """Everything behind the endpoints."""

    settings: WebSettings
    store: Store
    bus: Bus
    desk: Desk
    live: LiveView
    clients: LiveClients
    feed: LiveFeed
    metrics: Callable[[], Awaitable[bytes]]  # Prometheus text of every role
