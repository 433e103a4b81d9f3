"""TK103, after docs/protocols/tk103.md."""

import pytest
from tests.protocols.session import RECEIVED_AT_US, us
from tests.protocols.tk103.frames import (
    BARE,
    BATTERY,
    COMMAS,
    COMMAS_2020,
    FORUM,
    HANDSHAKE,
    LOGIN,
    LOGIN_LATER,
    LONG_COURSE,
    NARROW,
    NOTHING,
    PLACE,
    POSITION,
    REGISTRATION,
    SENSORS,
    SHORT_COURSE,
    SOS,
    SOS_COMMAS,
    packet,
)

from tapestry.model import DistressKind, Flag, Refused
from tapestry.protocols.tk103 import Tk103Decoder, encode_distress
from tapestry.wire import (
    KMH_MPS,
    KNOT_MPS,
    DistressCall,
    Event,
    Fix,
    Heartbeat,
    Login,
    Readings,
    Rejected,
    Reply,
)


def feed(*data: bytes) -> list[Event]:
    decoder = Tk103Decoder()
    return [event for one in data for event in decoder.feed(one, received_at_us=RECEIVED_AT_US)]


def fix_of(data: bytes) -> Fix:
    (fix,) = [one for one in feed(data) if isinstance(one, Fix)]
    return fix


def readings(data: bytes) -> Readings:
    (found,) = [one.readings for one in feed(data) if isinstance(one, Fix | Heartbeat)]
    assert found is not None
    return found


def logins(*data: bytes) -> list[str]:
    return [one.identity for one in feed(*data) if isinstance(one, Login)]


def test_a_handshake_is_answered_at_once() -> None:
    assert feed(HANDSHAKE) == [
        Login("tk103:027043828342"),
        Heartbeat(readings=Readings()),
        Reply(b"(027043828342AP01HSO)", durable=False),
    ]


def test_a_login_with_a_position_is_answered_once_it_is_stored() -> None:
    login, fix, answer = feed(LOGIN)
    assert login == Login("tk103:000012345678")
    assert isinstance(fix, Fix)
    assert fix.fixed_at_us == us(2015, 9, 24, 13, 42)
    assert (fix.lat_deg, fix.lon_deg) == pytest.approx((-4.38411333, 15.37173833))
    assert (fix.heading_deg, fix.flags) == (128.76, 0)
    assert fix.readings == Readings(power_cut=True, ignition=False, codes={"status": 0x10000000})
    assert answer == Reply(b"(000012345678AP05)")


@pytest.mark.parametrize(
    ("frame", "course_deg"),
    [
        (POSITION, 12.39),
        (SENSORS, 8.54),
        (SHORT_COURSE, 0.0),
        (LONG_COURSE, 0.0),
        (BARE, 181.0),
        (COMMAS, 178.48),
        (FORUM, 12.99),
    ],
)
def test_the_course_has_no_fixed_width(frame: bytes, course_deg: float) -> None:
    assert fix_of(frame).heading_deg == course_deg


@pytest.mark.parametrize(
    ("frame", "at_us", "lat_deg", "lon_deg"),
    [
        (POSITION, us(2016, 8, 23, 16, 29, 11), 51.498908333, 8.90377),
        (SENSORS, us(2010, 11, 30, 6, 23, 16), 22.56711667, 114.09854333),
        (NARROW, us(2016, 8, 29, 22, 15, 55), -18.9286, -48.29711167),
        (SHORT_COURSE, us(2015, 5, 15, 18, 57, 41), 49.577615, 17.246901667),
        (LONG_COURSE, us(2016, 4, 19, 0, 51, 11), 44.048188333, -91.637001667),
        (FORUM, us(2016, 12, 12, 7, 54, 35), 22.663231667, 114.22038333),
        (COMMAS, us(2013, 6, 4, 4, 1, 37), 22.567161667, 114.098501667),
    ],
)
def test_widths_and_commas_give_the_same_place(
    frame: bytes, at_us: int, lat_deg: float, lon_deg: float
) -> None:
    fix = fix_of(frame)
    assert fix.fixed_at_us == at_us
    assert (fix.lat_deg, fix.lon_deg) == pytest.approx((lat_deg, lon_deg))


def test_v_is_no_fix_and_a_date_of_zeros_is_no_position() -> None:
    assert fix_of(NARROW).flags == Flag.NO_FIX
    assert [type(one) for one in feed(NOTHING)] == [Login, Heartbeat]
    # a clock without a battery counts days from 0
    started = packet("000007V0000.0000N00000.0000E000.0001403990000000L00000000")
    assert [type(one) for one in feed(started)] == [Login, Heartbeat]


def test_the_odometer_is_hexadecimal_and_the_status_says_power_and_ignition() -> None:
    assert readings(SENSORS) == Readings(
        power_cut=False, ignition=False, odometer_m=1662.0, codes={"status": 0x5AE}
    )
    assert readings(packet(f"251009A{PLACE}036.0085320181.0001000000L00000000")).ignition is True


def test_speed_is_kilometres_an_hour_but_knots_where_altitude_and_satellites_follow() -> None:
    assert fix_of(BARE).speed_mps == pytest.approx(36 * KMH_MPS)
    assert fix_of(COMMAS.replace(b",", b", ")) == fix_of(COMMAS)
    with_commas = COMMAS.replace(b",000.0,", b",36,")
    assert fix_of(with_commas).speed_mps == pytest.approx(36 * KMH_MPS)
    fix = fix_of(COMMAS_2020)
    assert (fix.speed_mps, fix.alt_m) == (10 * KNOT_MPS, 1.21)
    assert fix.readings == Readings(satellites=8)


