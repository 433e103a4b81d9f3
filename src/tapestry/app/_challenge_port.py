"""What the house asks of its store about asking people whether they are well, and the words they answer with."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from tapestry.model import MovementId, PersonId


class ChallengeOutcome(StrEnum):
    """What an answer said. Who answered is never told."""

    WELL = "well"
    DURESS = "duress"
    WRONG = "wrong"  # neither word: nothing is confirmed


class WordHashes(msgspec.Struct, frozen=True, kw_only=True):
    """Argon2id hashes of a person's two words; the words themselves are stored nowhere."""

    person_id: PersonId
    well_hash: str
    duress_hash: str
    set_at: datetime
    set_by: str


class Challenge(msgspec.Struct, frozen=True, kw_only=True):
    """A person on a phone was asked to confirm that they are well."""

    challenge_id: int  # 0 before it is stored
    movement_id: MovementId
    phone_id: int
    person_id: PersonId  # whose words count
    asked_at: datetime
    asked_by: str
    answered_at: datetime | None = None
    answers: int = 0
    outcome: str = ""  # a ChallengeOutcome; empty: not answered


class ChallengeStore(Protocol):
    """Words and challenges."""

    async def put_words(self, words: WordHashes) -> None:
        """Store a person's words in place of those before."""
        ...

    async def words(self, person_id: PersonId) -> WordHashes | None: ...
    async def add_challenge(self, challenge: Challenge) -> Challenge: ...
    async def challenge(self, challenge_id: int) -> Challenge | None: ...
    async def challenges_of(self, movement_id: MovementId) -> list[Challenge]:
        """Return a movement's challenges, the newest first."""
        ...

    async def note_answer(self, challenge_id: int, outcome: ChallengeOutcome, *, at: datetime) -> None:
        """Count an answer; the first stands, but duress replaces every other."""
        ...
