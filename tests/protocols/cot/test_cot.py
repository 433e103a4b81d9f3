"""What TAK says, in literals worked out by hand; XML and protobuf say the same."""

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.protocols.cot.frames import CANCEL, CHAT, EMERGENCY, FRAME, MESH, PING, PLI, TCP, UDP, event
from tests.protocols.session import RECEIVED_AT_US, us

from tapestry.model import DistressKind
from tapestry.protocols.cot import (
    CotChat,
    CotDecoder,
    chat_event,
    detail_of,
    make_event,
    parse_event,
    parse_protobuf,
    position_event,
    protobuf_of,
    requested_version,
    stream_frame,
    version_support,
)
from tapestry.wire import Close, DistressCall, Fix, Heartbeat, Readings, Rejected, Reply

AT_US = us(2025, 10, 9, 8, 53, 20)


def parts(detail: bytes) -> list[str]:
    """Return the elements of a detail, each in its canonical form, in an order of their own."""
    root = ElementTree.fromstring(b"<d>" + detail + b"</d>")
    return sorted(ElementTree.canonicalize(ElementTree.tostring(one, "unicode")) for one in root)


def test_a_position_event_is_a_fix_of_its_uid() -> None:
    assert TCP.events([PLI]) == [
        Fix(
            AT_US,
            33.3152,
            44.3661,
            speed_mps=10.0,
            heading_deg=92.5,
            alt_m=34.0,
            accuracy_m=5.0,
            identity="tak:ANDROID-1",
            readings=Readings(
                battery_ratio=0.78, codes={"type": "a-f-G-U-C", "how": "m-g", "callsign": "LEAD 1"}
            ),
        )
    ]


def test_what_is_not_known_is_absent() -> None:
    (fix,) = TCP.events(
        [
            event(place='lat="33.3" lon="44.4"', detail="").replace(
                b'hae="34.0" ce="5.0"', b'hae="9999999.0" ce="9999999"'
            )
        ]
    )
    assert isinstance(fix, Fix)
    assert (fix.alt_m, fix.accuracy_m, fix.speed_mps, fix.heading_deg) == (None, None, None, None)


@pytest.mark.parametrize(
    ("uid", "identity"),
    [
        ("S-1-5-21-10-1001", "tak:S-1-5-21-10-1001"),
        ("Lead truck 1", "tak:Lead%20truck%201"),
        ("Lead%20truck%201", "tak:Lead%2520truck%25201"),
        ("شاحنة", "tak:%D8%B4%D8%A7%D8%AD%D9%86%D8%A9"),
    ],
)
def test_a_uid_of_any_letters_is_an_identity_of_its_own(uid: str, identity: str) -> None:
    (fix,) = TCP.events([event(uid=uid)])
    assert isinstance(fix, Fix)
    assert fix.identity == identity


@pytest.mark.parametrize("uid", ["", "  ", "a&#x85;b", "x" * 129, "ش" * 22])
def test_a_uid_that_cannot_be_an_identity_is_rejected(uid: str) -> None:
    (rejected,) = TCP.events([event(uid=uid)])
    assert isinstance(rejected, Rejected)


def test_a_time_before_1970_is_no_fix_and_a_call_for_help_with_one_is_raised_at_the_hubs_time() -> None:
    (rejected,) = TCP.events([event(time="1012-10-09T08:53:20Z")])
    assert isinstance(rejected, Rejected)
    (call,) = TCP.events([event("b-a-o-tbl", uid="ANDROID-1-9-1-1", time="1012-10-09T08:53:20Z")])
    assert call == DistressCall(DistressKind.SOS, RECEIVED_AT_US, identity="tak:ANDROID-1")


def test_a_circle_of_error_below_zero_is_none() -> None:
    (fix,) = TCP.events([event().replace(b'ce="5.0"', b'ce="-1.0"')])
    assert isinstance(fix, Fix)
    assert fix.accuracy_m is None


def test_an_emergency_is_a_call_for_help_of_who_raised_it() -> None:
    fix, call = TCP.events([EMERGENCY])
    assert isinstance(fix, Fix)
    assert fix.readings is not None
    assert fix.readings.alarms == ("sos",)
    assert call == DistressCall(DistressKind.SOS, AT_US, 33.3152, 44.3661, identity="tak:ANDROID-1")


