"""Accounts at the desk: logins that are noted, accounts that administrators change; and the Log itself."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from tapestry.access import Action, Principal, Role
from tapestry.app._access import DeskPorts, require
from tapestry.app._entries import MAX_WAITING
from tapestry.app._people import AccountChange, People
from tapestry.app._sessions import Viewer
from tapestry.app.ports import Account, LogEntry, TreeHead
from tapestry.model import OperatorId

MAX_LOG_ENTRIES: Final = 1_000
FAILED_LOGINS_EVERY_S: Final = 1.0  # how late the first failed login of a name is in the Log
FollowAccount = Callable[[Principal, Account], Awaitable[None]]


class AccountDesk:
    """What people do with accounts, and with their own login.

    Args:
        follow: Told of each account that was changed, and by whom.
    """

    def __init__(self, ports: DeskPorts, people: People, follow: FollowAccount) -> None:
        self._ports = ports
        self._follow = follow
        self.people = people

    async def log_in(
        self, user_name: str, password: str, totp: str | None, *, remote: str
    ) -> tuple[str, Viewer]:
        """Return a new session's token and its viewer."""
        token, viewer = await self.people.log_in(user_name, password, totp, remote=remote)
        await self._note(viewer.principal, "log-in", viewer.account.user_name, {"remote": remote})
        return token, viewer

    async def write_failed_logins(self) -> None:
        """Write the failed logins and locks that are due; none is lost while the Log takes no more."""
        entries, failed = self._ports.entries, self.people.logins.failed
        while entries.waiting < MAX_WAITING and (line := failed.take_due(at=self._ports.now())) is not None:
            await entries.note("system", line.action, line.subject, line.details)

    async def run(self) -> None:
        """Write failed logins, for ever."""
        while True:
            await asyncio.sleep(FAILED_LOGINS_EVERY_S)
            await self.write_failed_logins()

    async def log_out(self, viewer: Viewer) -> None:
        """End the session."""
        await self.people.sessions.end(viewer)
        await self._note(viewer.principal, "log-out", viewer.account.user_name, {})

    async def set_up(self, token: str, user_name: str, password: str, *, remote: str) -> Account:
        """Make an administrator by a one-time link."""
        account = await self.people.set_up(token, user_name, password, remote=remote)
        who = Principal(user_name=account.user_name, role=account.role)
        await self._note(who, "set-up-administrator", account.user_name, {"remote": remote})
        return account

    async def confirm_totp(self, viewer: Viewer, code: str) -> None:
        """Turn one-time codes on for one's own account."""
        await self.people.confirm_totp(viewer, code)
        await self._note(viewer.principal, "enable-totp", viewer.account.user_name, {})

    async def accounts(self, who: Principal) -> list[Account]:
        """Return all accounts."""
        require(self._ports, who, Action.MANAGE_ACCOUNTS)
        accounts = await self.people.accounts()
        await self._ports.entries.note(who.user_name, "view-accounts", "accounts", {"count": len(accounts)})
        return accounts

    async def add(
        self, who: Principal, user_name: str, role: Role, operator_id: OperatorId | None, password: str
    ) -> Account:
        """Add an account."""
        require(self._ports, who, Action.MANAGE_ACCOUNTS)
        account = await self.people.add(user_name, role, operator_id, password)
        await self._note(who, "add-account", user_name, {"role": role.value, "operator_id": operator_id})
        return account

    async def change(self, who: Principal, user_name: str, change: AccountChange) -> Account:
        """Change an account; its sessions end."""
        require(self._ports, who, Action.MANAGE_ACCOUNTS)
        account = await self.people.change(user_name, change)
        given = {name: value for name, value in msgspec.to_builtins(change).items() if value is not None}
        if "password" in given:
            given["password"] = "changed"  # noqa: S105 - the word stands in the password's place
        await self._note(who, "change-account", user_name, given)
        await self._follow(who, account)
        return account

    async def log(self, who: Principal, *, before: int | None, limit: int) -> list[LogEntry]:
        """Return entries of the Log, newest first, those below `before`."""
        require(self._ports, who, Action.VIEW_LOG)
        size = await self._ports.store.log_size()
        end = size if before is None else max(0, min(before, size))
        limit = min(limit, MAX_LOG_ENTRIES)
        start = max(0, end - limit)
        entries = await self._ports.store.log_entries(start=start, limit=end - start) if end > start else []
        await self._ports.entries.note(
            who.user_name, "view-log", "log", {"start": start, "count": len(entries)}
        )
        return entries[::-1]

    async def log_head(self, who: Principal) -> TreeHead | None:
        """Return the newest signed head of the Log, None when none was signed yet."""
        require(self._ports, who, Action.VIEW_LOG_HEAD)
        heads = await self._ports.store.tree_heads(limit=1)
        return heads[0] if heads else None

    async def _note(self, who: Principal, action: str, user_name: str, details: dict[str, object]) -> None:
        await self._ports.entries.note(who.user_name, action, f"account/{user_name}", details)
