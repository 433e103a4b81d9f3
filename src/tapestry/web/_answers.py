"""Answers: JSON, and the one shape of every error. No error says more than the table here."""

import asyncio
import gzip
from collections.abc import Mapping
from typing import Final

import msgspec
import structlog
from starlette.responses import Response

from tapestry.app.refusals import (
    BadCredentials,
    BadCsrf,
    Changed,
    DeskRefusal,
    Forbidden,
    Invalid,
    Locked,
    LockedOut,
    Missing,
    NotLoggedIn,
    TotpNeeded,
)
from tapestry.model import OutsideFault, Refused

COMPRESS_FROM_BYTES: Final = 2_000  # below, compression saves nothing worth its time
THREAD_FROM_BYTES: Final = 200_000  # above, compressing would hold up the live feed
RETRY_AFTER_S: Final = 5

log = structlog.get_logger()


class ErrorWords(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong, for programs (code) and people."""

    code: str
    message: str
    todo: str


class ErrorBody(msgspec.Struct, frozen=True, kw_only=True):
    """The body of every error."""

    error: ErrorWords


class BadRequest(DeskRefusal):
    """The request itself cannot be read."""


class TooLarge(DeskRefusal):
    """The body is larger than this endpoint takes."""


STATUS: Final[tuple[tuple[type[Refused], int], ...]] = (
    (NotLoggedIn, 401),
    (Locked, 423),
    (BadCredentials, 401),
    (TotpNeeded, 401),
    (BadCsrf, 403),
    (Forbidden, 403),
    (Missing, 404),
    (Changed, 409),
    (TooLarge, 413),
    (Invalid, 422),
    (LockedOut, 429),
    (DeskRefusal, 400),
)
"""Which status a refusal becomes; the first that fits."""


def json_answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a value as JSON."""
    body = b"" if status == 204 else msgspec.json.encode(value)
    return Response(body, status, headers, media_type=None if status == 204 else "application/json")


def error_answer(status: int, code: str, message: str, todo: str) -> Response:
    """Return an error in the one shape."""
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status in {429, 503} else None
    words = ErrorWords(code=code, message=message, todo=todo)
    return json_answer(ErrorBody(error=words), status, headers)


def answer_of_fault(fault: Exception) -> Response:
    """Return what the outside hears of a fault: never its own words unless they were written for it."""
    if isinstance(fault, DeskRefusal):
        status = next(status for kind, status in STATUS if isinstance(fault, kind))
        return error_answer(status, fault.code, fault.message, fault.todo)
    if isinstance(fault, Refused):
        log.warning("web.store_refused", kind=type(fault).__name__)
        return error_answer(
            409,
            "refused",
            "The change does not fit what is stored.",
            "Load the page again; somebody may have changed it meanwhile.",
        )
    if isinstance(fault, OutsideFault):
        log.warning("web.outside_fault", retry_helps=fault.retry_helps)
        return error_answer(
            503,
            "unavailable",
            "The hub cannot reach its database or its bus just now. Nothing was changed.",
            "Try again in a moment; the live view goes on.",
        )
    log.error("web.failed", exc_info=fault)
    return error_answer(
        500, "internal", "The hub failed at this.", "Tell whoever runs it; its log says more."
    )


async def compressed(response: Response, accept_encoding: str) -> Response:
    """Return the answer gzipped where that helps and the other side takes it."""
    body = bytes(response.body)
    if len(body) < COMPRESS_FROM_BYTES or "gzip" not in accept_encoding:
        return response
    if len(body) < THREAD_FROM_BYTES:
        packed = gzip.compress(body, 5)
    else:
        packed = await asyncio.to_thread(gzip.compress, body, 5)
    headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(packed, response.status_code, headers, media_type=response.media_type)
