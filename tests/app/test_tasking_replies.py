"""A team answers its tasking by a text message; what cannot be taken is answered and shown, never lost."""

import pytest
from tests.app.test_cases import FakeMessenger
from tests.fakes.small_hub import NOON, SmallHub

from tapestry.app._distress_reports import DistressReports, TextIn
from tapestry.app._tasking_replies import TaskingReplies
from tapestry.model import Contact, ContactMeans, Place, Tasking, TaskingId, TaskingState, Team, TeamId

NUMBER = "+9647700000009"
PLACE = Place(name="Km 12", lat_deg=33.3, lon_deg=44.4)


class Gateway:
    """Text messages in and out of a hub."""

    def __init__(self, hub: SmallHub) -> None:
        self.hub = hub
        self.messenger = FakeMessenger()
        self.replies = TaskingReplies(hub.desk.ports, hub.desk.taskings, self.messenger)
        self.reports = DistressReports(hub.desk.ports, self.messenger)
        self.reports.take_reply = self.replies.take

    async def text(self, words: str, sender: str = "009647700000009", gateway_id: str | None = None) -> str:
        """Let a message come in; return what is noted of it."""
        taken = await self.reports.take_text(
            "of the gateway", TextIn(sender=sender, text=words, id=gateway_id), remote="192.0.2.1"
        )
        await self.replies.sent()
        return taken.note

    async def state(self, number: int = 1) -> TaskingState:
        tasking = await self.hub.store.inner.tasking(TaskingId(number))
        assert tasking is not None
        return tasking.state


async def ordered(hub: SmallHub, team_id: int) -> None:
    await hub.store.add_tasking(
        Tasking(
            tasking_id=TaskingId(0), version=1, team_id=TeamId(team_id), state=TaskingState.REQUESTED, place=PLACE,
            what="secure", recognition="smoke", friendly="none", ordered_by="wafa", ordered_at=NOON,
            unanswered_at=NOON,
        ),
        is_open=True,
    )  # fmt: skip


@pytest.fixture
async def gateway(hub: SmallHub) -> Gateway:
    contacts = (Contact(means=ContactMeans.SMS, value="+964 770 000 0009"),)
    await hub.store.add_team(Team(team_id=TeamId(0), name="Falcon", post=PLACE, contacts=contacts))
    await ordered(hub, 1)
    return Gateway(hub)


async def test_a_team_goes_through_its_tasking_by_text(gateway: Gateway) -> None:
    for words, state in (("١", "accepted"), ("3", "launched"), ("وصلنا", "on-scene"), ("done", "complete")):
        assert (await gateway.text(words)).startswith("tasking-")
        assert str(await gateway.state()).replace("_", "-") == state
    tasking = await gateway.hub.store.inner.tasking(TaskingId(1))
    assert tasking is not None
    assert {it.by for it in tasking.steps} == {f"sms:{NUMBER}"}
    assert gateway.messenger.letters == []


async def test_a_message_that_the_gateway_brings_twice_counts_once(gateway: Gateway) -> None:
    assert await gateway.text("1") == await gateway.text("1") == "tasking-accept"
    assert gateway.messenger.letters == []
    await ordered(gateway.hub, 1)
    assert await gateway.text("3 #1", gateway_id="m1") == "tasking-launch"
    assert await gateway.text("1", gateway_id="m2") == "tasking-accept"
    await ordered(gateway.hub, 1)
    assert await gateway.text("1", gateway_id="m2") == "tasking-accept"  # brought again: it was of the second
    assert (await gateway.state(2), await gateway.state(3)) == (TaskingState.ACCEPTED, TaskingState.REQUESTED)


async def test_an_answer_that_ends_a_tasking_and_comes_twice_is_not_called_unclear(gateway: Gateway) -> None:
    assert await gateway.text("2 engine broken") == "tasking-decline"
    assert await gateway.text("2 engine broken") == "tasking-decline"
    assert gateway.messenger.letters == []
    gateway.hub.clock.move(minutes=11)
    assert await gateway.text("2 engine broken") == "tasking-unclear"


async def test_the_same_word_to_a_second_tasking_is_its_own_answer(gateway: Gateway) -> None:
    assert await gateway.text("1") == "tasking-accept"
    await ordered(gateway.hub, 1)
    assert await gateway.text("1") == "tasking-accept"
    assert (await gateway.state(1), await gateway.state(2)) == (TaskingState.ACCEPTED, TaskingState.ACCEPTED)


async def test_declining_needs_its_reason_and_the_team_is_told(gateway: Gateway) -> None:
    assert await gateway.text("2") == "tasking-unclear"
    assert await gateway.state() == TaskingState.REQUESTED
    (letter,) = gateway.messenger.letters
    assert (letter.address, letter.text) == (NUMBER, "Write why: 2 and the reason.")
    assert await gateway.text("2 engine broken") == "tasking-decline"
    assert await gateway.state() == TaskingState.DECLINED


async def test_with_two_open_taskings_the_number_decides(gateway: Gateway) -> None:
    await ordered(gateway.hub, 1)
    assert await gateway.text("1") == "tasking-unclear"
    assert "#2, #1" in gateway.messenger.letters[0].text
    assert await gateway.text("1 #2") == "tasking-accept"
    assert (await gateway.state(1), await gateway.state(2)) == (TaskingState.REQUESTED, TaskingState.ACCEPTED)


async def test_another_number_answers_for_nobody(gateway: Gateway) -> None:
    assert await gateway.text("1", sender="+9647700000001") == "unknown-number"
    assert await gateway.state() == TaskingState.REQUESTED
    assert gateway.messenger.letters == []


async def test_a_team_that_calls_for_help_calls_for_help(gateway: Gateway) -> None:
    await gateway.text("نجدة 33.3, 44.4")
    assert gateway.hub.bus.published("DISTRESS")
    assert await gateway.state() == TaskingState.REQUESTED


async def test_a_gateway_that_takes_nothing_does_not_stop_the_answer_from_being_kept(
    gateway: Gateway,
) -> None:
    gateway.messenger.refused["sms"] = "no-credit"
    assert await gateway.text("5") == "tasking-unclear"
    (kept,) = await gateway.hub.store.inner.texts(limit=9)
    assert (kept.text, kept.note) == ("5", "tasking-unclear")
