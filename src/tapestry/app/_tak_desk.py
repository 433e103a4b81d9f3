"""TAK devices at the console: invited for a tracker or a person, set up with a package, listed, revoked."""

import asyncio
import hashlib
import uuid
from datetime import timedelta
from typing import Final

import msgspec

from tapestry.access import Action, Principal
from tapestry.app._access import DeskPorts, may, require
from tapestry.app._refusals import Invalid, Missing
from tapestry.app._tak_authority import LazyCa
from tapestry.app._tak_devices import identity_of_tak
from tapestry.app._tak_enrolment import unit_of
from tapestry.app._tak_package import PackageParts, build_package
from tapestry.app._tak_views import (
    TOKEN_SIZE_BYTES,
    TakDoors,
    TakInvitation,
    TakPackage,
    TakState,
    TakView,
    checked_device_name,
    enrol_uri,
    itak_text,
    new_token,
    state_of,
    token_hash,
    view_of,
)
from tapestry.app.ports import Account, Issued, NewTakRecord, TakForm, TakRecord
from tapestry.model import Tracker, VehicleId

TOKEN_GOOD_FOR: Final = timedelta(hours=24)
MAX_DEVICES: Final = 5_000  # that are neither revoked nor over
LIVING: Final = {TakState.WAITING, TakState.ENROLLED}
PASSWORD_SIZE_BYTES: Final = 10