def test_the_last_eleven_digits_of_an_imei_are_one_device_whichever_packet_says_it() -> None:
    frame = packet(f"251009A{PLACE}036.0085320181.00", number="027044715761")
    assert logins(LOGIN_LATER, frame) == ["tk103:027044715761"]


def test_where_a_count_stands_before_the_command_the_handshake_says_who_speaks() -> None:
    handshake, position = b"(080612022828BP00352504021234567HSO)", b"(080612022830BR00" + BARE[17:]
    assert logins(handshake, position, position) == ["imei:352504021234567"]


def test_fifteen_digits_are_an_imei() -> None:
    assert logins(b"(864768010009188,BP05,091025,A,3318.9120N,04421.9660E,000.0,085320,178.48)") == [
        "imei:864768010009188"
    ]


def test_an_alarm_of_help_is_a_position_a_call_and_an_answer_once_it_is_stored() -> None:
    at = us(2025, 10, 9, 8, 53, 20)
    _, fix, call, answer = feed(SOS)
    assert isinstance(fix, Fix)
    assert call == DistressCall(DistressKind.SOS, at, fix.lat_deg, fix.lon_deg)
    assert answer == Reply(b"(013612345678AS012)")
    assert readings(SOS).alarms == ("sos",)
    assert [one.kind for one in feed(SOS_COMMAS) if isinstance(one, DistressCall)] == [DistressKind.SOS]


@pytest.mark.parametrize(
    ("head", "alarm", "kind"),
    [
        ("BO010", "power-cut", DistressKind.TAMPER),
        ("BO011", "accident", None),
        ("BO013", "vibration", None),
        ("BO015", "overspeed", None),
        ("BO016", "fence-exit", None),
        ("BQ813", "hard-acceleration", None),
        ("BQ81,0,", "low-battery", None),
        ("ZC11", "movement", None),
        ("ZC12", "low-battery", None),
        ("ZC13", "power-cut", DistressKind.TAMPER),
        ("ZC17", "removed", DistressKind.TAMPER),
        ("ZC26", "tamper", DistressKind.TAMPER),
        ("ZC27", "low-power", None),
    ],
)
def test_commands_and_digits_are_alarms(head: str, alarm: str, kind: DistressKind | None) -> None:
    frame = packet(f"251009A{PLACE}036.0085320181.00", head=head)
    assert readings(frame).alarms == (alarm,)
    assert [one.kind for one in feed(frame) if isinstance(one, DistressCall)] == (
        [] if kind is None else [kind]
    )


def test_an_alarm_that_is_not_known_is_a_position_and_answered() -> None:
    events = feed(packet(f"251009A{PLACE}036.0085320181.00", head="BO014"))
    assert [type(one) for one in events] == [Login, Fix, Reply]


def test_a_call_is_not_lost_to_a_fault_in_its_place() -> None:
    frame = packet("251009A9000.0001N04421.9660E036.0085320181.00", head="BO012")
    fault = "latitude 90.000002, expected -90 to 90 degrees; the distress call in it was taken"
    assert feed(frame)[1:] == [
        DistressCall(DistressKind.SOS, RECEIVED_AT_US),
        Reply(b"(013612345678AS012)"),
        Rejected(frame[:-1], fault),
    ]


def test_a_battery_packet_says_level_and_voltages() -> None:
    assert readings(BATTERY) == Readings(battery_ratio=1.0, battery_v=4.21, power_v=11.2)
    unknown = BATTERY.replace(b",6,421,112,", b",2,65535,65535,")
    assert readings(unknown) == Readings(battery_ratio=0.1)


@pytest.mark.parametrize(
    "frame",
    [REGISTRATION, b"(013632651491,ZC02, 040613, 040137)", b"(358511020000026,BZ00,310,26,6601,16793,23)"],
)
def test_what_has_no_place_is_a_sign_of_life(frame: bytes) -> None:
    assert [type(one) for one in feed(frame)] == [Login, Heartbeat]


def test_a_packet_needs_no_bracket_before_it_and_a_line_end_will_do_after_it() -> None:
    events = feed(BARE[1:] + b"\r\n" + BARE[:-1] + b"\r\n")
    assert [type(one) for one in events] == [Login, Fix, Fix]


def test_a_packet_cut_short_by_the_next_one_is_rejected_and_the_next_one_is_read() -> None:
    rejected, _, fix = feed(POSITION[:40] + BARE)
    assert rejected == Rejected(POSITION[:40], "a new packet began before this one ended with )")
    assert isinstance(fix, Fix)


def test_the_protocol_says_no_other_distress_than_sos_and_tamper() -> None:
    with pytest.raises(Refused, match=r"^TK103 cannot say distress delay; it has sos and tamper$"):
        encode_distress(DistressCall(DistressKind.DELAY, 0), "imei:123456789012345")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"(hello", "packet begins with 'hello', expected an id in digits and a command such as BP05"),
        (
            b"(013612345678BR00251009A33x8.9120N04421.9660E036.0",
            "BR00 with '251009A33x8.9120N04421.9660E036.0', expected a date, A or V, and a place",
        ),
        (
            packet("251009A3360.0000N04421.9660E036.0085320")[:-1],
            "latitude is '3360.0000', expected less than 60 minutes",
        ),
        (packet(f"251309A{PLACE}036.0085320")[:-1], "date 2025-13-09 00:00:00 is not in the calendar"),
        (packet(f"251009A{PLACE}036.0245320")[:-1], "time is '245320', expected hhmmss up to 235959"),
    ],
)
def test_the_reason_says_what_is_wrong(line: bytes, reason: str) -> None:
    assert feed(line + b")")[-1] == Rejected(line, reason)
