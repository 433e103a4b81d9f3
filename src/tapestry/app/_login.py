"""Logins: is this the person, and how often may one try.

Three things slow a guesser down: tries per address, a lock after five wrong ones per name (of names that do
not exist too, so that a lock tells nothing), and one guess at a time per name. The password is hashed in
every case, so that a name that does not exist takes as long as one that does.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

import msgspec

from tapestry.app import _one_time
from tapestry.app._failed_logins import FailedLogins, Why
from tapestry.app._people_port import PasswordHasher
from tapestry.app._refusals import BadCredentials, LockedOut, TotpNeeded
from tapestry.app._tries import Tries
from tapestry.app.ports import Account, AccountStore

MAX_WRONG: Final = 5
LOCKED_FOR: Final = timedelta(minutes=15)
MAX_WAITING_LOGINS: Final = 50  # hashes waiting at once; more is an attack
MAX_STRANGERS: Final = 10_000  # names without an account whose wrong tries are counted
MAX_PASSWORD_LENGTH: Final = 256


class Logins:
    """Checks names, passwords and one-time codes."""

    def __init__(self, store: AccountStore, hasher: PasswordHasher, *, now: Callable[[], datetime]) -> None:
        self.failed = FailedLogins()
        self._store = store
        self._hasher = hasher
        self._now = now
        self._tries = Tries()
        self._waiting = 0
        self._turns: dict[str, tuple[asyncio.Lock, int]] = {}  # by name, with how many hold or wait for it
        self._used_steps: dict[str, int] = {}
        self._strangers: dict[str, Account] = {}  # what an account of that name would have counted
        self._any_hash = ""  # to be slow against when there is no such account

    async def check(self, user_name: str, password: str, totp: str | None, *, remote: str) -> Account:
        """Return the account that logs in.

        Args:
            user_name: As typed; capitals do not count.
            password: As typed.
            totp: One-time code, None when none was typed.
            remote: Address it comes from, without port.

        Raises:
            LockedOut: Too many tries from this address, or too many wrong ones for this name.
            BadCredentials: Any of the three is wrong, or the account is disabled.
            TotpNeeded: The password is right and a code is due.
            OutsideFault: The database cannot be reached.
        """
        self.spend_try(remote)
        name = user_name.strip().lower()[:128]
        async with self._turn(name):
            return await self._check(name, password[: MAX_PASSWORD_LENGTH + 1], totp, remote)

    def spend_try(self, remote: str) -> None:
        """Count a try of an address.

        Raises:
            LockedOut: It has none left, or too many people try at once.
        """
        if not self._tries.take(remote, now_s=self._now().timestamp()) or self._waiting >= MAX_WAITING_LOGINS:
            raise LockedOut

    def note_step(self, name: str, step: int) -> None:
        """Note that a one-time code of a time step was used: it and older ones are not good any more."""
        self._used_steps[name] = max(step, self._used_steps.get(name, 0))

    @asynccontextmanager
    async def _turn(self, name: str) -> AsyncIterator[None]:
        lock, holders = self._turns.get(name, (asyncio.Lock(), 0))
        self._turns[name] = (lock, holders + 1)
        self._waiting += 1
        try:
            async with lock:
                yield
        finally:
            self._waiting -= 1
            _, holders = self._turns[name]
            if holders == 1:
                del self._turns[name]
            else:
                self._turns[name] = (lock, holders - 1)

    async def _check(self, name: str, password: str, totp: str | None, remote: str) -> Account:
        known = await self._store.account(name)
        account = known or self._strangers.get(name) or Account(user_name=name, role="", password_hash="")
        if account.locked_until is not None and self._now() < account.locked_until:
            self._note_failed(known, "locked", remote)
            raise LockedOut
        right = await self._hasher.verify(await self._hash_of(account), password)
        if known is None or not right:
            self._note_failed(known, "password", remote)
            await self._count_wrong(account, remote, known=known is not None)
            raise BadCredentials
        if known.disabled:
            self._note_failed(known, "disabled", remote)
            raise BadCredentials
        step = await self._check_code(known, totp, remote)
        fresh = msgspec.structs.replace(known, failed_count=0, locked_until=None, totp_used_step=step)
        if fresh != known:
            await self._store.update_account(fresh)
        return fresh

    async def _check_code(self, account: Account, totp: str | None, remote: str) -> int:
        """Return the time step of the newest code used, this one included."""
        if account.totp_secret is None:
            return account.totp_used_step
        if totp is None:
            raise TotpNeeded
        newest = max(account.totp_used_step, self._used_steps.get(account.user_name, 0))
        step = _one_time.used_step(
            account.totp_secret, totp, now_s=self._now().timestamp(), after_step=newest
        )
        if step is None:
            self._note_failed(account, "code", remote)
            await self._count_wrong(account, remote, known=True)
            raise BadCredentials
        self.note_step(account.user_name, step)
        return step

    async def _hash_of(self, account: Account) -> str:
        if account.password_hash:
            return account.password_hash
        if not self._any_hash:
            self._any_hash = await self._hasher.hash("a password that nobody has")
        return self._any_hash

    def _note_failed(self, known: Account | None, why: Why, remote: str) -> None:
        self.failed.note(known.user_name if known else None, why, remote=remote, at=self._now())

    async def _count_wrong(self, account: Account, remote: str, *, known: bool) -> None:
        wrong = account.failed_count + 1
        counted = msgspec.structs.replace(account, failed_count=wrong)
        until = self._now() + LOCKED_FOR if wrong >= MAX_WRONG else None
        if until is not None:
            counted = msgspec.structs.replace(account, failed_count=0, locked_until=until)
        if known:
            await self._store.update_account(counted)
            if until is not None:
                self.failed.note_lock(account.user_name, wrong=wrong, remote=remote, until=until)
            return
        if len(self._strangers) >= MAX_STRANGERS:
            del self._strangers[next(iter(self._strangers))]
        self._strangers[account.user_name] = counted
