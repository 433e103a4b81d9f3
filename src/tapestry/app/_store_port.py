"""What the house asks of its store. The real one is PostgreSQL; a fake keeps the same contract suite.

Every method may raise OutsideFault when the database cannot be reached (retry_helps is True), and
Refused when a rule of the data is broken (a name that is taken, an id that is not there).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec
import numpy as np

from tapestry.app._case_port import CaseStore
from tapestry.app._challenge_port import ChallengeStore
from tapestry.app._chat_port import ChatStore
from tapestry.app._dispatch_port import DispatchStore
from tapestry.app._order_port import OrderStore
from tapestry.app._passage_port import PassageStore
from tapestry.app._people_roster_port import PeopleRosterStore
from tapestry.app._phone_port import PhoneStore
from tapestry.app._rejected_port import RejectedFrame, RejectedGroup, RejectedWanted
from tapestry.app._retention_port import RetentionStore
from tapestry.app._sheet_port import RoadStore, SettingStore, SheetStore
from tapestry.app._tak_port import TakStore
from tapestry.app._watch_port import WatchStore
from tapestry.ledger import Tree
from tapestry.model import (
    Alert,
    AlertEvent,
    AlertId,
    Distress,
    Flag,
    MovementId,
    MovementPlan,
    Operator,
    OperatorId,
    Tracker,
    TrackerId,
    Vehicle,
    VehicleId,
)


class Fence(msgspec.Struct, frozen=True, kw_only=True):
    """A named area; rings are closed, the first is the outside, the others are holes."""

    fence_id: int
    name: str
    kind: str  # free word: "depot", "avoid", "border"
    rings: tuple[tuple[tuple[float, float], ...], ...]  # (lat_deg, lon_deg) vertices


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A person who may log in."""

    user_name: str
    role: str  # administrator, watch_officer, operator, partner
    password_hash: str  # argon2id
    operator_id: OperatorId | None = None  # whose convoys an operator sees
    totp_secret: str | None = None
    totp_used_step: int = 0  # 30-second step of the newest one-time code used: a code is good once
    language: str = "en"
    disabled: bool = False
    failed_count: int = 0  # wrong passwords or codes in a row
    locked_until: datetime | None = None


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A login that has not ended; the cookie holds a random token, the store its SHA-256."""

    token_hash: bytes
    user_name: str
    csrf: str
    created_at: datetime
    seen_at: datetime


class Quarantined(msgspec.Struct, frozen=True, kw_only=True):
    """An identity that reports and that nobody has bound to a vehicle."""

    identity: str
    protocol: str
    remote: str
    first_at: datetime
    last_at: datetime
    count: int
    rejected_count: int = 0
    lat_deg: float | None = None
    lon_deg: float | None = None


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the Log; what is hashed is its canonical JSON without `seq` and `leaf_hash`."""

    seq: int  # from 0, without holes: the leaf's index
    at: datetime
    actor: str  # user name, or "system"
    action: str  # verb-noun: "view-movement", "acknowledge-alert"
    subject: str  # what it was done to: "movement/12"
    details: dict[str, Any]  # JSON values; never a secret
    leaf_hash: bytes


class TreeHead(msgspec.Struct, frozen=True, kw_only=True):
    """The signed state of the Log at a size."""

    size: int
    root_hash: bytes
    signed_at: datetime
    signature: bytes  # Ed25519 over the canonical JSON of size, root_hash (hex) and signed_at
    public_key: bytes


class RosterStore(Protocol):
    """Operators, vehicles, trackers, movements, fences."""

    async def operators(self) -> list[Operator]: ...
    async def add_operator(self, *, name: str) -> Operator: ...
    async def vehicles(self) -> list[Vehicle]: ...
    async def add_vehicle(self, vehicle: Vehicle) -> Vehicle:
        """Add it under a new id (the given vehicle_id is ignored); return it with that id."""
        ...

    async def update_vehicle(self, vehicle: Vehicle) -> None: ...
    async def trackers(self) -> list[Tracker]: ...
    async def put_tracker(
        self, *, identity: str, vehicle_id: VehicleId | None, secret_sha256: bytes | None = None
    ) -> Tracker:
        """Add or rebind a tracker by its identity; with a secret its fixes count as authenticated."""
        ...

    async def tracker_secrets(self) -> dict[TrackerId, bytes]: ...
    async def movements(self) -> list[MovementPlan]:
        """Return the newest version of every movement, by id."""
        ...

    async def movement(self, movement_id: MovementId) -> MovementPlan | None: ...
    async def put_movement(self, plan: MovementPlan) -> MovementPlan:
        """Store a new version (movement_id 0: a new movement); every version is kept."""
        ...

    async def fences(self) -> list[Fence]: ...
    async def add_fence(self, fence: Fence) -> Fence: ...
    async def remove_fence(self, fence_id: int) -> None: ...
    async def next_fences_version(self) -> int: ...


class AlertStore(Protocol):
    """Alerts and what people decide about them."""

    async def record_event(self, event: AlertEvent) -> Alert:
        """Open the episode or end its cause; the same event twice changes nothing."""
        ...

    async def record_distress(self, alert_id: AlertId, distress: Distress, *, join: bool = True) -> Alert:
        """Open an emergency and let the call join its case, or open one, in one transaction; the same call twice
        changes nothing. Without `join` it has its case at another centre.
        """
        ...

    async def alerts(self, *, only_open: bool, limit: int) -> list[Alert]:
        """Return alerts, newest first; open means that no person has closed it."""
        ...

    async def alert(self, alert_id: AlertId) -> Alert | None: ...
    async def acknowledge_alert(self, alert_id: AlertId, *, by: str, at: datetime) -> Alert: ...
    async def take_alert(self, alert_id: AlertId, *, by: str, at: datetime) -> Alert: ...
    async def snooze_alert(
        self, alert_id: AlertId, *, by: str, at: datetime, until: datetime, reason: str
    ) -> Alert: ...
    async def close_alert(self, alert_id: AlertId, *, by: str, at: datetime, reason: str) -> Alert: ...


