"""Endpoints of printed documents and of the request form to fill offline."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta
from starlette.responses import Response

from tapestry.app.desk import FormReading
from tapestry.app.ports import Language
from tapestry.model import OperatorId
from tapestry.web._answers import BadRequest, json_answer
from tapestry.web._endpoint import Call, Endpoint

PDF: Final = "application/pdf"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PHONE_PAGE: Final = "/phone/"
MAX_FORM_SIZE_BYTES: Final = 1_048_576
MAX_OPERATOR_ID: Final = 2**31 - 1


class CardBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the card's code opens: the address by which a phone enrols."""

    url: Annotated[str, Meta(max_length=300)]


async def card(call: Call) -> object:
    """Print a convoy card; its code opens the phone app."""
    return await _card(call, base_of(call) + PHONE_PAGE)


async def card_with_code(call: Call) -> object:
    """Print a convoy card whose code enrols a phone."""
    url = call.body(CardBody).url
    if not url.startswith(base_of(call) + PHONE_PAGE) or not url.isascii() or not url.isprintable():
        raise BadRequest(
            "bad-url",
            "The address is not one of this hub's phone page.",
            f"Send the url that /api/sheets/…/phones gave; it begins with {PHONE_PAGE} on this host.",
        )
    return await _card(call, url)


async def report(call: Call) -> object:
    """Print a movement report."""
    number = call.number("movement_id")
    body = await call.services.desk.documents.report(call.who, number, language_of(call))
    return file_answer(body, PDF, f"movement-{number}-report.pdf")


async def form(call: Call) -> object:
    """Hand out the empty request form."""
    body = await call.services.desk.documents.form(call.who, _operator(call))
    return file_answer(body, XLSX, "movement-request.xlsx")


async def from_form(call: Call) -> object:
    """Make a draft of a filled form, or tell its wrong cells."""
    made = await call.services.desk.documents.from_form(call.who, call.raw, _operator(call))
    return json_answer(made, 200 if isinstance(made, FormReading) else 201)


async def _card(call: Call, url: str) -> Response:
    number = call.number("movement_id")
    body = await call.services.desk.documents.card(call.who, number, language_of(call), url)
    return file_answer(body, PDF, f"movement-{number}-card.pdf")


def base_of(call: Call) -> str:
    """Return the hub's own address as the browser knows it; `Guard` let only known hosts through."""
    scheme = "https" if call.services.settings.tls else "http"
    return f"{scheme}://{call.request.headers.get('Host', '')}"


def language_of(call: Call) -> Language:
    """Return the language that a document is asked for in."""
    text = call.request.query_params.get("language", Language.ENGLISH.value)
    try:
        return Language(text)
    except ValueError as err:
        raise BadRequest(
            "bad-query", "The query's language is none of those printed.", "Use en, ar or ckb."
        ) from err


def _operator(call: Call) -> OperatorId | None:
    if "operator_id" not in call.request.query_params:
        return None
    return OperatorId(call.count("operator_id", None, MAX_OPERATOR_ID))


def file_answer(body: bytes, media_type: str, name: str) -> Response:
    """Return a file that the browser shows."""
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, headers=headers, media_type=media_type)


_SHEET: Final = "/api/sheets/{movement_id}"

DOCUMENT_ENDPOINTS: Final = (
    Endpoint(method="GET", path="/api/sheets/request-form.xlsx", act=form),
    Endpoint(
        method="POST",
        path="/api/sheets/from-form",
        act=from_form,
        raw_types=(XLSX, "application/octet-stream"),
        max_body_size_bytes=MAX_FORM_SIZE_BYTES,
        status=201,
    ),
    Endpoint(method="GET", path=f"{_SHEET}/card.pdf", act=card),
    Endpoint(method="POST", path=f"{_SHEET}/card.pdf", act=card_with_code, body=CardBody),
    Endpoint(method="GET", path=f"{_SHEET}/report.pdf", act=report),
)
"""They stand before the other endpoints of sheets: "request-form.xlsx" is no sheet's number."""
