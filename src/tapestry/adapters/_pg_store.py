"""The store in PostgreSQL, whole."""

import asyncio
from typing import Self

from tapestry.adapters._pg_accounts import PgAccounts
from tapestry.adapters._pg_alerts import PgAlerts
from tapestry.adapters._pg_cases import PgCases
from tapestry.adapters._pg_centres import PgCentres
from tapestry.adapters._pg_challenges import PgChallenges
from tapestry.adapters._pg_chat import PgChat
from tapestry.adapters._pg_database import MAX_CONNECTIONS, Database, open_database
from tapestry.adapters._pg_dispatch import PgDispatch
from tapestry.adapters._pg_intake import PgIntake
from tapestry.adapters._pg_log import PgLog
from tapestry.adapters._pg_orders import PgOrders
from tapestry.adapters._pg_outbox import PgOutbox
from tapestry.adapters._pg_passages import PgPassages
from tapestry.adapters._pg_people_roster import PgPeopleRoster
from tapestry.adapters._pg_phones import PgPhones
from tapestry.adapters._pg_positions import PgPositions
from tapestry.adapters._pg_retention import PgRetention
from tapestry.adapters._pg_roads import PgRoads
from tapestry.adapters._pg_roster import PgRoster
from tapestry.adapters._pg_sheets import PgSheets
from tapestry.adapters._pg_tak import PgTak
from tapestry.adapters._pg_watch import PgWatch
from tapestry.model import OutsideFault


class PgStore(
    PgRoster,
    PgPeopleRoster,
    PgAlerts,
    PgPositions,
    PgIntake,
    PgAccounts,
    PgLog,
    PgSheets,
    PgRoads,
    PgPassages,
    PgPhones,
    PgChallenges,
    PgDispatch,
    PgRetention,
    PgCentres,
    PgCases,
    PgOutbox,
    PgWatch,
    PgOrders,
    PgTak,
    PgChat,
):
    """Implements `tapestry.app.ports.Store`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting = []
        self._appending = None

    @classmethod
    async def open(
        cls, dsn: str, *, max_connections: int = MAX_CONNECTIONS, application: str = "tapestry"
    ) -> Self:
        """Return a store on `dsn`, which should be the app's role; it does not wait for the database.

        Args:
            dsn: As role tapestry_app; the schema is brought up to date by `migrate` with the owner's.
            max_connections: At most so many, for this process.
            application: How the connections are named in pg_stat_activity.

        Raises:
            Refused: The dsn cannot be read.
        """
        return cls(open_database(dsn, max_connections=max_connections, application=application))

    async def healthy(self) -> bool:
        """Return whether the database answers now."""
        try:
            await self._database.row(b"SELECT 1")
        except OutsideFault:
            return False
        return True

    async def close(self) -> None:
        """Let appends that were begun end, then close all connections."""
        if self._appending is not None:
            await asyncio.wait([self._appending])
        await self._database.close()
