"""Asking a convoy whether it is well: one word says yes, another says that somebody makes them say so.

What is answered is compared here, never on the phone, and the phone is told nothing of it: who watches the person
type cannot learn which word was the right one, nor try others to find out.
"""

import unicodedata
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from tapestry.access import Action, Principal, Resource
from tapestry.app._access import DeskPorts, may, require
from tapestry.app._challenge_port import Challenge, ChallengeOutcome, WordHashes
from tapestry.app._people_port import PasswordHasher
from tapestry.app._refusals import Invalid, Missing
from tapestry.app._sheet_access import access_sheet, resource_of_sheet
from tapestry.app._sheet_writer import SheetWriter
from tapestry.model import Person, PersonId

ASKED_FOR: Final = timedelta(minutes=30)  # then the phone shows the question no more
MAX_ANSWERS: Final = 5  # judged of one challenge: each takes two slow hashes
MIN_WORD_LENGTH: Final = 3
MAX_WORD_LENGTH: Final = 60

Act = Callable[[ChallengeOutcome], Awaitable[None]]


class ChallengeDesk:
    """Words, challenges and answers."""

    def __init__(self, ports: DeskPorts, writer: SheetWriter, hasher: PasswordHasher) -> None:
        self._ports = ports
        self._writer = writer
        self._hasher = hasher

    async def set_words(self, who: Principal, person_id: int, well: str, duress: str) -> None:
        """Give a person two words, in place of those before."""
        person = await self._person(who, person_id)
        said, forced = spelt(well), spelt(duress)
        if not all(MIN_WORD_LENGTH <= len(it) <= MAX_WORD_LENGTH for it in (said, forced)) or said == forced:
            raise Invalid(
                "bad-words",
                f"Two different words of {MIN_WORD_LENGTH} to {MAX_WORD_LENGTH} letters are needed.",
                "Choose words that the person uses in no other sentence.",
            )
        await self._ports.store.put_words(
            WordHashes(
                person_id=person.person_id,
                well_hash=await self._hasher.hash(said),
                duress_hash=await self._hasher.hash(forced),
                set_at=self._ports.now(),
                set_by=who.user_name,
            )
        )
        await self._ports.entries.note(who.user_name, "set-words", f"person/{person_id}")

    async def ask(self, who: Principal, phone_id: int) -> Challenge:
        """Ask on a phone whether its person is well; a question that is open there is asked no second time."""
        phone = await self._ports.store.phone(phone_id) if 0 < phone_id < 2**31 else None
        if phone is None:
            raise Missing
        sheet = await access_sheet(self._ports, who, phone.movement_id)
        require(self._ports, who, Action.REVIEW_MOVEMENT, resource_of_sheet(sheet))
        person_id = phone.person_id or sheet.request.commander_id
        if phone.enrolled_at is None or phone.wiped_at is not None:
            raise Invalid("no-phone", "This phone is not enrolled.", "Choose one that is.")
        if person_id is None or await self._ports.store.words(person_id) is None:
            raise Invalid(
                "no-words", "Whoever carries this phone has no words to answer with.", "Give them two first."
            )
        known = await self.open_for(phone.movement_id, phone_id)
        if known is not None:
            return known
        asked = await self._ports.store.add_challenge(
            Challenge(
                challenge_id=0, movement_id=phone.movement_id, phone_id=phone_id, person_id=person_id,
                asked_at=self._ports.now(), asked_by=who.user_name,
            )
        )  # fmt: skip
        await self._ports.entries.note(who.user_name, "ask-phone", f"phone/{phone_id}")
        await self._writer.tell_of([sheet])
        return asked

    async def challenges(self, who: Principal, movement_id: int) -> list[Challenge]:
        """Return what was asked of a movement's phones, the newest first."""
        sheet = await access_sheet(self._ports, who, movement_id)
        require(self._ports, who, Action.RUN_MOVEMENT, resource_of_sheet(sheet))
        await self._ports.entries.note(who.user_name, "view-challenges", f"movement/{movement_id}")
        return await self._ports.store.challenges_of(sheet.movement_id)

    async def open_for(self, movement_id: int, phone_id: int) -> Challenge | None:
        """Return the question that stands on a phone, None when none does."""
        since = self._ports.now() - ASKED_FOR
        for it in await self._ports.store.challenges_of(movement_id):  # type: ignore[arg-type]
            if it.phone_id == phone_id and it.answered_at is None and it.asked_at > since:
                return it
        return None

    async def answer_challenge(self, challenge_id: int, word: str, act: Act) -> ChallengeOutcome | None:
        """Return what an answer says, after what follows from it was done and the answer was noted.

        Args:
            challenge_id: Of the question.
            word: As it was typed, or heard over the telephone.
            act: Does what follows; may be called again for the same answer after a crash.

        Returns:
            None when too many answers came: nothing was judged.

        Raises:
            Missing: There is no such question.
        """
        challenge = await self._ports.store.challenge(challenge_id)
        if challenge is None:
            raise Missing
        if challenge.answers >= MAX_ANSWERS:
            return None
        outcome = await self._judge(challenge.person_id, word)
        await act(outcome)
        await self._ports.store.note_answer(challenge_id, outcome, at=self._ports.now())
        return outcome

    async def _judge(self, person_id: PersonId, word: str) -> ChallengeOutcome:
        known = await self._ports.store.words(person_id)
        if known is None:
            return ChallengeOutcome.WRONG
        said = spelt(word)
        # Both are compared, whichever fits: the time that it takes says nothing.
        well = await self._hasher.verify(known.well_hash, said)
        duress = await self._hasher.verify(known.duress_hash, said)
        if duress:
            return ChallengeOutcome.DURESS
        return ChallengeOutcome.WELL if well else ChallengeOutcome.WRONG

    async def _person(self, who: Principal, person_id: int) -> Person:
        for person in await self._ports.store.people():
            owner = Resource(operator_ids=frozenset({person.operator_id}))
            if person.person_id == person_id and may(self._ports, who, Action.VIEW_PEOPLE, owner):
                require(self._ports, who, Action.CHANGE_PEOPLE, owner)
                return person
        raise Missing


def spelt(word: str) -> str:
    """Return a word as it is compared: keyboards differ in capitals, spaces and how letters are composed."""
    return " ".join(unicodedata.normalize("NFKC", word).casefold().split())
