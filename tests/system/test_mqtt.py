"""Phones, radios and gateways by MQTT on a real hub: a real client, TLS, the bus as the broker."""

import asyncio
import base64
import json
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiomqtt
import httpx
import pytest
from nacl.secret import SecretBox
from tests.protocols.meshtastic.frames import data, envelope, position
from tests.system.hub import ADMIN, Hub
from tests.system.pair import Pair
from tests.system.roster import Convoy, add_convoy, done

from tapestry.model import Flag

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

ROUTE = [(33.3, 44.4), (33.6, 44.4)]
SOON_S = 20.0
LAT, FLAGS = 1, 4  # columns of a track
PHONE, GATEWAY, NODE, STREAM = (
    "owntracks:amal/phone",
    "meshtastic:!0badcafe",
    "meshtastic:!12345678",
    "flespi:fleet",
)
IMEI = "350000000000017"


class Fleet:
    """A convoy whose vehicles report by MQTT, and the keys of those who come in."""

    def __init__(self, hub: Hub, client: httpx.Client) -> None:
        self.hub = hub
        self.client = client
        self.convoy: Convoy = add_convoy(self.client, "Heron", vehicles=4, route=ROUTE)
        self.vehicles = dict(
            zip((PHONE, GATEWAY, NODE, f"imei:{IMEI}"), self.convoy.vehicle_ids, strict=True)
        )
        self.keys = {name: self.add(name, key=name in (PHONE, GATEWAY)) for name in list(self.vehicles)}
        self.keys[STREAM] = self.add(STREAM, key=True)
        self.tls = ssl.create_default_context(cafile=str(hub.data / "keys" / "devices" / "ca.crt"))

    def add(self, identity: str, *, key: bool) -> str:
        new = {"identity": identity, "vehicle_id": self.vehicles.get(identity), "with_key": key}
        return str(done(self.client.post("/api/trackers", json=new)).get("key") or "")

    def connect(self, user: str, key: str, **options: Any) -> aiomqtt.Client:
        return aiomqtt.Client(
            "localhost", self.hub.device_ports["mqtt"], username=user, password=key, tls_context=self.tls,
            timeout=10, **options,
        )  # fmt: skip

    def publish(
        self, user: str, key: str, *messages: tuple[str, bytes | str], qos: int = 1, retain: bool = False
    ) -> None:
        """Publish as one connection; each is confirmed before the next where its QoS says so."""

        async def run() -> None:
            async with self.connect(user, key) as client:
                for topic, payload in messages:
                    await client.publish(topic, payload, qos=qos, retain=retain)

        asyncio.run(run())

    def rows(self, identity: str) -> list[list[Any]]:
        now = datetime.now(UTC)
        span = {
            "from": (now - timedelta(hours=2)).isoformat(),
            "until": (now + timedelta(hours=1)).isoformat(),
        }
        return list(
            done(self.client.get(f"/api/vehicles/{self.vehicles[identity]}/track", params=span))["rows"]
        )

    def reasons(self) -> list[str]:
        return [entry["reason"] for entry in done(self.client.get("/api/rejected"))]


@pytest.fixture(scope="module")
def fleet(hub: Hub) -> Fleet:
    return Fleet(hub, hub.admin())


def until(ask: Callable[[], Any], *, within_s: float = SOON_S) -> Any:
    until_s = time.monotonic() + within_s
    while not (answer := ask()):
        assert time.monotonic() < until_s, "it did not come to pass"
        time.sleep(0.1)
    return answer


def location(number: int, **more: Any) -> str:
    at = int(time.time()) - 600 + number
    return json.dumps({"_type": "location", "lat": 33.3 + number / 1000, "lon": 44.4, "tst": at, **more})


def places(fleet: Fleet, identity: str) -> list[float]:
    return sorted(round(row[LAT], 3) for row in fleet.rows(identity))


