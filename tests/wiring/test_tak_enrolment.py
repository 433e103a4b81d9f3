"""A whole enrolment over real sockets: HTTPS with the device authority, then mutual TLS with what was issued."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.fakes.small_hub import SmallHub, device_ca
from tests.fakes.tak_device import TakHandset, certificate_of

from tapestry.app._tak_devices import build_tak_devices
from tapestry.app.settings import Settings
from tapestry.app.tak_devices import TakDevices, encode_tak_devices
from tapestry.wiring.tak_enrolment import is_free, serve_once, tak_doors
from tapestry.wiring.tls_files import device_door_files

PEM = serialization.Encoding.PEM


def free_port() -> int:
    """Return a port that is free on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
async def hub(tmp_path: Path) -> SmallHub:
    made = SmallHub(tmp_path)
    await made.fill()
    made.clock.now = datetime.now(UTC)  # a TLS handshake compares with the machine's clock
    return made


@pytest.fixture
def settings() -> Settings:
    return Settings(data=str(device_ca().folder.parent.parent), tak_enrol_port=free_port())


@asynccontextmanager
async def enrolment(settings: Settings, hub: SmallHub) -> AsyncIterator[httpx.AsyncClient]:
    """Serve the door; give a client that trusts the device authority alone, as one with a package does."""
    listening = asyncio.Event()
    serving = asyncio.create_task(serve_once(settings, hub.desk, for_s=60.0, listening=listening.set))
    await asyncio.wait_for(listening.wait(), 10)
    trust = ssl.create_default_context(cafile=str(device_ca().authority_file))
    url = f"https://localhost:{settings.enrol_port}"
    async with httpx.AsyncClient(base_url=url, verify=trust, trust_env=False) as client:
        yield client
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def invited(hub: SmallHub, name: str) -> TakHandset:
    browser = await hub.log_in("wafa")
    made = await browser.post("/api/tak-devices", json={"name": name, "vehicle_id": 1})
    key = rsa.generate_private_key(65537, 2048)  # as ATAK makes it
    return TakHandset(name, made.json()["token"], key=key)


async def test_a_device_enrols_over_https_and_is_let_in_by_its_certificate(
    hub: SmallHub, settings: Settings, tmp_path: Path
) -> None:
    device = await invited(hub, "TRUCK-4")
    async with enrolment(settings, hub) as client:
        config = await client.get("/Marti/api/tls/config", headers=device.headers)
        assert (config.status_code, config.headers["content-type"]) == (200, "application/xml")
        answer = await device.enrol(client)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        done = await client.get("/Marti/api/tls/profile/enrollment", headers=device.headers)
        assert done.status_code == 204
        refused = await TakHandset("TRUCK-4", device.token).enrol(client)
        assert refused.status_code == 401
    certificate = certificate_of(answer.json()["signedCert"])
    own = tmp_path / "own.pem"
    private = device.key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    own.write_bytes(certificate.public_bytes(PEM) + private)
    seen = await let_in(settings, own, certificate_of(answer.json()["ca0"]).public_bytes(PEM).decode())
    devices = TakDevices()
    devices.use(await build_tak_devices(hub.store.inner, now=hub.clock()))
    known = devices.by_fingerprint(hashes_of(seen))
    assert known is not None
    assert (known.name, known.vehicle_id, known.serial) == ("TRUCK-4", 1, f"{certificate.serial_number:x}")
    assert encode_tak_devices([known])


def hashes_of(der: bytes) -> str:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(der)
    return digest.finalize().hex()


async def let_in(settings: Settings, own: Path, authority: str) -> bytes:
    """Return the certificate that a server with `device_door_files` sees of a client that has `own`."""
    chain, key, trusted = device_door_files(settings)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain, key)
    server.load_verify_locations(trusted)
    server.verify_mode = ssl.CERT_REQUIRED
    seen: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def meet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tls = writer.get_extra_info("ssl_object")
        seen.set_result(tls.getpeercert(binary_form=True))
        writer.close()

    listener = await asyncio.start_server(meet, "127.0.0.1", 0, ssl=server)
    client = ssl.create_default_context(cadata=authority)
    client.load_cert_chain(own)
    port = listener.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client, server_hostname="localhost")
    await reader.read()
    writer.close()
    listener.close()
    return await seen


async def test_a_client_of_some_years_ago_is_served_with_tls_1_2_and_nothing_older(
    hub: SmallHub, settings: Settings
) -> None:
    async with enrolment(settings, hub):
        old = ssl.create_default_context(cafile=str(device_ca().authority_file))
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        _, writer = await asyncio.open_connection("localhost", settings.enrol_port, ssl=old)
        assert writer.get_extra_info("ssl_object").version() == "TLSv1.2"
        writer.close()
        assert not is_free("127.0.0.1", settings.enrol_port)


def test_devices_call_the_hub_as_people_do_and_by_its_name_where_people_use_loopback() -> None:
    def host(**given: object) -> str:
        return tak_doors(Settings(data="/d", **given)).host  # type: ignore[arg-type]

    assert host() == "127.0.0.1"
    assert host(names=("hub.example",)) == "hub.example"
    assert host(host="0.0.0.0", names=("hub.example",)) == "hub.example"
    assert host(host="192.0.2.9") == "192.0.2.9"
    assert host(host="192.0.2.9", names=("hub.example",)) == "192.0.2.9"
    assert host(host="2001:db8::1") == "2001:db8::1"
