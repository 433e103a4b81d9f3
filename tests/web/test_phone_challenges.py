"""Asking a convoy whether it is well: the word for yes, the word for duress, and nothing that tells them apart."""

from typing import Any

import pytest
from tests.fakes.handset import Handset, calls, change, enrolled, set_out
from tests.fakes.small_hub import SmallHub

from tapestry.model import MovementId, OperatorId, Person, PersonId

WELL, DURESS = "لا بأس", "Blue Heron"


@pytest.fixture
async def convoy(hub: SmallHub) -> SmallHub:
    await set_out(hub)
    await hub.store.put_people([Person(person_id=PersonId(0), operator_id=OperatorId(1), name="Samir")])
    await change(hub, request={"commander_id": PersonId(1)})
    return hub


async def put_words(hub: SmallHub, user: str = "wafa", well: str = WELL, duress: str = DURESS) -> int:
    browser = await hub.log_in(user)
    answer = await browser.put("/api/people/1/words", json={"well": well, "duress": duress})
    return answer.status_code


async def asked(hub: SmallHub) -> tuple[Handset, int]:
    """Return a phone and the question on it."""
    assert await put_words(hub) == 204
    handset, wafa = await enrolled(hub), await hub.log_in("wafa")
    answer = await wafa.post("/api/phones/1/challenges")
    assert answer.status_code == 201, answer.text
    again = await wafa.post("/api/phones/1/challenges")
    assert again.json()["challenge_id"] == answer.json()["challenge_id"]
    return handset, (await handset.poll())["challenge"]["challenge_id"]


async def seen(hub: SmallHub) -> tuple[list[str], list[str]]:
    """Return the codes of the sheet's notices, and what became of the questions."""
    notices = await hub.store.notices(MovementId(1), after=0, limit=9)
    listed = (await (await hub.log_in("wafa")).get("/api/sheets/1/challenges")).json()
    return [it.code for it in notices], [it["outcome"] for it in listed]


async def test_the_word_for_yes_is_an_entry_and_no_call(convoy: SmallHub) -> None:
    handset, number = await asked(convoy)
    assert await handset.send(handset.item(1, "answer", f"{number},  {WELL} ")) == {
        "received": [1],
        "refused": [],
    }
    assert await seen(convoy) == (["phone-well"], ["well"])
    assert calls(convoy) == []


async def test_the_word_for_duress_calls_for_help_in_silence(convoy: SmallHub) -> None:
    handset, number = await asked(convoy)
    assert await handset.send(handset.item(1, "answer", f"{number},blue heron")) == {
        "received": [1],
        "refused": [],
    }
    (call,) = calls(convoy)
    assert (call.kind, call.silent, call.identity, call.vehicle_id) == ("help", True, "phone:1", 1)
    assert await seen(convoy) == (["phone-help"], ["duress"])


async def test_the_phone_is_told_the_same_of_every_answer(convoy: SmallHub) -> None:
    heard: list[Any] = []
    handset, _ = await asked(convoy)
    wafa = await convoy.log_in("wafa")
    for n, word in enumerate((WELL, DURESS, "nonsense"), start=1):
        number = (await wafa.post("/api/phones/1/challenges")).json()["challenge_id"]
        before = convoy.hasher.verified
        sent = await handset.send(handset.item(n, "answer", f"{number},{word}"))
        news = await handset.poll()
        heard.append((sent["refused"], len(sent["received"]), news, convoy.hasher.verified - before))
    assert heard[0] == heard[1] == heard[2]
    assert heard[0][2]["challenge"] is None
    assert (await seen(convoy))[1] == ["wrong", "duress", "well"]


async def test_words_are_in_no_log_no_notice_and_no_item(convoy: SmallHub) -> None:
    handset, number = await asked(convoy)
    await handset.send(handset.item(1, "answer", f"{number},{DURESS}"))
    entries = await convoy.store.inner.log_entries(start=0, limit=1000)
    notices = await convoy.store.notices(MovementId(1), after=0, limit=9)
    items = convoy.store.inner._items.values()
    kept = await convoy.store.words(PersonId(1))
    said = repr((entries, notices, list(items), kept, convoy.bus.published("DISTRESS"))).casefold()
    assert "set-words" in said
    assert WELL not in said
    assert DURESS.casefold() not in said


async def test_an_answer_counts_only_on_the_phone_that_was_asked_and_five_times(convoy: SmallHub) -> None:
    handset, number = await asked(convoy)
    other = await enrolled(convoy, vehicle_id=2)
    answer = await other.send(other.item(1, "answer", f"{number},{WELL}"))
    assert answer["refused"] == [{"n": 1, "code": "not-asked"}]
    before = convoy.hasher.verified
    for n in range(1, 9):
        assert (await handset.send(handset.item(n, "answer", f"{number},guess")))["received"] == [n]
    assert convoy.hasher.verified - before == 5 * 2


async def test_duress_after_another_answer_still_calls_for_help(convoy: SmallHub) -> None:
    handset, number = await asked(convoy)
    await handset.send(
        handset.item(1, "answer", f"{number},{WELL}"), handset.item(2, "answer", f"{number},{DURESS}")
    )
    assert len(calls(convoy)) == 1
    assert (await seen(convoy))[1] == ["duress"]


async def test_a_question_needs_words_and_goes_after_half_an_hour(convoy: SmallHub) -> None:
    handset, wafa = await enrolled(convoy), await convoy.log_in("wafa")
    answer = await wafa.post("/api/phones/1/challenges")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "no-words")
    assert await put_words(convoy) == 204
    assert (await wafa.post("/api/phones/1/challenges")).status_code == 201
    assert (await handset.poll())["challenge"]
    convoy.clock.move(minutes=31)
    assert (await handset.poll())["challenge"] is None


async def test_words_are_set_by_the_persons_own_operator_and_differ(convoy: SmallHub) -> None:
    assert await put_words(convoy, "omar") == 204
    assert await put_words(convoy, "olga") == 404  # another operator's
    assert await put_words(convoy, well="same word", duress="Same  WORD") == 422
    assert await put_words(convoy, well="ab") == 422
