"""The ladder's steps, messages to duty phones and text messages that came in, in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from psycopg.types.json import Json

from tapestry.adapters._pg_cases import add_deliveries
from tapestry.adapters._pg_database import Database
from tapestry.adapters._pg_queries import load_queries
from tapestry.app.ports import InboundText, MeansTried, OutMessage
from tapestry.model import CaseDelivery, CaseId, LadderStep

_SQL: Final = load_queries("cases")


class PgOutbox:
    """The part of the store that holds what goes to people outside and comes from them."""

    _database: Database

    async def take_step(
        self,
        case_id: CaseId,
        step: LadderStep,
        deliveries: Sequence[CaseDelivery],
        messages: Sequence[OutMessage],
    ) -> bool:
        """Note a step of the ladder with all that follows from it; return False when it was taken before."""
        params = msgspec.structs.asdict(step) | {"case_id": case_id, "desks": list(step.desks)}
        async with self._database.transaction() as connection:
            if not (await connection.execute(_SQL["add_step"], params)).rowcount:
                return False
            await add_deliveries(connection, case_id, deliveries)
            for message in messages:
                await connection.execute(_SQL["add_message"], msgspec.structs.asdict(message))
        return True

    async def due_messages(self, now: datetime, *, limit: int) -> list[OutMessage]:
        """Return the messages that are to be tried now, the longest due first."""
        rows = await self._database.rows(_SQL["due_messages"], {"now": now, "limit": limit})
        return msgspec.convert(rows, list[OutMessage])

    async def messages_of(self, case_id: CaseId) -> list[OutMessage]:
        """Return a case's messages, by id."""
        rows = await self._database.rows(_SQL["messages_of"], {"case_id": case_id})
        return msgspec.convert(rows, list[OutMessage])

    async def message_sent(self, message: OutMessage, *, at: datetime) -> None:
        """Note that it was taken by the other side; that person's other ways stop."""
        params = {"message_id": message.message_id, "recipient_key": message.recipient_key, "at": at}
        async with self._database.transaction() as connection:
            await connection.execute(_SQL["message_sent"], params)
            await connection.execute(_SQL["stop_other_ways"], params)

    async def message_failed(
        self, message: OutMessage, *, at: datetime, error: str, next_try_at: datetime | None
    ) -> None:
        """Note a try that failed; the person's next way is taken at once. None: it is given up."""
        params = {
            "message_id": message.message_id,
            "recipient_key": message.recipient_key,
            "rank": message.rank,
            "at": at,
            "error": error,
            "next_try_at": next_try_at,
        }
        async with self._database.transaction() as connection:
            await connection.execute(_SQL["message_failed"], params)
            await connection.execute(_SQL["release_next_way"], params)

    async def newest_tries(self) -> list[MeansTried]:
        """Return how the newest try by each means went."""
        return msgspec.convert(await self._database.rows(_SQL["newest_tries"]), list[MeansTried])

    async def add_text(self, text: InboundText) -> InboundText | None:
        """Keep a text message; None when the gateway delivered it before."""
        posrep = None if text.posrep is None else Json(msgspec.to_builtins(text.posrep))
        row = await self._database.row(_SQL["add_text"], msgspec.structs.asdict(text) | {"posrep": posrep})
        return None if row is None else msgspec.structs.replace(text, text_id=row["text_id"])

    async def text_of_gateway(self, gateway_id: str) -> InboundText | None:
        """Return the text message that the gateway brought under its own id before, None when it did not."""
        row = await self._database.row(_SQL["text_of_gateway"], {"gateway_id": gateway_id})
        return None if row is None else msgspec.convert(row, InboundText)

    async def texts(self, *, limit: int) -> list[InboundText]:
        """Return the newest first."""
        rows = await self._database.rows(_SQL["texts"], {"limit": limit})
        return msgspec.convert(rows, list[InboundText])
