"""The ways to people outside: mail, a gateway for text messages, webhooks signed with a shared secret."""

import hashlib
import hmac
import re
from typing import Final

import httpx
import msgspec

from tapestry.adapters._mail import send_mail
from tapestry.adapters._outside_keys import OutsideKeys, SmsKeys
from tapestry.app.desk import Letter, NotSent

ANSWER_WITHIN_S: Final = 10.0
SIGNATURE_HEADER: Final = "X-Tapestry-Signature"
NAMES: Final = re.compile(r"\{to\}|\{text\}|\{key\}")
KEY_HEADER: Final = "Idempotency-Key"  # a letter that is sent again has the same


class OutsideMessenger:
    """Implements `tapestry.app.desk.Messenger`.

    Args:
        keys: Which means are set up, and how.
    """

    def __init__(self, keys: OutsideKeys) -> None:
        self._keys = keys
        self._client = httpx.AsyncClient(timeout=ANSWER_WITHIN_S, follow_redirects=False, trust_env=False)

    def means(self) -> frozenset[str]:
        """Return the means that are set up."""
        found = set()
        if self._keys.mail is not None:
            found.add("mail")
        if self._keys.sms is not None and self._keys.sms.url:
            found.add("sms")
        if self._keys.webhook is not None and self._keys.webhook.secret:
            found.add("webhook")
        return frozenset(found)

    async def send(self, letter: Letter) -> None:
        """Return when the other side took it.

        Raises:
            NotSent: It did not, or the means is not set up.
        """
        if letter.means not in self.means():
            raise NotSent("not-set-up")
        if letter.means == "mail" and self._keys.mail is not None:
            await send_mail(self._keys.mail, letter)
        elif letter.means == "sms" and self._keys.sms is not None:
            await self._send_sms(self._keys.sms, letter)
        elif self._keys.webhook is not None:
            await self._send_webhook(self._keys.webhook.secret, letter)

    def is_gateway(self, secret: str) -> bool:
        """Return whether this is the secret of the gateway that text messages come in by."""
        known = "" if self._keys.sms is None else self._keys.sms.inbound_secret
        return bool(known) and hmac.compare_digest(known.encode(), secret.encode())

    async def close(self) -> None:
        """Close what is open."""
        await self._client.aclose()

    async def _send_sms(self, keys: SmsKeys, letter: Letter) -> None:
        fills = {"{to}": letter.address, "{text}": letter.text, "{key}": letter.key}
        body = {name: _filled(value, fills) for name, value in keys.body.items()}
        headers = {name: value.replace("{token}", keys.token) for name, value in keys.headers.items()}
        await self._post(keys.url, msgspec.json.encode(body), {**headers, KEY_HEADER: letter.key})

    async def _send_webhook(self, secret: str, letter: Letter) -> None:
        body = msgspec.json.encode(
            {"key": letter.key, "subject": letter.subject, "text": letter.text, **letter.facts}
        )
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {SIGNATURE_HEADER: f"sha256={signature}", KEY_HEADER: letter.key}
        await self._post(letter.address, body, headers)

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> None:
        try:
            answer = await self._client.post(
                url, content=body, headers={**headers, "Content-Type": "application/json"}
            )
        except httpx.InvalidURL as err:
            raise NotSent("bad-address") from err
        except httpx.HTTPError as err:
            raise NotSent("not-reached") from err
        if not answer.is_success:
            raise NotSent(f"status-{answer.status_code}")


def _filled(template: str, fills: dict[str, str]) -> str:
    """Return a template with its names filled in; what was filled in is not looked at again."""
    return NAMES.sub(lambda name: fills[name[0]], template)
