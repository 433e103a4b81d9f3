"""People and their logins, in PostgreSQL."""

from datetime import datetime
from typing import Final

import msgspec

from tapestry.adapters._pg_database import Database
from tapestry.adapters._pg_queries import load_queries
from tapestry.app.ports import Account, Session
from tapestry.model import Refused

_SQL: Final = load_queries("accounts")


class PgAccounts:
    """The accounts' part of the store."""

    _database: Database

    async def accounts(self) -> list[Account]:
        """Return all accounts by user name."""
        return msgspec.convert(await self._database.rows(_SQL["accounts"]), list[Account])

    async def account(self, user_name: str) -> Account | None:
        """Return an account, None when there is none."""
        row = await self._database.row(_SQL["account"], {"user_name": user_name})
        return None if row is None else msgspec.convert(row, Account)

    async def add_account(self, account: Account) -> None:
        """Add an account.

        Raises:
            Refused: The user name is taken, or there is no such operator.
        """
        await self._database.run(_SQL["add_account"], msgspec.structs.asdict(account))

    async def update_account(self, account: Account) -> None:
        """Change an account.

        Raises:
            Refused: There is no such account or operator.
        """
        if not await self._database.run(_SQL["update_account"], msgspec.structs.asdict(account)):
            raise Refused(f"account {account.user_name}: does not exist; add it first")

    async def put_session(self, session: Session) -> None:
        """Add a session, or note when it was seen.

        Raises:
            Refused: There is no such account.
        """
        await self._database.run(_SQL["put_session"], msgspec.structs.asdict(session))

    async def session(self, token_hash: bytes) -> Session | None:
        """Return a session that has not ended, None when there is none."""
        row = await self._database.row(_SQL["session"], {"token_hash": token_hash})
        return None if row is None else msgspec.convert(row, Session)

    async def end_session(self, token_hash: bytes) -> None:
        """End a session; nothing happens when it has ended."""
        await self._database.run(_SQL["end_session"], {"token_hash": token_hash})

    async def end_sessions_of(self, user_name: str) -> None:
        """End all sessions of one person."""
        await self._database.run(_SQL["end_sessions_of"], {"user_name": user_name})

    async def put_setup_link(self, token_hash: bytes, *, valid_until: datetime) -> None:
        """Keep a link that may be used once.

        Raises:
            Refused: There is such a link already.
        """
        await self._database.run(
            _SQL["put_setup_link"], {"token_hash": token_hash, "valid_until": valid_until}
        )

    async def use_setup_link(self, token_hash: bytes, *, at: datetime) -> bool:
        """Return True once for a link that is valid at `at`, and never again."""
        return bool(await self._database.run(_SQL["use_setup_link"], {"token_hash": token_hash, "at": at}))
