"""Events that a server makes: positions, messages, emergencies, pings, and the words that agree on protobuf.

Source: as in _detail and _protobuf; the types t-x-takp-v, -q and -r of the TAK protocol's negotiation.
"""

from typing import Final
from xml.sax.saxutils import escape, quoteattr

from tapestry.protocols.cot._event import CotEvent, instant_text, make_event

PING: Final = "t-x-c-t"
PONG: Final = "t-x-c-t-r"
CHAT: Final = "b-t-f"
CHAT_DELIVERED: Final = "b-t-f-d"
CHAT_READ: Final = "b-t-f-r"
DELETE: Final = "t-x-d-d"
EMERGENCY: Final = "b-a-o-tbl"
EMERGENCY_CANCEL: Final = "b-a-o-can"
IN_CONTACT: Final = "b-a-o-opn"
MEDEVAC: Final = "b-r-f-h-c"  # a request for an evacuation of wounded, at the place of pickup
_VERSION_SUPPORT: Final = "t-x-takp-v"
_VERSION_REQUEST: Final = "t-x-takp-q"
_VERSION_RESPONSE: Final = "t-x-takp-r"
_MINUTE_US: Final = 60_000_000
ALL_CHAT_ROOMS: Final = "All Chat Rooms"
THROUGH_SERVER: Final = "*:-1:stcp"  # a contact's endpoint: write to it over the connection that is there


def position_event(
    *,
    uid: str,
    callsign: str,
    time_us: int,
    stale_us: int,
    lat_deg: float,
    lon_deg: float,
    type: str = "a-f-G-U-C",  # noqa: A002 - the field's word
    how: str = "m-g",
    hae_m: float | None = None,
    ce_m: float | None = None,
    speed_mps: float | None = None,
    course_deg: float | None = None,
    group_name: str | None = None,
    group_role: str = "Team Member",
    battery_ratio: float | None = None,
    geopointsrc: str = "GPS",
    remarks: str = "",
    endpoint: str = "",
) -> CotEvent:
    """Return where something was; with `endpoint`, a contact that can be written to."""
    reached = f" endpoint={quoteattr(endpoint)}" if endpoint else ""
    parts = [f"<contact callsign={quoteattr(callsign)}{reached}/>"]
    if group_name:
        parts.append(f"<__group name={quoteattr(group_name)} role={quoteattr(group_role)}/>")
    parts.append(f'<precisionlocation geopointsrc={quoteattr(geopointsrc)} altsrc="GPS"/>')
    if battery_ratio is not None:
        parts.append(f'<status battery="{round(battery_ratio * 100)}"/>')
    if speed_mps is not None or course_deg is not None:
        speed = "" if speed_mps is None else f' speed="{float(speed_mps)}"'
        course = "" if course_deg is None else f' course="{float(course_deg)}"'
        parts.append(f"<track{speed}{course}/>")
    if remarks:
        parts.append(f"<remarks>{escape(remarks)}</remarks>")
    return make_event(
        uid=uid, type=type, how=how, time_us=time_us, stale_us=stale_us, lat_deg=lat_deg, lon_deg=lon_deg,
        hae_m=hae_m, ce_m=ce_m, detail="".join(parts).encode(),
    )  # fmt: skip


def chat_event(
    *,
    sender_uid: str,
    sender_callsign: str,
    message_id: str,
    text: str,
    time_us: int,
    room: str = ALL_CHAT_ROOMS,
    to_uid: str | None = None,
) -> CotEvent:
    """Return a message of GeoChat to a room, or to one person."""
    room_id = to_uid or room
    detail = (
        f'<__chat parent="RootContactGroup" groupOwner="false" chatroom={quoteattr(room)} id={quoteattr(room_id)} '
        f"senderCallsign={quoteattr(sender_callsign)} messageId={quoteattr(message_id)}>"
        f"<chatgrp uid0={quoteattr(sender_uid)} uid1={quoteattr(room_id)} id={quoteattr(room_id)}/></__chat>"
        f'<link uid={quoteattr(sender_uid)} type="a-f-G-U-C" relation="p-p"/>'
        f"<remarks source={quoteattr(f'BAO.F.ATAK.{sender_uid}')} to={quoteattr(room_id)} "
        f'time="{instant_text(time_us)}">{escape(text)}</remarks>'
    )
    if to_uid is not None:
        detail += f"<marti><dest uid={quoteattr(to_uid)}/></marti>"
    return make_event(
        uid=f"GeoChat.{sender_uid}.{room_id}.{message_id}", type=CHAT, how="h-g-i-g-o", time_us=time_us,
        stale_us=time_us + 24 * 60 * _MINUTE_US, lat_deg=0.0, lon_deg=0.0, detail=detail.encode(),
    )  # fmt: skip


