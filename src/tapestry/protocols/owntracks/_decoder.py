"""From OwnTracks' messages to events.

Source: OwnTracks booklet, "JSON" (types of messages and their fields), "HTTP" (headers X-Limit-U and X-Limit-D, query
u and d, the answer), "Encryption" (libsodium's secretbox, nonce first, the key padded with zeros).
"""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from tapestry.model import DeviceFault, Flag
from tapestry.wire import (
    KMH_MPS,
    Event,
    Fix,
    Heartbeat,
    HttpDecoder,
    HttpReport,
    Readings,
    Request,
    Transport,
    heading_deg,
    json_instant_us,
    json_number,
    json_objects,
    json_text,
    position_flags,
    verify_position,
)

SCHEME: Final = "owntracks"  # of identities
MAX_MESSAGES: Final = 500  # of one body
MAX_SEALED: Final = 2  # envelopes in one another: a message has one
_NAME: Final = re.compile(r"[\x21-\x7e]{1,64}", re.ASCII)
_PLACED: Final = frozenset({"location", "transition"})
_CHARGING: Final = {1: False, 2: True, 3: True}  # bs: unplugged, charging, full


class OwnTracksDecoder(HttpDecoder):
    """One HTTP connection of OwnTracks. See wire.Decoder.

    Args:
        transport: TCP.
        secrets: What messages of an identity are sealed with.
    """

    def __init__(
        self, transport: Transport = Transport.TCP, secrets: Mapping[str, str] | None = None
    ) -> None:
        del transport  # HTTP runs over TCP only
        super().__init__(self._report, methods=("POST",))
        self._secrets = secrets or {}

    def _report(self, request: Request, received_at_us: int) -> HttpReport:
        sender = _sender_of(request)
        if not request.body.strip():
            return HttpReport(events=[Heartbeat(sender)], answer=b"[]")  # the app tries the connection out
        events, faults = read_messages(request.body, sender, self._secrets, received_at_us)
        return HttpReport(events=events, faults=faults, answer=b"[]")


def read_messages(
    body: bytes, sender: str | None, secrets: Mapping[str, str], received_at_us: int
) -> tuple[list[Event], list[str]]:
    """Return what one message or a list of them says, and the faults of those that were left out.

    Args:
        body: JSON.
        sender: Its identity where the connection tells it, None where the messages have to.
        secrets: What messages of an identity are sealed with.
        received_at_us: Hub's clock.

    Raises:
        DeviceFault: It is no JSON, or none of the messages can be read.
    """
    events: list[Event] = []
    faults: list[str] = []
    for message in json_objects(body, most=MAX_MESSAGES):
        try:
            events.append(_event(message, sender, secrets, received_at_us))
        except DeviceFault as fault:
            faults.append(str(fault))
    if faults and not events:
        raise DeviceFault(faults[0])
    return events, faults


def _event(
    message: dict[str, Any], sender: str | None, secrets: Mapping[str, str], received_at_us: int
) -> Event:
    for _ in range(MAX_SEALED):
        if message.get("_type") != "encrypted":
            break
        message = _opened(message, None if sender is None else secrets.get(sender))
    kind = json_text(message, "_type")
    if kind is None:
        raise DeviceFault("message without _type, expected location, transition, status or another")
    identity = sender or _identity_of(message)
    if kind not in _PLACED or json_number(message, "lat") is None:
        return Heartbeat(identity)
    return _fix(message, identity, received_at_us)


def _opened(message: dict[str, Any], secret: str | None) -> dict[str, Any]:
    """Return the message inside a sealed one."""
    if secret is None:
        raise DeviceFault(
            "message is sealed and no secret of its sender is known here; give the hub the secret with "
            "`tapestry seal add`, or switch the encryption of the app off"
        )
    try:
        sealed = base64.b64decode(json_text(message, "data") or "", validate=True)
        plain = SecretBox(secret.encode()[:32].ljust(32, b"\0")).decrypt(sealed)
    except (binascii.Error, ValueError, CryptoError) as err:
        raise DeviceFault("sealed message cannot be opened with the sender's secret") from err
    return json_objects(plain, most=1)[0]


def _sender_of(request: Request) -> str | None:
    """Return who a request says that it is from: by its headers, else by its address."""
    asked = parse_qs(request.target.partition("?")[2])  # a target need not be a URL
    user = request.headers.get("x-limit-u") or asked.get("u", [""])[0]
    device = request.headers.get("x-limit-d") or asked.get("d", [""])[0]
    name = f"{user}/{device}" if user and device else device or user
    return _identity(name) if name else None


def _identity_of(message: dict[str, Any]) -> str:
    """Return who a message is from, without the help of its request: by its topic, else by its two letters."""
    topic = json_text(message, "topic")
    if topic is not None and topic.startswith("owntracks/"):
        return _identity("/".join(topic.split("/")[1:3]))
    name = json_text(message, "tid")
    if name is None:
        raise DeviceFault(
            "message without a sender, expected X-Limit-U and X-Limit-D, ?u= and ?d=, a topic or tid"
        )
    return _identity(name)


def _identity(name: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise DeviceFault(f"sender {name[:64]!r}, expected 1 to 64 visible signs of ASCII")
    return f"{SCHEME}:{name}"


def _fix(message: dict[str, Any], identity: str, received_at_us: int) -> Fix:
    lat_deg, lon_deg = json_number(message, "lat"), json_number(message, "lon")
    if lat_deg is None or lon_deg is None:
        raise DeviceFault("position without lat or lon, expected both")
    verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
    at_us = json_instant_us(json_number(message, "tst"), "tst")
    if at_us is None:
        at_us = received_at_us
    sent_us = json_instant_us(json_number(message, "created_at"), "created_at")
    speed_kmh, course = json_number(message, "vel"), json_number(message, "cog")
    battery, level = json_number(message, "batt"), json_number(message, "bs")
    codes: dict[str, bool | int | float | str] = {
        name: value
        for name in ("t", "conn", "event", "desc")
        if (value := json_text(message, name)) is not None
    }
    accuracy_m = json_number(message, "acc")
    late = sent_us is not None and sent_us - at_us > 60_000_000
    return Fix(
        at_us,
        lat_deg,
        lon_deg,
        speed_mps=speed_kmh * KMH_MPS if speed_kmh is not None and speed_kmh >= 0 else None,
        heading_deg=None if course is None else heading_deg(course),
        alt_m=json_number(message, "alt"),
        accuracy_m=accuracy_m if accuracy_m is not None and accuracy_m >= 0 else None,
        flags=position_flags(lat_deg=lat_deg, lon_deg=lon_deg, valid=True)
        | (int(Flag.BUFFERED) if late else 0),
        identity=identity,
        readings=Readings(
            battery_ratio=battery / 100 if battery is not None and 0 <= battery <= 100 else None,
            charging=None if level is None else _CHARGING.get(int(level)),
            fix_age_s=None if sent_us is None else max(sent_us - at_us, 0) / 1e6,
            codes=codes or None,
        ),
    )
