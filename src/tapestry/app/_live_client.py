"""The clients of the live view: who is due what, and when each is woken."""

import asyncio
import hashlib
from typing import Final

import msgspec

from tapestry.access import Principal
from tapestry.app._live import LiveView
from tapestry.app._live_words import Beat, Hello
from tapestry.app._scope import Scope

TICK_EVERY_S: Final = 0.2  # vehicles go out at most this often
ALERTS_WITHIN_S: Final = 0.05  # an alert waits this long for company; an emergency does not
BEAT_EVERY_S: Final = 5.0
MAX_VERSION_DIGITS: Final = 18


class LiveClient:
    """One connection to the live view: its cursor, and what it is due.

    Nothing queues up here: a client that is slow to take is due the same newest state, only once.
    """

    def __init__(self, live: LiveView, principal: Principal, *, epoch: str, cursor: int) -> None:
        self.live = live
        self.principal = principal
        self.epoch = epoch
        self.scope: Scope = live.scope(principal)
        self._cursor = cursor if live.knows(cursor, self.scope) else 0
        self._alerts_cursor = self._cursor
        self._greeted = False
        self._wake = asyncio.Event()
        self._all_due = True
        self._alerts_due = False

    def tell(self, *, everything: bool) -> None:
        """Note that something is due: everything, or alerts alone."""
        self._all_due |= everything
        self._alerts_due = True
        self._wake.set()

    @property
    def behind(self) -> bool:
        """True when something changed since this client was last told."""
        return self._cursor != self.live.version

    async def next(self) -> list[str]:
        """Return the messages that are due next, as JSON text; a beat when nothing is for BEAT_EVERY_S."""
        if not self._greeted:
            self._greeted = True
            return [self._hello(), *self._take_all()]
        deadline = asyncio.get_running_loop().time() + BEAT_EVERY_S
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    await self._wake.wait()
            except TimeoutError:
                return [self._beat()]
            self._wake.clear()
            messages = self._take()
            if messages:
                return messages

    def _take(self) -> list[str]:
        if self._all_due and not self.live.knows(self._cursor, self.scope) and self._cursor:
            self._cursor = self._alerts_cursor = 0  # too far behind: start anew
            return [self._hello(), *self._take_all()]
        if self._all_due:
            return self._take_all()
        messages = self.live.alerts_since(self._cursor, self._alerts_cursor, self.scope)
        self._alerts_cursor, self._alerts_due = self.live.version, False
        return messages

    def _take_all(self) -> list[str]:
        messages = self.live.since(self._cursor, self.scope)
        self._cursor = self._alerts_cursor = self.live.version
        self._all_due = self._alerts_due = False
        return messages

    def _hello(self) -> str:
        hello = Hello(
            epoch=self.epoch, version=self._cursor, server_time=self.live.now(), whole=self._cursor == 0
        )
        return msgspec.json.encode(hello).decode()

    def _beat(self) -> str:
        return msgspec.json.encode(Beat(version=self._cursor, server_time=self.live.now())).decode()


class LiveClients:
    """All connections to the live view."""

    def __init__(self, live: LiveView) -> None:
        self.live = live
        self._clients: set[LiveClient] = set()
        self._alerts_timer: asyncio.TimerHandle | None = None
        live.on_change(self._on_alert)
        live.watching = lambda: [client.principal for client in self._clients]

    def __len__(self) -> int:
        return len(self._clients)

    def count_of(self, user_name: str) -> int:
        """Return how many connections one person has."""
        return sum(client.principal.user_name == user_name for client in self._clients)

    def join(self, principal: Principal, cursor: str | None) -> LiveClient:
        """Add a connection.

        Args:
            principal: Who watches; fixed for this connection.
            cursor: "<epoch>:<version>" of what the client holds; anything else means that it holds nothing.
        """
        epoch = epoch_for(self.live.epoch, principal)
        said, _, version = (cursor or "").rpartition(":")
        plain = version.isascii() and version.isdigit() and len(version) <= MAX_VERSION_DIGITS
        known = int(version) if said == epoch and plain else 0
        client = LiveClient(self.live, principal, epoch=epoch, cursor=known)
        self._clients.add(client)
        return client

    def leave(self, client: LiveClient) -> None:
        """Forget a connection."""
        self._clients.discard(client)

    async def run(self) -> None:
        """Wake the clients that are behind, five times a second, for ever."""
        while True:
            await asyncio.sleep(TICK_EVERY_S)
            self.tick()

    def tick(self) -> None:
        """Wake the clients that are behind."""
        for client in self._clients:
            if client.behind:
                client.tell(everything=True)

    def _on_alert(self, urgent: bool) -> None:
        if urgent:
            self._tell_alerts()
        elif self._alerts_timer is None and self._clients:
            loop = asyncio.get_running_loop()
            self._alerts_timer = loop.call_later(ALERTS_WITHIN_S, self._tell_alerts)

    def _tell_alerts(self) -> None:
        if self._alerts_timer is not None:
            self._alerts_timer.cancel()
            self._alerts_timer = None
        for client in self._clients:
            client.tell(everything=False)


def epoch_for(epoch: str, principal: Principal) -> str:
    """Return the epoch as one viewer sees it: what another held, or held in another role, is no start."""
    return f"{epoch}-{hashlib.sha256(msgspec.json.encode(principal)).hexdigest()[:12]}"
