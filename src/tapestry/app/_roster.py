"""The roster at the desk: operators, vehicles, trackers, and identities in quarantine that a person binds."""

import base64
import hashlib
import re
from collections.abc import Mapping
from typing import Final

import msgspec

from tapestry.access import Action, Principal, Resource, permitted
from tapestry.app._access import DeskPorts, access_tracker, require
from tapestry.app._refusals import Invalid, Missing
from tapestry.app.ports import Quarantined, RejectedFrame, RejectedGroup, RejectedWanted
from tapestry.model import Operator, OperatorId, Tracker, Vehicle, VehicleId, VehicleRole

MAX_NAME_LENGTH: Final = 100
MAX_REJECTED_GROUPS: Final = 500
KEY_SIZE_BYTES: Final = 32
IDENTITY: Final = re.compile(r"[a-z][a-z0-9]{0,15}:[!-~]{1,128}")  # "<scheme>:<value>", as decoders say it


class NewVehicle(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A vehicle to be added."""

    operator_id: OperatorId
    callsign: str
    plate: str | None = None
    kind: str | None = None
    role: VehicleRole = VehicleRole.CARGO
    always_tracked: bool = False


class NewTracker(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tracker to be added."""

    identity: str
    vehicle_id: VehicleId | None = None
    with_key: bool = False  # make a key that the tracker has to show


class AddedTracker(msgspec.Struct, frozen=True, kw_only=True):
    """A tracker that was added, with its key, which is shown this once."""

    tracker: Tracker
    key: str | None


class Roster:
    """Who and what moves."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports

    async def operators(self, who: Principal) -> list[Operator]:
        """Return the operators that the person may see."""
        operators = await self._ports.store.operators()
        resources = [Resource(operator_ids=frozenset({it.operator_id})) for it in operators]
        seen = permitted(self._ports.monitor, who, Action.VIEW_OPERATOR, resources)
        await self._ports.entries.note(who.user_name, "view-operators", "roster", {"count": sum(seen)})
        return [operator for operator, visible in zip(operators, seen, strict=True) if visible]

    async def add_operator(self, who: Principal, name: str) -> Operator:
        """Add an operator."""
        require(self._ports, who, Action.CHANGE_ROSTER)
        name = checked_name(name, "operator-name")
        if name in {operator.name for operator in await self._ports.store.operators()}:
            raise Invalid("operator-name-taken", "There is an operator of this name.", "Choose another name.")
        operator = await self._ports.store.add_operator(name=name)
        await self._changed(who, "add-operator", f"operator/{operator.operator_id}", {"name": name})
        return operator

    async def vehicles(self, who: Principal) -> list[Vehicle]:
        """Return the vehicles of the operators that the person may see."""
        vehicles = await self._ports.store.vehicles()
        owners = sorted(
            {it.operator_id for it in vehicles}
        )  # a decision depends on nothing else of a vehicle
        resources = [Resource(operator_ids=frozenset({owner})) for owner in owners]
        verdicts = permitted(self._ports.monitor, who, Action.VIEW_VEHICLE, resources)
        seen = {owner for owner, sees in zip(owners, verdicts, strict=True) if sees}
        visible = [vehicle for vehicle in vehicles if vehicle.operator_id in seen]
        await self._ports.entries.note(who.user_name, "view-vehicles", "roster", {"count": len(visible)})
        return visible

    async def add_vehicle(self, who: Principal, new: NewVehicle) -> Vehicle:
        """Add a vehicle to an operator's roster."""
        require(self._ports, who, Action.CHANGE_ROSTER)
        if new.operator_id not in {it.operator_id for it in await self._ports.store.operators()}:
            raise Invalid("unknown-operator", "There is no operator with this operator_id.", "Add it first.")
        vehicle = await self._ports.store.add_vehicle(
            Vehicle(
                vehicle_id=VehicleId(0),
                operator_id=new.operator_id,
                callsign=checked_name(new.callsign, "callsign"),
                plate=None if not new.plate else checked_name(new.plate, "plate"),
                kind=None if not new.kind else checked_name(new.kind, "kind"),
                role=new.role,
                always_tracked=new.always_tracked,
            )
        )
        details = {"operator_id": vehicle.operator_id, "callsign": vehicle.callsign}
        await self._changed(who, "add-vehicle", f"vehicle/{vehicle.vehicle_id}", details)
        return vehicle

    async def trackers(self, who: Principal) -> list[Tracker]:
        """Return all trackers."""
        require(self._ports, who, Action.VIEW_TRACKER)
        trackers = await self._ports.store.trackers()
        await self._ports.entries.note(who.user_name, "view-trackers", "roster", {"count": len(trackers)})
        return trackers

    async def add_tracker(self, who: Principal, new: NewTracker) -> AddedTracker:
        """Add a tracker that has not reported yet."""
        require(self._ports, who, Action.CHANGE_ROSTER)
        if not IDENTITY.fullmatch(new.identity):
            raise Invalid(
                "bad-identity",
                "An identity is a scheme, a colon and a value without blanks, as in imei:… or id:…",
                "Write it as the tracker says it; the quarantine list shows it.",
            )
        if new.identity in {tracker.identity for tracker in await self._ports.store.trackers()}:
            raise Invalid("identity-taken", "There is a tracker with this identity.", "Rebind that one.")
        await self._check_vehicle(new.vehicle_id)
        key = None
        if new.with_key:
            key = base64.urlsafe_b64encode(self._ports.random_bytes(KEY_SIZE_BYTES)).rstrip(b"=").decode()
        tracker = await self._ports.store.put_tracker(
            identity=new.identity,
            vehicle_id=new.vehicle_id,
            secret_sha256=None if key is None else hashlib.sha256(key.encode()).digest(),
        )
        await self._ports.store.release_quarantined(new.identity)
        details = {"identity": new.identity, "vehicle_id": new.vehicle_id, "with_key": new.with_key}
        await self._changed(who, "add-tracker", f"tracker/{tracker.tracker_id}", details)
        return AddedTracker(tracker=tracker, key=key)

    async def bind_tracker(self, who: Principal, tracker_id: int, vehicle_id: VehicleId | None) -> Tracker:
        """Bind a tracker to another vehicle, or to none."""
        before = await access_tracker(self._ports, who, tracker_id)
        await self._check_vehicle(vehicle_id)
        tracker = await self._ports.store.put_tracker(identity=before.identity, vehicle_id=vehicle_id)
        details = {"identity": before.identity, "before": before.vehicle_id, "vehicle_id": vehicle_id}
        await self._changed(who, "bind-tracker", f"tracker/{tracker.tracker_id}", details)
        return tracker

    async def quarantined(self, who: Principal) -> list[Quarantined]:
        """Return the identities that report and that nobody has bound."""
        require(self._ports, who, Action.VIEW_QUARANTINE)
        entries = await self._ports.store.quarantined()
        details = {"count": len(entries)}
        await self._ports.entries.note(who.user_name, "view-quarantine", "quarantine", details)
        return entries

    async def bind_quarantined(self, who: Principal, identity: str, vehicle_id: VehicleId) -> Tracker:
        """Bind an identity in quarantine to a vehicle."""
        require(self._ports, who, Action.CHANGE_ROSTER)
        if identity not in {entry.identity for entry in await self._ports.store.quarantined()}:
            raise Missing
        await self._check_vehicle(vehicle_id)
        tracker = await self._ports.store.put_tracker(identity=identity, vehicle_id=vehicle_id)
        await self._ports.store.release_quarantined(identity)
        details = {"identity": identity, "vehicle_id": vehicle_id}
        await self._changed(who, "bind-quarantined", f"tracker/{tracker.tracker_id}", details)
        return tracker

    async def rejected(
        self, who: Principal, wanted: RejectedWanted, *, before: int | None, limit: int
    ) -> list[RejectedFrame]:
        """Return frames that broke their protocol, the newest first; the look is in the Log."""
        require(self._ports, who, Action.VIEW_QUARANTINE)
        frames = await self._ports.store.rejected(wanted, before=before, limit=limit)
        await self._note_rejected(who, wanted, len(frames))
        return frames

    async def rejected_groups(self, who: Principal, wanted: RejectedWanted) -> list[RejectedGroup]:
        """Return them by protocol and shape of the reason, the group heard last first; the look is in the Log."""
        require(self._ports, who, Action.VIEW_QUARANTINE)
        groups = await self._ports.store.rejected_groups(wanted, limit=MAX_REJECTED_GROUPS)
        await self._note_rejected(who, wanted, sum(group.count for group in groups))
        return groups

    async def _note_rejected(self, who: Principal, wanted: RejectedWanted, count: int) -> None:
        asked = {name: value for name, value in msgspec.structs.asdict(wanted).items() if value}
        await self._ports.entries.note(who.user_name, "view-rejected", "rejected", asked | {"count": count})

    async def _check_vehicle(self, vehicle_id: VehicleId | None) -> None:
        if vehicle_id is None:
            return
        if vehicle_id not in {vehicle.vehicle_id for vehicle in await self._ports.store.vehicles()}:
            raise Invalid("unknown-vehicle", "There is no vehicle with this vehicle_id.", "Add it first.")

    async def _changed(
        self, who: Principal, action: str, subject: str, details: Mapping[str, object]
    ) -> None:
        await self._ports.entries.note(who.user_name, action, subject, details)
        await self._ports.announcer.roster_changed()


def checked_name(text: str, code: str) -> str:
    """Return a name without blanks around it.

    Raises:
        Invalid: It is empty, too long, or has characters that cannot be printed; the code is "bad-<code>".
    """
    name = text.strip()
    if not 0 < len(name) <= MAX_NAME_LENGTH or not name.isprintable():
        raise Invalid(
            f"bad-{code}",
            f"A name here has 1 to {MAX_NAME_LENGTH} printable characters; this one has {len(name)}.",
            "Write a shorter or a plainer one.",
        )
    return name
