"""TAK clients on a real hub: real sockets, real certificates, real bus and database."""

import asyncio
import contextlib
import json
import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytak
import pytest
from tests.system.hub import ADMIN, Hub
from tests.system.roster import add_convoy, done
from tests.system.tak_client import NOTHING_WITHIN_S, TakClient, emergency, enrolled, position

from tapestry.model import Flag
from tapestry.protocols.cot import CotEvent, parse_protobuf

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

ROUTE = [(33.3, 44.4), (33.6, 44.4)]


class Convoys:
    """Two convoys with TAK devices, and an officer's device."""

    def __init__(self, hub: Hub, folder: Path) -> None:
        self.hub = hub
        self.client = hub.admin()
        self.folder = folder
        self.wolf = add_convoy(self.client, "Wolf", vehicles=3, route=ROUTE)
        self.bear = add_convoy(self.client, "Bear", vehicles=1, route=ROUTE)
        self.tls = {
            name: enrolled(hub, self.client, name, folder, **owner)
            for name, owner in {
                "wolf-1": {"vehicle_id": self.wolf.vehicle_ids[0]},
                "wolf-2": {"vehicle_id": self.wolf.vehicle_ids[1]},
                "bear-1": {"vehicle_id": self.bear.vehicle_ids[0]},
                "desk": {"user_name": ADMIN},
            }.items()
        }
        self.opened: list[TakClient] = []

    def connect(self, name: str, *, uid: str | None = None) -> TakClient:
        """Connect a device; wait until it is in."""
        client = TakClient(self.hub.device_ports["tak"], tls=self.tls[name])
        self.opened.append(client)
        assert client.hear("t-x-takp-v") is not None
        if uid is not None:
            client.say(position(uid))
        return client

    def close(self) -> None:
        """Hang up everything that a test opened."""
        for client in self.opened:
            client.close()
        self.opened.clear()