class PositionStore(Protocol):
    """Positions as a projection of the bus: written once each, whatever happens."""

    async def projected_seq(self, projection: str) -> int:
        """Return the newest bus sequence that this projection holds, 0 at first."""
        ...

    async def mark_projected(self, projection: str, seq: int) -> None:
        """Note that a projection other than "positions" holds everything up to `seq`; never moves back."""
        ...

    async def write_positions(
        self, batches: Sequence[tuple[int, np.ndarray]], *, up_to_seq: int, projection: str = "positions"
    ) -> int:
        """Write POSITION rows, each batch under its TRACK sequence, and move the projection to `up_to_seq`, in
        one transaction; sequences at or below the projection's are left out, and rows without a vehicle. Return the
        rows written.

        CONTACT_ONLY rows only move the vehicle's time of last contact.
        """
        ...

    async def write_quality(self, track_seq: int, rows: Sequence[int], flags: Sequence[int]) -> None:
        """Set what track judged of rows of one batch; the same twice changes nothing."""
        ...

    async def track_of(
        self, vehicle_id: VehicleId, *, since: datetime, until: datetime, limit: int
    ) -> np.ndarray:
        """Return POSITION rows by fixed_at, judged flags included."""
        ...

    async def positions_between(
        self, vehicle_ids: Sequence[VehicleId], *, since: datetime, until: datetime, limit: int
    ) -> np.ndarray:
        """Return POSITION rows of many vehicles by (vehicle_id, fixed_at), judged flags included."""
        ...

    async def last_positions(
        self,
        vehicle_ids: Sequence[VehicleId],
        *,
        at: Sequence[datetime],
        look_back: timedelta,
        no_place: Flag,
    ) -> np.ndarray:
        """Return for each moment and vehicle the newest POSITION row fixed after the moment before and at the
        latest at this one, by (vehicle_id, fixed_at), judged flags included; none where there is no such row.

        Rows older at their moment than `look_back`, and rows with any flag of `no_place`, do not count.
        Moments rise.
        """
        ...

    async def count_positions(self) -> int: ...
    async def last_contacts(self) -> dict[VehicleId, datetime]: ...


class IntakeStore(Protocol):
    """What intake could not place."""

    async def record_quarantined(self, entry: Quarantined) -> None:
        """Add to the identity's counts."""
        ...

    async def quarantined(self) -> list[Quarantined]: ...
    async def release_quarantined(self, identity: str) -> None: ...
    async def record_rejected(self, frame: RejectedFrame) -> None: ...

    async def rejected(
        self, wanted: RejectedWanted, *, before: int | None, limit: int
    ) -> list[RejectedFrame]:
        """Return the newest first, those before a rejected_id."""
        ...

    async def rejected_groups(self, wanted: RejectedWanted, *, limit: int) -> list[RejectedGroup]:
        """Return frames by protocol and shape of their reason, the group heard last first."""
        ...


class AccountStore(Protocol):
    """People and their logins."""

    async def accounts(self) -> list[Account]: ...
    async def account(self, user_name: str) -> Account | None: ...
    async def add_account(self, account: Account) -> None: ...
    async def update_account(self, account: Account) -> None: ...
    async def put_session(self, session: Session) -> None: ...
    async def session(self, token_hash: bytes) -> Session | None: ...
    async def end_session(self, token_hash: bytes) -> None: ...
    async def end_sessions_of(self, user_name: str) -> None: ...
    async def put_setup_link(self, token_hash: bytes, *, valid_until: datetime) -> None: ...
    async def use_setup_link(self, token_hash: bytes, *, at: datetime) -> bool:
        """Return True once for a link that is valid at `at`, and never again."""
        ...


class LogStore(Protocol):
    """The Log: append-only, a Merkle tree over it."""

    async def append_log(
        self, *, at: datetime, actor: str, action: str, subject: str, details: dict[str, Any]
    ) -> LogEntry: ...
    async def log_entries(self, *, start: int, limit: int) -> list[LogEntry]:
        """Return entries from `seq` start upwards."""
        ...

    async def log_size(self) -> int: ...
    async def log_tree(self) -> Tree:
        """Return the Merkle tree of the Log as it is kept, by its peaks; not proved, see `verify_log`."""
        ...

    async def put_tree_head(self, head: TreeHead) -> None: ...
    async def tree_heads(self, *, limit: int) -> list[TreeHead]:
        """Return the newest first."""
        ...


class Store(
    RosterStore,
    PeopleRosterStore,
    RetentionStore,
    AlertStore,
    PositionStore,
    IntakeStore,
    AccountStore,
    LogStore,
    SheetStore,
    RoadStore,
    SettingStore,
    PassageStore,
    PhoneStore,
    CaseStore,
    ChallengeStore,
    DispatchStore,
    WatchStore,
    OrderStore,
    TakStore,
    ChatStore,
    Protocol,
):
    """All of it, as one adapter gives it."""

    async def healthy(self) -> bool: ...
    async def close(self) -> None: ...
