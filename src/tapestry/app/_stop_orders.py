"""Orders to stop moving, for one movement, a stretch of road or everything: on every sheet at once, until lifted."""

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from tapestry.access import Action, Principal
from tapestry.app._access import DeskPorts, may, require
from tapestry.app._refusals import Changed, Invalid, Missing
from tapestry.app._roster import checked_name
from tapestry.app._sheet_access import access_sheet, resource_of_sheet
from tapestry.app._sheet_roads import SheetRoads
from tapestry.app._sheet_writer import SheetWriter
from tapestry.app.ports import StandingStop
from tapestry.model import (
    Command,
    LiftStop,
    MovementId,
    MovementSheet,
    RouteStatus,
    RouteStatusId,
    StopMoving,
)
from tapestry.movement import allowed_commands

MAX_ORDERS: Final = 500  # shown; more than a handful never stand at once

Scope = Literal["movement", "route", "everything"]


class NewStopOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person orders."""

    scope: Scope
    reason: str
    movement_id: int | None = None  # of scope "movement"
    status_id: int | None = None  # of scope "route": whoever runs along that stretch


class StopOrderView(msgspec.Struct, frozen=True, kw_only=True):
    """An order, and the movements that it stopped or let go just now."""

    order: StandingStop
    movement_ids: tuple[MovementId, ...]


class StopDesk:
    """What people do with stop orders."""

    def __init__(self, ports: DeskPorts, roads: SheetRoads, writer: SheetWriter) -> None:
        self._ports = ports
        self._roads = roads
        self._writer = writer

    async def orders(self, who: Principal, *, only_standing: bool) -> list[StandingStop]:
        """Return orders, newest first; operators get those that stand for a road or for everything."""
        reviews = may(self._ports, who, Action.REVIEW_MOVEMENT)
        if not reviews:
            require(self._ports, who, Action.VIEW_ROUTE_STATUS)
        found = await self._ports.store.stop_orders(
            only_standing=only_standing or not reviews, limit=MAX_ORDERS
        )
        found = [order for order in found if reviews or order.scope != "movement"]
        await self._ports.entries.note(
            who.user_name, "view-stop-orders", "stop-orders", {"count": len(found)}
        )
        return found

    async def order(self, who: Principal, new: NewStopOrder) -> StopOrderView:
        """Stop one movement, those on a stretch of road, or all."""
        order = await self._checked(who, new)
        stretch = await self._stretch(order)
        # 1. What moves is stopped before anything else is done.
        stopped = await self._stop(await self._covered(order, stretch), order)
        # 2. The order stands for who comes under it later …
        stored = await self._ports.store.add_stop_order(order)
        # 3. … and for who came under it in between.
        stopped += await self._stop(await self._covered(order, stretch), order)
        return await self._noted(who, "order-stop", stored, stopped, order.reason)

    async def lift(self, who: Principal, stop_id: int, reason: str) -> StopOrderView:
        """Lift an order; who is under another one stays stopped."""
        require(self._ports, who, Action.STOP_MOVEMENT)
        reason = checked_name(reason, "reason")
        orders = await self._ports.store.stop_orders(only_standing=False, limit=MAX_ORDERS)
        order = next((it for it in orders if it.stop_id == stop_id), None)
        if order is None:
            raise Missing
        if order.scope != "movement":
            self._ports.links.refuse_foreign(stop_id)
        now = self._ports.now()
        if not await self._ports.store.lift_stop_order(stop_id, by=who.user_name, at=now, reason=reason):
            raise Invalid("lifted", "This order was lifted before.", "Load the list again.")
        command = LiftStop(reason=reason)
        covered = await self._covered(order, await self._stretch(order))
        free = [
            sheet
            for sheet in covered
            if sheet.stop is not None
            and sheet.stop.scope == order.scope
            and await self._standing_on(sheet) is None
        ]
        let_go = await self._give(free, command, by=who.user_name)
        lifted = msgspec.structs.replace(order, lifted_at=now, lifted_by=who.user_name, lift_reason=reason)
        return await self._noted(who, "lift-stop", lifted, let_go, reason)

    async def stands_for(self, sheet: MovementSheet) -> None:
        """Let the stop that was put on one sheet stand by itself: lifting a wider order leaves it."""
        if sheet.stop is not None:
            await self._ports.store.add_stop_order(
                StandingStop(
                    stop_id=0,
                    scope="movement",
                    reason=sheet.stop.reason,
                    by=sheet.stop.by,
                    at=sheet.stop.at,
                    movement_id=sheet.movement_id,
                )
            )

    async def lift_for(self, who: Principal, movement_id: MovementId, reason: str) -> None:
        """Lift the orders that stand for one movement alone: somebody lifted the stop on its sheet."""
        for order in await self._ports.store.stop_orders(only_standing=True, limit=MAX_ORDERS):
            if order.scope == "movement" and order.movement_id == movement_id:
                now = self._ports.now()
                await self._ports.store.lift_stop_order(
                    order.stop_id, by=who.user_name, at=now, reason=reason
                )

    async def apply_standing(self, sheet: MovementSheet) -> MovementSheet:
        """Return a sheet that came onto the road, stopped if an order stands there."""
        order = await self._standing_on(sheet)
        if order is None or "stop" not in allowed_commands(sheet) or sheet.stop is not None:
            return sheet
        command = StopMoving(reason=order.reason, scope=order.scope)
        return await self._writer.apply(sheet.movement_id, command, by=order.by)

    async def _checked(self, who: Principal, new: NewStopOrder) -> StandingStop:
        """Return the order if it can be given, and by this person."""
        if new.scope == "movement":
            sheet = await access_sheet(self._ports, who, new.movement_id or 0)
            require(self._ports, who, Action.STOP_MOVEMENT, resource_of_sheet(sheet))
            if "stop" not in allowed_commands(sheet) and sheet.stop is None:
                raise Invalid(
                    "not-moving", f"This movement is {sheet.state}; nothing moves.", "Look at its sheet."
                )
        else:
            require(self._ports, who, Action.STOP_MOVEMENT)
        order = StandingStop(
            stop_id=0,
            scope=new.scope,
            reason=checked_name(new.reason, "reason"),
            by=who.user_name,
            at=self._ports.now(),
            movement_id=MovementId(new.movement_id or 0) if new.scope == "movement" else None,
            status_id=RouteStatusId(new.status_id or 0) if new.scope == "route" else None,
        )
        if new.scope == "route" and await self._stretch(order) is None:
            raise Missing
        return order

    async def _stretch(self, order: StandingStop) -> RouteStatus | None:
        """Return the stretch that an order is for, None when it is for none."""
        if order.status_id is None:
            return None
        return await self._ports.store.route_status(order.status_id)

    async def _covered(self, order: StandingStop, stretch: RouteStatus | None) -> list[MovementSheet]:
        """Return the sheets that an order is for."""
        if order.movement_id is not None:
            return await self._ports.store.sheets([order.movement_id])
        sheets = await self._roads.awake()
        return [sheet for sheet in sheets if await self._covers(order, stretch, sheet)]

    async def _standing_on(self, sheet: MovementSheet) -> StandingStop | None:
        """Return an order that stands for a movement, None when none does."""
        for order in await self._ports.store.stop_orders(only_standing=True, limit=MAX_ORDERS):
            if await self._covers(order, await self._stretch(order), sheet):
                return order
        return None

    async def _covers(self, order: StandingStop, stretch: RouteStatus | None, sheet: MovementSheet) -> bool:
        match order.scope:
            case "movement":
                return order.movement_id == sheet.movement_id
            case "route":
                return stretch is not None and await self._roads.is_along(sheet.request.route, stretch)
        return True

    async def _stop(self, sheets: Sequence[MovementSheet], order: StandingStop) -> tuple[MovementId, ...]:
        command = StopMoving(reason=order.reason, scope=order.scope)
        moving = [sheet for sheet in sheets if sheet.stop is None and "stop" in allowed_commands(sheet)]
        return await self._give(moving, command, by=order.by)

    async def _give(
        self, sheets: Sequence[MovementSheet], command: Command, *, by: str
    ) -> tuple[MovementId, ...]:
        """Give one command to many sheets in one transaction; those that changed meanwhile one by one."""
        writes = [await self._writer.write_of(sheet, command, by=by) for sheet in sheets]
        if not writes:
            return ()
        stored = await self._ports.store.put_sheets(writes)
        done = [write for write, it in zip(writes, stored, strict=True) if it]
        await self._writer.tell(done)
        given = [write.sheet.movement_id for write in done]
        for write in (write for write, it in zip(writes, stored, strict=True) if not it):
            try:
                await self._writer.apply(write.sheet.movement_id, command, by=by)
            except (Invalid, Changed):
                continue  # it arrived or was stopped by somebody else meanwhile
            given.append(write.sheet.movement_id)
        return tuple(given)

    async def _noted(
        self,
        who: Principal,
        action: str,
        order: StandingStop,
        movement_ids: tuple[MovementId, ...],
        reason: str,
    ) -> StopOrderView:
        details = {"scope": order.scope, "reason": reason, "movements": list(movement_ids)}
        await self._ports.entries.note(who.user_name, action, f"stop-order/{order.stop_id}", details)
        return StopOrderView(order=order, movement_ids=movement_ids)
