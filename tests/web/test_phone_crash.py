"""The hub ends between doing what an item asks for and noting its number: sent again, it is done no second time."""

from collections.abc import Sequence
from typing import Any

import pytest
from tests.fakes.handset import Handset, calls, change, enrolled, set_out
from tests.fakes.small_hub import NOON, SmallHub

from tapestry.app.ports import PhoneItem
from tapestry.model import MovementId, MovementSheet, OutsideFault, StopOrder


@pytest.fixture
async def convoy(hub: SmallHub) -> SmallHub:
    await set_out(hub)
    await change(hub, stop=StopOrder(at=NOON, by="wafa", reason="mortars", scope="movement"))
    return hub


async def sent_over_a_crash(hub: SmallHub, handset: Handset, *items: str) -> Any:
    """Send items whose numbers are lost with the hub, then send them again."""
    note = hub.store.inner.note_items

    async def lose(_: Sequence[PhoneItem]) -> None:
        raise OutsideFault("database: gone with the hub", retry_helps=True)

    hub.store.inner.note_items = lose  # type: ignore[method-assign]
    body = {"phone_id": handset.phone_id, "items": list(items)}
    assert (await handset.browser.post("/api/phone/send", json=body)).status_code == 503
    hub.store.inner.note_items = note  # type: ignore[method-assign]
    hub.clock.move(seconds=20)
    return await handset.send(*items)


async def sheet_of(hub: SmallHub) -> MovementSheet:
    sheet: MovementSheet = await hub.store.sheet(MovementId(1))
    return sheet


async def test_what_is_written_on_the_sheet_is_written_once(convoy: SmallHub) -> None:
    handset = await enrolled(convoy)
    items = (
        handset.item(1, "stop-acknowledge"), handset.item(2, "delay", "flat tyre"), handset.item(3, "checkpoint", "0"),
        handset.item(4, "message", "we wait"), handset.item(5, "delay", "flat tyre"),
    )  # fmt: skip
    assert await sent_over_a_crash(convoy, handset, *items) == {"received": [1, 2, 3, 4, 5], "refused": []}
    sheet = await sheet_of(convoy)
    assert sheet.stop is not None
    assert [it.by for it in sheet.stop.receipts] == ["phone/1"]
    assert [it.key for it in sheet.contacts] == ["phone/1/2", "phone/1/5"]  # two presses, two entries
    assert [it.checkpoint for it in sheet.passages] == [0]
    assert len(await convoy.store.messages(MovementId(1), after=0, limit=9)) == 1
    notices = await convoy.store.notices(MovementId(1), after=0, limit=9)
    assert [it.key for it in notices] == ["phone/1/2", "phone/1/5"]


async def test_a_call_for_help_opens_one_alert(convoy: SmallHub) -> None:
    handset = await enrolled(convoy)
    assert (await sent_over_a_crash(convoy, handset, handset.item(1, "help")))["received"] == [1]
    assert len({it.raised_at for it in calls(convoy)}) == 1
    notices = await convoy.store.notices(MovementId(1), after=0, limit=9)
    assert [it.code for it in notices] == ["phone-help"]
