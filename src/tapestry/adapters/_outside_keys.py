"""How people outside are reached: one file in the data folder for our user alone, secrets also by the environment.

Nothing of it is ever logged or shown.
"""

import os
from pathlib import Path
from typing import Final

import msgspec

from tapestry.model import OutsideFault, Refused

FILE: Final = "messages.json"
SMS_BODY: Final = {"to": "{to}", "text": "{text}"}  # {to}, {text} and {key} are filled in


class MailKeys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The mail server that takes our mail."""

    host: str
    sender: str  # address that mail comes from
    port: int = 587
    tls: str = "starttls"  # starttls, tls, or none (for a server on this machine)
    user: str = ""
    password: str = ""  # or TAPESTRY_MAIL_PASSWORD


class SmsKeys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The gateway that takes and delivers text messages by HTTP."""

    url: str = ""  # "": no text message goes out
    headers: dict[str, str] = {}  # {token} in a value is the token
    body: dict[str, str] = msgspec.field(default_factory=lambda: dict(SMS_BODY))  # sent as JSON
    token: str = ""  # or TAPESTRY_SMS_TOKEN
    inbound_secret: str = ""  # what the gateway says when it delivers; or TAPESTRY_SMS_INBOUND_SECRET


class WebhookKeys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How receivers of webhooks know that it was us."""

    secret: str = ""  # or TAPESTRY_WEBHOOK_SECRET; without one nothing is sent


class SpotKeys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One feed of SPOT that the hub asks."""

    url: str  # of the feed, as SPOT shows it: …/message.xml or …/message.json
    password: str = ""  # of the feed, when it has one


class OutsideKeys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is in the file."""

    mail: MailKeys | None = None
    sms: SmsKeys | None = None
    webhook: WebhookKeys | None = None
    spot: tuple[SpotKeys, ...] = ()  # asked by the gateway; none: no feed is asked


def load_outside_keys(folder: Path) -> OutsideKeys:
    """Return how people outside are reached; nothing when there is no file.

    Args:
        folder: `keys` of the data folder.

    Raises:
        Refused: Others may read the file, or it is not what is expected.
        OutsideFault: It cannot be read.
    """
    path = folder / FILE
    try:
        if not path.exists():
            return OutsideKeys()
        mode = path.stat().st_mode & 0o777
        body = path.read_bytes()
    except OSError as err:
        raise OutsideFault(f"{path}: cannot be read ({err.strerror})", retry_helps=False) from err
    if mode & 0o077:
        raise Refused(f"{path} has mode {mode:o}; expected 600, it holds passwords. Run: chmod 600 {path}")
    try:
        keys = msgspec.json.decode(body, type=OutsideKeys)
    except msgspec.DecodeError as err:
        raise Refused(f"{path} cannot be used; expected what docs/distress.md shows") from err
    return _with_environment(keys)


def _with_environment(keys: OutsideKeys) -> OutsideKeys:
    replace = msgspec.structs.replace
    mail, sms, webhook = keys.mail, keys.sms, keys.webhook
    if mail is not None:
        mail = replace(mail, password=os.environ.get("TAPESTRY_MAIL_PASSWORD", mail.password))
    if sms is not None:
        token = os.environ.get("TAPESTRY_SMS_TOKEN", sms.token)
        secret = os.environ.get("TAPESTRY_SMS_INBOUND_SECRET", sms.inbound_secret)
        sms = replace(sms, token=token, inbound_secret=secret)
    if webhook is not None:
        webhook = replace(webhook, secret=os.environ.get("TAPESTRY_WEBHOOK_SECRET", webhook.secret))
    return replace(keys, mail=mail, sms=sms, webhook=webhook)
