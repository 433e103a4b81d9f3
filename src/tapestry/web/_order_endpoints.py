"""Endpoints of the orders that lock or wipe a centre; they answer while it is locked, too."""

from typing import Final

from tapestry.app.desk import NewCentreOrder, SecondPerson
from tapestry.web._endpoint import Call, Endpoint

_ORDER: Final = "/api/centre-orders/{order_id}"


async def orders(call: Call) -> object:
    """Tell how it stands."""
    return await call.services.desk.orders.view(call.who)


async def order(call: Call) -> object:
    """Order a lock or a wipe."""
    return await call.services.desk.orders.order(call.who, call.body(NewCentreOrder))


async def cancel(call: Call) -> object:
    """Take an order back."""
    return await call.services.desk.orders.cancel(call.who, call.long_number("order_id"))


async def confirm(call: Call) -> object:
    """Be the second person of an order."""
    return await call.services.desk.orders.confirm(
        call.who, call.long_number("order_id"), call.body(SecondPerson), remote=call.remote
    )


async def ask_unlock(call: Call) -> object:
    """Ask that a lock ends."""
    return await call.services.desk.orders.ask_unlock(call.who, call.long_number("order_id"))


async def unlock(call: Call) -> object:
    """Be the second person who ends a lock."""
    return await call.services.desk.orders.unlock(
        call.who, call.long_number("order_id"), call.body(SecondPerson), remote=call.remote
    )


ORDER_ENDPOINTS: Final = (
    Endpoint(method="GET", path="/api/centre-orders", act=orders, when_locked=True),
    Endpoint(
        method="POST", path="/api/centre-orders", act=order, body=NewCentreOrder, status=201, when_locked=True
    ),
    Endpoint(method="DELETE", path=_ORDER, act=cancel, when_locked=True),
    Endpoint(method="POST", path=f"{_ORDER}/confirm", act=confirm, body=SecondPerson, when_locked=True),
    Endpoint(method="POST", path=f"{_ORDER}/ask-unlock", act=ask_unlock, when_locked=True),
    Endpoint(method="POST", path=f"{_ORDER}/unlock", act=unlock, body=SecondPerson, when_locked=True),
)
