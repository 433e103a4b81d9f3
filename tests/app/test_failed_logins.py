"""Failed logins and locks are in the Log, and a flood of them cannot fill it."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest
from msgspec.structs import replace
from tests.fakes.small_hub import NOON, PASSWORD, SmallHub

from tapestry.app._failed_logins import FailedLogins
from tapestry.app.refusals import BadCredentials, LockedOut, TotpNeeded

AT = "2026-03-01T12:00:00+00:00"
LATER = "2026-03-01T12:00:59+00:00"
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


async def fail(hub: SmallHub, name: str, *, times: int = 1, remote: str = "192.0.2.1", **typed: Any) -> None:
    for number in range(times):
        with pytest.raises((BadCredentials, LockedOut)):
            await hub.desk.accounts.log_in(
                name,
                typed.get("password", "wrong wrong wrong"),
                typed.get("totp"),
                remote=f"{remote}{number}",
            )


async def written(hub: SmallHub) -> list[tuple[str, str, str, dict[str, Any]]]:
    """Write what is due; return the whole Log."""
    await hub.desk.accounts.write_failed_logins()
    entries = await hub.store.inner.log_entries(start=0, limit=1000)
    return [(entry.actor, entry.action, entry.subject, entry.details) for entry in entries]


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def failed(subject: str, why: dict[str, int], *remotes: str, first_at: str = AT, last_at: str = AT) -> Any:
    told = {"count": sum(why.values()), "why": why, "remotes": list(remotes)}
    return ("system", "fail-login", subject, {**told, "first_at": first_at, "last_at": last_at})


async def test_a_failed_login_is_in_the_log_without_what_was_typed(hub: SmallHub) -> None:
    await fail(hub, " Wafa ", password="a slip of the tongue")
    log = await written(hub)
    assert log == [failed("account/wafa", {"password": 1}, "192.0.2.10")]
    assert "slip" not in repr(log)


async def test_names_without_an_account_are_counted_together_and_not_told(hub: SmallHub) -> None:
    for name in ("correct horse battery", "nobody", "unknown"):
        await fail(hub, name)
    assert await written(hub) == [failed("unknown", {"password": 3}, "192.0.2.10")]


async def test_the_first_is_written_at_once_and_those_of_the_minute_after_it_as_one(hub: SmallHub) -> None:
    await fail(hub, "wafa")
    assert len(await written(hub)) == 1
    await fail(hub, "wafa")
    hub.clock.move(seconds=59)
    await fail(hub, "wafa")
    assert len(await written(hub)) == 1
    hub.clock.move(seconds=1)
    assert (await written(hub))[1:] == [failed("account/wafa", {"password": 2}, "192.0.2.10", last_at=LATER)]
    hub.clock.move(hours=1)
    assert len(await written(hub)) == 2


async def test_five_wrong_tries_lock_the_account_and_the_log_says_until_when(hub: SmallHub) -> None:
    await fail(hub, "wafa", times=6)
    remotes = [f"192.0.2.1{number}" for number in range(5)]
    assert await written(hub) == [
        failed("account/wafa", {"password": 5, "locked": 1}, *remotes),
        (
            "system",
            "lock-account",
            "account/wafa",
            {"wrong": 5, "remote": "192.0.2.14", "until": "2026-03-01T12:15:00+00:00"},
        ),
    ]


async def test_a_name_without_an_account_has_nothing_to_lock(hub: SmallHub) -> None:
    await fail(hub, "nobody", times=6)
    assert [(action, subject) for _, action, subject, _ in await written(hub)] == [("fail-login", "unknown")]


async def test_a_wrong_code_and_a_disabled_account_are_told_from_a_wrong_password(hub: SmallHub) -> None:
    for name, changes in (("wafa", {"totp_secret": SECRET}), ("omar", {"disabled": True})):
        account = await hub.store.account(name)
        await hub.store.update_account(replace(account, **changes))
    code = "000000" if pyotp.TOTP(SECRET).at(NOON) != "000000" else "000001"
    await fail(hub, "wafa", password=PASSWORD, totp=code)
    await fail(hub, "omar", password=PASSWORD)
    assert await written(hub) == [
        failed("account/wafa", {"code": 1}, "192.0.2.10"),
        failed("account/omar", {"disabled": 1}, "192.0.2.10"),
    ]


async def test_a_login_whose_code_is_due_has_not_failed(hub: SmallHub) -> None:
    await hub.store.update_account(replace(await hub.store.account("wafa"), totp_secret=SECRET))
    with pytest.raises(TotpNeeded):
        await hub.desk.accounts.log_in("wafa", PASSWORD, None, remote="192.0.2.1")
    assert await written(hub) == []


async def test_a_full_log_loses_no_count(hub: SmallHub, monkeypatch: pytest.MonkeyPatch) -> None:
    await fail(hub, "wafa")
    with monkeypatch.context() as patch:
        patch.setattr("tapestry.app._accounts.MAX_WAITING", 0)
        await fail(hub, "wafa")
        assert await written(hub) == []
    assert await written(hub) == [failed("account/wafa", {"password": 2}, "192.0.2.10")]


async def test_a_running_desk_writes_them(hub: SmallHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tapestry.app._accounts.FAILED_LOGINS_EVERY_S", 0.0)
    await fail(hub, "wafa")
    running = asyncio.create_task(hub.desk.run())
    async with asyncio.timeout(5):
        while not await hub.logged():
            await asyncio.sleep(0)
    running.cancel()
    assert await hub.logged() == [("system", "fail-login", "account/wafa")]


def test_a_flood_makes_one_entry_a_minute_and_leaves_nothing_behind() -> None:
    flood, lines = FailedLogins(), []
    for number in range(6_000):  # 100 a second for a minute, each from an address of its own
        flood.note(None, "password", remote=f"host {number}", at=after(number / 100))
        lines.append(flood.take_due(at=after(number / 100)))
    assert [line.details["count"] for line in lines if line is not None] == [1]
    last = flood.take_due(at=after(60))
    assert last is not None
    assert (last.details["count"], last.details["remotes"]) == (5_999, [f"host {n}" for n in range(1, 6)])
    assert flood.take_due(at=after(120)) is None
    assert flood._counts == {}