def test_a_phone_with_its_key_is_on_the_map_and_its_word_is_proved(fleet: Fleet) -> None:
    fleet.publish("amal", fleet.keys[PHONE], ("owntracks/amal/phone", location(1)), retain=True)
    fleet.publish("amal", fleet.keys[PHONE], ("owntracks/amal/phone", location(2)), qos=0)
    fleet.publish(PHONE, fleet.keys[PHONE], ("owntracks/amal/phone", location(3)), qos=2)
    until(lambda: places(fleet, PHONE) == [33.301, 33.302, 33.303])
    assert not any(row[FLAGS] & Flag.UNAUTHENTICATED for row in fleet.rows(PHONE))


def test_nobody_comes_in_without_a_key_and_the_reason_is_told(fleet: Fleet) -> None:
    for user, key in (
        ("amal", "wrong"),
        ("nobody", fleet.keys[PHONE]),
        (f"imei:{IMEI}", ""),
        ("tapestry", ""),
    ):
        with pytest.raises(aiomqtt.MqttError, match=r"(?i)not authorized"):
            fleet.publish(user, key, ("owntracks/amal/phone", location(9)))
    until(lambda: len(fleet.reasons()) >= 3)
    told = fleet.reasons()
    assert any("the key is not the one of this tracker" in reason for reason in told)
    assert any("no tracker of this name has a key" in reason for reason in told)


def test_nobody_hears_and_nobody_speaks_for_another(fleet: Fleet) -> None:
    other = fleet.add("owntracks:bilal/phone", key=True)
    with pytest.raises(aiomqtt.MqttError, match=r"(?i)not authorized"):  # bound to no vehicle
        fleet.publish("bilal", other, ("owntracks/bilal/phone", location(9)))

    async def pry() -> list[Any]:
        async with fleet.connect("amal", fleet.keys[PHONE]) as client:
            answers = [
                (await client.subscribe(topic, qos=1))[0].value
                for topic in ("#", "owntracks/#", "track/#", "$MQTT/#", "live/#", "$SYS/#")
            ]
            await client.publish("owntracks/bilal/phone", location(9), qos=1)
            await client.publish("track/1", b"x", qos=1)
            return answers

    assert set(asyncio.run(pry())) == {0x80}
    fleet.publish("amal", fleet.keys[PHONE], ("owntracks/amal/phone", location(4)))
    until(lambda: 33.304 in places(fleet, PHONE))
    assert 33.309 not in places(fleet, PHONE)
    assert "bilal" not in str(done(fleet.client.get("/api/quarantine")))
    until(lambda: any("published under 'owntracks/bilal/phone'" in reason for reason in fleet.reasons()))
    until(lambda: any("published under 'track/1'" in reason for reason in fleet.reasons()))


def test_what_a_phone_sealed_is_opened_once_the_hub_has_its_secret(fleet: Fleet) -> None:
    box = SecretBox(b"date palm".ljust(32, b"\0"))
    sealed = base64.b64encode(box.encrypt(location(5).encode())).decode()
    message = ("owntracks/amal/phone", json.dumps({"_type": "encrypted", "data": sealed}))
    fleet.publish("amal", fleet.keys[PHONE], message)
    until(lambda: any("sealed" in reason for reason in fleet.reasons()))
    assert 33.305 not in places(fleet, PHONE)

    command = [sys.executable, "-m", "tapestry.cli", "seal", "add", PHONE, "--data", str(fleet.hub.data)]
    refused = subprocess.run(
        [*command, "--by", "nobody"], input="date palm\n", text=True, capture_output=True
    )
    assert refused.returncode == 1
    assert "no account" in refused.stderr + refused.stdout
    subprocess.run([*command, "--by", ADMIN], input="date palm\n", text=True, check=True)

    def is_opened() -> bool:
        fleet.publish("amal", fleet.keys[PHONE], message)
        return 33.305 in places(fleet, PHONE)

    until(is_opened)
    actions = [entry["action"] for entry in done(fleet.client.get("/api/log", params={"limit": 100}))]
    assert "add-seal" in actions
    assert "date palm" not in fleet.hub.said()