@pytest.fixture(scope="module")
def convoys(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Convoys:
    return Convoys(hub, tmp_path_factory.mktemp("certificates"))


@pytest.fixture(autouse=True)
def hang_up(convoys: Convoys) -> Iterator[None]:
    yield
    convoys.close()


def until(ask: Any, *, within_s: float = 20.0) -> Any:
    """Return the first true answer to a question."""
    until_s = time.monotonic() + within_s
    while True:
        answer = ask()
        if answer:
            return answer
        assert time.monotonic() < until_s, f"no answer within {within_s} s"
        time.sleep(0.1)


def test_a_convoy_hears_itself_the_watch_hears_all_and_another_convoy_nothing(convoys: Convoys) -> None:
    lead, second = convoys.connect("wolf-1"), convoys.connect("wolf-2")
    stranger, desk = convoys.connect("bear-1"), convoys.connect("desk")
    lead.say(position("ANDROID-A"))
    assert second.hear("ANDROID-A") is not None
    assert desk.hear("ANDROID-A") is not None
    assert stranger.hear("ANDROID-A", within_s=NOTHING_WITHIN_S) is None
    assert lead.hear("ANDROID-A", within_s=NOTHING_WITHIN_S) is None


def test_a_vehicle_tracked_by_anything_else_is_seen_by_its_convoy(convoys: Convoys) -> None:
    second, stranger = convoys.connect("wolf-2"), convoys.connect("bear-1")
    line = {"id": "wolf-3", "t": round(time.time() * 1000), "lat": 33.41, "lon": 44.4}
    with socket.create_connection(("127.0.0.1", convoys.hub.device_ports["jsonlines"])) as tracker:
        tracker.sendall(json.dumps(line).encode() + b"\n")
        assert b'"ack"' in tracker.recv(1000)
    uid = f"tapestry-vehicle-{convoys.wolf.vehicle_ids[2]}"
    assert second.hear(uid, "Wolf 3", 'lat="33.41"') is not None
    assert stranger.hear(uid, within_s=NOTHING_WITHIN_S) is None


def test_a_position_is_the_trackers_and_proved_by_its_certificate(convoys: Convoys) -> None:
    lead = convoys.connect("wolf-1")
    lead.say(position("ANDROID-A", lat_deg=33.45))
    vehicle_id = convoys.wolf.vehicle_ids[0]
    day = datetime.now(UTC).date()

    def placed() -> Any:
        found = done(
            convoys.client.get(f"/api/vehicles/{vehicle_id}/track?from={day}T00:00:00Z&until={day}T23:59:59Z")
        )
        rows = [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]
        return next((row for row in rows if row["lat_deg"] == 33.45), None)

    assert not until(placed)["flags"] & Flag.UNAUTHENTICATED


def test_who_joins_later_gets_the_newest_fix_not_the_last_to_arrive(convoys: Convoys) -> None:
    lead = convoys.connect("wolf-1", uid="ANDROID-A")
    watcher = convoys.connect("wolf-2")
    lead.say(position("ANDROID-A", lat_deg=33.5))
    assert watcher.hear("ANDROID-A", 'lat="33.5"') is not None
    lead.say(position("ANDROID-A", seconds_ago=30, lat_deg=33.1))  # stored in the device, sent late
    watcher.close()
    late = convoys.connect("wolf-2")
    assert late.hear("ANDROID-A", 'lat="33.5"') is not None
    assert late.hear("ANDROID-A", 'lat="33.1"', within_s=NOTHING_WITHIN_S) is None


def test_an_emergency_is_a_distress_until_a_person_closes_it(convoys: Convoys) -> None:
    lead, second = convoys.connect("wolf-1", uid="ANDROID-A"), convoys.connect("wolf-2")
    lead.say(emergency("ANDROID-A"))
    assert second.hear("ANDROID-A-9-1-1", "b-a-o-tbl") is not None
    lead.say(position("ANDROID-A-9-1-1", kind="b-a-o-can", detail='<emergency cancel="true"/>'))
    assert second.hear("b-a-o-can", within_s=NOTHING_WITHIN_S) is None
    alert = until(lambda: call_of(convoys, 0))
    late = convoys.connect("wolf-2")
    assert late.hear("ANDROID-A-9-1-1", "b-a-o-tbl") is not None
    close_distress(convoys.client, alert["alert_id"])
    assert late.hear("ANDROID-A-9-1-1", "b-a-o-can") is not None


def test_a_request_for_a_medevac_is_a_distress_of_the_device_that_made_it(convoys: Convoys) -> None:
    lead, second = convoys.connect("wolf-1"), convoys.connect("wolf-2", uid="ANDROID-B")
    second.say(
        position(
            "7f0c2f6e", kind="b-r-f-h-c", lat_deg=33.61,
            detail='<link uid="ANDROID-B" relation="p-p" type="a-f-G-U-C"/><_medevac_ title="MED.24.1301" urgent="1"/>',
        )
    )  # fmt: skip
    assert lead.hear("7f0c2f6e", "MED.24.1301") is not None
    alert = until(lambda: call_of(convoys, 1))
    assert alert["lat_deg"] == 33.61
    close_distress(convoys.client, alert["alert_id"])


def call_of(convoys: Convoys, number: int) -> Any:
    """Return the open call for help of one of Wolf's vehicles."""
    alerts = done(convoys.client.get("/api/alerts"))
    alerts = alerts["rows"] if isinstance(alerts, dict) else alerts
    vehicle_id = convoys.wolf.vehicle_ids[number]
    return next((it for it in alerts if it["rule"] == "distress" and it["vehicle_id"] == vehicle_id), None)


def close_distress(client: httpx.Client, alert_id: str) -> None:
    """Close a call for help as an officer does."""
    done(client.post(f"/api/alerts/{alert_id}/take"))
    done(client.post(f"/api/alerts/{alert_id}/close", json={"reason": "test: tried out"}))


def test_what_a_device_says_is_heard_by_its_convoy_and_read_by_the_watch(convoys: Convoys) -> None:
    lead, second = convoys.connect("wolf-1", uid="ANDROID-A"), convoys.connect("wolf-2")
    chat = (
        '<__chat chatroom="All Chat Rooms" id="All Chat Rooms" senderCallsign="A" messageId="m1">'
        '<chatgrp uid0="ANDROID-A" uid1="All Chat Rooms" id="All Chat Rooms"/></__chat><remarks>bridge closed</remarks>'
    )
    lead.say(position("GeoChat.ANDROID-A.All.m1", kind="b-t-f", detail=chat))
    assert second.hear("bridge closed") is not None

    def logged() -> Any:
        found = done(convoys.client.get("/api/log?limit=200"))
        rows = found["rows"] if isinstance(found, dict) else found
        return next((it for it in rows if it["action"] == "say-on-tak"), None)

    entry = until(logged)
    assert (entry["actor"], entry["subject"]) == ("tak:wolf-1", f"movement/{convoys.wolf.movement_id}")
    assert entry["details"]["text"] == "bridge closed"


def test_a_message_to_one_device_reaches_that_one_alone(convoys: Convoys) -> None:
    lead = convoys.connect("wolf-1", uid="ANDROID-A")
    second = convoys.connect("wolf-2", uid="ANDROID-B")
    desk = convoys.connect("desk")
    assert lead.hear("ANDROID-B") is not None
    lead.say(position("MARKER-1", kind="b-m-p-s-m", detail='<marti><dest uid="ANDROID-B"/></marti>'))
    assert second.hear("MARKER-1") is not None
    assert desk.hear("MARKER-1", within_s=NOTHING_WITHIN_S) is None


def test_nobody_speaks_for_another_device_or_for_the_hub(convoys: Convoys) -> None:
    lead = convoys.connect("wolf-1", uid="ANDROID-A")
    second = convoys.connect("wolf-2", uid="ANDROID-B")
    assert second.hear("ANDROID-A") is not None
    lead.say(position("ANDROID-B", lat_deg=10.0))
    lead.say(position(f"tapestry-vehicle-{convoys.wolf.vehicle_ids[2]}", lat_deg=10.0))
    lead.say(position("MARKER-2", kind="b-m-p-s-m"))
    assert second.hear("MARKER-2") is not None
    assert not any(b'lat="10.0"' in event for event in second.heard)


def test_a_revoked_device_is_out_within_seconds_and_does_not_come_back(convoys: Convoys) -> None:
    tls = enrolled(
        convoys.hub, convoys.client, "lost", convoys.folder, vehicle_id=convoys.bear.vehicle_ids[0]
    )
    lost = TakClient(convoys.hub.device_ports["tak"], tls=tls)
    assert lost.hear("t-x-takp-v") is not None
    devices = done(convoys.client.get("/api/tak-devices"))
    device_id = next(it["device_id"] for it in devices if it["name"] == "lost")
    done(convoys.client.post(f"/api/tak-devices/{device_id}/revoke"))
    assert lost.ended()
    again = None
    with contextlib.suppress(OSError):
        again = TakClient(convoys.hub.device_ports["tak"], tls=tls)
    assert again is None or again.ended()


def test_a_stranger_without_a_certificate_is_not_let_in(convoys: Convoys) -> None:
    tls = ssl.create_default_context(cafile=str(convoys.hub.data / "keys" / "devices" / "ca.crt"))
    said = b""
    with contextlib.suppress(OSError):  # with TLS 1.2 the handshake fails, with 1.3 the first read
        stranger = TakClient(convoys.hub.device_ports["tak"], tls=tls)
        stranger.say(position("STRANGER"))
        said = stranger.socket.recv(1)
    assert said == b""


def test_plain_connections_hear_one_another_and_nothing_of_the_hub(convoys: Convoys) -> None:
    lead = convoys.connect("wolf-1", uid="ANDROID-A")
    one, other = TakClient(convoys.hub.device_ports["cot"]), TakClient(convoys.hub.device_ports["cot"])
    one.say(position("PLAIN-1"))
    assert other.hear("PLAIN-1") is not None
    lead.say(position("ANDROID-A", lat_deg=33.55))
    assert other.hear("ANDROID-A", within_s=NOTHING_WITHIN_S) is None
    assert lead.hear("PLAIN-1", within_s=NOTHING_WITHIN_S) is None


def test_a_client_that_asks_for_protobuf_gets_it(convoys: Convoys) -> None:
    one, other = TakClient(convoys.hub.device_ports["cot"]), TakClient(convoys.hub.device_ports["cot"])
    request = '<TakControl><TakRequest version="1"/></TakControl>'
    other.say(position("ASKS", kind="t-x-takp-q", detail=request))
    assert other.hear("t-x-takp-r", 'status="true"') is not None
    one.say(position("PLAIN-2"))
    other.socket.settimeout(10)
    event = next_event(other)
    while event.uid != "PLAIN-2":  # of others it is told first where they were
        event = next_event(other)
    assert event.lat_deg == 33.3


def next_event(client: TakClient) -> CotEvent:
    """Return the next event of a connection that speaks protobuf."""
    while len(client.rest) < 2 or len(client.rest) < 2 + client.rest[1]:
        client.rest += client.socket.recv(65_536)
    assert client.rest[0] == 0xBF
    assert client.rest[1] < 128  # a length of one byte: these events are that small
    end = 2 + client.rest[1]
    payload, client.rest = client.rest[2:end], client.rest[end:]
    return parse_protobuf(payload)


def test_pytak_talks_to_the_port(convoys: Convoys) -> None:
    watcher = TakClient(convoys.hub.device_ports["cot"])
    watcher.say(position("WATCHER"))

    async def send() -> bytes:
        config = {"COT_URL": f"tcp://127.0.0.1:{convoys.hub.device_ports['cot']}"}
        reader, writer = await pytak.protocol_factory(config)
        sent: asyncio.Queue[bytes] = asyncio.Queue()
        received: asyncio.Queue[bytes] = asyncio.Queue()
        workers = [
            asyncio.create_task(pytak.TXWorker(sent, config, writer).run()),
            asyncio.create_task(pytak.RXWorker(received, config, reader).run()),
        ]
        await sent.put(pytak.gen_cot(lat=33.3, lon=44.4, uid="PYTAK-1", stale=60))
        try:
            async with asyncio.timeout(15):
                while True:
                    got = await received.get()
                    if b"WATCHER" in got:
                        return got
        finally:
            for worker in workers:
                worker.cancel()

    assert b"WATCHER" in asyncio.run(send())
    assert watcher.hear("PYTAK-1") is not None
