"""Events of Cursor on Target, laid out by the schema of events 2.0 and ATAK's details."""

from tests.protocols.session import Session, us

from tapestry.protocols.cot import mesh_datagram, parse_event, protobuf_of, stream_frame
from tapestry.wire import Transport

TIME = "2025-10-09T08:53:20.000Z"
STALE = "2025-10-09T08:54:20.000Z"
PLACE = 'lat="33.3152" lon="44.3661"'
DETAIL = (
    '<takv os="34" version="4.10" device="PHONE" platform="ATAK-CIV"/><contact endpoint="*:-1:stcp" callsign="LEAD 1"/>'
    '<uid Droid="LEAD 1"/><precisionlocation altsrc="GPS" geopointsrc="GPS"/><__group role="Team Lead" name="Cyan"/>'
    '<status battery="78"/><track course="92.5" speed="10.0"/>'
)


def event(
    kind: str = "a-f-G-U-C",
    *,
    uid: str = "ANDROID-1",
    time: str = TIME,
    place: str = PLACE,
    how: str = "m-g",
    detail: str = DETAIL,
) -> bytes:
    return (
        f'<event version="2.0" uid="{uid}" type="{kind}" time="{time}" start="{time}" stale="{STALE}" how="{how}">'
        f'<point {place} hae="34.0" ce="5.0" le="9999999.0"/><detail>{detail}</detail></event>'
    ).encode()


PLI = event()
DECLARED = b"<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n" + event(uid="ANDROID-2") + b"\n"
EMERGENCY = event(
    "b-a-o-tbl",
    uid="ANDROID-1-9-1-1",
    detail=(
        '<link uid="ANDROID-1" type="a-f-G-U-C" relation="p-p"/><contact callsign="LEAD 1-Alert"/>'
        '<emergency type="911 Alert">LEAD 1</emergency>'
    ),
)
CANCEL = event(
    "b-a-o-can",
    uid="ANDROID-1-9-1-1",
    detail='<link uid="ANDROID-1" relation="p-p"/><emergency cancel="true">LEAD 1</emergency>',
)
CHAT = event(
    "b-t-f",
    uid="GeoChat.ANDROID-1.All Chat Rooms.m-1",
    place='lat="0.0" lon="0.0"',
    how="h-g-i-g-o",
    detail=(
        '<__chat parent="RootContactGroup" groupOwner="false" chatroom="All Chat Rooms" id="All Chat Rooms" '
        'senderCallsign="LEAD 1" messageId="m-1"><chatgrp uid0="ANDROID-1" uid1="All Chat Rooms" id="All Chat Rooms"/>'
        '</__chat><link uid="ANDROID-1" type="a-f-G-U-C" relation="p-p"/>'
        '<remarks source="BAO.F.ATAK.ANDROID-1" to="All Chat Rooms">bridge closed &amp; blocked</remarks>'
    ),
)
PING = event("t-x-c-t", uid="ANDROID-1-ping", place='lat="0.0" lon="0.0"', detail="")
FRAME = stream_frame(protobuf_of(parse_event(PLI)))

TCP = Session(
    protocol="cot",
    transport=Transport.TCP,
    opening=(),
    frames=(PLI, DECLARED, EMERGENCY, CANCEL, CHAT, FRAME, PLI),
    broken={
        "an entity that nobody defined": event(detail="<remarks>&f;</remarks>"),
        "text between events": b"hello",
        "a document type": b'<!DOCTYPE l [<!ENTITY a "aa">]>',
        "an element that does not end": event(detail="<remarks>"),
        "a latitude of letters": event(place='lat="abc" lon="1"'),
        "no uid": event(uid=""),
        "no point": PLI.replace(b"<point", b"<pint"),
        "an event cut off by another": PLI[:100],
        "an authentication": b'<auth><cot username="u" password="s3cret"/></auth>',
        "too long": event(detail="<remarks>" + "x" * 62_000 + "</remarks>"),
    },
    endless=b"<event uid='",
    zero_place=event(place='lat="0.0" lon="0.0"'),
    off_earth=event(place='lat="90.000001" lon="44.0"'),
    impossible_date=event(time="2025-13-09T08:53:20.000Z"),
    far_dates={
        us(1980, 1, 6): event(time="1980-01-06T00:00:00Z"),
        us(2080, 1, 1): event(time="2080-01-01T03:00:00+03:00"),
    },
    needs_line_end=False,  # an XML declaration may be cut short without a loss
)
MESH = mesh_datagram(protobuf_of(parse_event(PLI)))
UDP = Session(
    protocol="cot",
    transport=Transport.UDP,
    opening=(),
    frames=(PLI, DECLARED, EMERGENCY, MESH, b"\xbf\x00\xbf" + PLI),
    broken={
        "bytes that are no message": b"\xbf\x01\xbf\xff\xff\xff",
        "an event cut short": PLI[:100],
        "a place off the Earth": event(place='lat="91" lon="1"'),
    },
    endless=b"",
    zero_place=TCP.zero_place,
    off_earth=TCP.off_earth,
    impossible_date=TCP.impossible_date,
    far_dates=TCP.far_dates,
    needs_line_end=False,
    one_a_datagram=True,
)
SESSIONS = (TCP, UDP)
