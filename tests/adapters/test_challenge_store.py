"""What every store keeps of words and challenges: the same suite over the fake and over PostgreSQL."""

from datetime import UTC, datetime, timedelta

from tapestry.app.ports import Challenge, ChallengeOutcome, NewPhone, Store, WordHashes
from tapestry.model import MovementId, Person, PersonId

pytest_plugins = ["tests.both_stores"]

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MOVEMENT = MovementId(1)


async def asked(store: Store) -> Challenge:
    phone = await store.add_phone(
        NewPhone(
            movement_id=MOVEMENT, vehicle_id=None, person_id=None, token_hash=b"h" * 32, token_expires_at=AT,
            created_at=AT, created_by="wafa",
        )
    )  # fmt: skip
    return await store.add_challenge(
        Challenge(
            challenge_id=0, movement_id=MOVEMENT, phone_id=phone.phone_id, person_id=PersonId(1), asked_at=AT,
            asked_by="wafa",
        )
    )  # fmt: skip


async def test_a_person_has_one_pair_of_words(store: Store) -> None:
    operator = await store.add_operator(name="North")
    (person,) = await store.put_people(
        [Person(person_id=PersonId(0), operator_id=operator.operator_id, name="Samir")]
    )
    first = WordHashes(person_id=person.person_id, well_hash="a", duress_hash="b", set_at=AT, set_by="adam")
    second = WordHashes(
        person_id=person.person_id, well_hash="c", duress_hash="d", set_at=AT + MINUTE, set_by="wafa"
    )
    assert await store.words(person.person_id) is None
    await store.put_words(first)
    assert await store.words(person.person_id) == first
    await store.put_words(second)
    assert await store.words(person.person_id) == second


async def test_the_first_answer_stands_and_duress_replaces_it(store: Store) -> None:
    challenge = await asked(store)
    await store.note_answer(challenge.challenge_id, ChallengeOutcome.WELL, at=AT + MINUTE)
    await store.note_answer(challenge.challenge_id, ChallengeOutcome.WRONG, at=AT + 2 * MINUTE)
    known = await store.challenge(challenge.challenge_id)
    assert known is not None
    assert (known.outcome, known.answered_at, known.answers) == ("well", AT + MINUTE, 2)
    await store.note_answer(challenge.challenge_id, ChallengeOutcome.DURESS, at=AT + 3 * MINUTE)
    (known,) = await store.challenges_of(MOVEMENT)
    assert (known.outcome, known.answered_at, known.answers) == ("duress", AT + MINUTE, 3)


async def test_challenges_of_a_movement_come_newest_first(store: Store) -> None:
    first = await asked(store)
    second = await store.add_challenge(first)
    assert [it.challenge_id for it in await store.challenges_of(MOVEMENT)] == [
        second.challenge_id,
        first.challenge_id,
    ]
    assert await store.challenges_of(MovementId(2)) == []
    assert await store.challenge(10_000) is None
