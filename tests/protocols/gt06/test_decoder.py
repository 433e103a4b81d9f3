"""The published examples of GT06, with values worked out from the documents' own field tables."""

import pytest
from tests.protocols.gt06.frames import (
    ALARM,
    CELL,
    CELLS,
    FENCES,
    HEARTBEAT,
    LOCATION,
    LOGIN,
    LOGIN_ANSWER,
    SOUTH_WEST,
    STORED,
    STORED_4G,
    TAMPER,
    TIME_ANSWER,
    TIME_REQUEST,
    framed,
)
from tests.protocols.session import RECEIVED_AT_US, bare, us

from tapestry.model import DistressKind, Flag
from tapestry.protocols.gt06 import Gt06Decoder
from tapestry.wire import DistressCall, Event, Fix, Heartbeat, Login, Readings, Rejected, Reply


def after_login(frame: bytes, *, received_at_us: int = RECEIVED_AT_US) -> list[Event]:
    decoder = Gt06Decoder()
    decoder.feed(LOGIN, received_at_us=received_at_us)
    return bare(decoder.feed(frame, received_at_us=received_at_us))


def readings(frame: bytes) -> Readings | None:
    (found,) = [
        one.readings
        for one in Gt06Decoder().feed(frame, received_at_us=RECEIVED_AT_US)
        if isinstance(one, Fix | Heartbeat)
    ]
    return found


def test_a_login_gives_the_imei_and_is_answered_with_its_serial_number() -> None:
    events = Gt06Decoder().feed(LOGIN, received_at_us=RECEIVED_AT_US)
    assert events == [Login("imei:123456789012345"), Reply(LOGIN_ANSWER, durable=False)]


def test_a_location_is_a_fix_and_has_no_answer() -> None:
    # 0x027AC7EB = 41,601,003 and 0x0C465849 = 205,936,713 counts of 1/1,800,000 degree; 0x148F: bit 12
    # positioned, bit 10 north, course 0x8F = 143
    assert after_login(LOCATION) == [
        Fix(us(2011, 8, 29, 17, 46, 16), 41_601_003 / 1_800_000, 205_936_713 / 1_800_000, 0.0, 143.0)
    ]


def test_south_and_west_are_negative_speed_is_metres_per_second_and_course_360_is_north() -> None:
    # 90 km/h = 25 m/s; 0x1968: positioned, west, not north, course 0x168 = 360
    assert after_login(SOUTH_WEST) == [
        Fix(us(2025, 10, 9, 8, 53, 20), -60_320_032 / 1_800_000, -126_865_984 / 1_800_000, 25.0, 0.0)
    ]


@pytest.mark.parametrize("frame", [STORED, STORED_4G], ids=["0x22", "0xA0"])
def test_a_position_sent_again_later_is_marked_as_stored(frame: bytes) -> None:
    (fix,) = after_login(frame)
    assert isinstance(fix, Fix)
    assert fix.flags == Flag.BUFFERED


def test_a_4g_position_with_a_short_mnc_is_read_at_its_own_place() -> None:
    # MCC without its top bit: MNC of one byte; then LAC 4, cell 8, ACC, mode, re-upload 1
    content = "190A09083514 C9 03986920 078FD240 5A 1568 01CC 01 0000260E 000000000615F801 01 00 01"
    (fix,) = after_login(framed(0xA0, content))
    assert isinstance(fix, Fix)
    assert fix.flags == Flag.BUFFERED


def test_an_sos_alarm_is_a_fix_and_a_distress_call_answered_once_it_is_stored() -> None:
    # 0x027AC887 = 41,601,159; 0x0C4657E6 = 205,936,614; course 2; terminal 0x65: bits 5..3 = 100 = SOS
    at, lat_deg, lon_deg = us(2011, 11, 15, 14, 36, 29), 41_601_159 / 1_800_000, 205_936_614 / 1_800_000
    assert after_login(ALARM) == [
        Fix(at, lat_deg, lon_deg, 0.0, 2.0),
        DistressCall(DistressKind.SOS, at, lat_deg, lon_deg),
        Reply(bytes.fromhex("78780516003695700D0A")),
    ]


