"""Endpoints of tracking sheets, road statuses, stop orders and the settings of movements."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from tapestry.app.desk import MovementSettings, NewRouteStatus, NewStopOrder
from tapestry.model import Command, MovementRequest
from tapestry.web._endpoint import LARGE_BODY_SIZE_BYTES, Call, Endpoint

MAX_SHEETS: Final = 5_000
DEFAULT_SHEETS: Final = 1_000

Text = Annotated[str, Meta(max_length=1_000)]


class RequestBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operator asks for."""

    request: MovementRequest


class CommandBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is done to a sheet, and the version that the person read."""

    command: Command
    version: Annotated[int, Meta(ge=1)] | None = None


class WhyBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why."""

    reason: Text


class SettingsBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings in the place of a version."""

    settings: MovementSettings
    version: Annotated[int, Meta(ge=0)]


async def sheets(call: Call) -> object:
    """List the sheets."""
    only_open = call.request.query_params.get("state", "open") != "all"
    limit = call.count("limit", DEFAULT_SHEETS, MAX_SHEETS)
    return await call.services.desk.sheets.sheets(call.who, only_open=only_open, limit=limit)


async def add_sheet(call: Call) -> object:
    """Begin a sheet."""
    return await call.services.desk.sheets.add(call.who, call.body(RequestBody).request)


async def check(call: Call) -> object:
    """Check a request while it is typed."""
    return await call.services.desk.sheets.check(call.who, call.body(RequestBody).request)


async def sheet(call: Call) -> object:
    """Tell a sheet and everything that is known beside it."""
    asked = "version" in call.request.query_params
    version = call.count("version", None, 2**31 - 1) if asked else None
    return await call.services.desk.sheets.sheet(call.who, call.number("movement_id"), version=version)


async def command(call: Call) -> object:
    """Do something to a sheet."""
    body, number = call.body(CommandBody), call.number("movement_id")
    return await call.services.desk.sheets.command(call.who, number, body.command, body.version)


async def history(call: Call) -> object:
    """List a sheet's versions."""
    return await call.services.desk.sheets.history(call.who, call.number("movement_id"))


async def report(call: Call) -> object:
    """Tell how a movement went, beside its plan."""
    return await call.services.desk.records.report(call.who, call.number("movement_id"))


async def access_table(call: Call) -> object:
    """Tell how movements were let through, by month and authority."""
    since, until = call.moment("from"), call.moment("until")
    return await call.services.desk.records.access_table(call.who, since=since, until=until)


async def stop_orders(call: Call) -> object:
    """List stop orders, those that stand by default."""
    only_standing = call.request.query_params.get("state", "standing") != "all"
    return await call.services.desk.stops.orders(call.who, only_standing=only_standing)


async def order_stop(call: Call) -> object:
    """Stop a movement, a stretch of road, or everything."""
    return await call.services.desk.stops.order(call.who, call.body(NewStopOrder))


async def lift_stop(call: Call) -> object:
    """Lift a stop order."""
    reason = call.body(WhyBody).reason
    return await call.services.desk.stops.lift(call.who, call.number("stop_id"), reason)


async def route_statuses(call: Call) -> object:
    """List what is said of roads."""
    return await call.services.desk.route_statuses.statuses(call.who)


async def add_route_status(call: Call) -> object:
    """Say how a stretch of road is."""
    return await call.services.desk.route_statuses.add(call.who, call.body(NewRouteStatus))


async def withdraw_route_status(call: Call) -> object:
    """Take back what was said of a stretch of road."""
    number, reason = call.number("status_id"), call.body(WhyBody).reason
    return await call.services.desk.route_statuses.withdraw(call.who, number, reason)


async def settings(call: Call) -> object:
    """Tell the settings of movements."""
    return await call.services.desk.settings.view(call.who)


async def put_settings(call: Call) -> object:
    """Change the settings of movements."""
    body = call.body(SettingsBody)
    return await call.services.desk.settings.put(call.who, body.settings, body.version)


_LARGE: Final = LARGE_BODY_SIZE_BYTES
_SHEET: Final = "/api/sheets/{movement_id}"

SHEET_ENDPOINTS: Final = (
    Endpoint(method="GET", path="/api/sheets", act=sheets, compress=True),
    Endpoint(
        method="POST",
        path="/api/sheets",
        act=add_sheet,
        body=RequestBody,
        status=201,
        max_body_size_bytes=_LARGE,
    ),
    Endpoint(
        method="POST", path="/api/sheets/check", act=check, body=RequestBody, max_body_size_bytes=_LARGE
    ),
    Endpoint(method="GET", path="/api/sheets/access-table", act=access_table),
    Endpoint(method="GET", path=_SHEET, act=sheet, compress=True),
    Endpoint(
        method="POST",
        path=f"{_SHEET}/commands",
        act=command,
        body=CommandBody,
        max_body_size_bytes=_LARGE,
        compress=True,
    ),
    Endpoint(method="GET", path=f"{_SHEET}/history", act=history, compress=True),
    Endpoint(method="GET", path=f"{_SHEET}/report", act=report, compress=True),
    Endpoint(method="GET", path="/api/stop-orders", act=stop_orders),
    Endpoint(method="POST", path="/api/stop-orders", act=order_stop, body=NewStopOrder, status=201),
    Endpoint(method="POST", path="/api/stop-orders/{stop_id}/lift", act=lift_stop, body=WhyBody),
    Endpoint(method="GET", path="/api/route-statuses", act=route_statuses, compress=True),
    Endpoint(
        method="POST",
        path="/api/route-statuses",
        act=add_route_status,
        body=NewRouteStatus,
        status=201,
        max_body_size_bytes=_LARGE,
    ),
    Endpoint(
        method="POST",
        path="/api/route-statuses/{status_id}/withdraw",
        act=withdraw_route_status,
        body=WhyBody,
    ),
    Endpoint(method="GET", path="/api/settings/movement", act=settings, compress=True),
    Endpoint(
        method="PUT",
        path="/api/settings/movement",
        act=put_settings,
        body=SettingsBody,
        max_body_size_bytes=_LARGE,
    ),
)