def test_in_contact_is_a_call_of_its_own_kind() -> None:
    _, call = TCP.events([EMERGENCY.replace(b"b-a-o-tbl", b"b-a-o-opn").replace(b"911 Alert", b"In Contact")])
    assert call == DistressCall(DistressKind.CONTACT, AT_US, 33.3152, 44.3661, identity="tak:ANDROID-1")


def test_a_request_for_a_medevac_is_a_call_of_the_device_that_made_its_marker() -> None:
    link = '<link parent_callsign="LEAD 1" relation="p-p" type="a-f-G-U-C" uid="ANDROID-1"/>'
    nine_lines = '<_medevac_ casevac="true" title="MED.22.131607" urgent="1"/>'
    fix, call = TCP.events([event("b-r-f-h-c", uid="57ec447d", detail=link + nine_lines)])
    assert isinstance(fix, Fix)
    assert fix.identity == "tak:57ec447d"
    assert call == DistressCall(DistressKind.SOS, AT_US, 33.3152, 44.3661, identity="tak:ANDROID-1")
    _, call = TCP.events([event("b-r-f-h-c", uid="57ec447d", detail=nine_lines)])
    assert isinstance(call, DistressCall)
    assert call.identity == "tak:57ec447d"


def test_a_device_cannot_close_its_call_for_help() -> None:
    (said,) = TCP.events([CANCEL])
    assert said == Heartbeat("tak:ANDROID-1", Readings(codes={"type": "b-a-o-can", "emergency": "cancelled"}))


def test_a_message_is_no_position_and_its_words_are_read() -> None:
    (said,) = TCP.events([CHAT])
    assert isinstance(said, Heartbeat)
    detail = detail_of(parse_event(CHAT).detail)
    assert detail.chat == CotChat(
        room_id="All Chat Rooms",
        room_name="All Chat Rooms",
        sender_uid="ANDROID-1",
        sender_callsign="LEAD 1",
        message_id="m-1",
        member_uids=("ANDROID-1", "All Chat Rooms"),
    )
    assert detail.remarks == "bridge closed & blocked"


def test_a_ping_is_answered_in_the_language_it_came_in() -> None:
    _, answer = TCP.events([PING])
    assert isinstance(answer, Reply)
    assert parse_event(answer.data).type == "t-x-c-t-r"
    _, answer = TCP.events([stream_frame(protobuf_of(parse_event(PING)))])
    assert isinstance(answer, Reply)
    assert answer.data[0] == 0xBF


def test_a_client_that_asks_for_version_1_gets_a_yes_and_for_another_a_no() -> None:
    assert b'version="1"' in version_support(time_us=AT_US).detail
    for version, status in (("1", b'status="true"'), ("2", b'status="false"')):
        asked = event("t-x-takp-q", detail=f'<TakControl><TakRequest version="{version}"/></TakControl>')
        assert requested_version(parse_event(asked)) == int(version)
        _, answer = TCP.events([asked])
        assert isinstance(answer, Reply)
        assert status in answer.data


def test_protobuf_on_a_stream_and_in_the_mesh_says_what_its_xml_says() -> None:
    (from_xml,) = TCP.events([PLI])
    assert TCP.events([FRAME]) == [from_xml]
    assert UDP.events([MESH]) == [from_xml]


def test_a_frame_has_the_published_field_numbers() -> None:
    made = make_event(uid="u", type="a-f", how="m-g", time_us=1_000, stale_us=2_000, lat_deg=1.0, lon_deg=2.0)
    # cotEvent(2): type(1) "a-f", uid(5) "u", sendTime(6) 1, startTime(7) 1, staleTime(8) 2, how(9) "m-g", lat(10) 1.0,
    # lon(11) 2.0, hae ce le (12 to 14) 9999999, detail(15) empty
    unknown = "00000000e0cf126341"[2:]
    assert protobuf_of(made).hex() == (
        "1242" "0a03612d66" "2a0175" "3001" "3801" "4002" "4a036d2d67" "51000000000000f03f" "590000000000000040"
        f"61{unknown}" f"69{unknown}" f"71{unknown}" "7a00"
    )  # fmt: skip


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=20)
times = st.integers(0, 4_000_000_000_000).map(lambda ms: ms * 1000)


