"""Words and challenges in PostgreSQL."""

from datetime import datetime
from typing import Final

import msgspec

from tapestry.adapters._pg_database import Database
from tapestry.adapters._pg_queries import load_queries
from tapestry.app.ports import Challenge, ChallengeOutcome, WordHashes
from tapestry.model import MovementId, PersonId

_SQL: Final = load_queries("challenges")


class PgChallenges:
    """The challenges' part of the store."""

    _database: Database

    async def put_words(self, words: WordHashes) -> None:
        """Store a person's words in place of those before."""
        await self._database.run(_SQL["put_words"], msgspec.structs.asdict(words))

    async def words(self, person_id: PersonId) -> WordHashes | None:
        """Return a person's words, None when there are none."""
        row = await self._database.row(_SQL["words"], {"person_id": person_id})
        return None if row is None else msgspec.convert(row, WordHashes)

    async def add_challenge(self, challenge: Challenge) -> Challenge:
        """Store a question."""
        row = await self._database.row(_SQL["add_challenge"], msgspec.structs.asdict(challenge))
        return msgspec.convert(row, Challenge)

    async def challenge(self, challenge_id: int) -> Challenge | None:
        """Return a question, None when there is none."""
        row = await self._database.row(_SQL["challenge"], {"challenge_id": challenge_id})
        return None if row is None else msgspec.convert(row, Challenge)

    async def challenges_of(self, movement_id: MovementId) -> list[Challenge]:
        """Return a movement's challenges, the newest first."""
        rows = await self._database.rows(_SQL["challenges_of"], {"movement_id": movement_id})
        return msgspec.convert(rows, list[Challenge])

    async def note_answer(self, challenge_id: int, outcome: ChallengeOutcome, *, at: datetime) -> None:
        """Count an answer; the first stands, but duress replaces every other."""
        params = {"challenge_id": challenge_id, "outcome": outcome.value, "at": at}
        await self._database.run(_SQL["note_answer"], params)
