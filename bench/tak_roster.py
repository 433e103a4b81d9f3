"""What the hub has to know before TAK loads: a fleet that is always tracked, and devices with certificates, in bulk."""

import asyncio
import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.system.hub import ADMIN, Hub

from bench.hubs import connections
from bench.tak_clients import fleet_name
from tapestry.adapters._device_ca import FileDeviceCa
from tapestry.app.ports import Issued, NewTakRecord, SigningRequest, Store, TakForm
from tapestry.app.provision import provision
from tapestry.app.tak_devices import publish_tak_devices
from tapestry.model import Operator, OperatorId, Tracker, TrackerId, Vehicle, VehicleId

PEM = serialization.Encoding.PEM
DER = serialization.Encoding.DER


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A device to be: of the administrator, or a tracker."""

    name: str
    is_person: bool = True


def provision_fleet(hub: Hub, identities: dict[str, str]) -> None:
    """Put vehicles on the roster that are always tracked.

    Args:
        identities: Of the trackers, by callsign.
    """
    asyncio.run(_provision(hub, identities))


def fleet_identities(count: int) -> dict[str, str]:
    """Return the trackers of the fleet by callsign."""
    return {fleet_name(number): f"tak:{fleet_name(number)}" for number in range(count)}


async def _provision(hub: Hub, identities: dict[str, str]) -> None:
    operator_id = OperatorId(1)
    vehicles = [
        Vehicle(vehicle_id=VehicleId(number), operator_id=operator_id, callsign=name, always_tracked=True)
        for number, name in enumerate(identities, 1)
    ]
    trackers = [
        Tracker(tracker_id=TrackerId(number), identity=identity, vehicle_id=VehicleId(number))
        for number, identity in enumerate(identities.values(), 1)
    ]
    async with connections(hub) as (store, bus):
        await provision(
            store, bus, operators=[Operator(operator_id=operator_id, name="Bench fleet")], vehicles=vehicles,
            trackers=trackers, plans=[], actor="bench", now=datetime.now(UTC),
        )  # fmt: skip


def enrol_devices(hub: Hub, devices: Sequence[Device], folder: Path) -> None:
    """Give devices certificates of the hub's authority; NAME.pem of each and ca.crt lie in the folder then."""
    asyncio.run(_enrol(hub, devices, folder))


async def _enrol(hub: Hub, devices: Sequence[Device], folder: Path) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    authority = FileDeviceCa(hub.data / "keys" / "devices", now=now)
    (folder / "ca.crt").write_bytes(authority.authority_file.read_bytes())
    async with connections(hub) as (store, bus):
        for device in devices:
            await _enrol_one(store, authority, device, folder, now)
        await publish_tak_devices(store, bus, now=now)


async def _enrol_one(
    store: Store, authority: FileDeviceCa, device: Device, folder: Path, now: datetime
) -> None:
    token_hash = hashlib.sha256(secrets.token_bytes(16)).digest()
    await store.add_tak_device(
        NewTakRecord(
            name=device.name, form=TakForm.ENROL, user_name=ADMIN if device.is_person else None,
            token_hash=token_hash, token_expires_at=now + timedelta(hours=1), created_at=now, created_by=ADMIN,
        )
    )  # fmt: skip
    issued, pem = _issued(authority, device, now)
    (folder / f"{device.name}.pem").write_bytes(pem)
    await store.enrol_tak_device(token_hash, issued=issued, client_uid=device.name, at=now)


def _issued(authority: FileDeviceCa, device: Device, now: datetime) -> tuple[Issued, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    request = SigningRequest(der=b"", common_name=device.name, public_key=public)
    unit = f"person/{ADMIN}" if device.is_person else "tracker"
    issued = authority.sign(request, name=device.name, unit=unit, now=now)
    secret = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return issued, _as_pem(issued.certificate) + secret


def _as_pem(certificate: bytes) -> bytes:
    from cryptography import x509

    return x509.load_der_x509_certificate(certificate).public_bytes(PEM)
