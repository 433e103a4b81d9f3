"""Locking and wiping take two people; nothing that one of them does alone has an effect."""

from collections.abc import Awaitable

import pytest
from msgspec.structs import replace
from tests.fakes.small_hub import PASSWORD, SmallHub

from tapestry.access import Principal
from tapestry.app import _centre_orders
from tapestry.app.desk import NewCentreOrder, SecondPerson
from tapestry.app.refusals import DeskRefusal, Forbidden, Missing
from tapestry.model import OperatorId

ADAM = Principal(user_name="adam", role="administrator")
WAFA = Principal(user_name="wafa", role="watch_officer")
OMAR = Principal(user_name="omar", role="operator", operator_id=OperatorId(1))
LOCK = NewCentreOrder(level="lock", reason="the building is being taken", centre="hub")
WIPE = NewCentreOrder(level="wipe", reason="the building is being taken", centre="hub")
SURE = SecondPerson(password=PASSWORD)


class Machine:
    """A hub to be wiped."""

    def __init__(self) -> None:
        self.marks: list[str] = []
        self.wiped = False

    async def mark(self, words: str) -> None:
        self.marks.append(words)

    async def wipe(self) -> None:
        self.wiped = True


async def refused(code: str, act: Awaitable[object]) -> None:
    with pytest.raises(DeskRefusal) as fault:
        await act
    assert fault.value.code == code


async def test_a_lock_needs_another_person_with_their_password(hub: SmallHub) -> None:
    orders = hub.desk.orders
    view = await orders.order(ADAM, LOCK)
    assert view.waiting is not None
    number = view.waiting.order_id
    await refused("same-person", orders.confirm(ADAM, number, SURE, remote="192.0.2.1"))
    wrong = orders.confirm(WAFA, number, SecondPerson(password="not hers"), remote="192.0.2.1")
    await refused("wrong-password", wrong)
    assert not orders.locked
    await orders.confirm(WAFA, number, SURE, remote="192.0.2.1")
    assert orders.locked
    await refused("not-waiting", orders.confirm(WAFA, number, SURE, remote="192.0.2.1"))
    actions = [it.action for it in hub.store.inner.entries if it.subject == f"centre-order/{number}"]
    assert actions == ["order-lock", "confirm-lock"]


async def test_the_name_of_the_centre_has_to_be_typed_and_an_operator_may_not(hub: SmallHub) -> None:
    other = NewCentreOrder(level="wipe", reason="r", centre="Hub")
    await refused("other-name", hub.desk.orders.order(ADAM, other))
    with pytest.raises(Forbidden):
        await hub.desk.orders.order(OMAR, LOCK)


async def test_an_order_that_nobody_confirms_in_time_is_over(hub: SmallHub) -> None:
    view = await hub.desk.orders.order(ADAM, LOCK)
    assert view.waiting is not None
    await refused("order-waits", hub.desk.orders.order(WAFA, WIPE))
    hub.clock.move(minutes=10.1)
    late = hub.desk.orders.confirm(WAFA, view.waiting.order_id, SURE, remote="192.0.2.1")
    await refused("not-waiting", late)
    assert (await hub.desk.orders.view(WAFA)).waiting is None


async def test_who_ordered_or_the_other_one_may_take_it_back(hub: SmallHub) -> None:
    view = await hub.desk.orders.order(ADAM, LOCK)
    assert view.waiting is not None
    assert (await hub.desk.orders.cancel(WAFA, view.waiting.order_id)).waiting is None
    confirmed = hub.desk.orders.confirm(WAFA, view.waiting.order_id, SURE, remote="192.0.2.1")
    await refused("not-waiting", confirmed)
    with pytest.raises(Missing):
        await hub.desk.orders.confirm(WAFA, 77, SURE, remote="192.0.2.1")


async def test_a_lock_outlives_a_restart_and_two_people_end_it(hub: SmallHub) -> None:
    orders = hub.desk.orders
    number = (await orders.order(ADAM, LOCK)).orders[0].order_id
    await orders.confirm(WAFA, number, SURE, remote="192.0.2.1")
    orders.locked = False
    await orders.load()  # as the web role does when it starts
    assert orders.locked
    await refused("not-asked", orders.unlock(WAFA, number, SURE, remote="192.0.2.1"))
    view = await orders.ask_unlock(WAFA, number)
    assert view.unlock_asked_by == "wafa"
    await refused("same-person", orders.unlock(WAFA, number, SURE, remote="192.0.2.1"))
    view = await orders.unlock(ADAM, number, SURE, remote="192.0.2.1")
    assert (view.locked, view.lock) == (False, None)


async def test_a_wipe_that_two_people_said_is_carried_out_after_the_log_has_it(hub: SmallHub) -> None:
    machine = Machine()
    orders = _centre_orders.OrderDesk(hub.desk.ports, hub.desk.people, machine, grace_s=0.0)
    number = (await orders.order(WAFA, WIPE)).orders[0].order_id
    assert machine.marks == []
    view = await orders.confirm(ADAM, number, SURE, remote="192.0.2.1")
    assert view.wiping
    (words,) = machine.marks  # when it is answered: a power cut after that does not undo it
    assert words.startswith("ordered by wafa and confirmed by adam")
    assert not machine.wiped
    await orders.wiped()
    assert machine.wiped
    assert [it.action for it in hub.store.inner.entries][-2:] == ["order-wipe", "confirm-wipe"]


async def test_an_account_that_was_disabled_confirms_nothing(hub: SmallHub) -> None:
    view = await hub.desk.orders.order(ADAM, LOCK)
    assert view.waiting is not None
    account = await hub.store.inner.account("wafa")
    assert account is not None
    await hub.store.inner.update_account(replace(account, disabled=True))
    confirmed = hub.desk.orders.confirm(WAFA, view.waiting.order_id, SURE, remote="192.0.2.1")
    await refused("wrong-password", confirmed)
    assert not hub.desk.orders.locked


async def test_where_nothing_can_wipe_nobody_is_told_that_it_is_wiped(hub: SmallHub) -> None:
    number = (await hub.desk.orders.order(WAFA, WIPE)).orders[0].order_id
    await refused("no-wipe-here", hub.desk.orders.confirm(ADAM, number, SURE, remote="192.0.2.1"))
    assert not (await hub.desk.orders.view(ADAM)).wiping


async def test_while_it_is_locked_nothing_but_the_way_out_answers(hub: SmallHub) -> None:
    adam = await hub.log_in("adam")
    number = (
        await adam.post("/api/centre-orders", json={"level": "lock", "reason": "fire", "centre": "hub"})
    ).json()["waiting"]["order_id"]
    wafa = await hub.log_in("wafa")
    assert (await wafa.get("/api/vehicles")).status_code == 200
    assert (
        await wafa.post(f"/api/centre-orders/{number}/confirm", json={"password": PASSWORD})
    ).status_code == 200
    assert (await adam.get("/api/me")).status_code == 401  # everybody's session ended
    again = await hub.log_in("adam")
    for path in ("/api/vehicles", "/api/cases", "/api/watch", "/api/log"):
        answer = await again.get(path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (423, "locked"), path
    assert (await again.get("/api/centre-orders")).json()["locked"] is True