def test_a_tamper_alarm_without_a_fix_is_a_distress_call_without_a_place() -> None:
    # 0x027AC818 = 41,601,048 (the document's own 41,625,624 is a slip); 0x0400: not positioned, north;
    # alarm 0x13 "tamper alert"; serial number 0x000C
    at = us(2015, 12, 29, 3, 11, 38)
    fix, call, answer = after_login(TAMPER)
    assert fix == Fix(at, 41_601_048 / 1_800_000, 205_936_736 / 1_800_000, 0.0, 0.0, flags=Flag.NO_FIX)
    assert call == DistressCall(DistressKind.TAMPER, at)
    assert isinstance(answer, Reply)
    assert answer.data[:6] == bytes.fromhex("78780526000C")


@pytest.mark.parametrize(
    ("terminal", "alarm", "kind"),
    [
        ("60", "00", DistressKind.SOS),  # bits 5..3 = 100
        ("50", "00", DistressKind.TAMPER),  # bits 5..3 = 010: power cut
        ("40", "01", DistressKind.SOS),
        ("40", "02", DistressKind.TAMPER),
        ("40", "18", DistressKind.TAMPER),  # cover removed
        ("40", "32", DistressKind.TAMPER),  # unplugged
        ("50", "01", DistressKind.SOS),  # SOS outranks the power cut
        ("48", "03", None),  # vibration
        ("40", "06", None),  # speed
    ],
)
def test_the_alarm_byte_and_the_terminal_bits_say_which_distress(
    terminal: str, alarm: str, kind: DistressKind | None
) -> None:
    content = "190A09083514 C9 03986920 078FD240 00 1400 09" + CELL + terminal + "0604" + alarm + "02"
    events = after_login(framed(0x26, content))
    assert [one.kind for one in events if isinstance(one, DistressCall)] == ([kind] if kind else [])
    assert isinstance(events[-1], Reply)
    assert events[-1].durable


def test_an_alarm_without_a_cell_part_is_read() -> None:
    events = after_login(framed(0x26, "190A09083514 C9 03986920 078FD240 00 1400 00 4006040102"))
    assert [one.kind for one in events if isinstance(one, DistressCall)] == [DistressKind.SOS]


def test_an_sos_with_an_impossible_date_is_still_a_distress_call_at_the_hubs_time() -> None:
    content = "190D09083514 C9 03986920 078FD240 00 1400 09" + CELL + "6006040102"
    call, answer, rejected = after_login(framed(0x26, content))
    assert call == DistressCall(DistressKind.SOS, RECEIVED_AT_US)
    assert isinstance(answer, Reply)
    assert isinstance(rejected, Rejected)
    assert rejected.reason == (
        "date 2025-13-09 08:53:20 is not in the calendar; the distress call in it was taken"
    )


def test_an_alarm_that_is_no_call_for_help_is_a_fix_and_an_answer() -> None:
    fix, answer = after_login(FENCES)
    assert isinstance(fix, Fix)
    assert isinstance(answer, Reply)
    assert answer.data[:6] == bytes.fromhex("787805270000")


def test_a_heartbeat_is_answered_with_its_serial_number_at_once() -> None:
    beat, answer = after_login(HEARTBEAT)
    assert beat == Heartbeat()
    assert isinstance(answer, Reply)
    assert (answer.data[:6], answer.durable) == (bytes.fromhex("78780513000F"), False)


def test_a_device_that_asks_for_the_time_gets_the_hubs() -> None:
    events = after_login(TIME_REQUEST, received_at_us=us(2015, 12, 29, 0, 0, 21))
    assert events == [Heartbeat(), Reply(TIME_ANSWER, durable=False)]


def test_frames_without_a_position_are_signs_of_life() -> None:
    assert after_login(CELLS) == [Heartbeat()]


def test_a_position_before_a_login_is_read_and_a_call_for_help_too() -> None:
    events = Gt06Decoder().feed(LOCATION + ALARM, received_at_us=RECEIVED_AT_US)
    assert [type(one) for one in events] == [Fix, Fix, DistressCall, Reply]


@pytest.mark.parametrize(
    ("zone", "ahead_s"),
    [("3200", 8 * 3600), ("3208", -8 * 3600), ("22F2", 5 * 3600 + 59 * 60), ("0000", 0), ("FFF0", 0)],
)
def test_a_device_whose_login_names_a_time_zone_dates_its_positions_in_it(zone: str, ahead_s: int) -> None:
    login = framed(0x01, "0123456789012345 2002" + zone)
    events = Gt06Decoder().feed(login + LOCATION, received_at_us=RECEIVED_AT_US)
    (fix,) = [one for one in events if isinstance(one, Fix)]
    assert fix.fixed_at_us == us(2011, 8, 29, 17, 46, 16) - ahead_s * 1_000_000


