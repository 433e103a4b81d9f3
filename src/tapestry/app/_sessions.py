"""Sessions: who is logged in on a connection.

The cookie holds 32 random bytes, the store their SHA-256. A session seen lately is remembered here for a
few seconds, which spares the store; while the database is down the memory counts until the session's idle
time is over, so that the live view goes on.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec
import structlog

from tapestry.access import Principal
from tapestry.app._people_port import RandomBytes
from tapestry.app._refusals import BadCsrf, NotLoggedIn
from tapestry.app.ports import Account, AccountStore, Session
from tapestry.model import OutsideFault

IDLE: Final = timedelta(hours=12)  # one watch: a console that nobody used for longer asks again
LONGEST: Final = timedelta(days=7)
TOKEN_SIZE_BYTES: Final = 32
TRUSTED_FOR: Final = timedelta(seconds=5)  # then it is read again: how late a disabled user is cut off
SEEN_EVERY: Final = timedelta(minutes=1)  # how often the store is told that a session is in use
MAX_REMEMBERED: Final = 10_000

log = structlog.get_logger()


class Viewer(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is logged in."""

    account: Account
    session: Session

    @property
    def principal(self) -> Principal:
        """As whom the reference monitor knows them."""
        return Principal(
            user_name=self.account.user_name, role=self.account.role, operator_id=self.account.operator_id
        )


class Sessions:
    """All sessions, through the store."""

    def __init__(
        self, store: AccountStore, *, random_bytes: RandomBytes, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._random_bytes = random_bytes
        self._now = now
        self._remembered: dict[bytes, tuple[Viewer, datetime]] = {}  # by token hash; when it was read
        self._endings = 0

    async def start(self, account: Account) -> tuple[str, Viewer]:
        """Begin a session; return its token, which is kept nowhere here, and the viewer."""
        token = base64.urlsafe_b64encode(self._random_bytes(TOKEN_SIZE_BYTES)).rstrip(b"=").decode()
        csrf = base64.urlsafe_b64encode(self._random_bytes(TOKEN_SIZE_BYTES)).rstrip(b"=").decode()
        now = self._now()
        session = Session(
            token_hash=hash_of(token), user_name=account.user_name, csrf=csrf, created_at=now, seen_at=now
        )
        await self._store.put_session(session)
        return token, self._remember(Viewer(account=account, session=session))

    async def find(self, token: str | None, *, in_use: bool = True) -> Viewer:
        """Return who is logged in with a token.

        Args:
            token: As the cookie holds it.
            in_use: False for a look by the hub itself, which does not make an idle session younger.

        Raises:
            NotLoggedIn: No such session, it ended, it was idle too long, or its account is disabled.
            OutsideFault: The database cannot be reached and the session is not remembered.
        """
        if not token:
            raise NotLoggedIn
        token_hash = hash_of(token)
        viewer, read_at = self._remembered.get(token_hash, (None, None))
        now = self._now()
        if viewer is None or read_at is None or now - read_at > TRUSTED_FOR:
            viewer = await self._read(token_hash, viewer)
        if viewer is None or now - viewer.session.seen_at > IDLE or now - viewer.session.created_at > LONGEST:
            self._remembered.pop(token_hash, None)
            raise NotLoggedIn
        return await self._see(viewer, now) if in_use else viewer

    async def end(self, viewer: Viewer) -> None:
        """End one session."""
        self._remembered.pop(viewer.session.token_hash, None)
        self._endings += 1
        await self._store.end_session(viewer.session.token_hash)
        self._remembered.pop(viewer.session.token_hash, None)

    async def end_all_of(self, user_name: str) -> None:
        """End every session of one person."""
        self.forget(user_name)
        self._endings += 1
        await self._store.end_sessions_of(user_name)
        self.forget(user_name)

    def forget(self, user_name: str) -> None:
        """Read the sessions of one person from the store again when they are next used."""
        for token_hash, (viewer, _) in list(self._remembered.items()):
            if viewer.account.user_name == user_name:
                del self._remembered[token_hash]

    def forget_all(self) -> None:
        """Read every session from the store again: they were all ended there."""
        self._remembered.clear()
        self._endings += 1

    async def _read(self, token_hash: bytes, remembered: Viewer | None) -> Viewer | None:
        try:
            session = await self._store.session(token_hash)
            account = None if session is None else await self._store.account(session.user_name)
        except OutsideFault:
            if remembered is None:
                raise
            return remembered
        if session is None or account is None or account.disabled:
            self._remembered.pop(token_hash, None)
            return None
        return self._remember(Viewer(account=account, session=session))

    async def _see(self, viewer: Viewer, now: datetime) -> Viewer:
        """Note that a session is in use, in the store at most every SEEN_EVERY."""
        if now - viewer.session.seen_at < SEEN_EVERY:
            return viewer
        seen = msgspec.structs.replace(viewer, session=msgspec.structs.replace(viewer.session, seen_at=now))
        endings = self._endings
        try:
            await self._store.put_session(seen.session)
            if endings != self._endings and seen.session.token_hash not in self._remembered:
                await self._store.end_session(seen.session.token_hash)  # it ended while this was on its way
                raise NotLoggedIn
        except OutsideFault:
            log.warning("session.not_noted")
        self._remembered[viewer.session.token_hash] = (seen, now)
        return seen

    def _remember(self, viewer: Viewer) -> Viewer:
        if len(self._remembered) >= MAX_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        self._remembered[viewer.session.token_hash] = (viewer, self._now())
        return viewer


def check_csrf(viewer: Viewer, shown: str | None) -> None:
    """Return None when the token shown is the session's.

    Raises:
        BadCsrf: It is missing or another.
    """
    if shown is None or not hmac.compare_digest(shown.encode(), viewer.session.csrf.encode()):
        raise BadCsrf


def hash_of(token: str) -> bytes:
    """Return what the store keeps of a token."""
    return hashlib.sha256(token.encode()).digest()