def contact_event(*, uid: str, callsign: str, time_us: int, stale_us: int) -> CotEvent:
    """Return somebody who can be written to through this server and has no place, as ATAK says it of itself."""
    return position_event(
        uid=uid, callsign=callsign, time_us=time_us, stale_us=stale_us, lat_deg=0.0, lon_deg=0.0, how="h-g-i-g-o",
        group_name="Cyan", group_role="HQ", geopointsrc="???", endpoint=THROUGH_SERVER,
    )  # fmt: skip


def emergency_event(
    *,
    uid: str,
    callsign: str,
    time_us: int,
    stale_us: int,
    lat_deg: float,
    lon_deg: float,
    type: str = EMERGENCY,  # noqa: A002 - the field's word
    words: str = "911 Alert",
) -> CotEvent:
    """Return a call for help of somebody, `uid`; its own uid is that with "-9-1-1"."""
    cancel = ' cancel="true"' if type == EMERGENCY_CANCEL else ""
    shown = quoteattr(f"{callsign}-Alert")
    detail = (
        f'<link uid={quoteattr(uid)} type="a-f-G-U-C" relation="p-p"/><contact callsign={shown}/>'
        f"<emergency type={quoteattr(words)}{cancel}>{escape(callsign)}</emergency>"
    )
    return make_event(
        uid=f"{uid}-9-1-1", type=type, how="m-g", time_us=time_us, stale_us=stale_us, lat_deg=lat_deg,
        lon_deg=lon_deg, detail=detail.encode(),
    )  # fmt: skip


def delete_event(*, uid: str, time_us: int) -> CotEvent:
    """Return the word that something is to be taken off the map."""
    detail = f'<link uid={quoteattr(uid)} relation="p-p" type="none"/><__forcedelete/>'
    return _word(f"delete-{uid}", DELETE, time_us, detail)


def pong(*, time_us: int) -> CotEvent:
    """Return the answer to a ping."""
    return _word("takPong", PONG, time_us, "")


def version_support(*, time_us: int) -> CotEvent:
    """Return the word that version 1 of the TAK protocol is spoken here: a server's first."""
    return _word(
        "protouid", _VERSION_SUPPORT, time_us, '<TakControl><TakProtocolSupport version="1"/></TakControl>'
    )


def requested_version(event: CotEvent) -> int | None:
    """Return the version of the TAK protocol that a client asks for, None when it asks for none."""
    if event.type != _VERSION_REQUEST:
        return None
    _, found, rest = event.detail.partition(b"TakRequest")
    version = rest.partition(b"version=")[2][1:2]
    return int(version) if found and version.isdigit() else 0


def version_response(*, accepted: bool, time_us: int) -> CotEvent:
    """Return the answer to a request for a version; after a yes both sides speak protobuf."""
    word = "true" if accepted else "false"
    return _word(
        "protouid", _VERSION_RESPONSE, time_us, f'<TakControl><TakResponse status="{word}"/></TakControl>'
    )


def _word(uid: str, type: str, time_us: int, detail: str) -> CotEvent:  # noqa: A002 - the field's word
    return make_event(
        uid=uid, type=type, how="m-g", time_us=time_us, stale_us=time_us + _MINUTE_US, lat_deg=0.0, lon_deg=0.0,
        detail=detail.encode(),
    )  # fmt: skip
