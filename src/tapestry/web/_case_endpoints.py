"""Endpoints of distress: cases, what is told by voice, text messages from the gateway, settings."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from tapestry.app.desk import DistressSettings, TextIn, VoicePosition, VoiceReport
from tapestry.model import CaseCommand
from tapestry.web._endpoint import LARGE_BODY_SIZE_BYTES, Call, Endpoint

MAX_CASES: Final = 1_000
DEFAULT_CASES: Final = 200
MAX_CALLS: Final = 1_000
MAX_TEXTS: Final = 1_000
DEFAULT_TEXTS: Final = 200
SMS_SECRET_HEADER: Final = "X-Tapestry-SMS-Secret"  # noqa: S105 - a header's name


class CaseCommandBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is done to a case."""

    command: CaseCommand


class DistressSettingsBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings in the place of a version."""

    settings: DistressSettings
    version: Annotated[int, Meta(ge=0)]


async def cases(call: Call) -> object:
    """List the cases, those that are open by default."""
    only_open = call.request.query_params.get("state", "open") != "all"
    limit = call.count("limit", DEFAULT_CASES, MAX_CASES)
    return await call.services.desk.cases.cases(call.who, only_open=only_open, limit=limit)


async def case(call: Call) -> object:
    """Tell a case whole."""
    return await call.services.desk.cases.case(call.who, call.number("case_id"))


async def calls(call: Call) -> object:
    """List a page of a case's calls."""
    after = call.count("after", 0, 2**31 - 1)
    limit = call.count("limit", MAX_CALLS, MAX_CALLS)
    return await call.services.desk.cases.calls(call.who, call.number("case_id"), after=after, limit=limit)


async def command(call: Call) -> object:
    """Do something to a case."""
    given = call.body(CaseCommandBody).command
    return await call.services.desk.cases.command(call.who, call.number("case_id"), given)


async def shown(call: Call) -> object:
    """Note that this console has a case on its screen."""
    return await call.services.desk.cases.shown(call.who, call.number("case_id"))


async def rates(call: Call) -> object:
    """Tell how cases turned out."""
    since, until = call.moment("from"), call.moment("until")
    return await call.services.desk.cases.rates(call.who, since=since, until=until)


async def report(call: Call) -> object:
    """Raise what was told by voice."""
    return await call.services.desk.distress_reports.report(call.who, call.body(VoiceReport))


async def report_position(call: Call) -> object:
    """Put a position that was told by voice into its vehicle's track."""
    return await call.services.desk.voice_positions.report(call.who, call.body(VoicePosition))


async def texts(call: Call) -> object:
    """List the newest text messages."""
    limit = call.count("limit", DEFAULT_TEXTS, MAX_TEXTS)
    return await call.services.desk.distress_reports.texts(call.who, limit=limit)


async def take_text(call: Call) -> object:
    """Take a text message from the gateway."""
    secret = call.request.headers.get(SMS_SECRET_HEADER, "")
    return await call.services.desk.distress_reports.take_text(secret, call.body(TextIn), remote=call.remote)


async def settings(call: Call) -> object:
    """Tell the settings of distress."""
    return await call.services.desk.case_settings.view(call.who)


async def put_settings(call: Call) -> object:
    """Change the settings of distress."""
    body = call.body(DistressSettingsBody)
    return await call.services.desk.case_settings.put(call.who, body.settings, body.version)


_CASE: Final = "/api/cases/{case_id}"

CASE_ENDPOINTS: Final = (
    Endpoint(method="GET", path="/api/cases", act=cases, compress=True),
    Endpoint(method="GET", path="/api/cases/rates", act=rates),
    Endpoint(method="GET", path=_CASE, act=case, compress=True),
    Endpoint(method="GET", path=f"{_CASE}/calls", act=calls, compress=True),
    Endpoint(method="POST", path=f"{_CASE}/commands", act=command, body=CaseCommandBody, compress=True),
    Endpoint(method="POST", path=f"{_CASE}/shown", act=shown, compress=True),
    Endpoint(method="POST", path="/api/distress", act=report, body=VoiceReport, status=201),
    Endpoint(
        method="POST", path="/api/voice-positions", act=report_position, body=VoicePosition, compress=True
    ),
    Endpoint(method="GET", path="/api/sms/inbound", act=texts, compress=True),
    Endpoint(method="POST", path="/api/sms/inbound", act=take_text, body=TextIn, open=True),
    Endpoint(method="GET", path="/api/settings/distress", act=settings, compress=True),
    Endpoint(
        method="PUT",
        path="/api/settings/distress",
        act=put_settings,
        body=DistressSettingsBody,
        max_body_size_bytes=LARGE_BODY_SIZE_BYTES,
    ),
)
