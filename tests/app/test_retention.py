"""Old data goes by itself, and the Log says so."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.fakes.small_hub import NOON, SmallHub

from tapestry.app._retention import RetentionKeeper, days_of
from tapestry.app.ports import KeptKind, RejectedFrame, RejectedWanted
from tapestry.movement import Retention


@pytest.fixture
async def hub(tmp_path: Path) -> SmallHub:
    hub = SmallHub(tmp_path)
    await hub.fill()
    return hub


async def test_what_is_too_old_goes_and_each_deletion_is_in_the_log(hub: SmallHub) -> None:
    for days in (31, 29):
        frame = RejectedFrame(
            received_at=NOON - timedelta(days=days), protocol="gt06", remote="x", reason="r", raw_hex="00"
        )
        await hub.store.record_rejected(frame)
    desk = hub.services.desk
    keeper = RetentionKeeper(desk.ports, desk.settings)
    await keeper.look()
    await keeper.look()
    assert len(await hub.store.rejected(RejectedWanted(), before=None, limit=9)) == 1
    entries = [it for it in await hub.store.inner.log_entries(start=0, limit=99) if it.action == "delete-old"]
    assert [(it.actor, it.subject, it.details["rows"], it.details["days"]) for it in entries] == [
        ("system", "rejected", 1, 30)
    ]


def test_every_kind_has_its_days() -> None:
    assert set(days_of(Retention())) == set(KeptKind)


def test_the_page_has_the_days_that_hold_by_default() -> None:
    page = (Path(__file__).parents[2] / "docs" / "roster.md").read_text(encoding="utf-8")
    section = page[page.index("## What is kept") :]
    told = [
        line.split("|")[2].strip().replace(",", "") for line in section.splitlines() if line.startswith("| ")
    ]
    assert told[1:] == [str(days) for days in days_of(Retention()).values()]
