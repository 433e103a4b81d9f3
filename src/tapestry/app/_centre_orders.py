"""Orders to lock or to wipe this centre: one person gives one, another one confirms it in time, with the password.

Theory of operation. Both are people who may keep the watch; neither can do it alone, and nobody is both. An order
that is not confirmed within WAITS is over. A wipe that was confirmed is in the Log first, then a mark is left that
outlives a power cut; GRACE_S later, so that the link can carry the entry to the other centres and the console its
answer, the keys are destroyed and the hub ends with its folder. A lock ends all sessions and closes the console until
two people open it; devices and phones go on being heard, since a call for help must reach whoever is responsible
elsewhere.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Annotated, Final

import msgspec
import structlog
from msgspec import Meta

from tapestry.access import Action, Principal
from tapestry.app._access import DeskPorts, require
from tapestry.app._order_port import CentreOrder, LastResort, Level, OrderStore
from tapestry.app._people import People
from tapestry.app._refusals import BadCredentials, Invalid, Missing, TotpNeeded
from tapestry.app._watch_log import written
from tapestry.model import OutsideFault

WAITS: Final = timedelta(minutes=10)
GRACE_S: Final = 3.0
MOST_ORDERS: Final = 50
Line = Annotated[str, Meta(max_length=256)]

log = structlog.get_logger()


class NewCentreOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is ordered."""

    level: Level
    reason: Annotated[str, Meta(max_length=2_000)]
    centre: Line  # its name, typed, so that it is no slip


