"""Changes between centres in PostgreSQL: noted by triggers, taken over by a function of the database."""

from collections.abc import Sequence
from typing import Any, Final

import psycopg

from tapestry.adapters._pg_database import Database
from tapestry.adapters._pg_queries import load_queries
from tapestry.app.link import Aside, Outcome, Taken
from tapestry.model import Centre, Change, Refused

_SQL: Final = load_queries("centres")
_POSITIONS_SQL: Final = load_queries("positions")
WAITS: Final = (psycopg.errors.ForeignKeyViolation,)
REFUSES: Final = (psycopg.IntegrityError, psycopg.DataError)


class PgCentres:
    """The centres' part of the store; implements `tapestry.app.link.CentreStore`."""

    _database: Database

    async def centres(self) -> tuple[Centre | None, tuple[Centre, ...]]:
        """Return this centre and those it is linked with; see the port."""
        rows = await self._database.rows(_SQL["centres"])
        own = [Centre(number=row["number"], name=row["name"]) for row in rows if row["own"]]
        peers = tuple(Centre(number=row["number"], name=row["name"]) for row in rows if not row["own"])
        return (own[0] if own else None), peers

    async def put_peer(self, peer: Centre) -> None:
        """Note a centre; see the port."""
        await self._database.run(_SQL["put_peer"], {"number": peer.number, "name": peer.name})

    async def changes_ready(self, *, limit: int) -> list[Change]:
        """Return changes to be told; see the port."""
        rows = await self._database.rows(_SQL["changes_ready"], {"limit": limit})
        return [_change(row) for row in rows]

    async def drop_changes(self, change_nos: Sequence[int]) -> None:
        """Forget changes; see the port."""
        await self._database.run(_SQL["drop_changes"], {"change_nos": list(change_nos)})

    async def take_over(
        self, centre: int, changes: Sequence[tuple[int, Change]], *, projection: str
    ) -> Taken:
        """Take changes over; see the port."""
        outcomes: list[Outcome] = []
        waits_for = ""
        async with self._database.transaction() as connection:
            name = {"name": projection}
            await connection.execute(_POSITIONS_SQL["start_projection"], name)
            row = await (await connection.execute(_POSITIONS_SQL["lock_projection"], name)).fetchone()
            last_seq = 0 if row is None else int(row["last_seq"])
            for seq, change in changes:
                if seq <= last_seq:
                    outcomes.append(Outcome.KNOWN)
                    continue
                params = {
                    "centre": centre,
                    "table": change.table,
                    "row": change.row,
                    "gone": change.gone,
                    "changed_at": change.changed_at,
                    "base_at": change.base_at,
                    "base_centre": change.base_centre,
                }
                try:
                    async with connection.transaction():
                        found = await (await connection.execute(_SQL["take_over"], params)).fetchone()
                    assert found is not None
                    outcomes.append(Outcome(found["outcome"]))
                except WAITS as err:
                    waits_for = err.diag.message_primary or change.table
                    break
                except REFUSES as err:
                    said = err.diag.message_primary or type(err).__name__
                    await connection.execute(_SQL["set_aside"], params | {"said": said})
                    outcomes.append(Outcome.REFUSED)
                last_seq = seq
            await connection.execute(_POSITIONS_SQL["mark_projected"], name | {"seq": last_seq})
        return Taken(outcomes=tuple(outcomes), waits_for=waits_for)

    async def set_aside(self, centre: int, change: Change, *, said: str) -> None:
        """Keep a change that can never be taken over, for people."""
        params = {
            "centre": centre,
            "table": change.table,
            "row": change.row,
            "gone": change.gone,
            "changed_at": change.changed_at,
            "said": said,
        }
        await self._database.run(_SQL["set_aside"], params)

    async def asides(self, *, limit: int) -> list[Aside]:
        """Return changes that do not count; see the port."""
        rows = await self._database.rows(_SQL["asides"], {"limit": limit})
        return [
            Aside(**{("table" if key == "table_name" else key): value for key, value in row.items()})
            for row in rows
        ]


async def become_centre(owner_dsn: str, centre: Centre) -> None:
    """Give the store's hub its number among centres, as the owner of its tables.

    Raises:
        Refused: It has a number already, or gave out numbers of its own before it got one.
    """
    async with await psycopg.AsyncConnection.connect(owner_dsn, autocommit=True) as connection:
        try:
            await connection.execute("CALL become_centre(%s::smallint, %s)", [centre.number, centre.name])
        except psycopg.errors.UniqueViolation as err:
            raise Refused(
                f"this hub is a centre already; expected one that stands alone: {err.diag.message_detail}"
            ) from err
        except psycopg.errors.CheckViolation as err:
            raise Refused(
                f"{err.diag.message_primary}: a regional centre starts with an empty roster, because its numbers must "
                "not meet those of the others; join from a new data folder"
            ) from err


async def settle_centre(owner_dsn: str, centre: Centre, *, peers: Sequence[Centre]) -> None:
    """See that the store's hub is this centre and knows those it is linked with; the same again changes nothing.

    Raises:
        Refused: It is another centre, or gave out numbers of its own.
    """
    async with await psycopg.AsyncConnection.connect(owner_dsn, autocommit=True) as connection:
        rows = await (await connection.execute("SELECT number, name, own FROM centre")).fetchall()
    own = [Centre(number=number, name=name) for number, name, is_own in rows if is_own]
    if not own:
        await become_centre(owner_dsn, centre)
    elif own[0].number != centre.number:
        raise Refused(
            f"the database is that of centre {own[0].name} (number {own[0].number}), keys/centre.json says "
            f"{centre.name} (number {centre.number}); put the right file back"
        )
    known = {number for number, _, _ in rows}
    if [peer for peer in peers if peer.number not in known]:
        await tell_all_again(owner_dsn)


async def tell_all_again(owner_dsn: str) -> None:
    """Tell a new centre what goes to all of them."""
    async with await psycopg.AsyncConnection.connect(owner_dsn, autocommit=True) as connection:
        await connection.execute("CALL tell_all_again()")


def _change(row: dict[str, Any]) -> Change:
    return Change(
        change_no=row["change_no"],
        table=row["table_name"],
        row=row["row"],
        gone=row["gone"],
        changed_at=row["changed_at"],
        base_at=row["base_at"],
        base_centre=row["base_centre"],
        home=row["home"],
    )
