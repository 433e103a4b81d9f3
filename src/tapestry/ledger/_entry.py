"""The canonical form of a Log entry: the one spelling that is hashed.

JSON without spaces, UTF-8, keys of every object sorted by their bytes, times as RFC 3339 in UTC with six
decimals and Z. Numbers are spelled as msgspec spells them (integers whole, floats as the shortest decimal
that reads back the same). `seq` is not part of it: the place in the tree says it.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec

from tapestry.ledger._tree import leaf_hash
from tapestry.model import Refused


def canonical_details(details: dict[str, Any]) -> bytes:
    """Return an entry's details as canonical JSON; reading that and writing it again gives the same bytes.

    Raises:
        Refused: A value is not JSON, or text that is not UTF-8.
    """
    try:
        plain = msgspec.json.decode(msgspec.json.encode(details))
        return msgspec.json.encode(plain, order="sorted")
    except (TypeError, ValueError, OverflowError, RecursionError) as err:
        raise Refused(
            f"log entry: details cannot be written as JSON ({err}); use text, numbers, lists, objects"
        ) from err


def canonical_entry(*, at: datetime, actor: str, action: str, subject: str, details: dict[str, Any]) -> bytes:
    """Return the bytes of an entry that are hashed.

    Args:
        at: When it was done, aware; microseconds count.

    Raises:
        Refused: The time has no zone, or a value cannot be written.
    """
    if at.tzinfo is None:
        raise Refused(f"log entry: time {at.isoformat()} has no zone; give UTC")
    entry = {
        "action": action,
        "actor": actor,
        "at": written_time(at),
        "details": msgspec.Raw(canonical_details(details)),
        "subject": subject,
    }
    try:
        return msgspec.json.encode(entry, order="sorted")
    except (TypeError, ValueError) as err:
        raise Refused(f"log entry: a field is not text ({err})") from err


def entry_leaf_hash(*, at: datetime, actor: str, action: str, subject: str, details: dict[str, Any]) -> bytes:
    """Return the leaf hash of an entry.

    Raises:
        Refused: As `canonical_entry`.
    """
    return leaf_hash(canonical_entry(at=at, actor=actor, action=action, subject=subject, details=details))


def written_time(at: datetime) -> str:
    """Return a time as it is spelled in everything that is hashed or signed."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
