"""Endpoints of teams, taskings and evacuations, and of the page that a team carries."""

from datetime import datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from tapestry.app.desk import DispatchSettings, NewMedevac, NewTasking, NewTeam, Question
from tapestry.web._document_endpoints import base_of
from tapestry.web._endpoint import Call, Endpoint
from tapestry.web._qr import qr_svg

TEAM_PAGE: Final = "/team/"
SMALL_BODY_SIZE_BYTES: Final = 2_048
MAX_SENT_SIZE_BYTES: Final = 262_144

Id = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Line = Annotated[str, Meta(max_length=4_000)]
Reason = Annotated[str, Meta(max_length=500)]
Word = Annotated[str, Meta(max_length=40)]


class TeamBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A team, and the version that the person read."""

    team: NewTeam
    version: Annotated[int, Meta(ge=1)]


class TaskingCommandBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a team said, or that a tasking is called off."""

    command: Word
    reason: Reason = ""
    version: Annotated[int, Meta(ge=1)] | None = None


class MedevacBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All lines as they are known now, and the version that the person read."""

    medevac: NewMedevac
    version: Annotated[int, Meta(ge=1)]


class MedevacCommandBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far an evacuation is, and when it was so."""

    command: Word
    at: Annotated[datetime, Meta(tz=True)] | None = None
    reason: Reason = ""


class WhyLateBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a target was missed."""

    reason: Reason


class DispatchSettingsBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings in the place of a version."""

    settings: DispatchSettings
    version: Annotated[int, Meta(ge=0)]


class TeamEnrolBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A device that has made its key."""

    token: Annotated[str, Meta(max_length=100)]
    public_key: Annotated[str, Meta(max_length=100)]
    name: Annotated[str, Meta(max_length=100)]


class TeamSyncBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a device of a team sends, each item signed, the last one a look."""

    device_id: Id
    items: Annotated[list[Line], Meta(min_length=1, max_length=100)]


async def teams(call: Call) -> object:
    """Tell the board of teams."""
    return await call.services.desk.teams.board(call.who)


async def add_team(call: Call) -> object:
    """Add a team."""
    return await call.services.desk.teams.add(call.who, call.body(NewTeam))


async def change_team(call: Call) -> object:
    """Change a team."""
    body = call.body(TeamBody)
    return await call.services.desk.teams.change(call.who, call.number("team_id"), body.team, body.version)


async def propose(call: Call) -> object:
    """Tell which teams could go somewhere."""
    return await call.services.desk.teams.propose(call.who, call.body(Question))


async def devices(call: Call) -> object:
    """List a team's devices."""
    return await call.services.desk.team_pages.devices(call.who, call.number("team_id"))


async def invite(call: Call) -> object:
    """Let one more device enrol; its code is shown this once."""
    made = await call.services.desk.team_pages.invite(call.who, call.number("team_id"))
    url = f"{base_of(call)}{TEAM_PAGE}#e={made.token}"
    svg = qr_svg(url)
    return {"device_id": made.device_id, "url": url, "qr_svg": svg, "expires_at": made.expires_at}


async def wipe(call: Call) -> None:
    """Have a device forget everything."""
    await call.services.desk.team_pages.wipe(call.who, call.number("device_id"))


async def taskings(call: Call) -> object:
    """List taskings, those that are open by default."""
    only_open = call.request.query_params.get("state", "open") != "all"
    return await call.services.desk.taskings.taskings(call.who, only_open=only_open)


async def order(call: Call) -> object:
    """Order a team somewhere."""
    return await call.services.desk.taskings.order(call.who, call.body(NewTasking))


async def tasking_command(call: Call) -> object:
    """Write down what a team said, or call a tasking off."""
    body = call.body(TaskingCommandBody)
    return await call.services.desk.taskings.command(
        call.who, call.number("tasking_id"), body.command, body.reason, body.version
    )


async def medevacs(call: Call) -> object:
    """List evacuations, those that are open by default."""
    only_open = call.request.query_params.get("state", "open") != "all"
    return await call.services.desk.medevacs.medevacs(call.who, only_open=only_open)


