"""A TAK device from the console to its certificate: a real hub, a real browser on a phone's screen, real HTTPS."""

import asyncio
import io
import ssl
import zipfile
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from playwright.sync_api import Page, expect
from tests.system.browser import chromium_page
from tests.system.hub import ADMIN, PASSWORD, Hub
from tests.system.roster import done

from tapestry.app.directory import REF_BUCKET
from tapestry.app.tak_devices import TAK_DEVICES_KEY, decode_tak_devices
from tapestry.wiring.connect import connect_bus, load_settings

pytestmark = [pytest.mark.system, pytest.mark.browser, pytest.mark.timeout(300)]


def log_in(page: Page, hub: Hub) -> None:
    page.goto(hub.url)
    page.get_by_test_id("login-user").fill(ADMIN)
    page.get_by_test_id("login-password").fill(PASSWORD)
    page.get_by_test_id("login-submit").click()
    expect(page.get_by_test_id("login-submit")).to_be_hidden()


def enrol(hub: Hub, name: str, token: str) -> httpx.Response:
    """Enrol as ATAK does, trusting the device authority alone."""
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    trust = ssl.create_default_context(cafile=str(hub.data / "keys" / "devices" / "ca.crt"))
    return httpx.post(
        f"https://localhost:{hub.enrol_port}/Marti/api/tls/signClient/v2?clientUid=ANDROID-1&version=5",
        content=request.public_bytes(serialization.Encoding.PEM),
        auth=(name, token),
        verify=trust,
        timeout=20,
    )


async def revoked_within(hub: Hub, name: str, *, within_s: float) -> bool:
    """Return whether the list on the bus says in time that a device is revoked: what the TAK server goes by."""
    told = asyncio.Event()

    async def hear(body: bytes) -> None:
        if any(it.name == name and it.revoked for it in decode_tak_devices(body)):
            told.set()

    bus = await connect_bus(load_settings(hub.data), name="test")
    await bus.watch(REF_BUCKET, TAK_DEVICES_KEY, hear)
    try:
        await asyncio.wait_for(told.wait(), within_s)
    finally:
        await bus.close()
    return True


def test_a_device_is_added_set_up_enrolled_and_revoked_from_the_console(hub: Hub) -> None:
    client = hub.admin()
    operator_id = done(client.post("/api/operators", json={"name": "Palm"}))["operator_id"]
    done(client.post("/api/vehicles", json={"operator_id": operator_id, "callsign": "Palm 1"}))
    with chromium_page(width=360, height=740) as (page, _):
        log_in(page, hub)
        page.goto(f"{hub.url}/devices")
        page.get_by_test_id("tak-add").press("Enter")
        page.get_by_test_id("tak-form-vehicle").select_option(label="Palm 1 ")
        expect(page.get_by_test_id("tak-form-name")).to_have_value("Palm-1")
        page.get_by_test_id("tak-form-name").press("Enter")
        code = page.get_by_test_id("tak-qr")
        assert code.evaluate("async it => { await it.decode(); return it.naturalWidth }") > 100  # it is seen
        uri = code.get_attribute("data-text")
        token = page.get_by_test_id("tak-token").inner_text()
        assert parse_qs(urlsplit(uri or "").query) == {
            "host": ["127.0.0.1"], "username": ["Palm-1"], "token": [token],
        }  # fmt: skip
        expect(page.get_by_test_id("tak-loopback")).to_be_visible()
        with page.expect_download() as waited:
            page.get_by_test_id("tak-package").click()
        assert waited.value.suggested_filename == "Palm-1.zip"
        with zipfile.ZipFile(io.BytesIO(Path(waited.value.path()).read_bytes())) as package:
            assert f"127.0.0.1:{hub.device_ports['tak']}:ssl" in package.read("config.pref").decode()
        page.get_by_test_id("tak-close").click()
        row = page.get_by_test_id("tak-row")
        expect(row).to_have_attribute("data-state", "waiting")
        assert enrol(hub, "Palm-1", token).status_code == 200
        assert enrol(hub, "Palm-1", token).status_code == 401
        page.reload()
        expect(row).to_have_attribute("data-state", "enrolled")
        page.get_by_test_id("tak-revoke").click()
        page.get_by_test_id("tak-revoke-confirm").press("Enter")
        expect(row).to_have_attribute("data-state", "revoked")
    assert asyncio.run(revoked_within(hub, "Palm-1", within_s=3.0))


def test_somebody_adds_a_device_of_their_own(hub: Hub) -> None:
    hub.admin()
    with chromium_page(width=360, height=740) as (page, _):
        log_in(page, hub)
        page.goto(f"{hub.url}/account")
        page.get_by_test_id("tak-add").click()
        page.get_by_test_id("tak-form-name").fill("MINE")
        page.get_by_test_id("tak-form-way").select_option("package")
        page.get_by_test_id("tak-form-add").click()
        with page.expect_download():
            page.get_by_test_id("tak-package").click()
        expect(page.get_by_test_id("tak-package")).to_be_disabled()
        page.get_by_test_id("tak-close").click()
        expect(page.get_by_test_id("tak-row")).to_have_attribute("data-state", "enrolled")
