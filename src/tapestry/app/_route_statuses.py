"""What is said of roads, at the desk: set, withdrawn, and told to every movement that runs along them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from tapestry.access import Action, Principal
from tapestry.app._access import DeskPorts, require
from tapestry.app._plans import MAX_ROUTE_VERTICES, Moment, NewWaypoint
from tapestry.app._refusals import Invalid, Missing
from tapestry.app._roster import checked_name
from tapestry.app._sheet_roads import SheetRoads, as_read, status_notice
from tapestry.app._sheet_writer import SheetWriter
from tapestry.model import (
    ControlClass,
    MovementId,
    MovementSheet,
    RouteStatus,
    RouteStatusId,
    Threat,
    Waypoint,
)

SHOWN_AFTER_END: Final = timedelta(days=7)  # stale ones are listed, as unknown, for so long
MAX_VALID: Final = timedelta(days=31)  # what nobody says again within a month is not known
MAX_REASON_LENGTH: Final = 500


class NewRouteStatus(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person says of a stretch of road."""

    name: str
    line: Annotated[list[NewWaypoint], Meta(min_length=2, max_length=MAX_ROUTE_VERTICES)]
    control: ControlClass
    threat: Threat
    reason: Annotated[str, Meta(min_length=1, max_length=MAX_REASON_LENGTH)]
    valid_until: Moment


class RouteStatusView(msgspec.Struct, frozen=True, kw_only=True):
    """A status as it reads now, and who was told of it."""

    status: RouteStatus
    movement_ids: tuple[MovementId, ...] = ()


class RouteStatusDesk:
    """What people do with road statuses."""

    def __init__(self, ports: DeskPorts, roads: SheetRoads, writer: SheetWriter) -> None:
        self._ports = ports
        self._roads = roads
        self._writer = writer

    async def statuses(self, who: Principal) -> list[RouteStatus]:
        """Return what was said of roads lately, newest first; what is stale or withdrawn reads as unknown."""
        require(self._ports, who, Action.VIEW_ROUTE_STATUS)
        now = self._ports.now()
        found = await self._ports.store.route_statuses(valid_after=now - SHOWN_AFTER_END)
        await self._ports.entries.note(who.user_name, "view-route-statuses", "roads", {"count": len(found)})
        return [as_read(status, now) for status in found]

    async def add(self, who: Principal, new: NewRouteStatus) -> RouteStatusView:
        """Say how a stretch of road is; every movement along it is told."""
        require(self._ports, who, Action.SET_ROUTE_STATUS)
        now = self._ports.now()
        if not timedelta(0) < new.valid_until - now <= MAX_VALID:
            raise Invalid(
                "bad-validity",
                f"It is valid until a moment that has passed or is more than {MAX_VALID.days} days away.",
                "Choose a moment at which somebody will have looked again.",
            )
        status = await self._ports.store.add_route_status(
            RouteStatus(
                status_id=RouteStatusId(0),
                name=checked_name(new.name, "status-name"),
                line=tuple(Waypoint(lat_deg=it.lat_deg, lon_deg=it.lon_deg) for it in new.line),
                control=new.control,
                threat=new.threat,
                reason=new.reason.strip(),
                author=who.user_name,
                set_at=now,
                valid_until=new.valid_until.astimezone(UTC),
            )
        )
        told = await self.tell(status, "set")
        details = {
            "name": status.name,
            "control": status.control.value,
            "threat": status.threat.value,
            "reason": status.reason,
            "valid_until": status.valid_until.isoformat(),
            "movements": list(told),
        }
        await self._note(who, "set-route-status", status, details)
        return RouteStatusView(status=status, movement_ids=told)

    async def withdraw(self, who: Principal, status_id: int, reason: str) -> RouteStatusView:
        """Take back what was said; every movement along it is told."""
        require(self._ports, who, Action.SET_ROUTE_STATUS)
        status = await self.access_status(status_id)
        reason = checked_name(reason, "reason")
        self._ports.links.refuse_foreign(status.status_id)
        now = self._ports.now()
        stored = self._ports.store.withdraw_route_status
        if not await stored(status.status_id, by=who.user_name, at=now, reason=reason):
            raise Invalid("withdrawn", "This was withdrawn before.", "Load the list again.")
        withdrawn = msgspec.structs.replace(status, withdrawn=True)
        told = await self.tell(as_read(withdrawn, now), "withdrawn")
        await self._note(who, "withdraw-route-status", status, {"reason": reason, "movements": list(told)})
        return RouteStatusView(status=as_read(withdrawn, now), movement_ids=told)

    async def access_status(self, status_id: int) -> RouteStatus:
        """Return a status.

        Raises:
            Missing: There is none.
        """
        known = 0 < status_id < 2**31
        status = await self._ports.store.route_status(RouteStatusId(status_id)) if known else None
        if status is None:
            raise Missing
        return status

    async def tell(self, status: RouteStatus, what: str) -> tuple[MovementId, ...]:
        """Put a notice on every sheet along a stretch and tell who watches; return the movements told now."""
        sheets = await self._roads.sheets_on(status)
        at: datetime = self._ports.now()
        notices = [status_notice(sheet, status, what, at) for sheet in sheets]
        added = {notice.movement_id for notice in await self._ports.store.add_notices(notices)}
        told: list[MovementSheet] = [sheet for sheet in sheets if sheet.movement_id in added]
        if told:
            await self._writer.tell_of(told)
        return tuple(sorted(added))

    async def _note(
        self, who: Principal, action: str, status: RouteStatus, details: Mapping[str, object]
    ) -> None:
        await self._ports.entries.note(who.user_name, action, f"route-status/{status.status_id}", details)
