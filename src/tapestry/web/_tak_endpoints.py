"""Endpoints of TAK devices: what the console does with them. Devices themselves enrol elsewhere: see `_marti_app`."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta
from starlette.responses import Response

from tapestry.app.desk import NewTakDevice, TakInvitation
from tapestry.app.ports import TakForm
from tapestry.web._endpoint import Call, Endpoint
from tapestry.web._qr import qr_svg

ZIP: Final = "application/zip"
SMALL_BODY_SIZE_BYTES: Final = 2_048

Id = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Name = Annotated[str, Meta(max_length=64)]


class DeviceBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A device to be set up: a vehicle's, or a person's."""

    name: Name
    vehicle_id: Id | None = None
    user_name: Name | None = None
    form: TakForm = TakForm.ENROL


class OwnDeviceBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A device of one's own to be set up."""

    name: Name
    form: TakForm = TakForm.ENROL


class PackageBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The code that was shown when the device was added."""

    token: Name


async def devices(call: Call) -> object:
    """List all devices."""
    return await call.services.desk.tak.devices(call.who)


async def add(call: Call) -> object:
    """Let one more device be set up; its code is shown this once."""
    body = call.body(DeviceBody)
    new = NewTakDevice(name=body.name, vehicle_id=body.vehicle_id, user_name=body.user_name, form=body.form)
    return _with_codes(await call.services.desk.tak.invite(call.who, new))


async def own(call: Call) -> object:
    """List one's own devices."""
    return await call.services.desk.tak.own(call.who)


async def add_own(call: Call) -> object:
    """Let one more device of one's own be set up."""
    body = call.body(OwnDeviceBody)
    new = NewTakDevice(name=body.name, user_name=call.who.user_name, form=body.form)
    return _with_codes(await call.services.desk.tak.invite(call.who, new))


async def package(call: Call) -> Response:
    """Hand out the data package that sets a device up."""
    number = call.number("device_id")
    made = await call.services.desk.tak.package(call.who, number, call.body(PackageBody).token)
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"', "Cache-Control": "no-store"}
    return Response(made.body, headers=headers, media_type=ZIP)


async def revoke(call: Call) -> None:
    """Let a device in no longer."""
    await call.services.desk.tak.revoke(call.who, call.number("device_id"))


def _with_codes(made: TakInvitation) -> dict[str, object]:
    """Return an invitation with its QR codes drawn."""
    enrol_svg = qr_svg(made.enrol_uri) if made.enrol_uri else ""
    return msgspec.structs.asdict(made) | {"enrol_svg": enrol_svg, "itak_svg": qr_svg(made.itak_text)}


_DEVICE: Final = "/api/tak-devices/{device_id}"

TAK_ENDPOINTS: Final = (
    Endpoint(method="GET", path="/api/tak-devices", act=devices, compress=True),
    Endpoint(method="POST", path="/api/tak-devices", act=add, body=DeviceBody, status=201),
    Endpoint(method="GET", path="/api/me/tak-devices", act=own),
    Endpoint(method="POST", path="/api/me/tak-devices", act=add_own, body=OwnDeviceBody, status=201),
    Endpoint(
        method="POST",
        path=f"{_DEVICE}/package",
        act=package,
        body=PackageBody,
        max_body_size_bytes=SMALL_BODY_SIZE_BYTES,
    ),
    Endpoint(method="POST", path=f"{_DEVICE}/revoke", act=revoke, status=204),
)