class SecondPerson(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The second person proves that it is them."""

    password: Line
    totp: Line | None = None


class OrdersView(msgspec.Struct, frozen=True, kw_only=True):
    """How it stands with orders."""

    at: datetime
    centre: str  # what has to be typed
    locked: bool
    waiting: CentreOrder | None  # for its second person
    lock: CentreOrder | None  # that stands
    unlock_asked_by: str | None
    orders: tuple[CentreOrder, ...]
    wiping: bool


class OrderDesk:
    """What people do when a centre is about to be lost."""

    def __init__(
        self, ports: DeskPorts, people: People, last_resort: LastResort | None, *, grace_s: float = GRACE_S
    ) -> None:
        self._ports = ports
        self._people = people
        self._last_resort = last_resort
        self._grace_s = grace_s
        self.locked = False
        self._unlock: tuple[int, str, datetime] | None = None  # lock, who asked to end it, until when
        self._wiping: asyncio.Task[None] | None = None

    async def load(self) -> None:
        """Learn from the store whether this centre is locked; before anybody is let in."""
        self.locked = _standing(await self._ports.store.orders(limit=MOST_ORDERS)) is not None

    async def view(self, who: Principal) -> OrdersView:
        """Return how it stands."""
        require(self._ports, who, Action.ORDER_WIPE)
        await self._ports.entries.note(who.user_name, "view-centre-orders", "hub")
        return await self._view()

    async def waits(self) -> bool:
        """Return whether an order waits for its second person."""
        return (await self._view()).waiting is not None

    async def order(self, who: Principal, new: NewCentreOrder) -> OrdersView:
        """Order a lock or a wipe; nothing happens before somebody else confirms it."""
        require(self._ports, who, Action.ORDER_WIPE)
        if new.centre.strip() != self._name:
            raise Invalid(
                "other-name", "The name typed is not this centre's.", "Type the name as it is shown."
            )
        now = self._ports.now()
        stored = await self._ports.store.add_order(
            new.level, reason=written(new.reason), by=who.user_name, at=now, expires_at=now + WAITS
        )
        if stored is None:
            raise Invalid(
                "order-waits", "Another order waits for its second person.", "Confirm it or take it back."
            )
        await self._note(who, f"order-{new.level}", stored.order_id, {"reason": stored.reason})
        return await self._view()

    async def cancel(self, who: Principal, order_id: int) -> OrdersView:
        """Take an order back that waits."""
        require(self._ports, who, Action.ORDER_WIPE)
        if not await self._ports.store.cancel_order(order_id, by=who.user_name, at=self._ports.now()):
            raise Invalid("not-waiting", "This order does not wait any more.", "Load the page again.")
        await self._note(who, "cancel-centre-order", order_id)
        return await self._view()

    async def confirm(
        self, who: Principal, order_id: int, second: SecondPerson, *, remote: str
    ) -> OrdersView:
        """Be the second person: the order is carried out."""
        require(self._ports, who, Action.ORDER_WIPE)
        order = await self._get(order_id)
        if order.level == "wipe" and self._last_resort is None:
            raise Invalid(
                "no-wipe-here", "Nothing here can carry out a wipe.", "Wipe at the machine: tapestry wipe."
            )
        if order.ordered_by == who.user_name:
            raise Invalid(
                "same-person", "Who ordered it cannot confirm it.", "Have somebody else confirm it."
            )
        await self._prove(who, second, remote)
        if not await self._ports.store.confirm_order(order_id, by=who.user_name, at=self._ports.now()):
            raise Invalid("not-waiting", "This order does not wait any more.", "Have it ordered again.")
        details = {"ordered_by": order.ordered_by, "reason": order.reason}
        await self._note(who, f"confirm-{order.level}", order_id, details)
        if order.level == "lock":
            self.locked = True
            await self._ports.store.end_all_sessions()
            self._people.sessions.forget_all()
            return await self._view()
        assert self._last_resort is not None
        at = self._ports.now().isoformat()
        await self._last_resort.mark(
            f"ordered by {order.ordered_by} and confirmed by {who.user_name} at {at}"
        )
        self._wiping = asyncio.create_task(self._wipe(self._last_resort))
        return await self._view()

    async def ask_unlock(self, who: Principal, order_id: int) -> OrdersView:
        """Ask that a lock ends; somebody else has to confirm that too."""
        require(self._ports, who, Action.ORDER_WIPE)
        await self._verify_stands(order_id)
        self._unlock = (order_id, who.user_name, self._ports.now() + WAITS)
        await self._note(who, "ask-unlock", order_id)
        return await self._view()

    async def unlock(self, who: Principal, order_id: int, second: SecondPerson, *, remote: str) -> OrdersView:
        """Be the second person: the lock ends."""
        require(self._ports, who, Action.ORDER_WIPE)
        await self._verify_stands(order_id)
        asked = self._asked()
        if asked is None or asked[0] != order_id:
            raise Invalid("not-asked", "Nobody asked that this lock ends.", "Have somebody else ask first.")
        if asked[1] == who.user_name:
            raise Invalid(
                "same-person", "Who asked for it cannot confirm it.", "Have somebody else confirm it."
            )
        await self._prove(who, second, remote)
        if not await self._ports.store.lift_lock(order_id, by=who.user_name, at=self._ports.now()):
            raise Missing
        self._unlock = None
        self.locked = False
        await self._note(who, "confirm-unlock", order_id, {"asked_by": asked[1]})
        return await self._view()

    async def wiped(self) -> None:
        """Return once a wipe that was confirmed was handed to the machine."""
        if self._wiping is not None:
            await self._wiping

    async def _verify_stands(self, order_id: int) -> None:
        lock = _standing(await self._ports.store.orders(limit=MOST_ORDERS))
        if lock is None or lock.order_id != order_id:
            raise Missing

    async def _prove(self, who: Principal, second: SecondPerson, remote: str) -> None:
        try:
            await self._people.logins.check(who.user_name, second.password, second.totp, remote=remote)
        except (BadCredentials, TotpNeeded) as fault:  # the session goes on: it is not a login that failed
            raise Invalid(
                "wrong-password", "The password or the one-time code is wrong.", "Type them again."
            ) from fault

    async def _wipe(self, last_resort: LastResort) -> None:
        await asyncio.sleep(self._grace_s)
        try:
            await last_resort.wipe()
        except OutsideFault as fault:
            log.critical("wipe.keys_remain", error=str(fault))

    async def _get(self, order_id: int) -> CentreOrder:
        found = await self._ports.store.orders(limit=MOST_ORDERS)
        order = next((it for it in found if it.order_id == order_id), None)
        if order is None:
            raise Missing
        return order

    async def _view(self) -> OrdersView:
        now = self._ports.now()
        found = await self._ports.store.orders(limit=MOST_ORDERS)
        waiting = next(
            (
                it
                for it in found
                if it.confirmed_at is None and it.cancelled_at is None and it.expires_at >= now
            ),
            None,
        )
        asked = self._asked()
        return OrdersView(
            at=now, centre=self._name, locked=self.locked, waiting=waiting, lock=_standing(found),
            unlock_asked_by=None if asked is None else asked[1], orders=tuple(found),
            wiping=self._wiping is not None,
        )  # fmt: skip

    def _asked(self) -> tuple[int, str, datetime] | None:
        if self._unlock is not None and self._unlock[2] < self._ports.now():
            self._unlock = None
        return self._unlock

    @property
    def _name(self) -> str:
        own = self._ports.links.own
        return "hub" if own is None else own.name

    async def _note(
        self, who: Principal, action: str, order_id: int, details: dict[str, str] | None = None
    ) -> None:
        """Write into the Log at once: an order that is not in it does not go on."""
        await self._ports.store.append_log(
            at=self._ports.now(), actor=who.user_name, action=action, subject=f"centre-order/{order_id}",
            details=dict(details or {}),
        )  # fmt: skip


async def is_locked(store: OrderStore) -> bool:
    """Return whether two people have locked this centre.

    Raises:
        OutsideFault: The database cannot be reached.
    """
    return _standing(await store.orders(limit=MOST_ORDERS)) is not None


def _standing(orders: list[CentreOrder]) -> CentreOrder | None:
    """Return the lock that stands, None when none does."""
    return next(
        (it for it in orders if it.level == "lock" and it.confirmed_at is not None and it.lifted_at is None),
        None,
    )