def test_readings_of_a_heartbeat_and_of_an_alarm() -> None:
    # terminal 0x40; voltage level 4 of 6, signal 4 of 4
    assert readings(HEARTBEAT) == Readings(
        battery_ratio=4 / 6, signal_ratio=1.0, charging=False, ignition=False
    )
    # satellites 0xF; terminal 0x65: SOS, bit 2 charging on, bit 1 ACC off; voltage 6, signal 4
    assert readings(ALARM) == Readings(
        satellites=15, battery_ratio=1.0, signal_ratio=1.0, charging=True, ignition=False, alarms=("sos",)
    )
    assert readings(STORED) == Readings(satellites=9, ignition=False)


def test_an_alarm_that_knows_cells_only_is_a_call_without_a_place() -> None:
    events = after_login(framed(0x19, CELL + "60 06 04 01 02"))
    assert [type(one) for one in events] == [Heartbeat, DistressCall, Reply]
    assert events[1] == DistressCall(DistressKind.SOS, RECEIVED_AT_US)
    lte = framed(0xA5, "190A09083514 01CC 01 0000260E 000000000615F801 60 06 04 01 02")
    assert after_login(lte)[1] == DistressCall(DistressKind.SOS, RECEIVED_AT_US)


def test_a_wrong_checksum_says_what_was_seen_and_expected() -> None:
    broken = LOCATION[:-4] + b"\x80\x82\r\n"
    assert after_login(broken) == [Rejected(broken, "CRC 0x8082, expected 0x8081 over 30 bytes")]


def test_a_stray_start_byte_does_not_hide_the_frame_after_it() -> None:
    # 78 | 78 78 1F 12 …: read as a frame of length 0x78 it has no stop bytes; the real start overlaps it
    events = after_login(b"\x78" + LOCATION * 5)
    assert [type(one) for one in events] == [Rejected, *[Fix] * 5]


def test_a_damaged_length_does_not_swallow_the_frames_after_it() -> None:
    broken = LOCATION[:2] + b"\x7f" + LOCATION[3:]
    events = after_login(broken + LOCATION * 5)
    assert [type(one) for one in events] == [Rejected, *[Fix] * 5]


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (b"\x78\x78\x03", "frame length 3, expected 5 to 4091"),
        (b"\x79\x79\xff\xff", "frame length 65535, expected 5 to 4090"),
        (LOCATION[:-2] + b"\x00\x00", "stop bytes 00 00 after a frame of 36 bytes, expected 0d 0a"),
        (b"hello", "no start bytes 78 78 or 79 79 where a frame should begin"),
    ],
)
def test_a_broken_frame_is_rejected_once_the_next_one_begins(frame: bytes, reason: str) -> None:
    events = after_login(frame + LOCATION)
    assert events[0] == Rejected(frame, reason)
    assert isinstance(events[1], Fix)


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (
            framed(0x01, "0ABBCCDDEEFF0011"),
            "login with terminal id 0abbccddeeff0011, expected 0 and 15 decimal digits",
        ),
        (framed(0x01, ""), "login with terminal id empty, expected 0 and 15 decimal digits"),
        (framed(0x12, "190A0908"), "position frame 0x12 with 4 bytes, expected 18 or more"),
        (
            framed(0x16, "190A09083514 C9 03986920 078FD240 5A 1568 09"),
            "alarm frame 0x16 with 19 bytes, expected 31 or more",
        ),
    ],
)
def test_a_frame_that_is_too_short_or_no_imei_says_so(frame: bytes, reason: str) -> None:
    assert after_login(frame) == [Rejected(frame, reason)]


def test_a_connection_that_ends_inside_a_frame_says_after_how_many_bytes() -> None:
    decoder = Gt06Decoder()
    decoder.feed(LOGIN + LOCATION[:10], received_at_us=RECEIVED_AT_US)
    assert decoder.end(received_at_us=RECEIVED_AT_US) == [
        Rejected(LOCATION[:10], "the connection ended inside a frame, after 10 bytes of it")
    ]
