"""TAK devices: added at the console, enrolled at their own door, set up by packages, revoked."""

import asyncio
import io
import re
import zipfile
from xml.etree import ElementTree

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import pkcs12
from tests.fakes.small_hub import PASSWORD, SmallHub, device_ca
from tests.fakes.tak_device import SIGN, TakHandset, certificate_of

from tapestry.app.tak_devices import TAK_DEVICES_KEY, decode_tak_devices
from tapestry.web import build_marti_app

CONFIG = "/Marti/api/tls/config"
PROFILE = "/Marti/api/tls/profile/enrollment"


def door(hub: SmallHub, remote: str = "192.0.2.50") -> httpx.AsyncClient:
    """Return a client of the door where devices enrol."""
    app = build_marti_app(hub.desk, host="hub.test")
    transport = httpx.ASGITransport(app, client=(remote, 40_000), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://hub.test:8446", trust_env=False)


async def added(hub: SmallHub, who: str = "wafa", **body: object) -> dict[str, object]:
    """Add a device of vehicle 1; return the answer."""
    browser = await hub.log_in(who)
    answer = await browser.post("/api/tak-devices", json={"name": "TRUCK-4", "vehicle_id": 1, **body})
    assert answer.status_code == 201, answer.text
    made: dict[str, object] = answer.json()
    return made


def handset(made: dict[str, object], **changed: str) -> TakHandset:
    device = made["device"]
    assert isinstance(device, dict)
    return TakHandset(changed.get("name", device["name"]), changed.get("token", str(made["token"])))


async def states(hub: SmallHub) -> list[str]:
    listed = await (await hub.log_in("adam")).get("/api/tak-devices")
    return [it["state"] for it in listed.json()]


async def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_a_device_is_added_enrols_and_is_known_by_its_certificate(hub: SmallHub) -> None:
    made = await added(hub)
    assert re.fullmatch(r"([A-Z2-7]{4}-){3}[A-Z2-7]{4}", str(made["token"]))
    assert made["enrol_uri"] == (
        f"tak://com.atakmap.app/enroll?host=hub.test&username=TRUCK-4&token={made['token']}"
    )
    assert made["itak_text"] == "Tapestry,hub.test,8089,ssl"
    assert str(made["enrol_svg"]).startswith('<svg xmlns="http://www.w3.org/2000/svg" ')
    device = handset(made)
    answer = await device.enrol(door(hub))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert set(answer.json()) == {"signedCert", "ca0"}
    certificate = certificate_of(answer.json()["signedCert"])
    assert certificate.subject.rfc4514_string() == "O=Tapestry,OU=tracker/1,CN=TRUCK-4"
    assert certificate.public_key() == device.key.public_key()
    certificate.verify_directly_issued_by(certificate_of(answer.json()["ca0"]))
    hub.desk.announcer.told_within_s = 5.0
    task = asyncio.create_task(hub.desk.announcer.run())
    await hub.desk.announcer.tak_devices_changed()
    task.cancel()
    body = await hub.bus.get("ref", TAK_DEVICES_KEY)
    assert body is not None
    (known,) = decode_tak_devices(body)
    assert known.fingerprint_sha256 == certificate.fingerprint(hashes.SHA256()).hex()
    assert (known.identity, known.vehicle_id, known.revoked) == ("tak:TRUCK-4", 1, False)
    assert await states(hub) == ["enrolled"]
    logged = await hub.logged()
    assert ("wafa", "invite-tak-device", "tak-device/1") in logged
    assert ("tak-device/1", "enrol-tak-device", "tak-device/1") in logged


async def test_xml_is_answered_to_who_asks_for_it(hub: SmallHub) -> None:
    device = handset(await added(hub))
    answer = await device.enrol(door(hub), accept="application/xml")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/xml")
    root = ElementTree.fromstring(answer.text)
    assert root.tag == "enrollment"
    assert certificate_of(root.findtext("signedCert") or "").public_key() == device.key.public_key()
    assert [it.tag for it in root] == ["signedCert", "ca"]


async def test_the_configuration_names_organisation_and_unit(hub: SmallHub) -> None:
    answer = await door(hub).get(CONFIG)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/xml")
    root = ElementTree.fromstring(answer.text)
    assert root.tag == "{com.bbn.marti.config}certificateConfig"
    assert answer.text.count("<ns2:certificateConfig ") == 1
    entries = root.iter("{http://bbn.com/marti/xml/config}nameEntry")
    assert {it.get("name"): it.get("value") for it in entries} == {"O": "Tapestry", "OU": "TAK"}
    version = await door(hub).get("/Marti/api/version")
    assert (version.status_code, version.text) == (200, "Tapestry")
    assert (await door(hub).get("/Marti/api/version/config")).json()["data"]["hostname"] == "hub.test"


async def test_a_wrong_code_or_name_is_refused_alike_and_asks_for_another(hub: SmallHub) -> None:
    made = await added(hub)
    for wrong in ({"token": "AAAA-BBBB-CCCC-DDDD"}, {"name": "TRUCK-5"}):
        answer = await handset(made, **wrong).enrol(door(hub))
        assert await code_of(answer) == (401, "bad-token")
        assert answer.headers["www-authenticate"].startswith("Basic ")
    checked = await door(hub).get(CONFIG, headers=handset(made, token="x").headers)
    assert await code_of(checked) == (401, "bad-token")
    assert await code_of(await door(hub).post(SIGN)) == (401, "bad-token")
    for header in ("Basic", "Basic !", "Basic " + "A" * 400, "Bearer x", "Basic /////w=="):
        answer = await door(hub).post(SIGN, headers={"Authorization": header})
        assert await code_of(answer) == (401, "bad-token")
    assert await states(hub) == ["waiting"]


async def test_a_code_is_read_however_it_was_typed(hub: SmallHub) -> None:
    made = await added(hub)
    typed = str(made["token"]).lower().replace("-", " ")
    assert (await handset(made, token=typed).enrol(door(hub))).status_code == 200


async def test_a_used_code_gives_no_second_certificate_and_that_it_was_tried_is_in_the_log(
    hub: SmallHub,
) -> None:
    made = await added(hub)
    first = handset(made)
    answer = await first.enrol(door(hub))
    again = await first.enrol(door(hub))  # its answer was lost: the same key gets the same certificate
    assert again.json() == answer.json()
    assert await code_of(await handset(made).enrol(door(hub))) == (401, "bad-token")
    assert ("system", "refuse-tak-device", "tak-device/1") in await hub.logged()
    hub.clock.move(hours=25)
    assert await code_of(await first.enrol(door(hub))) == (401, "bad-token")


async def test_a_code_is_good_for_a_day(hub: SmallHub) -> None:
    device = handset(await added(hub))
    hub.clock.move(hours=24)
    assert await code_of(await device.enrol(door(hub))) == (401, "bad-token")
    assert await states(hub) == ["expired"]


async def test_a_request_for_another_name_or_none_at_all_is_refused_and_the_code_stays_good(
    hub: SmallHub,
) -> None:
    device = handset(await added(hub))
    assert await code_of(await device.enrol(door(hub), name="ADMIN")) == (422, "foreign-subject")
    answer = await door(hub).post(SIGN, headers=device.headers, content=b"no request")
    assert await code_of(answer) == (422, "bad-request")
    answer = await door(hub).post(SIGN, headers=device.headers, content=b"A" * 16_385)
    assert await code_of(answer) == (413, "too-large")
    assert (await device.enrol(door(hub))).status_code == 200


async def test_wrong_codes_from_one_address_are_soon_not_even_looked_at(hub: SmallHub) -> None:
    made = await added(hub)
    wrong = handset(made, token="AAAA-BBBB-CCCC-DDDD")
    seen = [(await wrong.enrol(door(hub))).status_code for _ in range(11)]
    assert seen == [401] * 10 + [429]
    assert (await handset(made).enrol(door(hub, remote="192.0.2.51"))).status_code == 200


async def test_after_enrolling_the_profile_says_that_nothing_more_is_to_be_done(hub: SmallHub) -> None:
    device = handset(await added(hub))
    await device.enrol(door(hub))
    answer = await door(hub).get(PROFILE, params={"clientUid": "ANDROID-1"}, headers=device.headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert await code_of(await door(hub).get(PROFILE)) == (401, "bad-token")
    hub.clock.move(hours=1)
    assert await code_of(await door(hub).get(PROFILE, headers=device.headers)) == (401, "bad-token")


async def test_a_revoked_device_is_listed_as_such_and_its_code_is_good_no_longer(hub: SmallHub) -> None:
    made = await added(hub)
    browser = await hub.log_in("wafa")
    assert (await browser.post("/api/tak-devices/1/revoke")).status_code == 204
    assert await states(hub) == ["revoked"]
    assert await code_of(await handset(made).enrol(door(hub))) == (401, "bad-token")
    assert ("wafa", "revoke-tak-device", "tak-device/1") in await hub.logged()


async def test_a_locked_centre_enrols_nobody(hub: SmallHub) -> None:
    device = handset(await added(hub))
    hub.desk.orders.locked = True
    assert await code_of(await device.enrol(door(hub))) == (423, "locked")


# ------------------------------------------------------------------ packages


def entries_of(package: bytes) -> tuple[dict[str, bytes], dict[str, dict[str, str]]]:
    """Return the files of a package, and its preferences by group."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    groups = ElementTree.fromstring(files["config.pref"])
    return files, {
        str(group.get("name")): {str(it.get("key")): it.text or "" for it in group} for group in groups
    }


async def test_a_package_to_enrol_with_holds_the_authority_and_the_code(hub: SmallHub) -> None:
    made = await added(hub)
    browser = await hub.log_in("wafa")
    answer = await browser.post("/api/tak-devices/1/package", json={"token": made["token"]})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["content-disposition"] == 'attachment; filename="TRUCK-4.zip"'
    files, groups = entries_of(answer.content)
    assert list(files) == ["MANIFEST/manifest.xml", "config.pref", "truststore.p12"]
    stream, app = groups["cot_streams"], groups["com.atakmap.app_preferences"]
    assert stream["connectString0"] == "hub.test:8089:ssl"
    assert (stream["enrollForCertificateWithTrust0"], stream["useAuth0"]) == ("true", "true")
    assert (stream["username0"], stream["password0"]) == ("TRUCK-4", made["token"])
    assert (stream["caLocation0"], app["caLocation"]) == ("cert/truststore.p12", "cert/truststore.p12")
    assert app["locationCallsign"] == "N-1"
    assert "certificateLocation0" not in stream
    kept = pkcs12.load_pkcs12(files["truststore.p12"], stream["caPassword0"].encode()).additional_certs
    assert [it.certificate.fingerprint(hashes.SHA256()) for it in kept] == [
        certificate_of_authority().fingerprint(hashes.SHA256())
    ]
    manifest = ElementTree.fromstring(files["MANIFEST/manifest.xml"])
    assert [it.get("zipEntry") for it in manifest.iter("Content")] == ["config.pref", "truststore.p12"]
    assert (await handset(made).enrol(door(hub))).status_code == 200  # the code was not used up


async def test_a_package_with_a_certificate_is_handed_out_once(hub: SmallHub) -> None:
    made = await added(hub, form="package")
    assert (made["enrol_uri"], made["enrol_svg"]) == ("", "")
    assert await code_of(await handset(made).enrol(door(hub))) == (401, "bad-token")
    browser = await hub.log_in("wafa")
    answer = await browser.post("/api/tak-devices/1/package", json={"token": made["token"]})
    files, groups = entries_of(answer.content)
    stream = groups["cot_streams"]
    assert (stream["certificateLocation0"], "enrollForCertificateWithTrust0" in stream) == (
        "cert/TRUCK-4.p12", False,
    )  # fmt: skip
    key, certificate, _ = pkcs12.load_key_and_certificates(
        files["TRUCK-4.p12"], stream["clientPassword0"].encode()
    )
    assert key is not None
    assert certificate is not None
    certificate.verify_directly_issued_by(certificate_of_authority())
    (record,) = await hub.store.tak_records()
    assert record.fingerprint_sha256 == certificate.fingerprint(hashes.SHA256()).hex()
    again = await browser.post("/api/tak-devices/1/package", json={"token": made["token"]})
    assert await code_of(again) == (422, "bad-token")


def certificate_of_authority() -> x509.Certificate:
    return x509.load_der_x509_certificate(device_ca().authority)


# ------------------------------------------------------------------ who may


async def test_somebody_adds_a_device_of_their_own_and_sees_no_others(hub: SmallHub) -> None:
    await added(hub)
    adam = await hub.log_in("adam")
    made = await adam.post("/api/me/tak-devices", json={"name": "ADAM"})
    assert made.status_code == 201
    device = TakHandset("ADAM", made.json()["token"])
    answer = await device.enrol(door(hub))
    certificate = certificate_of(answer.json()["signedCert"])
    assert certificate.subject.rfc4514_string() == "O=Tapestry,OU=person/adam,CN=ADAM"
    assert [it["name"] for it in (await adam.get("/api/me/tak-devices")).json()] == ["ADAM"]
    assert [it["name"] for it in (await adam.get("/api/tak-devices")).json()] == ["TRUCK-4", "ADAM"]
    assert (await adam.post("/api/tak-devices/2/revoke")).status_code == 204


@pytest.mark.parametrize("who", ["omar", "pia"])
async def test_operators_and_partners_have_no_tak_devices(hub: SmallHub, who: str) -> None:
    await added(hub)
    browser = await hub.log_in(who)
    assert (await browser.get("/api/tak-devices")).status_code == 403
    assert (await browser.get("/api/me/tak-devices")).status_code == 403
    assert (await browser.post("/api/me/tak-devices", json={"name": "X"})).status_code == 403
    body = {"name": "X", "vehicle_id": 1}
    assert (await browser.post("/api/tak-devices", json=body)).status_code == 403
    assert (await browser.post("/api/tak-devices/1/revoke")).status_code == 404
    assert (await browser.post("/api/tak-devices/1/package", json={"token": "x"})).status_code == 404


async def test_a_device_for_another_person_is_an_administrators_to_add(hub: SmallHub) -> None:
    adam, wafa = await hub.log_in("adam"), await hub.log_in("wafa")
    body = {"name": "WAFA", "user_name": "wafa"}
    assert (await adam.post("/api/tak-devices", json=body)).status_code == 201
    other = {"name": "ADAM", "user_name": "adam"}
    assert (await wafa.post("/api/tak-devices", json=other)).status_code == 403
    partner = await adam.post("/api/tak-devices", json={"name": "PIA", "user_name": "pia"})
    assert await code_of(partner) == (422, "role-without-tak")


async def test_who_may_have_no_devices_any_longer_loses_them(hub: SmallHub) -> None:
    wafa, adam = await hub.log_in("wafa"), await hub.log_in("adam")
    await wafa.post("/api/me/tak-devices", json={"name": "WAFA"})
    assert (await adam.patch("/api/users/wafa", json={"password": PASSWORD + " 2"})).status_code == 200
    assert await states(hub) == ["waiting"]
    assert (await adam.patch("/api/users/wafa", json={"disabled": True})).status_code == 200
    assert await states(hub) == ["revoked"]


async def test_names_are_one_devices_and_a_trackers_of_the_same_vehicle_only(hub: SmallHub) -> None:
    await added(hub)
    wafa = await hub.log_in("wafa")

    async def code(**body: object) -> tuple[int, str]:
        return await code_of(await wafa.post("/api/tak-devices", json=body))

    assert await code(name="TRUCK-4", vehicle_id=1) == (422, "device-name-taken")
    assert await code(name="TRUCK-4", vehicle_id=2) == (422, "identity-taken")
    assert await code(name="شاحنة", vehicle_id=2) == (422, "bad-device-name")
    assert await code(name="A:B", vehicle_id=2) == (422, "bad-device-name")
    assert await code(name="X", vehicle_id=99) == (422, "unknown-vehicle")
    assert await code(name="X") == (422, "bad-owner")
    await wafa.post("/api/tak-devices/1/revoke")
    again = await wafa.post("/api/tak-devices", json={"name": "TRUCK-4", "vehicle_id": 1})
    assert again.status_code == 201


async def test_a_name_whose_code_was_never_used_can_be_invited_again(hub: SmallHub) -> None:
    await added(hub)
    hub.clock.move(hours=25)
    await added(hub)
    assert await states(hub) == ["revoked", "waiting"]


async def test_no_code_no_key_and_no_password_is_in_the_log(hub: SmallHub) -> None:
    made = await added(hub, form="package")
    wafa = await hub.log_in("wafa")
    await wafa.post("/api/tak-devices/1/package", json={"token": made["token"]})
    entries = await hub.store.log_entries(start=0, limit=1000)
    assert all(str(made["token"]) not in str(it.details) for it in entries)
    assert {"invite-tak-device", "download-tak-package", "enrol-tak-device"} <= {it.action for it in entries}