def test_a_gateway_of_a_mesh_tells_its_own_place_and_those_of_others(fleet: Fleet) -> None:
    now_s = int(time.time())
    own = {"from": 0x0BADCAFE, "type": "position", "timestamp": now_s, "payload": {
        "latitude_i": 334_010_000, "longitude_i": 444_000_000, "time": now_s}}  # fmt: skip
    node = envelope(data(3, position(lat=334_020_000, time=now_s)), sealed=True)
    fleet.publish(
        "!0badcafe", fleet.keys[GATEWAY],
        ("msh/IQ/2/json/LongFast/!0badcafe", json.dumps(own)),
        ("msh/IQ/2/e/LongFast/!0badcafe", node),
        ("msh/IQ/2/stat/!0badcafe", b"online"),
    )  # fmt: skip
    until(lambda: places(fleet, GATEWAY) == [33.401] and places(fleet, NODE) == [33.402])
    assert not fleet.rows(GATEWAY)[0][FLAGS] & Flag.UNAUTHENTICATED
    assert fleet.rows(NODE)[0][FLAGS] & Flag.UNAUTHENTICATED


def test_a_stream_of_flespi_brings_places_and_calls_for_help(fleet: Fleet) -> None:
    message = {"ident": IMEI, "timestamp": time.time(), "position.latitude": 33.501, "position.longitude": 44.4,
               "alarm.event.trigger": "sos"}  # fmt: skip
    fleet.publish("fleet", fleet.keys[STREAM], ("flespi/message/gw/devices/7", json.dumps(message)))
    until(lambda: places(fleet, f"imei:{IMEI}") == [33.501])
    until(lambda: "distress" in {alert["rule"] for alert in done(fleet.client.get("/api/alerts"))})


def test_what_was_confirmed_survives_a_killed_gateway_a_killed_bus_and_a_cut_of_power(fleet: Fleet) -> None:
    hub = fleet.hub

    def confirmed(numbers: range) -> None:
        messages = [("owntracks/amal/phone", location(number)) for number in numbers]
        fleet.publish("amal", fleet.keys[PHONE], *messages)

    async def over_a_kill(numbers: range) -> None:
        async with fleet.connect("amal", fleet.keys[PHONE]) as client:
            for number in numbers:
                if number == numbers.start + 5:
                    hub.kill_child("gateway")
                await client.publish("owntracks/amal/phone", location(number), qos=1)

    asyncio.run(over_a_kill(range(20, 60)))
    until(
        lambda: {round(33.3 + n / 1000, 3) for n in range(20, 60)} <= set(places(fleet, PHONE)), within_s=60
    )

    hub.kill_child("nats")
    until(lambda: accepted(fleet, confirmed, range(60, 80)), within_s=60)
    hub.cut_power()
    hub.start()
    until(
        lambda: {round(33.3 + n / 1000, 3) for n in range(60, 80)} <= set(places(fleet, PHONE)), within_s=60
    )


def accepted(fleet: Fleet, confirmed: Callable[[range], None], numbers: range) -> bool:
    """Publish once somebody lets us in again."""
    try:
        confirmed(numbers)
    except aiomqtt.MqttError:
        return False
    return True


def test_at_centres_that_are_linked_devices_come_in_at_each(tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    try:
        pair.start()
        for hub, client in ((pair.national, pair.at_national), (pair.basra, pair.at_basra)):
            fleet = Fleet(hub, client)
            fleet.publish("amal", fleet.keys[PHONE], ("owntracks/amal/phone", location(1)))
            until(lambda fleet=fleet: places(fleet, PHONE) == [33.301])
            with pytest.raises(aiomqtt.MqttError, match=r"(?i)not authorized"):
                fleet.publish("amal", "wrong", ("owntracks/amal/phone", location(2)))
    finally:
        pair.stop()