@given(
    uid=names, callsign=names, at_us=times, lat_deg=st.floats(-90, 90), lon_deg=st.floats(-180, 180),
    speed_mps=st.none() | st.floats(0, 99), course_deg=st.none() | st.floats(0, 359), remarks=names,
    battery=st.none() | st.floats(0, 1), team=st.none() | names,
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_nothing_is_lost_on_the_way_to_protobuf_and_back(
    uid: str, callsign: str, at_us: int, lat_deg: float, lon_deg: float, speed_mps: float | None,
    course_deg: float | None, remarks: str, battery: float | None, team: str | None,
) -> None:  # fmt: skip
    made = position_event(
        uid=uid, callsign=callsign, time_us=at_us, stale_us=at_us + 60_000_000, lat_deg=lat_deg, lon_deg=lon_deg,
        speed_mps=speed_mps, course_deg=course_deg, remarks=remarks, battery_ratio=battery, group_name=team,
    )  # fmt: skip
    read, back = parse_event(made.raw), parse_protobuf(protobuf_of(made))
    for one in (read, back):
        assert (one.uid, one.type, one.how) == (uid, made.type, made.how)
        assert (one.time_us, one.stale_us) == (at_us, made.stale_us)
        assert (one.lat_deg, one.lon_deg, one.hae_m, one.ce_m) == (lat_deg, lon_deg, None, None)
        assert detail_of(one.detail) == detail_of(made.detail)
    assert parts(back.detail) == parts(made.detail)


@pytest.mark.parametrize(
    "detail",
    [
        '<track speed="10.00" course="92.5"/>',  # 10.00 is not how a double is written
        '<track speed="10.0"/>',
        '<status battery="78" readiness="true"/>',
        '<status battery="078"/>',
        '<contact callsign="A" phone="1"/>',
        '<__group name="Cyan" role="HQ"><sub/></__group>',
        '<contact callsign="A"/><contact callsign="B"/>',
        "<remarks>a &lt; b</remarks><y/>",
    ],
)
def test_what_a_field_cannot_hold_exactly_stays_xml(detail: str) -> None:
    back = parse_protobuf(protobuf_of(parse_event(event(detail=detail))))
    assert parts(back.detail) == parts(detail.encode())


def test_two_events_in_one_another_cost_the_first_alone() -> None:
    rejected, fix = TCP.events([PLI[:100] + PLI])
    assert isinstance(rejected, Rejected)
    assert rejected.raw == PLI[:100]
    assert isinstance(fix, Fix)


def test_a_password_is_never_kept_with_what_was_rejected() -> None:
    rejected, fix = TCP.events([b'<auth><cot username="u" password="s3cret"/></auth>' + PLI])
    assert isinstance(rejected, Rejected)
    assert b"s3cret" not in rejected.raw
    assert isinstance(fix, Fix)


def test_a_frame_that_says_too_long_ends_the_connection() -> None:
    rejected, close = TCP.events([b"\xbf\xff\xff\xff\x7f" + PLI])
    assert isinstance(rejected, Rejected)
    assert isinstance(close, Close)


def test_whoever_listens_gets_every_event_as_it_was_sent() -> None:
    heard: list[bytes] = []
    decoder = CotDecoder(on_event=lambda one: heard.append(one.raw))
    decoder.feed(PLI + CHAT + PING, received_at_us=RECEIVED_AT_US)
    assert heard == [PLI, CHAT, PING]


def test_a_message_of_the_hub_can_be_read_by_whom_it_is_for() -> None:
    made = chat_event(
        sender_uid="hub",
        sender_callsign="WATCH",
        message_id="7",
        text="halt <now>",
        time_us=AT_US,
        to_uid="ANDROID-1",
    )
    detail = detail_of(parse_event(made.raw).detail)
    assert detail.remarks == "halt <now>"
    assert detail.dest_uids == ("ANDROID-1",)
    assert detail.chat is not None
    assert (detail.chat.sender_callsign, detail.chat.room_id) == ("WATCH", "ANDROID-1")
