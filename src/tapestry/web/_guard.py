"""The outermost layer: which host names are answered, which headers every answer carries, what is counted."""

import time
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tapestry.app.telemetry import HTTP_REQUESTS, HTTP_SECONDS
from tapestry.web._answers import error_answer

CONTENT_POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "worker-src 'self' blob:",
        "img-src 'self' data: blob:",
        "style-src 'self' 'unsafe-inline'",  # MapLibre and Svelte set style attributes
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Final = {
    "Content-Security-Policy": CONTENT_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self)",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
STRICT_TRANSPORT: Final = "max-age=31536000"
LONGEST_HOST: Final = 255
HELD: Final = "/api/phone/poll"  # waits on purpose: how long says nothing of the hub


class Guard:
    """ASGI middleware around everything."""

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str], tls: bool) -> None:
        self._app = app
        self._hosts = frozenset(host.lower().strip("[]") for host in hosts)
        self._headers = dict(HEADERS)
        if tls:
            self._headers["Strict-Transport-Security"] = STRICT_TRANSPORT

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request for one of our hosts through; answer others themselves."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        known = host_of(scope) in self._hosts
        if scope["type"] == "websocket":
            if known:
                await self._app(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 4400})
            return
        started_s = time.perf_counter()
        is_api = scope["path"].startswith("/api/")

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
                if is_api:
                    HTTP_REQUESTS.labels(f"{message['status'] // 100}xx").inc()
            await send(message)

        if known:
            await self._app(scope, receive, send_guarded)
        else:
            refusal = error_answer(
                421,
                "unknown-host",
                "The hub does not answer under this host name.",
                "Use its own address, or start it with --name and this host name.",
            )
            await refusal(scope, receive, send_guarded)
        if is_api and scope["path"] != HELD:
            HTTP_SECONDS.observe(time.perf_counter() - started_s)


def host_of(scope: Scope) -> str:
    """Return the host that is asked, in lower case, without port and brackets; empty when there is none."""
    for name, value in scope["headers"]:
        if name == b"host":
            host: str = value.decode("latin-1").lower()[:LONGEST_HOST]
            if host.startswith("["):
                return host[1:].partition("]")[0]
            return host.partition(":")[0]
    return ""
