"""What the house asks of its store about tracking sheets, road statuses, stop orders and settings.

A sheet is kept twice: every version as the whole document, and of the newest one a line with what lists, looks for
lateness and looks for a vehicle's other movements need, so that none of these reads a document.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from tapestry.model import (
    MovementId,
    MovementPlan,
    MovementSheet,
    MovementState,
    OperatorId,
    PersonId,
    RouteStatus,
    RouteStatusId,
    VehicleId,
)


class SheetLine(msgspec.Struct, frozen=True, kw_only=True):
    """The newest version of a sheet as a line of a list."""

    movement_id: MovementId
    version: int
    request_version: int  # the version in which the request or the route changed last; written as 0: stays
    state: MovementState
    open: bool  # still to be worked on: neither closed, nor refused, nor called off
    operator_id: OperatorId
    callsign: str
    origin: str  # names; empty while a draft lacks them
    destination: str
    depart_at: datetime | None
    arrive_at: datetime | None
    vehicle_ids: tuple[VehicleId, ...]
    person_ids: tuple[PersonId, ...]  # of the crew
    flags: int  # findings when it was submitted
    stop: bool  # under a stop order
    centre: str
    releasable_to: tuple[str, ...] = ()
    due_at: datetime | None = None  # when the next thing that is planned is due; past: it is late


class SheetWrite(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a sheet on its way into the store, with all that has to be stored with it or not at all."""

    sheet: MovementSheet  # movement_id 0: a new one
    line: SheetLine
    at: datetime
    by: str
    command: str  # tag of the command that made this version
    plan: MovementPlan | None = None  # the plan that this version publishes


class SheetVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a sheet as a line of its history."""

    version: int
    at: datetime
    by: str
    command: str
    state: MovementState


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the people of one movement have to know. Written once under its key."""

    notice_id: int  # rises; 0 before it is stored
    movement_id: MovementId
    key: str  # natural name within the movement: "route-status/7/set"
    at: datetime
    code: str  # kebab-case; words in the UI are keyed by it
    facts: dict[str, str | float] = {}


class StandingStop(msgspec.Struct, frozen=True, kw_only=True):
    """An order to stop moving, for one movement, a stretch of road or everything, until it is lifted."""

    stop_id: int  # 0 before it is stored
    scope: str  # "movement", "route" or "everything"
    reason: str
    by: str
    at: datetime
    movement_id: MovementId | None = None  # of scope "movement"
    status_id: RouteStatusId | None = None  # of scope "route"
    lifted_at: datetime | None = None
    lifted_by: str = ""
    lift_reason: str = ""


class StoredSetting(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a setting."""

    name: str
    version: int  # from 1
    body: str  # JSON text
    set_at: datetime
    set_by: str


class SheetStore(Protocol):
    """Tracking sheets and their notices."""

    async def add_sheet(self, write: SheetWrite) -> MovementSheet:
        """Store a new sheet as version 1 under the next movement id; ids are shared with plans."""
        ...

    async def put_sheets(self, writes: Sequence[SheetWrite]) -> list[bool]:
        """Store the next version of each sheet and the plan that goes with it, all in one transaction.

        Returns:
            For each, False when somebody else stored that version of the sheet or of the plan before: nothing
            of that write was stored.
        """
        ...

    async def sheet(self, movement_id: MovementId, *, version: int | None = None) -> MovementSheet | None:
        """Return a version of a sheet, the newest by default."""
        ...

    async def sheets(self, movement_ids: Sequence[MovementId]) -> list[MovementSheet]:
        """Return the newest versions, by id; ids that are not there are left out."""
        ...

    async def sheet_versions(self, movement_id: MovementId) -> list[SheetVersion]: ...
    async def sheet_line(self, movement_id: MovementId) -> SheetLine | None: ...
    async def sheet_lines(self, *, only_open: bool, limit: int) -> list[SheetLine]:
        """Return lines, the latest departure first, those without one before them."""
        ...

    async def sheet_lines_with(
        self, *, vehicle_ids: Sequence[VehicleId], person_ids: Sequence[PersonId]
    ) -> list[SheetLine]:
        """Return the open lines that have any of these vehicles or people, by id."""
        ...

    async def set_due(self, movement_id: MovementId, *, version: int, due_at: datetime | None) -> None:
        """Note when the next thing is due, unless the line has another version by now."""
        ...

    async def plan_versions(self) -> dict[MovementId, int]:
        """Return the newest version of every movement's plan, without reading any."""
        ...

    async def plans(self, movement_ids: Sequence[MovementId]) -> list[MovementPlan]:
        """Return the newest plans of movements, by id; ids that have none are left out."""
        ...

    async def add_notices(self, notices: Sequence[Notice]) -> list[Notice]:
        """Store those whose key is new for their movement; return just these, with their ids."""
        ...

    async def notices(self, movement_id: MovementId, *, after: int, limit: int) -> list[Notice]:
        """Return the newest notices with an id above `after`, by id."""
        ...


class RoadStore(Protocol):
    """What is said of roads, and orders to stop."""

    async def add_route_status(self, status: RouteStatus) -> RouteStatus:
        """Add it under a new id (the given one is ignored); return it with that id."""
        ...

    async def route_status(self, status_id: RouteStatusId) -> RouteStatus | None: ...
    async def route_statuses(self, *, valid_after: datetime) -> list[RouteStatus]:
        """Return those valid until after a moment, withdrawn ones included, newest first."""
        ...

    async def withdraw_route_status(
        self, status_id: RouteStatusId, *, by: str, at: datetime, reason: str
    ) -> bool:
        """Withdraw it; return False when it was withdrawn before or is not there."""
        ...

    async def add_stop_order(self, order: StandingStop) -> StandingStop: ...
    async def stop_orders(self, *, only_standing: bool, limit: int) -> list[StandingStop]:
        """Return the newest first."""
        ...

    async def lift_stop_order(self, stop_id: int, *, by: str, at: datetime, reason: str) -> bool:
        """Lift it; return False when it was lifted before or is not there."""
        ...


class SettingStore(Protocol):
    """Settings that people change while the hub runs; every version is kept."""

    async def setting(self, name: str) -> StoredSetting | None:
        """Return the newest version."""
        ...

    async def put_setting(self, setting: StoredSetting) -> bool:
        """Store the next version; return False when somebody else stored that one before."""
        ...
