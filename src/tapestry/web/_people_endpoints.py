"""Endpoints of people: setup, login, one's own account, everybody's accounts, the Log."""

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta
from starlette.responses import Response

from tapestry.access import Role
from tapestry.app.people import LONGEST, AccountChange, Viewer
from tapestry.app.ports import Account, LogEntry
from tapestry.model import OperatorId
from tapestry.web._answers import json_answer
from tapestry.web._endpoint import SESSION_COOKIE, Call, Endpoint
from tapestry.web._qr import qr_svg

Text = Annotated[str, Meta(max_length=512)]
DEFAULT_LOG_ENTRIES: Final = 100
MAX_LOG_ENTRIES: Final = 1_000
MAX_SEQ: Final = 999_999_999


class SetupBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first administrator."""

    token: Text
    user_name: Text
    password: Text


class LoginBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who logs in."""

    user_name: Text
    password: Text
    totp: Text | None = None


class CodeBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A one-time code."""

    code: Text


class LanguageBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The language of one's account."""

    language: Text


class UserBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account to be added."""

    user_name: Text
    role: Role
    password: Text
    operator_id: OperatorId | None = None


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """Who is logged in here."""

    user_name: str
    role: str
    operator_id: OperatorId | None
    csrf: str
    language: str
    totp_enabled: bool


class User(msgspec.Struct, frozen=True, kw_only=True):
    """An account as administrators see it."""

    user_name: str
    role: str
    operator_id: OperatorId | None
    disabled: bool
    totp_enabled: bool
    language: str
    locked_until: datetime | None


class Totp(msgspec.Struct, frozen=True, kw_only=True):
    """What an authenticator app needs."""

    secret: str
    otpauth_uri: str
    qr_svg: str


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the Log."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, Any]  # JSON values, as they were written
    leaf_hash: str  # hex


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The newest signed head of the Log; hashes, signature and key in hex."""

    size: int
    root_hash: str
    signed_at: datetime
    signature: str
    public_key: str


async def set_up(call: Call) -> object:
    """Make the first administrator by the one-time link."""
    body = call.body(SetupBody)
    account = await call.services.desk.accounts.set_up(
        body.token, body.user_name, body.password, remote=call.remote
    )
    return _user(account)


async def log_in(call: Call) -> Response:
    """Begin a session."""
    body = call.body(LoginBody)
    token, viewer = await call.services.desk.accounts.log_in(
        body.user_name, body.password, body.totp, remote=call.remote
    )
    response = json_answer(_me(viewer))
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(LONGEST.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=call.services.settings.tls,
    )
    return response


async def log_out(call: Call) -> Response:
    """End the session."""
    await call.services.desk.accounts.log_out(call.viewer)
    response = json_answer(None, 204)
    response.delete_cookie(
        SESSION_COOKIE, httponly=True, samesite="strict", secure=call.services.settings.tls
    )
    return response


async def me(call: Call) -> object:
    """Tell who is logged in."""
    return _me(call.viewer)


async def start_totp(call: Call) -> object:
    """Offer a secret for an authenticator app."""
    offer = await call.services.desk.people.offer_totp(call.viewer)
    svg = qr_svg(offer.otpauth_uri)
    return Totp(secret=offer.secret, otpauth_uri=offer.otpauth_uri, qr_svg=svg)


async def confirm_totp(call: Call) -> None:
    """Turn one-time codes on."""
    await call.services.desk.accounts.confirm_totp(call.viewer, call.body(CodeBody).code)


async def set_language(call: Call) -> None:
    """Set the language of one's account."""
    await call.services.desk.people.set_language(call.viewer, call.body(LanguageBody).language)


async def users(call: Call) -> object:
    """List the accounts."""
    return [_user(account) for account in await call.services.desk.accounts.accounts(call.who)]


async def add_user(call: Call) -> object:
    """Add an account."""
    body = call.body(UserBody)
    account = await call.services.desk.accounts.add(
        call.who, body.user_name, body.role, body.operator_id, body.password
    )
    return _user(account)


async def change_user(call: Call) -> object:
    """Change an account."""
    user_name = call.request.path_params["user_name"]
    return _user(await call.services.desk.accounts.change(call.who, user_name, call.body(AccountChange)))


async def log_entries(call: Call) -> object:
    """List entries of the Log, newest first."""
    before = None
    if "before" in call.request.query_params:
        before = call.count("before", None, MAX_SEQ)
    limit = call.count("limit", DEFAULT_LOG_ENTRIES, MAX_LOG_ENTRIES)
    entries = await call.services.desk.accounts.log(call.who, before=before, limit=limit)
    return [_entry(entry) for entry in entries]


async def log_head(call: Call) -> object:
    """Tell the newest signed head of the Log, null when there is none yet."""
    head = await call.services.desk.accounts.log_head(call.who)
    if head is None:
        return None
    return Head(
        size=head.size,
        root_hash=head.root_hash.hex(),
        signed_at=head.signed_at,
        signature=head.signature.hex(),
        public_key=head.public_key.hex(),
    )


def _me(viewer: Viewer) -> Me:
    account = viewer.account
    return Me(
        user_name=account.user_name,
        role=account.role,
        operator_id=account.operator_id,
        csrf=viewer.session.csrf,
        language=account.language,
        totp_enabled=account.totp_secret is not None,
    )


def _user(account: Account) -> User:
    return User(
        user_name=account.user_name,
        role=account.role,
        operator_id=account.operator_id,
        disabled=account.disabled,
        totp_enabled=account.totp_secret is not None,
        language=account.language,
        locked_until=account.locked_until,
    )


def _entry(entry: LogEntry) -> Entry:
    return Entry(
        seq=entry.seq,
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        subject=entry.subject,
        details=entry.details,
        leaf_hash=entry.leaf_hash.hex(),
    )


PEOPLE_ENDPOINTS: Final = (
    Endpoint(method="POST", path="/api/setup", act=set_up, body=SetupBody, open=True, status=201),
    Endpoint(method="POST", path="/api/login", act=log_in, body=LoginBody, open=True),
    Endpoint(method="POST", path="/api/logout", act=log_out, when_locked=True),
    Endpoint(method="GET", path="/api/me", act=me, when_locked=True),
    Endpoint(method="POST", path="/api/me/totp/start", act=start_totp),
    Endpoint(method="POST", path="/api/me/totp/confirm", act=confirm_totp, body=CodeBody, status=204),
    Endpoint(method="PUT", path="/api/me/language", act=set_language, body=LanguageBody, status=204),
    Endpoint(method="GET", path="/api/users", act=users),
    Endpoint(method="POST", path="/api/users", act=add_user, body=UserBody, status=201),
    Endpoint(method="PATCH", path="/api/users/{user_name}", act=change_user, body=AccountChange),
    Endpoint(method="GET", path="/api/log", act=log_entries, compress=True),
    Endpoint(method="GET", path="/api/log/head", act=log_head),
)
