"""What a phone sends, one line each, signed by the phone's own key.

An item is `<line>.<signature>`: the line is "n,kind,at_ms,lat,lon,rest", the signature base64url without padding,
over "tapestry-phone-1\\n<phone_id>\\n<line>" in UTF-8. A position is at most 200 bytes as sent: see docs/phone.md.
"""

import base64
import binascii
import math
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import msgspec

from tapestry.app.ports import PhoneKeys

DOMAIN: Final = "tapestry-phone-1"
MAX_ITEM_LENGTH: Final = 4_000  # a message of 500 Arabic letters with room to spare
MAX_TEXT_LENGTH: Final = 500
MAX_N: Final = 2**31 - 1
MAX_AT_MS: Final = 4_102_444_800_000  # the year 2100


class ItemKind(StrEnum):
    """What a phone may send."""

    POSITION = "position"  # rest: accuracy_m,speed_mps,heading_deg, each may be empty
    DELAY = "delay"  # rest: words
    HELP = "help"  # rest: "silent" or nothing
    CONTACT = "contact"  # under attack; rest: "silent" or nothing
    CHECKPOINT = "checkpoint"  # rest: its index from 0
    MESSAGE = "message"  # rest: words
    READ = "read"  # rest: message_id
    STOP_ACKNOWLEDGE = "stop-acknowledge"
    ANSWER = "answer"  # rest: challenge_id, a comma, the word
    POLL = (
        "poll"  # rest: the newest message_id that the phone has, a comma, the tag; its n is counted by itself
    )


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a phone sent, its signature checked."""

    n: int
    kind: ItemKind
    at_ms: int  # phone's clock, since 1970-01-01 UTC
    lat_deg: float | None
    lon_deg: float | None
    rest: str

    @property
    def at(self) -> datetime:
        """Return the phone's clock."""
        return datetime.fromtimestamp(self.at_ms / 1000, UTC)

    @property
    def silent(self) -> bool:
        """Return whether the convoy asked for no sound and no call-back."""
        return self.rest == "silent"


class BadItem(ValueError):
    """An item that cannot be read; its words never leave the house, only a code does."""


def number_of(sent: str) -> int:
    """Return the number that an item claims, 0 when it claims none."""
    text = sent.partition(",")[0]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 11 and int(text) <= MAX_N else 0


def signed_line(keys: PhoneKeys, public_key: bytes, phone_id: int, sent: str) -> str | None:
    """Return the line of an item that this phone signed, None when it did not."""
    line, _, tail = sent.rpartition(".")
    try:
        signature = base64.b64decode(tail + "==", altchars=b"-_", validate=True)
        message = f"{DOMAIN}\n{phone_id}\n{line}".encode()
    except (binascii.Error, ValueError):
        return None
    return line if keys.signed(public_key, message, signature) else None


def read_line(line: str) -> Item:
    """Return what a line says.

    Raises:
        BadItem: It says nothing that can be.
    """
    parts = line.split(",", 5)
    if len(parts) != 6 or not number_of(line):
        raise BadItem("expected n,kind,at_ms,lat,lon,rest")
    _, kind, at_ms, lat, lon, rest = parts
    try:
        item = Item(
            n=number_of(line),
            kind=ItemKind(kind),
            at_ms=int(at_ms),
            lat_deg=_number(lat, 90.0),
            lon_deg=_number(lon, 180.0),
            rest=rest,
        )
    except ValueError as err:
        raise BadItem(str(err)) from err
    if not 0 < item.at_ms < MAX_AT_MS or (item.lat_deg is None) != (item.lon_deg is None):
        raise BadItem("expected a time before 2100, and both or none of lat and lon")
    return item


def motion_of(item: Item) -> tuple[float, float, float]:
    """Return accuracy_m, speed_mps and heading_deg of a position; NaN for what the phone did not say."""
    texts = [*item.rest.split(","), "", "", ""][:3]
    try:
        found = [_number(text, most) for text, most in zip(texts, (1e6, 200.0, 360.0), strict=True)]
    except ValueError as err:
        raise BadItem(str(err)) from err
    accuracy, speed, heading = (math.nan if it is None else it for it in found)
    return accuracy, speed, heading


def text_of(item: Item) -> str:
    """Return the words of an item, without what cannot be shown."""
    shown = "".join(sign if sign.isprintable() else " " for sign in item.rest)
    return shown.strip()[:MAX_TEXT_LENGTH]


def whole_of(item: Item) -> int:
    """Return the number that an item's rest is."""
    return digits_of(item.rest)


def answer_of(item: Item) -> tuple[int, str]:
    """Return the question that an answer is for, and the word."""
    number, _, word = item.rest.partition(",")
    return digits_of(number), word


def digits_of(text: str) -> int:
    """Return the number that these digits are."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadItem("expected digits")
    return int(text)


def _number(text: str, most: float) -> float | None:
    if not text:
        return None
    number = float(text)
    if not -most <= number <= most:
        raise ValueError(f"expected a number from {-most} to {most}")
    return number
