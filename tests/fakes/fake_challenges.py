"""Words and challenges in memory, kept to the same contract suite as PostgreSQL."""

from datetime import datetime

from msgspec.structs import replace

from tapestry.app.ports import Challenge, ChallengeOutcome, WordHashes
from tapestry.model import MovementId, PersonId


class FakeChallenges:
    def __init__(self) -> None:
        super().__init__()
        self._words: dict[PersonId, WordHashes] = {}
        self._challenges: dict[int, Challenge] = {}

    async def put_words(self, words: WordHashes) -> None:
        self._words[words.person_id] = words

    async def words(self, person_id: PersonId) -> WordHashes | None:
        return self._words.get(person_id)

    async def add_challenge(self, challenge: Challenge) -> Challenge:
        stored = replace(challenge, challenge_id=len(self._challenges) + 1)
        self._challenges[stored.challenge_id] = stored
        return stored

    async def challenge(self, challenge_id: int) -> Challenge | None:
        return self._challenges.get(challenge_id)

    async def challenges_of(self, movement_id: MovementId) -> list[Challenge]:
        return [it for it in reversed(self._challenges.values()) if it.movement_id == movement_id][:200]

    async def note_answer(self, challenge_id: int, outcome: ChallengeOutcome, *, at: datetime) -> None:
        known = self._challenges[challenge_id]
        stands = known.outcome and outcome is not ChallengeOutcome.DURESS
        self._challenges[challenge_id] = replace(
            known,
            answers=known.answers + 1,
            answered_at=known.answered_at or at,
            outcome=known.outcome if stands else outcome.value,
        )
