"""Endpoints of centres: which this one is, whether the others are heard, what was set aside."""

from typing import Final

from tapestry.web._endpoint import Call, Endpoint


async def view(call: Call) -> object:
    """Tell which centre this is, and how its links stand."""
    return call.services.desk.centres.view(call.who)


async def asides(call: Call) -> object:
    """List changes that do not count because of another one."""
    return await call.services.desk.centres.asides(call.who)


CENTRE_ENDPOINTS: Final = (
    Endpoint(method="GET", path="/api/centres", act=view),
    Endpoint(method="GET", path="/api/centres/aside", act=asides, compress=True),
)
