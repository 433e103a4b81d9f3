"""A store in memory that keeps the contract suite of tests/adapters/test_store_contract.py."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace

from tapestry.app.ports import (
    MAX_SENDERS,
    Account,
    Fence,
    LogEntry,
    Quarantined,
    RejectedFrame,
    RejectedGroup,
    RejectedWanted,
    Session,
    TreeHead,
    alert_of_distress,
    shape_of,
)
from tapestry.ledger import EMPTY_TREE, Tree, canonical_details, entry_leaf_hash
from tapestry.model import (
    ABSENT_ID,
    POSITION,
    Alert,
    AlertEvent,
    AlertId,
    Distress,
    Flag,
    MovementId,
    MovementPlan,
    Operator,
    OperatorId,
    Phase,
    Refused,
    Tracker,
    TrackerId,
    Vehicle,
    VehicleId,
)
from tests.fakes.fake_cases import FakeCases
from tests.fakes.fake_challenges import FakeChallenges
from tests.fakes.fake_chat import FakeChat
from tests.fakes.fake_dispatch import FakeDispatch
from tests.fakes.fake_orders import FakeOrders
from tests.fakes.fake_passages import FakePassages
from tests.fakes.fake_people_roster import FakePeopleRoster
from tests.fakes.fake_phones import FakePhones
from tests.fakes.fake_retention import FakeRetention
from tests.fakes.fake_sheets import FakeRoads, FakeSheets
from tests.fakes.fake_tak import FakeTak
from tests.fakes.fake_watch import FakeWatch

MAX_REJECTED = 10_000


class FakeRoster:
    def __init__(self) -> None:
        super().__init__()
        self._operators: dict[OperatorId, Operator] = {}
        self._vehicles: dict[VehicleId, Vehicle] = {}
        self._trackers: dict[str, Tracker] = {}
        self._secrets: dict[TrackerId, bytes] = {}
        self._movements: dict[MovementId, list[MovementPlan]] = {}
        self._fences: dict[int, Fence] = {}
        self._last_fence_id = 0
        self._fences_version = 0

    def _new_movement_id(self) -> MovementId:
        return MovementId(max([0, *self._movements, *getattr(self, "_sheets", ())]) + 1)

    def _check_operator(self, operator_id: OperatorId | None, rule: str, table: str) -> None:
        if operator_id is not None and operator_id not in self._operators:
            raise Refused(f"store: {rule} (table {table}); change the value")

    async def operators(self) -> list[Operator]:
        return list(self._operators.values())

    async def add_operator(self, *, name: str) -> Operator:
        if any(operator.name == name for operator in self._operators.values()):
            raise Refused("store: operator name is taken (table operator); change the value")
        operator = Operator(operator_id=OperatorId(len(self._operators) + 1), name=name)
        self._operators[operator.operator_id] = operator
        return operator

    async def vehicles(self) -> list[Vehicle]:
        return list(self._vehicles.values())

    async def add_vehicle(self, vehicle: Vehicle) -> Vehicle:
        self._check_operator(vehicle.operator_id, "vehicle needs an operator", "vehicle")
        added = replace(vehicle, vehicle_id=VehicleId(len(self._vehicles) + 1))
        self._vehicles[added.vehicle_id] = added
        return added

    async def update_vehicle(self, vehicle: Vehicle) -> None:
        if vehicle.vehicle_id not in self._vehicles:
            raise Refused(f"vehicle {vehicle.vehicle_id}: not on the roster; add it first")
        self._check_operator(vehicle.operator_id, "vehicle needs an operator", "vehicle")
        self._vehicles[vehicle.vehicle_id] = vehicle

    async def trackers(self) -> list[Tracker]:
        return sorted(self._trackers.values(), key=lambda tracker: tracker.tracker_id)

    async def put_tracker(
        self, *, identity: str, vehicle_id: VehicleId | None, secret_sha256: bytes | None = None
    ) -> Tracker:
        if vehicle_id is not None and vehicle_id not in self._vehicles:
            raise Refused("store: tracker needs its vehicle (table tracker); change the value")
        known = self._trackers.get(identity)
        tracker_id = known.tracker_id if known else TrackerId(len(self._trackers) + 1)
        if secret_sha256 is not None:
            self._secrets[tracker_id] = secret_sha256
        self._trackers[identity] = Tracker(
            tracker_id=tracker_id,
            identity=identity,
            vehicle_id=vehicle_id,
            authenticated=tracker_id in self._secrets,
        )
        return self._trackers[identity]

    async def tracker_secrets(self) -> dict[TrackerId, bytes]:
        return dict(self._secrets)

    async def movements(self) -> list[MovementPlan]:
        return [versions[-1] for _, versions in sorted(self._movements.items())]

    async def movement(self, movement_id: MovementId) -> MovementPlan | None:
        versions = self._movements.get(movement_id)
        return versions[-1] if versions else None

    async def put_movement(self, plan: MovementPlan) -> MovementPlan:
        if plan.movement_id and plan.movement_id not in self._movements:
            raise Refused(f"movement {plan.movement_id}: does not exist; give 0 for a new one")
        self._check_operator(plan.operator_id, "movement needs an operator", "movement")
        movement_id = plan.movement_id or self._new_movement_id()
        versions = self._movements.setdefault(movement_id, [])
        versions.append(replace(plan, movement_id=movement_id, version=len(versions) + 1))
        return versions[-1]

    async def fences(self) -> list[Fence]:
        return list(self._fences.values())

    async def add_fence(self, fence: Fence) -> Fence:
        self._last_fence_id += 1
        self._fences[self._last_fence_id] = replace(fence, fence_id=self._last_fence_id)
        return self._fences[self._last_fence_id]

    async def remove_fence(self, fence_id: int) -> None:
        if self._fences.pop(fence_id, None) is None:
            raise Refused(f"fence {fence_id}: does not exist; it may have been removed already")

    async def next_fences_version(self) -> int:
        self._fences_version += 1
        return self._fences_version


class FakeAlerts(FakeCases):
    def __init__(self) -> None:
        super().__init__()
        self._alerts: dict[AlertId, Alert] = {}
        self._start_unseen: set[AlertId] = set()

    async def record_event(self, event: AlertEvent) -> Alert:
        known = self._alerts.get(event.alert_id)
        ended = event.phase is Phase.ENDED
        if known is None:
            known = Alert(
                started_at=event.occurred_at,
                ended_at=event.occurred_at if ended else None,
                **{
                    name: getattr(event, name)
                    for name in event.__struct_fields__
                    if name in Alert.__struct_fields__
                },
            )
            if ended:
                self._start_unseen.add(event.alert_id)
        elif ended:
            known = replace(known, ended_at=known.ended_at or event.occurred_at)
        elif event.alert_id in self._start_unseen:
            self._start_unseen.remove(event.alert_id)
            known = replace(
                known,
                severity=event.severity,
                started_at=event.occurred_at,
                received_at=event.received_at,
                late=event.late,
                lat_deg=event.lat_deg,
                lon_deg=event.lon_deg,
                facts=event.facts,
            )
        self._alerts[event.alert_id] = known
        return known

    async def record_distress(self, alert_id: AlertId, distress: Distress, *, join: bool = True) -> Alert:
        opened = self._alerts.setdefault(alert_id, replace(alert_of_distress(distress), alert_id=alert_id))
        if join:
            self.join_case(alert_id, distress)
        return opened

    async def alerts(self, *, only_open: bool, limit: int) -> list[Alert]:
        chosen = [alert for alert in self._alerts.values() if not only_open or alert.closed_at is None]
        return sorted(chosen, key=lambda alert: (-alert.started_at.timestamp(), alert.alert_id))[:limit]

    async def alert(self, alert_id: AlertId) -> Alert | None:
        return self._alerts.get(alert_id)

    def _decide(self, decision: str, alert_id: AlertId, **changes: Any) -> Alert:
        known = self._alerts.get(alert_id)
        if known is None:
            raise Refused(f"alert {alert_id}: does not exist; the list may be old, load it again")
        if known.closed_at is not None:
            raise Refused(
                f"alert {alert_id}: {known.closed_by} closed it at {known.closed_at.isoformat()}; "
                f"cannot {decision} it any more"
            )
        if decision != "acknowledge" or known.acknowledged_at is None:
            self._alerts[alert_id] = replace(known, **changes)
        return self._alerts[alert_id]

    async def acknowledge_alert(self, alert_id: AlertId, *, by: str, at: datetime) -> Alert:
        return self._decide("acknowledge", alert_id, acknowledged_at=at, acknowledged_by=by)

    async def take_alert(self, alert_id: AlertId, *, by: str, at: datetime) -> Alert:
        return self._decide("take", alert_id, owner=by)

    async def snooze_alert(
        self, alert_id: AlertId, *, by: str, at: datetime, until: datetime, reason: str
    ) -> Alert:
        if not reason.strip():
            raise Refused(f"alert {alert_id}: snoozed without a reason; write why")
        if until <= at:
            raise Refused(
                f"alert {alert_id}: snoozed until {until.isoformat()}, which is not after {at.isoformat()}; "
                "choose a later time"
            )
        return self._decide("snooze", alert_id, snoozed_until=until, snooze_reason=reason)

    async def close_alert(self, alert_id: AlertId, *, by: str, at: datetime, reason: str) -> Alert:
        return self._decide("close", alert_id, closed_at=at, closed_by=by, close_reason=reason)


class FakePositions:
    def __init__(self) -> None:
        super().__init__()
        self._projected: dict[str, int] = {}
        self._rows: list[tuple[int, int, np.void]] = []  # (track_seq, row_no, row)
        self._judged: dict[tuple[int, int], int] = {}
        self._contacts_us: dict[VehicleId, int] = {}

    async def projected_seq(self, projection: str) -> int:
        return self._projected.get(projection, 0)

    async def mark_projected(self, projection: str, seq: int) -> None:
        self._projected[projection] = max(seq, self._projected.get(projection, 0))

    async def write_positions(
        self, batches: Sequence[tuple[int, np.ndarray]], *, up_to_seq: int, projection: str = "positions"
    ) -> int:
        before = len(self._rows)
        for seq, rows in batches:
            if seq <= self._projected.get(projection, 0):
                continue
            for row_no, row in enumerate(rows):
                if row["vehicle_id"] == ABSENT_ID:
                    continue
                if row["flags"] & Flag.CONTACT_ONLY:
                    vehicle_id = VehicleId(int(row["vehicle_id"]))
                    heard_us = max(int(row["received_at_us"]), self._contacts_us.get(vehicle_id, 0))
                    self._contacts_us[vehicle_id] = heard_us
                else:
                    self._rows.append((seq, row_no, row.copy()))
        await self.mark_projected(projection, up_to_seq)
        return len(self._rows) - before

    async def write_quality(self, track_seq: int, rows: Sequence[int], flags: Sequence[int]) -> None:
        for row_no, bits in zip(rows, flags, strict=True):
            self._judged[track_seq, row_no] = self._judged.get((track_seq, row_no), 0) | bits

    async def track_of(
        self, vehicle_id: VehicleId, *, since: datetime, until: datetime, limit: int
    ) -> np.ndarray:
        return await self.positions_between([vehicle_id], since=since, until=until, limit=limit)

    async def positions_between(
        self, vehicle_ids: Sequence[VehicleId], *, since: datetime, until: datetime, limit: int
    ) -> np.ndarray:
        since_us, until_us = (round(at.timestamp() * 1_000_000) for at in (since, until))
        found = [
            (row["vehicle_id"], row["fixed_at_us"], row["received_at_us"], seq, row_no, row)
            for seq, row_no, row in self._rows
            if row["vehicle_id"] in vehicle_ids and since_us <= row["fixed_at_us"] < until_us
        ]
        found.sort(key=lambda one: one[:5])
        read = np.array([one[5] for one in found[:limit]], POSITION)
        for index, (_, _, _, seq, row_no, _) in enumerate(found[:limit]):
            read["flags"][index] |= self._judged.get((seq, row_no), 0)
        return read

    async def last_positions(
        self,
        vehicle_ids: Sequence[VehicleId],
        *,
        at: Sequence[datetime],
        look_back: timedelta,
        no_place: Flag,
    ) -> np.ndarray:
        tick = timedelta(microseconds=1)
        found = [np.empty(0, POSITION)]
        for vehicle_id in sorted(vehicle_ids):
            before = datetime.min.replace(tzinfo=UTC)
            for moment in at:
                since = max(before + tick, moment - look_back)
                rows = await self.track_of(
                    vehicle_id, since=since, until=moment + tick, limit=len(self._rows)
                )
                found.append(rows[rows["flags"] & no_place == 0][-1:])
                before = moment
        return np.concatenate(found)

    async def count_positions(self) -> int:
        return len(self._rows)

    async def last_contacts(self) -> dict[VehicleId, datetime]:
        newest: dict[VehicleId, np.void] = {}
        for _, _, row in self._rows:
            vehicle_id = VehicleId(int(row["vehicle_id"]))
            in_time = row["fixed_at_us"] <= row["received_at_us"] + 300_000_000
            if in_time and (
                vehicle_id not in newest or row["fixed_at_us"] > newest[vehicle_id]["fixed_at_us"]
            ):
                newest[vehicle_id] = row
        heard = dict(self._contacts_us)
        for vehicle_id, row in newest.items():
            heard[vehicle_id] = max(heard.get(vehicle_id, 0), int(row["received_at_us"]))
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        return {vehicle_id: epoch + timedelta(microseconds=us) for vehicle_id, us in heard.items()}


class FakeIntake:
    def __init__(self) -> None:
        super().__init__()
        self._quarantined: dict[str, Quarantined] = {}
        self._rejected: list[RejectedFrame] = []
        self._last_rejected_id = 0

    async def record_quarantined(self, entry: Quarantined) -> None:
        known = self._quarantined.get(entry.identity)
        if known is not None:
            entry = replace(
                entry,
                first_at=min(known.first_at, entry.first_at),
                last_at=max(known.last_at, entry.last_at),
                count=known.count + entry.count,
                rejected_count=known.rejected_count + entry.rejected_count,
                lat_deg=known.lat_deg if entry.lat_deg is None else entry.lat_deg,
                lon_deg=known.lon_deg if entry.lon_deg is None else entry.lon_deg,
            )
        self._quarantined[entry.identity] = entry

    async def quarantined(self) -> list[Quarantined]:
        return sorted(self._quarantined.values(), key=lambda one: (-one.last_at.timestamp(), one.identity))

    async def release_quarantined(self, identity: str) -> None:
        self._quarantined.pop(identity, None)

    async def record_rejected(self, frame: RejectedFrame) -> None:
        self._last_rejected_id += 1
        numbered = replace(frame, rejected_id=self._last_rejected_id)
        self._rejected = [*self._rejected, numbered][-MAX_REJECTED:]

    async def rejected(
        self, wanted: RejectedWanted, *, before: int | None, limit: int
    ) -> list[RejectedFrame]:
        found = self._wanted_frames(wanted)
        return [it for it in found if before is None or it.rejected_id < before][:limit]

    async def rejected_groups(self, wanted: RejectedWanted, *, limit: int) -> list[RejectedGroup]:
        groups: dict[tuple[str, str], list[RejectedFrame]] = {}
        for frame in self._wanted_frames(wanted):
            groups.setdefault((frame.protocol, shape_of(frame.reason)), []).append(frame)
        found = []
        for (protocol, shape), frames in groups.items():
            times = [frame.received_at for frame in frames]
            senders = sorted({it.identity or re.sub(r":\d+$", "", it.remote) for it in frames})
            found.append(
                RejectedGroup(
                    protocol=protocol, shape=shape, reason=frames[0].reason, count=len(frames), first_at=min(times),
                    last_at=max(times), senders=senders[:MAX_SENDERS], sender_count=len(senders),
                )
            )  # fmt: skip
        return found[:limit]

    def _wanted_frames(self, wanted: RejectedWanted) -> list[RejectedFrame]:
        """Return the newest first."""
        return [
            it
            for it in self._rejected[::-1]
            if wanted.protocol in ("", it.protocol)
            and wanted.shape in ("", shape_of(it.reason))
            and wanted.text.lower() in f"{it.identity or ''} {it.remote} {it.reason}".lower()
        ]


class FakeAccounts:
    def __init__(self) -> None:
        super().__init__()
        self._accounts: dict[str, Account] = {}
        self._sessions: dict[bytes, Session] = {}
        self._setup_links: dict[bytes, datetime] = {}
        self._used_links: set[bytes] = set()

    async def accounts(self) -> list[Account]:
        return sorted(self._accounts.values(), key=lambda account: account.user_name)

    async def account(self, user_name: str) -> Account | None:
        return self._accounts.get(user_name)

    async def add_account(self, account: Account) -> None:
        if account.user_name in self._accounts:
            raise Refused("store: account user name is taken (table account); change the value")
        self._accounts[account.user_name] = account

    async def update_account(self, account: Account) -> None:
        if account.user_name not in self._accounts:
            raise Refused(f"account {account.user_name}: does not exist; add it first")
        self._accounts[account.user_name] = account

    async def put_session(self, session: Session) -> None:
        if session.user_name not in self._accounts:
            raise Refused("store: session needs an account (table session); change the value")
        self._sessions[session.token_hash] = session

    async def session(self, token_hash: bytes) -> Session | None:
        return self._sessions.get(token_hash)

    async def end_session(self, token_hash: bytes) -> None:
        self._sessions.pop(token_hash, None)

    async def end_sessions_of(self, user_name: str) -> None:
        self._sessions = {key: one for key, one in self._sessions.items() if one.user_name != user_name}

    async def put_setup_link(self, token_hash: bytes, *, valid_until: datetime) -> None:
        if token_hash in self._setup_links:
            raise Refused("store: setup link is there already (table setup_link); change the value")
        self._setup_links[token_hash] = valid_until

    async def use_setup_link(self, token_hash: bytes, *, at: datetime) -> bool:
        valid_until = self._setup_links.get(token_hash)
        if valid_until is None or valid_until <= at or token_hash in self._used_links:
            return False
        self._used_links.add(token_hash)
        return True


class FakeLog:
    def __init__(self) -> None:
        super().__init__()
        self.entries: list[LogEntry] = []  # open to tests that tamper
        self.heads: list[TreeHead] = []
        self.tree: Tree = EMPTY_TREE

    async def append_log(
        self, *, at: datetime, actor: str, action: str, subject: str, details: dict[str, Any]
    ) -> LogEntry:
        entry = LogEntry(
            seq=len(self.entries),
            at=at,
            actor=actor,
            action=action,
            subject=subject,
            details=msgspec.json.decode(canonical_details(details)),
            leaf_hash=entry_leaf_hash(at=at, actor=actor, action=action, subject=subject, details=details),
        )
        self.entries.append(entry)
        self.tree = self.tree.with_leaf(entry.leaf_hash)
        return entry

    async def log_entries(self, *, start: int, limit: int) -> list[LogEntry]:
        return [entry for entry in self.entries if entry.seq >= start][:limit]

    async def log_size(self) -> int:
        return len(self.entries)

    async def log_tree(self) -> Tree:
        return self.tree

    async def put_tree_head(self, head: TreeHead) -> None:
        self.heads.append(head)

    async def tree_heads(self, *, limit: int) -> list[TreeHead]:
        return sorted(self.heads, key=lambda head: (head.size, head.signed_at), reverse=True)[:limit]


class FakeStore(
    FakeRoster,
    FakeAlerts,
    FakePositions,
    FakeIntake,
    FakeAccounts,
    FakeLog,
    FakeSheets,
    FakeRoads,
    FakePassages,
    FakePeopleRoster,
    FakeRetention,
    FakePhones,
    FakeChallenges,
    FakeDispatch,
    FakeWatch,
    FakeOrders,
    FakeTak,
    FakeChat,
):
    """Everything that `tapestry.app.ports.Store` asks for; forgets it with the object."""

    async def healthy(self) -> bool:
        return True

    async def close(self) -> None:
        return None
