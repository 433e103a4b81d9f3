"""A feed that was asked for: its messages one by one, each with a key by which it is known again.

Source: SPOT, "Public API and XML Feed": the newest 50 messages, of seven days at most; an error in their stead.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from tapestry.model import DeviceFault
from tapestry.protocols.spot._decoder import instant_of, messages_of, name_of
from tapestry.wire import json_objects, json_text, xml_named, xml_root, xml_texts

PAGE_SIZE: Final = 50  # messages that one answer has at most
NO_MESSAGES: Final = "E-0195"  # what a feed without messages answers


class FeedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a feed."""

    name: str  # of its messenger
    key: str  # by which it is known again
    at_us: int  # UTC, since 1970
    fields: dict[str, Any]


def feed_messages(body: bytes) -> list[FeedMessage]:
    """Return the messages of a feed's answer, the oldest first; those of nobody or of no time are left out.

    Raises:
        DeviceFault: It is no feed, or the feed answers with an error.
    """
    code = _error_of(body)
    if code == NO_MESSAGES:
        return []
    if code is not None:
        raise DeviceFault(f"the feed answers with the error {code[:40]}, expected messages")
    found = []
    for fields in messages_of(body):
        name = name_of(fields)
        try:
            at_us = instant_of(fields)
        except DeviceFault:
            continue
        if name is not None:
            found.append(FeedMessage(name=name, key=_key_of(fields, name, at_us), at_us=at_us, fields=fields))
    return sorted(found, key=lambda it: it.at_us)


def feed_request(messages: Sequence[FeedMessage]) -> bytes:
    """Return messages as the request with which they would be posted to the hub."""
    body = json.dumps(
        {"response": {"feedMessageResponse": {"messages": {"message": [it.fields for it in messages]}}}}
    ).encode()
    return f"POST / HTTP/1.1\r\nHost: feed\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _key_of(fields: dict[str, Any], name: str, at_us: int) -> str:
    own = json_text(fields, "id")
    said = f"{name}/{own}" if own else f"{name}/{at_us}/{json_text(fields, 'messageType')}"
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _error_of(body: bytes) -> str | None:
    if body.lstrip()[:1] == b"<":
        errors = [xml_texts(one) for one in xml_named(xml_root(body), "error")]
        return (errors[0].get("code") or "without a code") if errors else None
    for top in json_objects(body, most=1):
        fields: Any = top.get("response")
        for name in ("errors", "error"):
            fields = fields.get(name) if isinstance(fields, dict) else None
            if isinstance(fields, list):
                fields = fields[0] if fields else None
        if isinstance(fields, dict):
            return json_text(fields, "code") or "without a code"
    return None