class NewTakDevice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A TAK device to be set up: a vehicle's, or a person's."""

    name: str
    vehicle_id: int | None = None
    user_name: str | None = None
    form: TakForm = TakForm.ENROL


class TakDesk:
    """What people do with TAK devices.

    Args:
        doors: Where devices reach the hub.
    """

    def __init__(self, ports: DeskPorts, authority: LazyCa, doors: TakDoors) -> None:
        self._ports = ports
        self._authority = authority
        self._doors = doors

    async def devices(self, who: Principal) -> list[TakView]:
        """Return every TAK device."""
        require(self._ports, who, Action.VIEW_TAK_DEVICES)
        views = await self._views(await self._ports.store.tak_records())
        await self._ports.entries.note(who.user_name, "view-tak-devices", "roster", {"count": len(views)})
        return views

    async def own(self, who: Principal) -> list[TakView]:
        """Return one's own TAK devices."""
        require(self._ports, who, Action.OWN_TAK_DEVICES)
        records = await self._ports.store.tak_records()
        return await self._views([it for it in records if it.user_name == who.user_name])

    async def invite(self, who: Principal, new: NewTakDevice) -> TakInvitation:
        """Let one more device be set up; its token is shown this once."""
        await self._require(who, new)
        name = checked_device_name(new.name)
        if not self._doors.enrol_port and new.form is TakForm.ENROL:
            raise Invalid(
                "no-tak", "TAK devices do not enrol at this hub.", "Start it with --tak-enrol-port."
            )
        now = self._ports.now()
        tracker = await self._check(name, new)
        await self._make_room(who, name)
        token = new_token(self._ports.random_bytes(TOKEN_SIZE_BYTES))
        if new.vehicle_id is not None:
            nobody = hashlib.sha256(self._ports.random_bytes(32)).digest()  # no other door takes its identity
            tracker = await self._ports.store.put_tracker(
                identity=identity_of_tak(name), vehicle_id=VehicleId(new.vehicle_id), secret_sha256=nobody
            )
        record = await self._ports.store.add_tak_device(
            NewTakRecord(
                name=name, form=new.form, user_name=new.user_name, token_hash=token_hash(token),
                token_expires_at=now + TOKEN_GOOD_FOR, created_at=now, created_by=who.user_name,
            )
        )  # fmt: skip
        details = {"name": name, "form": new.form.value, "user_name": new.user_name}
        details["vehicle_id"] = new.vehicle_id  # type: ignore[assignment]
        await self._note(who, "invite-tak-device", record, details)
        if tracker is not None:
            await self._ports.announcer.roster_changed()
        return TakInvitation(
            device=view_of(record, new.vehicle_id, now),
            token=token,
            doors=self._doors,
            enrol_uri=enrol_uri(self._doors, name, token) if new.form is TakForm.ENROL else "",
            itak_text=itak_text(self._doors),
        )

    async def package(self, who: Principal, device_id: int, token: str) -> TakPackage:
        """Return the data package that sets a device up; with a certificate in it, the token is used up by it."""
        record = await self._access(who, device_id)
        found = await self._ports.store.tak_record_of_token(record.name, token_hash(token))
        if found is None or found.device_id != device_id or state_of(found, self._ports.now()) != "waiting":
            raise Invalid(
                "bad-token", "This code was used before, or its time is over.", "Add the device again."
            )
        authority = await self._authority.get()
        password = self._ports.random_bytes(PASSWORD_SIZE_BYTES).hex()
        client_store = None
        if record.form is TakForm.PACKAGE:
            client_store = await self._issue(record, token, password)
        parts = PackageParts(
            uid=str(uuid.UUID(bytes=self._ports.random_bytes(16), version=4)),
            name=record.name,
            callsign=await self._callsign(record),
            doors=self._doors,
            password=password,
            trust_store=authority.trust_store(password),
            client_store=client_store,
            token=token,
        )
        await self._note(who, "download-tak-package", record, {"name": record.name})
        return TakPackage(name=f"{record.name}.zip", body=build_package(parts))

    async def revoke(self, who: Principal, device_id: int) -> None:
        """Let a device in no longer; its connection ends within seconds."""
        record = await self._access(who, device_id)
        if await self._revoke(who, record, "asked"):
            await self._ports.announcer.tak_devices_changed()

    async def follow_account(self, who: Principal, account: Account) -> None:
        """Revoke the devices of somebody who may have none any longer."""
        owner = Principal(user_name=account.user_name, role=account.role, operator_id=account.operator_id)
        if not account.disabled and may(self._ports, owner, Action.OWN_TAK_DEVICES):
            return
        records = await self._ports.store.tak_records()
        revoked = [
            await self._revoke(who, it, "account") for it in records if it.user_name == account.user_name
        ]
        if any(revoked):
            await self._ports.announcer.tak_devices_changed()

    # ---------------------------------------------------------------- what the above is made of
    async def _require(self, who: Principal, new: NewTakDevice) -> None:
        if (new.vehicle_id is None) == (new.user_name is None):
            raise Invalid(
                "bad-owner", "A TAK device is a vehicle's or a person's.", "Give vehicle_id or user_name."
            )
        if new.user_name == who.user_name:
            require(self._ports, who, Action.OWN_TAK_DEVICES)
            return
        require(self._ports, who, Action.CHANGE_TAK_DEVICES)
        if new.user_name is None:
            return
        require(self._ports, who, Action.MANAGE_ACCOUNTS)
        account = await self._ports.store.account(new.user_name)
        if account is None or account.disabled:
            raise Invalid("unknown-account", "There is no account of this name in use.", "Add it first.")
        owner = Principal(user_name=account.user_name, role=account.role, operator_id=account.operator_id)
        if not may(self._ports, owner, Action.OWN_TAK_DEVICES):
            raise Invalid(
                "role-without-tak", "This role has no TAK devices.", "Add the device for a vehicle instead."
            )

    async def _check(self, name: str, new: NewTakDevice) -> Tracker | None:
        """Refuse a vehicle that is not there, and a name that is another vehicle's tracker; return the tracker."""
        if new.vehicle_id is not None and new.vehicle_id not in {
            it.vehicle_id for it in await self._ports.store.vehicles()
        }:
            raise Invalid("unknown-vehicle", "There is no vehicle with this vehicle_id.", "Add it first.")
        trackers = await self._trackers()
        tracker = trackers.get(identity_of_tak(name))
        if tracker is not None and (new.vehicle_id is None or tracker.vehicle_id != new.vehicle_id):
            raise Invalid(
                "identity-taken",
                "A tracker of this name is another vehicle's, or none's.",
                "Choose another name, or bind that tracker to the vehicle first.",
            )
        return tracker

    async def _make_room(self, who: Principal, name: str) -> None:
        """Give up an invitation or a certificate of this name that is over; refuse a name that is in use."""
        records, now = await self._ports.store.tak_records(), self._ports.now()
        if sum(state_of(it, now) in LIVING for it in records) >= MAX_DEVICES:
            raise Invalid(
                "too-many-devices", f"There are {MAX_DEVICES} TAK devices.", "Revoke those that are not used."
            )
        for record in records:
            if record.name != name or record.revoked_at is not None:
                continue
            if state_of(record, now) in LIVING:
                raise Invalid(
                    "device-name-taken",
                    "There is a TAK device of this name.",
                    "Revoke that one first, or choose another name.",
                )
            await self._revoke(who, record, "over")

    async def _issue(self, record: TakRecord, token: str, password: str) -> bytes:
        authority, now = await self._authority.get(), self._ports.now()
        unit = await unit_of(self._ports, record)

        def make() -> tuple[Issued, bytes]:
            return authority.issue_with_key(
                name=record.name, unit=unit, password=password, now=now.replace(microsecond=0)
            )

        issued, store = await asyncio.to_thread(make)
        stored = await self._ports.store.enrol_tak_device(
            token_hash(token),
            issued=issued,
            client_uid="",
            at=now,
        )
        if stored is None:
            raise Invalid(
                "bad-token", "This code was used before, or its time is over.", "Add the device again."
            )
        subject = f"tak-device/{record.device_id}"
        details = {"name": record.name, "serial": stored.serial}
        await self._ports.entries.note(subject, "enrol-tak-device", subject, details)
        await self._ports.announcer.tak_devices_changed()
        return store

    async def _access(self, who: Principal, device_id: int) -> TakRecord:
        """Return a device.

        Raises:
            Missing: It is not there, or another person's.
            Forbidden: They may see it, and not change it.
        """
        record = await self._ports.store.tak_record(device_id) if 0 < device_id < 2**31 else None
        if record is None:
            raise Missing
        if record.user_name == who.user_name and may(self._ports, who, Action.OWN_TAK_DEVICES):
            return record
        if not may(self._ports, who, Action.VIEW_TAK_DEVICES):
            raise Missing
        require(self._ports, who, Action.CHANGE_TAK_DEVICES)
        return record

    async def _revoke(self, who: Principal, record: TakRecord, why: str) -> bool:
        done = await self._ports.store.revoke_tak_device(
            record.device_id, by=who.user_name, at=self._ports.now()
        )
        if done:
            details = {"name": record.name, "serial": record.serial, "why": why}
            await self._note(who, "revoke-tak-device", record, details)
        return done

    async def _views(self, records: list[TakRecord]) -> list[TakView]:
        trackers, now = await self._trackers(), self._ports.now()
        return [view_of(it, _vehicle_of(it, trackers), now) for it in records]

    async def _callsign(self, record: TakRecord) -> str:
        vehicle_id = _vehicle_of(record, await self._trackers())
        callsigns = [it.callsign for it in await self._ports.store.vehicles() if it.vehicle_id == vehicle_id]
        return callsigns[0] if callsigns else record.name

    async def _trackers(self) -> dict[str, Tracker]:
        return {it.identity: it for it in await self._ports.store.trackers()}

    async def _note(
        self, who: Principal, action: str, record: TakRecord, details: dict[str, str | None]
    ) -> None:
        await self._ports.entries.note(who.user_name, action, f"tak-device/{record.device_id}", details)


def _vehicle_of(record: TakRecord, trackers: dict[str, Tracker]) -> int | None:
    if record.user_name is not None:
        return None
    tracker = trackers.get(identity_of_tak(record.name))
    return None if tracker is None else tracker.vehicle_id
