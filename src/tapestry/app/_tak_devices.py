"""TAK devices by their certificates: a list on the bus, so that the TAK server knows them while the database is down.

The desk publishes the list after each change, and whole at start. A tracker of a TAK device has a key that nobody
knows: no other door of the hub takes its identity. Whoever checked the certificate says so with `Intake.vouch`.
"""

import zlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

import msgspec

from tapestry.app._directory import REF_BUCKET
from tapestry.app._tak_port import TakRecord
from tapestry.app.ports import Bus, Store

TAK_DEVICES_KEY: Final = "tak-devices"
IDENTITY_SCHEME: Final = "tak:"

Changed = Callable[[frozenset[str]], Awaitable[None]]


class TakDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A TAK device that was given a certificate."""

    name: str
    serial: str  # of its certificate, hexadecimal, lower case, no leading zeros
    fingerprint_sha256: str  # of its certificate (DER), hexadecimal, lower case
    identity: str  # "tak:<name>": the tracker that it is, unless it is a person's
    vehicle_id: int | None  # that the tracker is bound to now
    user_name: str | None  # the account whose device it is
    revoked: bool


class TakDevices:
    """Every TAK device with a certificate that has not ended; kept up by `watch`."""

    def __init__(self) -> None:
        self._by_fingerprint: dict[str, TakDevice] = {}
        self._by_serial: dict[str, TakDevice] = {}
        self._loaded = False

    @property
    def loaded(self) -> bool:
        """Return whether a list was heard: before it, no device is known."""
        return self._loaded

    def by_fingerprint(self, fingerprint_sha256: str) -> TakDevice | None:
        """Return the device with this certificate, also a revoked one; None: the hub knows of no such device."""
        return self._by_fingerprint.get(fingerprint_sha256)

    def by_serial(self, serial: str) -> TakDevice | None:
        """Return the device whose certificate has this serial number, also a revoked one."""
        return self._by_serial.get(serial)

    def use(self, devices: Sequence[TakDevice]) -> frozenset[str]:
        """From now on know these; return the fingerprints of devices that were good and are good no longer."""
        before = {key for key, device in self._by_fingerprint.items() if not device.revoked}
        self._by_fingerprint = {device.fingerprint_sha256: device for device in devices}
        self._by_serial = {device.serial: device for device in devices}
        self._loaded = True
        return frozenset(before - {key for key, it in self._by_fingerprint.items() if not it.revoked})

    async def watch(self, bus: Bus, changed: Changed | None = None) -> None:
        """Keep up with the list on the bus; returns once it is watched.

        Args:
            changed: Called after each new list with the fingerprints whose connections have to end.
        """

        async def hear(body: bytes) -> None:
            ended = self.use(decode_tak_devices(body))
            if changed is not None:
                await changed(ended)

        await bus.watch(REF_BUCKET, TAK_DEVICES_KEY, hear)


def identity_of_tak(name: str) -> str:
    """Return the identity of the tracker that a TAK device is."""
    return f"{IDENTITY_SCHEME}{name}"


def device_of(record: TakRecord, vehicles: dict[str, int | None], *, now: datetime) -> TakDevice | None:
    """Return a record as the TAK server needs it; None when it has no certificate, or one that has ended.

    Args:
        vehicles: Which vehicle each tracker is bound to, by identity.
        now: UTC.
    """
    if record.serial is None or record.fingerprint_sha256 is None or record.expires_at is None:
        return None
    if record.expires_at <= now:
        return None
    identity = identity_of_tak(record.name)
    return TakDevice(
        name=record.name,
        serial=record.serial,
        fingerprint_sha256=record.fingerprint_sha256,
        identity=identity,
        vehicle_id=None if record.user_name is not None else vehicles.get(identity),
        user_name=record.user_name,
        revoked=record.revoked_at is not None,
    )


async def build_tak_devices(store: Store, *, now: datetime) -> list[TakDevice]:
    """Return the devices as the store has them now.

    Raises:
        OutsideFault: The database cannot be reached.
    """
    records = await store.tak_records()
    if not records:
        return []
    vehicles: dict[str, int | None] = {it.identity: it.vehicle_id for it in await store.trackers()}
    devices = [device_of(record, vehicles, now=now) for record in records]
    return [device for device in devices if device is not None]


async def publish_tak_devices(store: Store, bus: Bus, *, now: datetime) -> None:
    """Put the list where the TAK server watches for it."""
    await bus.put(REF_BUCKET, TAK_DEVICES_KEY, encode_tak_devices(await build_tak_devices(store, now=now)))


def encode_tak_devices(devices: Sequence[TakDevice]) -> bytes:
    """Return the list as compressed JSON, for the key `tak-devices`."""
    return zlib.compress(msgspec.json.encode(devices))


def decode_tak_devices(body: bytes) -> list[TakDevice]:
    """Return the list that `encode_tak_devices` wrote."""
    return msgspec.json.decode(zlib.decompress(body), type=list[TakDevice])
