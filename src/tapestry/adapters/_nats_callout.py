"""Answers to the bus that asks whether a client may come in, signed as it wants them.

Source: NATS, ADR-26 (authorization callout: subject, request, response), ADR-14 (JWT: header, claims, algorithm
`ed25519-nkey`), "NKeys" (keys as base32 of prefix, key and CRC-16/XMODEM, low byte first).
"""

import base64
import binascii
import hashlib
import time
from typing import Any, Final

import msgspec
from nacl.signing import SigningKey

CALLOUT_SUBJECT: Final = "$SYS.REQ.USER.AUTH"
_ACCOUNT: Final = 0  # prefix byte of an account's public key: it begins with A


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Who wants to come in."""

    user: str
    key: str
    remote: str  # address of the client
    kind: str  # "mqtt", "nats", "websocket"
    user_nkey: str  # the key that the bus gave this connection
    server_id: str


class _ServerId(msgspec.Struct):
    id: str


class _ClientInfo(msgspec.Struct):
    host: str = ""
    type: str = ""


class _ConnectOpts(msgspec.Struct):
    user: str = ""
    password: str = msgspec.field(name="pass", default="")


class _Request(msgspec.Struct):
    server_id: _ServerId
    user_nkey: str
    client_info: _ClientInfo
    connect_opts: _ConnectOpts


class _Claims(msgspec.Struct):
    nats: _Request


_claims_of: Final = msgspec.json.Decoder(_Claims).decode


def read_request(token: bytes) -> Asked:
    """Return who asks. Only the bus can send this, to a user of its own account; its signature is not looked at.

    Raises:
        msgspec.DecodeError: It is no such request.
    """
    parts = token.split(b".")
    if len(parts) != 3:
        raise msgspec.DecodeError(f"token of {len(parts)} parts, expected 3")
    try:
        claims = base64.urlsafe_b64decode(parts[1] + b"=" * (-len(parts[1]) % 4))
    except binascii.Error as err:
        raise msgspec.DecodeError(f"token is no base64url: {err}") from err
    request = _claims_of(claims).nats
    return Asked(
        user=request.connect_opts.user,
        key=request.connect_opts.password,
        remote=request.client_info.host,
        kind=request.client_info.type,
        user_nkey=request.user_nkey,
        server_id=request.server_id.id,
    )


class CalloutKey:
    """The key that answers are signed with; the bus knows its public half by its configuration."""

    def __init__(self, secret: str) -> None:
        """Take any secret of the hub; the key follows from it."""
        self._key = SigningKey(hashlib.sha256(b"tapestry callout " + secret.encode()).digest())

    @property
    def issuer(self) -> str:
        """Its public half, as the bus writes keys."""
        body = bytes([_ACCOUNT << 3]) + bytes(self._key.verify_key)
        return _base32(body + binascii.crc_hqx(body, 0).to_bytes(2, "little"))

    def admit(
        self, asked: Asked, *, account: str, publish: tuple[str, ...], lifetime_s: float, most_size_bytes: int
    ) -> bytes:
        """Return the answer that lets a client in, to publish to these subjects and hear nothing.

        Args:
            account: Of the bus, that the client belongs to.
            lifetime_s: Then the bus hangs up, and asks again when the client is back.
            most_size_bytes: Of one message.
        """
        user = self._signed(
            {
                "sub": asked.user_nkey,
                "aud": account,
                "name": asked.user,
                "exp": int(time.time() + lifetime_s),
                "nats": {
                    "type": "user",
                    "version": 2,
                    "pub": {"allow": list(publish)},
                    "sub": {"deny": [">"]},
                    "subs": -1,
                    "data": -1,
                    "payload": most_size_bytes,
                    "allowed_connection_types": ["MQTT"],
                },
            }
        )
        return self._answer(asked, {"jwt": user})

    def refuse(self, asked: Asked) -> bytes:
        """Return the answer that keeps a client out; it is told no reason."""
        return self._answer(asked, {"error": "not let in"})

    def _answer(self, asked: Asked, said: dict[str, str]) -> bytes:
        body = {"type": "authorization_response", "version": 2} | said
        return self._signed({"sub": asked.user_nkey, "aud": asked.server_id, "nats": body}).encode()

    def _signed(self, claims: dict[str, Any]) -> str:
        claims = claims | {"iss": self.issuer, "iat": int(time.time())}
        claims["jti"] = _base32(hashlib.sha256(msgspec.json.encode(claims)).digest())
        header = _base64url(msgspec.json.encode({"typ": "JWT", "alg": "ed25519-nkey"}))
        body = f"{header}.{_base64url(msgspec.json.encode(claims))}"
        return f"{body}.{_base64url(self._key.sign(body.encode()).signature)}"


def _base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=")


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
