"""People: who they are, how they log in, and who may change that."""

import base64
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from tapestry.access import Role
from tapestry.app import _one_time
from tapestry.app._login import Logins
from tapestry.app._people_port import PasswordHasher, RandomBytes
from tapestry.app._refusals import BadCredentials, DeskRefusal, Invalid, Missing
from tapestry.app._sessions import Sessions, Viewer, hash_of
from tapestry.app.ports import Account, Store
from tapestry.model import OperatorId

SETUP_LINK_LIFETIME: Final = timedelta(hours=1)
TOTP_PENDING_FOR: Final = timedelta(minutes=10)
MIN_PASSWORD_LENGTH: Final = 12  # NIST SP 800-63B asks for 8 or more; length is what helps
MAX_PASSWORD_LENGTH: Final = 256
LANGUAGES: Final = ("en", "ar", "ckb")
USER_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")


class AccountChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an administrator changes of an account; what is not given stays."""

    role: Role | None = None
    operator_id: OperatorId | None = None
    disabled: bool | None = None
    password: str | None = None
    totp_enabled: bool | None = None  # only False: takes a lost authenticator off the account


class TotpOffer(msgspec.Struct, frozen=True, kw_only=True):
    """What an authenticator app needs; good once it is confirmed by a code."""

    secret: str
    otpauth_uri: str


class People:
    """Logins and accounts.

    Args:
        store: Accounts and sessions.
        hasher: Argon2id.
        random_bytes: Randomness nobody can guess.
        now: The hub's clock, UTC.
    """

    def __init__(
        self, store: Store, hasher: PasswordHasher, *, random_bytes: RandomBytes, now: Callable[[], datetime]
    ) -> None:
        self.sessions = Sessions(store, random_bytes=random_bytes, now=now)
        self.logins = Logins(store, hasher, now=now)
        self._store = store
        self._hasher = hasher
        self._random_bytes = random_bytes
        self._now = now
        self._offers: dict[str, tuple[str, datetime]] = {}

    async def log_in(
        self, user_name: str, password: str, totp: str | None, *, remote: str
    ) -> tuple[str, Viewer]:
        """Return a new session's token and its viewer; see `Logins.check` for what it raises."""
        account = await self.logins.check(user_name, password, totp, remote=remote)
        return await self.sessions.start(account)

    # --- one's own account

    async def offer_totp(self, viewer: Viewer) -> TotpOffer:
        """Return a new secret for an authenticator app; nothing changes before it is confirmed.

        Raises:
            Invalid: One-time codes are on already; only an administrator takes them off.
        """
        if viewer.account.totp_secret is not None:
            raise Invalid(
                "totp-already-enabled",
                "One-time codes are on for this account.",
                "Ask an administrator to take them off first.",
            )
        secret = base64.b32encode(self._random_bytes(_one_time.SECRET_SIZE_BYTES)).decode()
        name = viewer.account.user_name
        self._offers = {n: offer for n, offer in self._offers.items() if self._now() < offer[1]}
        self._offers[name] = (secret, self._now() + TOTP_PENDING_FOR)
        return TotpOffer(secret=secret, otpauth_uri=_one_time.otpauth_uri(secret, name))

    async def confirm_totp(self, viewer: Viewer, code: str) -> None:
        """Turn one-time codes on.

        Raises:
            BadCredentials: The code is not of the secret offered in the last ten minutes.
        """
        name = viewer.account.user_name
        secret, until = self._offers.get(name, ("", self._now()))
        now = self._now()
        step = None
        if secret and now < until:
            step = _one_time.used_step(secret, code, now_s=now.timestamp(), after_step=0)
        if step is None:
            self.logins.spend_try(f"totp {name}")
            raise BadCredentials
        account = await self._existing(name)
        await self._store.update_account(
            msgspec.structs.replace(account, totp_secret=secret, totp_used_step=step)
        )
        self.logins.note_step(name, step)
        del self._offers[name]
        self.sessions.forget(name)

    async def set_language(self, viewer: Viewer, language: str) -> None:
        """Set the language of one's own account.

        Raises:
            Invalid: It is not one of LANGUAGES.
        """
        if language not in LANGUAGES:
            raise Invalid("unknown-language", "This language is not known.", "Use one of en, ar, ckb.")
        account = await self._existing(viewer.account.user_name)
        await self._store.update_account(msgspec.structs.replace(account, language=language))
        self.sessions.forget(account.user_name)

    # --- everybody's accounts

    async def set_up(self, token: str, user_name: str, password: str, *, remote: str) -> Account:
        """Make an administrator by a one-time link.

        Raises:
            Invalid: The name or the password will not do; the link stays good.
            LockedOut: Too many tries from this address.
            DeskRefusal: The link was used, or its hour is over (code "bad-setup-link").
        """
        self.logins.spend_try(remote)
        _check_name(user_name)
        _check_password(password, user_name)
        if await self._store.account(user_name) is not None:
            raise _taken()
        encoded = await self._hasher.hash(password)
        if not await self._store.use_setup_link(hash_of(token), at=self._now()):
            raise DeskRefusal(
                "bad-setup-link",
                "This one-time link was used, or its hour is over.",
                "Make a new one on the hub's machine: tapestry user setup-link",
            )
        account = Account(user_name=user_name, role=Role.ADMINISTRATOR, password_hash=encoded)
        await self._store.add_account(account)
        return account

    async def make_setup_link(self) -> str:
        """Return the token of a new one-time link, good for an hour; the store keeps only its SHA-256."""
        token = base64.urlsafe_b64encode(self._random_bytes(32)).rstrip(b"=").decode()
        await self._store.put_setup_link(hash_of(token), valid_until=self._now() + SETUP_LINK_LIFETIME)
        return token

    async def add(self, user_name: str, role: Role, operator_id: OperatorId | None, password: str) -> Account:
        """Add an account.

        Raises:
            Invalid: The name is taken or will not do, the password will not do, or role and operator
                do not fit.
        """
        _check_name(user_name)
        _check_password(password, user_name)
        await self._check_role(role, operator_id)
        if await self._store.account(user_name) is not None:
            raise _taken()
        account = Account(
            user_name=user_name,
            role=role,
            operator_id=operator_id,
            password_hash=await self._hasher.hash(password),
        )
        await self._store.add_account(account)
        return account

    async def change(self, user_name: str, change: AccountChange) -> Account:
        """Change an account; its sessions end, so that nothing goes on under what it was.

        Raises:
            Missing: There is no such account.
            Invalid: The change does not fit, or would leave the hub without an administrator.
        """
        account = await self._existing(user_name)
        role = change.role or Role(account.role)
        operator_id = change.operator_id if change.operator_id is not None else account.operator_id
        if role is not Role.OPERATOR:
            operator_id = None
        await self._check_role(role, operator_id)
        changed = msgspec.structs.replace(
            account,
            role=role,
            operator_id=operator_id,
            disabled=account.disabled if change.disabled is None else change.disabled,
        )
        if change.totp_enabled is not None:
            if change.totp_enabled:
                raise Invalid(
                    "totp-by-owner-only",
                    "Only its owner can turn one-time codes on.",
                    "Leave it out or false.",
                )
            changed = msgspec.structs.replace(changed, totp_secret=None, totp_used_step=0)
        if change.password is not None:
            _check_password(change.password, user_name)
            encoded = await self._hasher.hash(change.password)
            changed = msgspec.structs.replace(
                changed, password_hash=encoded, failed_count=0, locked_until=None
            )
        await self._check_administrators(account, changed)
        await self._store.update_account(changed)
        await self.sessions.end_all_of(user_name)
        return changed

    async def accounts(self) -> list[Account]:
        """Return all accounts by user name."""
        return await self._store.accounts()

    async def _existing(self, user_name: str) -> Account:
        account = await self._store.account(user_name)
        if account is None:
            raise Missing
        return account

    async def _check_role(self, role: Role, operator_id: OperatorId | None) -> None:
        if (role is Role.OPERATOR) != (operator_id is not None):
            raise Invalid(
                "operator-needed",
                "The role operator needs the operator whose convoys it sees; no other role has one.",
                "Give operator_id with the role operator, and only with it.",
            )
        if operator_id is not None and operator_id not in {
            o.operator_id for o in await self._store.operators()
        }:
            raise Invalid("unknown-operator", "There is no operator with this operator_id.", "Add it first.")

    async def _check_administrators(self, before: Account, after: Account) -> None:
        if not _administers(before) or _administers(after):
            return
        others = [
            a for a in await self._store.accounts() if _administers(a) and a.user_name != before.user_name
        ]
        if not others:
            raise Invalid(
                "last-administrator",
                "This is the last administrator who can log in.",
                "Make another administrator first.",
            )


def _administers(account: Account) -> bool:
    return account.role == Role.ADMINISTRATOR and not account.disabled


def _check_name(user_name: str) -> None:
    if not USER_NAME.fullmatch(user_name):
        raise Invalid(
            "bad-user-name",
            "A user name has 2 to 64 of a-z, 0-9, . - and _, and begins with a letter or digit.",
            "Choose another one.",
        )


def _check_password(password: str, user_name: str) -> None:
    if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
        raise Invalid(
            "bad-password",
            f"The password has {len(password)} characters, expected {MIN_PASSWORD_LENGTH} to "
            f"{MAX_PASSWORD_LENGTH}.",
            "Choose another one; a few words in a row are good.",
        )
    if user_name in password.lower() or len(set(password)) < MIN_PASSWORD_LENGTH // 3:
        raise Invalid(
            "bad-password",
            "The password holds the user name, or the same few characters again and again.",
            "Choose another one; a few words in a row are good.",
        )


def _taken() -> Invalid:
    return Invalid("user-name-taken", "There is an account of this name.", "Choose another one.")
