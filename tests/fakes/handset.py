"""A phone of a convoy for tests of the API, and a hub with a movement under way for it to ride in."""

import base64
from typing import Any

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tapestry.model import Checkpoint, Distress, MovementId, MovementState
from tests.fakes.small_hub import NOON, SmallHub, add_movement, add_sheet

NOON_MS = int(NOON.timestamp() * 1000)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Handset:
    """A phone as a browser makes it: a P-256 key, signatures as r and s."""

    def __init__(self, browser: httpx.AsyncClient) -> None:
        self.browser = browser
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.phone_id = 0
        self.polls = 0

    @property
    def public_key(self) -> str:
        return b64(self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    def sign(self, line: str, phone_id: int | None = None) -> str:
        said = f"tapestry-phone-1\n{phone_id or self.phone_id}\n{line}".encode()
        r, s = decode_dss_signature(self.key.sign(said, ec.ECDSA(SHA256())))
        return f"{line}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def item(
        self, n: int, kind: str, rest: str = "", at_ms: int = NOON_MS, place: str = "33.25,44.25"
    ) -> str:
        return self.sign(f"{n},{kind},{at_ms},{place},{rest}")

    async def enrol(self, token: str) -> httpx.Response:
        body = {"token": token, "public_key": self.public_key, "name": "Samir"}
        answer = await self.browser.post("/api/phone/enrol", json=body)
        if answer.status_code == 201:
            self.phone_id = answer.json()["phone_id"]
        return answer

    async def send(self, *items: str) -> Any:
        answer = await self.browser.post(
            "/api/phone/send", json={"phone_id": self.phone_id, "items": list(items)}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def poll(self, after: int | str = 0) -> Any:
        self.polls += 1
        item = self.sign(f"{self.polls},poll,{NOON_MS},,,{after}")
        answer = await self.browser.post("/api/phone/poll", json={"phone_id": self.phone_id, "item": item})
        assert answer.status_code == 200, answer.text
        return answer.json()


async def set_out(hub: SmallHub) -> SmallHub:
    """Put movement 1 under way, two checkpoints before it."""
    await add_movement(hub)
    await add_sheet(hub)
    await change(
        hub,
        state=MovementState.EN_ROUTE,
        departed_at=NOON,
        request={
            "vehicles": hub.store.inner._movements[MovementId(1)][-1].vehicles,
            "checkpoints": tuple(Checkpoint(name=name, lat_deg=33.3, lon_deg=44.3) for name in ("A", "B")),
        },
    )
    return hub


async def change(hub: SmallHub, *, request: dict[str, Any] | None = None, **changes: Any) -> None:
    """Put the sheet's next state into the fake store, past the desk."""
    write = hub.store.inner._sheets[MovementId(1)][-1]
    made = msgspec.structs.replace(write.sheet.request, **(request or {}))
    sheet = msgspec.structs.replace(write.sheet, request=made, **changes)
    hub.store.inner._sheets[MovementId(1)][-1] = msgspec.structs.replace(write, sheet=sheet)


async def invite(hub: SmallHub, **body: Any) -> Any:
    wafa = await hub.log_in("wafa")
    answer = await wafa.post("/api/sheets/1/phones", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def enrolled(hub: SmallHub, **body: Any) -> Handset:
    made = await invite(hub, **(body or {"vehicle_id": 1}))
    handset = Handset(hub.browser())
    answer = await handset.enrol(made["url"].partition("#e=")[2])
    assert answer.status_code == 201, answer.text
    return handset


def calls(hub: SmallHub) -> list[Distress]:
    return [msgspec.json.decode(body, type=Distress) for _, body in hub.bus.published("DISTRESS")]