async def notify(call: Call) -> object:
    """Take a request for an evacuation down."""
    return await call.services.desk.medevacs.notify(call.who, call.body(NewMedevac))


async def change_medevac(call: Call) -> object:
    """Put more lines in."""
    body = call.body(MedevacBody)
    number = call.number("medevac_id")
    return await call.services.desk.medevacs.change(call.who, number, body.medevac, body.version)


async def medevac_command(call: Call) -> object:
    """Say how far an evacuation is."""
    body = call.body(MedevacCommandBody)
    number = call.number("medevac_id")
    return await call.services.desk.medevacs.command(call.who, number, body.command, body.at, body.reason)


async def explain(call: Call) -> object:
    """Say why a target was missed."""
    number = call.number("medevac_id")
    return await call.services.desk.medevacs.explain(call.who, number, call.body(WhyLateBody).reason)


async def settings(call: Call) -> object:
    """Tell the settings of dispatch."""
    return await call.services.desk.dispatch_settings.view(call.who)


async def put_settings(call: Call) -> object:
    """Change the settings of dispatch."""
    body = call.body(DispatchSettingsBody)
    return await call.services.desk.dispatch_settings.put(call.who, body.settings, body.version)


async def enrol(call: Call) -> object:
    """Give an invited device its key."""
    body = call.body(TeamEnrolBody)
    return await call.services.desk.team_pages.enrol(
        body.token, body.public_key, body.name, remote=call.remote
    )


async def sync(call: Call) -> object:
    """Take what a device sends and tell it what its team has to know."""
    body = call.body(TeamSyncBody)
    return await call.services.desk.team_pages.sync(body.device_id, body.items, remote=call.remote)


_TEAM: Final = "/api/teams/{team_id}"
_MEDEVAC: Final = "/api/medevacs/{medevac_id}"

DISPATCH_ENDPOINTS: Final = (
    Endpoint(method="GET", path="/api/teams", act=teams, compress=True),
    Endpoint(method="POST", path="/api/teams", act=add_team, body=NewTeam, status=201),
    Endpoint(method="POST", path="/api/teams/propose", act=propose, body=Question, compress=True),
    Endpoint(method="PUT", path=_TEAM, act=change_team, body=TeamBody),
    Endpoint(method="GET", path=f"{_TEAM}/devices", act=devices),
    Endpoint(method="POST", path=f"{_TEAM}/devices", act=invite, status=201),
    Endpoint(method="POST", path="/api/team-devices/{device_id}/wipe", act=wipe, status=204),
    Endpoint(method="GET", path="/api/taskings", act=taskings, compress=True),
    Endpoint(method="POST", path="/api/taskings", act=order, body=NewTasking, status=201),
    Endpoint(
        method="POST",
        path="/api/taskings/{tasking_id}/commands",
        act=tasking_command,
        body=TaskingCommandBody,
    ),
    Endpoint(method="GET", path="/api/medevacs", act=medevacs, compress=True),
    Endpoint(method="POST", path="/api/medevacs", act=notify, body=NewMedevac, status=201),
    Endpoint(method="PUT", path=_MEDEVAC, act=change_medevac, body=MedevacBody),
    Endpoint(method="POST", path=f"{_MEDEVAC}/commands", act=medevac_command, body=MedevacCommandBody),
    Endpoint(method="POST", path=f"{_MEDEVAC}/why-late", act=explain, body=WhyLateBody),
    Endpoint(method="GET", path="/api/settings/dispatch", act=settings),
    Endpoint(method="PUT", path="/api/settings/dispatch", act=put_settings, body=DispatchSettingsBody),
    Endpoint(
        method="POST",
        path="/api/team/enrol",
        act=enrol,
        body=TeamEnrolBody,
        max_body_size_bytes=SMALL_BODY_SIZE_BYTES,
        open=True,
        status=201,
    ),
    Endpoint(
        method="POST",
        path="/api/team/sync",
        act=sync,
        body=TeamSyncBody,
        max_body_size_bytes=MAX_SENT_SIZE_BYTES,
        open=True,
        compress=True,
    ),
)
