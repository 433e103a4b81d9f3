"""Messages of TAK devices at the console: who reads, who writes, and what is said when something is away."""

import httpx
import pytest
from tests.fakes.small_hub import NOON, SmallHub, add_movement

from tapestry.app.ports import Issued, NewChat, NewTakRecord, TakForm
from tapestry.model import MovementId, VehicleId

TEXT = "قف عند الكيلومتر ١٢ 🚧"
ROOM = "/api/chat?movement_id=1"


@pytest.fixture
async def convoy(hub: SmallHub) -> SmallHub:
    """Convoy WOLF (movement 1) with the device wolf-1; the device other is in no convoy."""
    await add_movement(hub)
    for name in ("wolf-1", "other"):
        token = name.encode()
        await hub.store.add_tak_device(
            NewTakRecord(
                name=name, form=TakForm.ENROL, user_name=None, token_hash=token,
                token_expires_at=NOON.replace(hour=23), created_at=NOON, created_by="wafa",
            )
        )  # fmt: skip
        issued = Issued(
            certificate=token,
            serial=name,
            fingerprint_sha256=name,
            issued_at=NOON,
            expires_at=NOON.replace(year=2027),
        )
        await hub.store.enrol_tak_device(token, issued=issued, client_uid="", at=NOON)
    await hub.store.put_tracker(identity="tak:wolf-1", vehicle_id=VehicleId(1))
    await hub.refresh()
    return hub


async def write(browser: httpx.AsyncClient, body: str = TEXT, **more: object) -> httpx.Response:
    return await browser.post("/api/chat", json={"movement_id": 1, "body": body, **more})


async def heard(hub: SmallHub, uid: str = "m1") -> None:
    """Keep what a device said, as the TAK server does."""
    await hub.store.add_chat(
        NewChat(
            movement_id=MovementId(1), from_device="wolf-1", callsign="N-1", body="الجسر مغلق", uid=uid, sent_at=NOON,
            received_at=NOON, lat_deg=33.2, lon_deg=44.2,
        )
    )  # fmt: skip


async def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def bodies(browser: httpx.AsyncClient) -> list[str]:
    return [it["body"] for it in (await browser.get(ROOM)).json()["messages"]]


async def test_what_was_kept_is_acknowledged_also_while_the_bus_is_down(convoy: SmallHub) -> None:
    wafa = await convoy.log_in("wafa")
    convoy.bus.down = True
    answer = await write(wafa)
    assert (answer.status_code, answer.json()["body"]) == (201, TEXT)
    assert await bodies(wafa) == [TEXT]


async def test_what_was_not_kept_is_not_acknowledged(convoy: SmallHub) -> None:
    wafa = await convoy.log_in("wafa")
    await bodies(wafa)
    convoy.store.down = True
    assert (await write(wafa)).status_code == 503
    convoy.store.down = False
    assert await bodies(wafa) == []


async def test_a_convoy_that_is_over_is_read_and_not_written_to(convoy: SmallHub) -> None:
    wafa = await convoy.log_in("wafa")
    await write(wafa)
    convoy.clock.move(hours=3)
    wafa = await convoy.log_in("wafa")
    view = (await wafa.get(ROOM)).json()
    assert (view["may_write"], len(view["messages"])) == (False, 1)
    assert await code_of(await write(wafa)) == (422, "movement-over")


async def test_letters_of_every_script_and_marks_of_direction_stay_as_they_are(convoy: SmallHub) -> None:
    wafa = await convoy.log_in("wafa")
    for body in ("ده\u200cڕۆین", "km \u200f١٢\u200e 🚛👩🏽\u200d🚒", "سطر\nسطر", "ا" * 1000):
        assert (await write(wafa, body)).json()["body"] == body
        assert (await bodies(wafa))[0] == body
    assert await code_of(await write(wafa, "ا" * 1001)) == (422, "long-message")


async def test_an_operator_reads_its_own_convoy_and_writes_to_none(convoy: SmallHub) -> None:
    await heard(convoy)
    omar, olga, pia = [await convoy.log_in(name) for name in ("omar", "olga", "pia")]
    view = (await omar.get(ROOM)).json()
    assert ([it["body"] for it in view["messages"]], view["may_write"]) == (["الجسر مغلق"], False)
    assert await code_of(await write(omar)) == (403, "forbidden")
    assert await code_of(await olga.get(ROOM)) == (404, "not-found")
    assert await code_of(await write(olga)) == (404, "not-found")
    assert await code_of(await pia.get(ROOM)) == (404, "not-found")
    assert await code_of(await omar.get("/api/chat")) == (403, "forbidden")
    for stranger in (olga, pia):
        assert (await stranger.get("/api/chat/unread")).json() == []


async def test_a_partner_that_sees_a_released_convoy_does_not_read_its_messages(hub: SmallHub) -> None:
    await add_movement(hub, releasable_to=["pia"])
    await heard(hub)
    pia = await hub.log_in("pia")
    assert await code_of(await pia.get(ROOM)) == (403, "forbidden")
    assert (await pia.get("/api/chat/unread")).json() == []


async def test_each_person_has_marks_of_their_own(convoy: SmallHub) -> None:
    await heard(convoy)
    await heard(convoy, "m2")
    wafa, adam = await convoy.log_in("wafa"), await convoy.log_in("adam")

    async def counts() -> list[list[int]]:
        return [[it["count"] for it in (await one.get("/api/chat/unread")).json()] for one in (wafa, adam)]

    assert await counts() == [[2], [2]]
    await wafa.post("/api/chat/read", json={"movement_id": 1, "up_to": 1})
    assert await counts() == [[1], [2]]
    await wafa.post("/api/chat/read", json={"movement_id": 1, "up_to": 2})
    assert await counts() == [[], [2]]


async def test_a_device_of_no_convoy_or_a_revoked_one_is_not_written_to(convoy: SmallHub) -> None:
    wafa = await convoy.log_in("wafa")
    assert await code_of(await write(wafa, to_device="other")) == (422, "no-such-device")
    assert (await write(wafa, to_device="wolf-1")).status_code == 201
    await wafa.post("/api/tak-devices/1/revoke")
    assert await code_of(await write(wafa, to_device="wolf-1")) == (422, "no-such-device")
