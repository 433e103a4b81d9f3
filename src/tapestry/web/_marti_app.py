"""Enrolment of TAK devices over HTTPS, under the addresses that ATAK, WinTAK and iTAK ask for.

An application of its own, for a port of its own: it has no console, no session and no cookie. What is open says only
that a hub is here; everything else asks for a device's name and its one-time code (HTTP Basic).
"""

import base64
import binascii
from collections.abc import Callable, Coroutine
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

import msgspec
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from tapestry.app.desk import TAK_ORGANISATION, TAK_UNIT, Desk
from tapestry.app.refusals import BadToken, Locked
from tapestry.web._answers import TooLarge, answer_of_fault, error_answer, json_answer
from tapestry.web._endpoint import remote_of
from tapestry.web._patience import ANSWER_WITHIN_S, within

MAX_REQUEST_SIZE_BYTES: Final = 16_384  # a request with an RSA key of 8,192 bits is 3,500 in base64
MAX_HEADER_LENGTH: Final = 300
LINE_LENGTH: Final = 64  # of base64, as in PEM (RFC 7468)
XML: Final = "application/xml"
API_VERSION: Final = "3"

Act = Callable[[Request], Coroutine[Any, Any, Response]]


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """What a device shows: its name and its code."""

    name: str
    token: str


def build_marti_app(desk: Desk, *, host: str) -> Starlette:
    """Return the ASGI application of the port where TAK devices enrol.

    Args:
        host: How devices call the hub.
    """

    async def config(request: Request) -> Response:
        """Return what a request has to name besides the device; a code that comes along is checked."""
        if "Authorization" in request.headers:
            await _check(desk, request)
        return Response(_config_xml(), media_type=XML)

    async def sign(request: Request) -> Response:
        """Return a certificate for the key of the request in the body."""
        shown = _credentials(request)
        body = await _body(request)
        uid = request.query_params.get("clientUid") or request.query_params.get("clientUID") or ""
        signed = await desk.tak_enrolment.sign(shown.name, shown.token, body, uid, remote=remote_of(request))
        certificate, authority = _bare(signed.certificate), _bare(signed.authority)
        if _wants_xml(request):
            return Response(_enrolment_xml(certificate, authority), media_type=XML)
        return json_answer({"signedCert": certificate, "ca0": authority})

    async def profile(request: Request) -> Response:
        """Return that nothing more is to be set up."""
        await _check(desk, request)
        return Response(status_code=204)

    async def version(_: Request) -> Response:
        return Response("Tapestry", media_type="text/plain")

    async def version_config(_: Request) -> Response:
        data = {"version": "Tapestry", "api": API_VERSION, "hostname": host}
        return json_answer({"version": API_VERSION, "type": "ServerConfig", "data": data})

    async def nothing(_: Request) -> Response:
        return error_answer(404, "not-found", "There is nothing here under this address.", "See docs/tak.md.")

    root = "/Marti/api"
    return Starlette(
        routes=[
            Route(f"{root}/tls/config", _guarded(desk, config), methods=["GET"]),
            Route(f"{root}/tls/signClient/v2", _guarded(desk, sign), methods=["POST"]),
            Route(f"{root}/tls/profile/enrollment", _guarded(desk, profile), methods=["GET"]),
            Route(f"{root}/version", _guarded(desk, version), methods=["GET"]),
            Route(f"{root}/version/config", _guarded(desk, version_config), methods=["GET"]),
            Route("/{name:path}", nothing, methods=["GET", "POST", "PUT", "DELETE"]),
        ]
    )


def _guarded(desk: Desk, act: Act) -> Act:
    async def handle(request: Request) -> Response:
        try:
            if desk.orders.locked:
                raise Locked
            response = await within(act(request), within_s=ANSWER_WITHIN_S)
        except ClientDisconnect:
            return Response(status_code=400)
        except TimeoutError:
            response = error_answer(
                503, "unavailable", "The hub could not finish this in time.", "Try again in a minute."
            )
        except Exception as fault:  # noqa: BLE001 - the outer loop of this door: recorded, and answered
            response = answer_of_fault(fault)
        if response.status_code == 401:
            response.headers["WWW-Authenticate"] = 'Basic realm="Tapestry", charset="UTF-8"'
        response.headers["Cache-Control"] = "no-store"
        return response

    return handle


async def _check(desk: Desk, request: Request) -> None:
    shown = _credentials(request)
    await desk.tak_enrolment.check(shown.name, shown.token, remote=remote_of(request))


def _credentials(request: Request) -> Credentials:
    """Return what the device shows.

    Raises:
        BadToken: It shows nothing that can be read.
    """
    scheme, _, packed = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic" or len(packed) > MAX_HEADER_LENGTH:
        raise BadToken
    try:
        name, _, token = base64.b64decode(packed.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError) as err:
        raise BadToken from err
    if not (name and token and name.isprintable() and token.isprintable()):
        raise BadToken
    return Credentials(name=name, token=token)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_REQUEST_SIZE_BYTES:
            raise TooLarge(
                "too-large",
                f"The request is larger than {MAX_REQUEST_SIZE_BYTES} bytes.",
                "Send PKCS#10 alone.",
            )
    return bytes(body)


def _wants_xml(request: Request) -> bool:
    """Return whether XML is asked for before JSON; who asks for neither gets JSON."""
    wanted = request.headers.get("Accept", "").lower()
    return "xml" in wanted and ("json" not in wanted or wanted.index("xml") < wanted.index("json"))


def _bare(der: bytes) -> str:
    """Return a certificate as PEM without its first and last line: what TAK clients put those around."""
    text = base64.b64encode(der).decode()
    return "\n".join(text[i : i + LINE_LENGTH] for i in range(0, len(text), LINE_LENGTH)) + "\n"


def _config_xml() -> str:
    entries = {"O": TAK_ORGANISATION, "OU": TAK_UNIT}
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<ns2:certificateConfig xmlns="http://bbn.com/marti/xml/config" xmlns:ns2="com.bbn.marti.config">'
        "<nameEntries>"
        + "".join(f"<nameEntry name={quoteattr(key)} value={quoteattr(it)}/>" for key, it in entries.items())
        + "</nameEntries></ns2:certificateConfig>\n"
    )


def _enrolment_xml(certificate: str, authority: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f"<enrollment><signedCert>{escape(certificate)}</signedCert><ca>{escape(authority)}</ca></enrollment>\n"
    )
