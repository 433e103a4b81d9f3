"""What the detail of an event says, as far as the hub reads it. The rest is passed on and not looked at.

Source: the detail schemas that ATAK-CIV publishes (contact, __group, track, status, remarks, emergency, __chat, marti).
"""

from math import isfinite
from typing import Final
from xml.parsers import expat

import msgspec

from tapestry.model import DeviceFault
from tapestry.wire import heading_deg

MAX_TEXT_LENGTH: Final = 8_000
MAX_DESTINATIONS: Final = 200


class CotChat(msgspec.Struct, frozen=True, kw_only=True):
    """A message of GeoChat, or a receipt of one."""

    room_id: str
    room_name: str
    sender_uid: str
    sender_callsign: str
    message_id: str
    member_uids: tuple[str, ...] = ()  # of the room, the sender among them


class CotDetail(msgspec.Struct, frozen=True, kw_only=True):
    """What the hub reads of a detail; absent is None."""

    callsign: str | None = None
    endpoint: str | None = None
    group_name: str | None = None  # a team's colour: "Cyan"
    group_role: str | None = None
    speed_mps: float | None = None
    course_deg: float | None = None
    battery_ratio: float | None = None
    altsrc: str | None = None
    geopointsrc: str | None = None
    emergency: str | None = None  # "911 Alert"
    emergency_cancel: bool = False
    chat: CotChat | None = None
    remarks: str | None = None
    link_uid: str | None = None  # of whom the event is
    dest_uids: tuple[str, ...] = ()
    dest_callsigns: tuple[str, ...] = ()
    dest_missions: tuple[str, ...] = ()


def detail_of(detail: bytes) -> CotDetail:
    """Return what the XML inside a detail says.

    Raises:
        DeviceFault: Not well-formed.
    """
    found: dict[str, dict[str, str]] = {}
    dests: list[dict[str, str]] = []
    text: list[str] = []
    in_remarks = False
    parser = expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal in_remarks
        if name == "dest":
            if len(dests) < MAX_DESTINATIONS:
                dests.append(attributes)
        elif name not in found:
            found[name] = attributes
            in_remarks = name == "remarks"

    def end(name: str) -> None:
        nonlocal in_remarks
        in_remarks = in_remarks and name != "remarks"

    def characters(data: str) -> None:
        if in_remarks:
            text.append(data)

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = characters
    try:
        parser.Parse(b"<detail>" + detail + b"</detail>", True)
    except (expat.ExpatError, ValueError) as err:
        raise DeviceFault(f"detail is not well-formed XML: {err}") from err
    contact, group = found.get("contact", {}), found.get("__group", {})
    track, source = found.get("track", {}), found.get("precisionlocation", {})
    emergency = found.get("emergency")
    remarks = "".join(text)[:MAX_TEXT_LENGTH]
    return CotDetail(
        callsign=contact.get("callsign") or None,
        endpoint=contact.get("endpoint") or None,
        group_name=group.get("name") or None,
        group_role=group.get("role") or None,
        speed_mps=_not_negative(track.get("speed", "")),
        course_deg=_course(track.get("course", "")),
        battery_ratio=_ratio(found.get("status", {}).get("battery", "")),
        altsrc=source.get("altsrc") or None,
        geopointsrc=source.get("geopointsrc") or None,
        emergency=None if emergency is None else emergency.get("type", ""),
        emergency_cancel=emergency is not None and emergency.get("cancel") == "true",
        chat=_chat(found),
        remarks=remarks or None,
        link_uid=found.get("link", {}).get("uid") or None,
        dest_uids=_of(dests, "uid"),
        dest_callsigns=_of(dests, "callsign"),
        dest_missions=_of(dests, "mission"),
    )


def _of(dests: list[dict[str, str]], name: str) -> tuple[str, ...]:
    return tuple(dest[name] for dest in dests if dest.get(name))


def _chat(found: dict[str, dict[str, str]]) -> CotChat | None:
    chat = found.get("__chat", found.get("__chatreceipt"))
    if chat is None:
        return None
    members = found.get("chatgrp", {})
    uids = [value for name, value in sorted(members.items()) if name.startswith("uid")]
    return CotChat(
        room_id=chat.get("id", ""),
        room_name=chat.get("chatroom", ""),
        sender_uid=uids[0] if uids else found.get("link", {}).get("uid", ""),
        sender_callsign=chat.get("senderCallsign", ""),
        message_id=chat.get("messageId", ""),
        member_uids=tuple(uids),
    )


def _number(text: str) -> float | None:
    """Return a number as Java writes it, 1.5E-5 too; None for what is none: devices fill these as they like."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) and "_" not in text else None


def _not_negative(text: str) -> float | None:
    number = _number(text)
    return number if number is not None and number >= 0 else None


def _course(text: str) -> float | None:
    number = _number(text)
    return None if number is None else heading_deg(number)


def _ratio(text: str) -> float | None:
    number = _number(text)
    return number / 100 if number is not None and 0 <= number <= 100 else None
