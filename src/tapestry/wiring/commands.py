"""The commands that look at or change a running hub: user, device, log."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import Progress

from tapestry.access import Role
from tapestry.adapters._keys import load_or_create_signing_key
from tapestry.adapters._passwords import Argon2Passwords
from tapestry.app import log as app_log
from tapestry.app.desk import People, publish_directory
from tapestry.app.ports import Account, Quarantined
from tapestry.app.provision import provision
from tapestry.model import Operator, OperatorId, Refused, Tracker, TrackerId, Vehicle, VehicleId
from tapestry.wiring.connect import connect_store, hub_connections, load_settings, signing_key_file

ACTOR = "system"  # the Log's word for a command on the hub's own machine
KEY_BYTES = 18  # 144 random bits, 24 characters to type into a device

Say = Callable[[str], None]


class VerifyReport(msgspec.Struct, frozen=True, kw_only=True):
    """What `tapestry log verify` prints."""

    holds: bool
    words: str


def now() -> datetime:
    """Return the hub's clock."""
    return datetime.now(UTC)


async def add_user(data: Path, user_name: str, *, role: str, operator_id: int | None, password: str) -> None:
    """Add an account."""
    if role not in set(Role):
        raise Refused(f"role {role}, expected one of {', '.join(Role)}")
    store = await connect_store(load_settings(data))
    try:
        people = People(store, Argon2Passwords(), random_bytes=secrets.token_bytes, now=now)
        operator = None if operator_id is None else OperatorId(operator_id)
        await people.add(user_name, Role(role), operator, password)
        await store.append_log(
            at=now(), actor=ACTOR, action="add-user", subject=f"user/{user_name}", details={"role": role}
        )
    finally:
        await store.close()


async def list_users(data: Path) -> list[Account]:
    """Return every account."""
    store = await connect_store(load_settings(data))
    try:
        return await store.accounts()
    finally:
        await store.close()


async def setup_link(data: Path) -> str:
    """Return a new one-time link for an administrator."""
    settings = load_settings(data)
    store = await connect_store(settings)
    try:
        people = People(store, Argon2Passwords(), random_bytes=secrets.token_bytes, now=now)
        token = await people.make_setup_link()
        await store.append_log(at=now(), actor=ACTOR, action="make-setup-link", subject="hub", details={})
        return f"{settings.address}/setup#token={token}"
    finally:
        await store.close()


async def add_device(
    data: Path, identity: str, *, callsign: str, operator: str, with_key: bool, always_tracked: bool
) -> str | None:
    """Bind a tracker to a vehicle, both added when new; return its key when one was made."""
    scheme, colon, value = identity.partition(":")
    if not (scheme and colon and value):
        raise Refused(
            f"identity {identity}, expected scheme:value, such as imei:356307042441013 or id:truck-7"
        )
    key = secrets.token_urlsafe(KEY_BYTES) if with_key else None
    vehicle = Vehicle(
        vehicle_id=VehicleId(1), operator_id=OperatorId(1), callsign=callsign, always_tracked=always_tracked
    )
    async with hub_connections(load_settings(data), "command") as (store, bus):
        placed = await provision(
            store,
            bus,
            operators=[Operator(operator_id=OperatorId(1), name=operator)],
            vehicles=[vehicle],
            trackers=[Tracker(tracker_id=TrackerId(1), identity=identity, vehicle_id=VehicleId(1))],
            plans=[],
            actor=ACTOR,
            now=now(),
        )
        if key is not None:
            digest = hashlib.sha256(key.encode()).digest()
            await store.put_tracker(identity=identity, vehicle_id=placed.vehicles[1], secret_sha256=digest)
            await publish_directory(store, bus, now=now())
    return key


async def list_devices(data: Path) -> tuple[list[tuple[Tracker, str | None]], list[Quarantined]]:
    """Return trackers with the callsign of their vehicle, and what is in quarantine."""
    store = await connect_store(load_settings(data))
    try:
        callsigns = {vehicle.vehicle_id: vehicle.callsign for vehicle in await store.vehicles()}
        trackers = [
            (tracker, callsigns.get(tracker.vehicle_id) if tracker.vehicle_id is not None else None)
            for tracker in await store.trackers()
        ]
        return trackers, await store.quarantined()
    finally:
        await store.close()


async def verify_log(data: Path, *, console: Console) -> VerifyReport:
    """Recompute the Log and check its heads against this hub's own key."""
    settings = load_settings(data)
    key = load_or_create_signing_key(signing_key_file(settings))
    store = await connect_store(settings)
    try:
        with Progress(console=console) as progress:
            task = progress.add_task("Log entries", total=None)
            report = await app_log.verify_log(
                store,
                trusted_key=key.public_key,
                on_progress=lambda done, total: progress.update(task, completed=done, total=total),
            )
    finally:
        await store.close()
    root = report.root_hash.hex()
    if report.fault is None:
        words = f"The Log holds: {report.size} entries, {report.heads} signed heads, root {root}"
        return VerifyReport(holds=True, words=words)
    return VerifyReport(
        holds=False, words=f"THE LOG DOES NOT HOLD: {report.fault} ({report.size} entries before it hold)"
    )
