"""GPS103, after docs/protocols/gps103.md."""

import pytest
from tests.protocols.gps103.frames import (
    ALIVE,
    BLANK_PHONE,
    CELLS,
    FUEL,
    HELP,
    LOGIN,
    NOTHING,
    OBD,
    PLACE,
    POWER_CUT,
    SLASHES,
    SOUTH_WEST,
    SPEEDING,
    TRACKER,
    record,
)
from tests.protocols.session import RECEIVED_AT_US, bare, us

from tapestry.model import DistressKind, Flag, Refused
from tapestry.protocols.gps103 import Gps103Decoder, encode_distress
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

DEVICE = Login("imei:359586015829802")
HEARD = Reply(b"**,imei:359586015829802,E;")


def feed(*data: bytes) -> list[Event]:
    decoder = Gps103Decoder()
    return [event for one in data for event in decoder.feed(one, received_at_us=RECEIVED_AT_US)]


def fix_of(data: bytes) -> Fix:
    (fix,) = [one for one in feed(data) if isinstance(one, Fix)]
    return fix


def readings(data: bytes) -> Readings:
    (found,) = [one.readings for one in feed(data) if isinstance(one, Fix | Heartbeat)]
    assert found is not None
    return found


def test_a_login_is_answered_with_load_and_a_sign_of_life_with_on() -> None:
    assert feed(LOGIN) == [DEVICE, Reply(b"LOAD", durable=False)]
    assert feed(ALIVE) == [Login("imei:359710049095095"), Heartbeat(), Reply(b"ON", durable=False)]


def test_a_copy_with_a_number_of_its_own_is_known_by_it() -> None:
    assert feed(b"7;") == [Login("gps103:7"), Heartbeat(), Reply(b"ON", durable=False)]
    assert [one for one in feed(b"##,imei:7,A;", b"7;") if isinstance(one, Login)] == [Login("gps103:7")]


def test_an_identity_is_said_once_and_again_when_it_changes() -> None:
    logins = [one for one in feed(LOGIN, HELP, ALIVE, HELP) if isinstance(one, Login)]
    assert logins == [DEVICE, Login("imei:359710049095095"), DEVICE]


def test_a_call_for_help_is_a_position_a_call_and_an_answer_once_it_is_stored() -> None:
    at = us(2008, 9, 23, 6, 29, 47) + 294_000
    _, fix, call, answer = feed(HELP)
    assert bare([fix]) == [
        Fix(at, 22 + 34.4026 / 60, 113 + 54.3277 / 60, speed_mps=0.0),
    ]
    assert readings(HELP) == Readings(alarms=("sos",))
    assert call == DistressCall(DistressKind.SOS, at, 22 + 34.4026 / 60, 113 + 54.3277 / 60)
    assert answer == HEARD
    assert HEARD.durable


def test_a_call_for_help_without_a_place_is_still_a_call() -> None:
    assert feed(NOTHING) == [
        DEVICE,
        Heartbeat(readings=Readings(alarms=("sos",))),
        DistressCall(DistressKind.SOS, RECEIVED_AT_US),
        HEARD,
    ]


def test_a_call_is_not_lost_to_a_fault_in_its_place() -> None:
    frame = record("085320.000,A,9000.0001,N,04421.9660,E,0.00,0", word="help me")
    fault = "latitude 90.000002, expected -90 to 90 degrees; the distress call in it was taken"
    assert feed(frame) == [
        DEVICE,
        DistressCall(DistressKind.SOS, RECEIVED_AT_US),
        HEARD,
        Rejected(frame[:-1], fault),
    ]


@pytest.mark.parametrize(
    ("frame", "at_us"),
    [
        (TRACKER, us(2015, 10, 5, 17, 0, 36)),  # 01:00 on the 6th, 8 hours ahead
        (FUEL, us(2013, 12, 16, 23, 0, 30)),  # 04:00 on the 17th, 5 hours ahead
        (POWER_CUT, us(2016, 11, 29, 20, 44, 57)),  # 16:45, 4 hours behind
        (BLANK_PHONE, us(2016, 7, 18, 4, 1, 55)),
        (SLASHES, us(2013, 2, 27, 12, 59, 52)),  # 23:40, ten and a half hours ahead
        (
            record(f"235959.000,A,{PLACE},0", local="2510091159"),
            us(2025, 10, 8, 23, 59, 59),
        ),  # 12 hours ahead
        (record(f"220000,A,{PLACE},0", local="25/10/09 10:00"), us(2025, 10, 8, 22)),
        (record(f",A,{PLACE},0", local="2510090853"), us(2025, 10, 9, 8, 53)),
        (record(f"31.0,A,{PLACE},0", local="251009085320"), us(2025, 10, 9, 8, 53, 20)),
        (record(f",A,{PLACE},0", local="251009085399"), us(2025, 10, 9, 8, 53)),
        (record(f"085320.000,A,{PLACE},0", local=""), us(2025, 10, 9, 8, 53, 20)),
        (record(f"235959.000,A,{PLACE},0", local="000000000"), us(2025, 10, 8, 23, 59, 59)),
    ],
)
def test_the_instant_is_the_utc_time_nearest_to_the_local_one(frame: bytes, at_us: int) -> None:
    assert fix_of(frame).fixed_at_us == at_us


def test_speed_course_altitude_and_inputs_follow_the_place() -> None:
    fix = fix_of(SOUTH_WEST)
    assert (fix.lat_deg, fix.lon_deg) == pytest.approx((-33.3152, -44.3661))
    assert (fix.speed_mps, fix.heading_deg, fix.alt_m, fix.flags) == (10 * KNOT_MPS, 0.0, 34.5, 0)
    assert fix.readings == Readings(ignition=True, fuel_ratio=0.125, codes={"door": True, "fuel-2": 0.5})
    assert fix_of(SPEEDING).speed_mps == pytest.approx(44.31 * KNOT_MPS)


def test_what_stands_in_place_of_the_altitude_or_around_a_field_does_no_harm() -> None:
    fix = fix_of(record(f"085320.000, A,{PLACE.replace(',', ', ')}, 0.00,30.1,65.43%,10.5V,0,0,0,0"))
    assert (fix.lat_deg, fix.heading_deg, fix.alt_m) == (pytest.approx(-33.3152), 30.1, None)


def test_a_void_position_is_no_fix() -> None:
    assert fix_of(record(f"085320.000,V,{PLACE},0")).flags == Flag.NO_FIX


@pytest.mark.parametrize(
    "place",
    [
        "N,3318.9120,E,04421.9660",
        "N3318.9120,E04421.9660",
        "3318.9120,N,04421.9660,E",
        "3318.912000,N,4421.9660,E",
    ],
)
def test_a_side_stands_before_or_after_its_number(place: str) -> None:
    fix = fix_of(record(f"085320.000,A,{place},10.00,90"))
    assert (fix.lat_deg, fix.lon_deg) == pytest.approx((33.3152, 44.3661))
    assert fix.heading_deg == 90.0


@pytest.mark.parametrize(
    ("word", "alarm"),
    [
        ("low battery", "low-battery"),
        ("move", "movement"),
        ("speed", "overspeed"),
        ("stockade", "fence"),
        ("acc on", "ignition-on"),
        ("ACC off", "ignition-off"),
        ("acc alarm", "ignition-on"),
        ("door alarm", "door"),
        ("sensor alarm", "vibration"),
        ("accident alarm", "accident"),
        ("bonnet alarm", "bonnet"),
        ("ac alarm", "power-cut"),
        ("DTC", "fault"),
        ("T:+28.0", "temperature"),
        ("oil 45.6", "fuel-leak"),
    ],
)
def test_the_word_of_a_record_is_its_alarm(word: str, alarm: str) -> None:
    assert readings(record(f"085320.000,A,{PLACE},0", word=word)).alarms == (alarm,)


def test_what_is_no_alarm_is_kept_as_the_event() -> None:
    found = readings(record(f"085320.000,A,{PLACE},0", word="kt"))
    assert found == Readings(codes={"event": "kt"})


def test_a_power_cut_is_a_call_of_tampering() -> None:
    calls = [one.kind for one in feed(POWER_CUT) if isinstance(one, DistressCall)]
    assert calls == [DistressKind.TAMPER]


def test_the_temperature_may_be_in_the_word() -> None:
    assert readings(record(f"085320.000,A,{PLACE},0", word="T:-12.5")).temperature_c == -12.5


def test_readings_of_the_engine_come_without_a_place() -> None:
    assert readings(OBD) == Readings(
        power_v=10.82,
        codes={
            "obd-odometer": 17887.0,
            "obd-fuel-now": 0.0,
            "obd-fuel-average": 17.06,
            "obd-driving-time": 0.0,
            "obd-speed": 0.0,
            "obd-engine-load": 0.0,
            "obd-coolant": 0.0,
            "obd-throttle": 0.0,
            "obd-rpm": 16383.0,
        },
    )


def test_cell_towers_are_not_a_place() -> None:
    assert feed(CELLS) == [DEVICE, Heartbeat(readings=Readings())]


def test_the_newer_form_has_decimal_degrees_and_kilometres_an_hour() -> None:
    line = (
        b"imei:359586015829802,tracker,help me,-----,---,085320,091025,20,1,-33.315200,"
        b"44.366100,36,181,34,1.2,9,1,0,-;"
    )
    _, fix, call, answer = feed(line)
    assert fix == Fix(
        us(2025, 10, 9, 8, 53, 20),
        -33.3152,
        44.3661,
        36 * KMH_MPS,
        181.0,
        34.0,
        readings=Readings(satellites=9, hdop=1.2, ignition=True, charging=False, alarms=("sos",)),
    )
    assert isinstance(call, DistressCall)
    assert answer == HEARD


def test_records_end_with_a_semicolon_or_a_line_end_and_stray_signs_before_them_are_passed_over() -> None:
    events = feed(b"|" + TRACKER[:-1] + b"\r\n" + b"*" + SPEEDING + b";\n")
    assert [type(one) for one in events] == [Login, Fix, Login, Fix]


def test_a_record_cut_short_by_the_next_one_is_rejected_and_the_next_one_is_read() -> None:
    rejected, _, fix = feed(TRACKER[:40] + SPEEDING)
    assert rejected == Rejected(TRACKER[:40], "a new record began before this one ended with ;")
    assert isinstance(fix, Fix)


def test_the_protocol_says_no_other_distress_than_sos_and_tamper() -> None:
    with pytest.raises(Refused, match=r"^GPS103 cannot say distress delay; it has sos and tamper$"):
        encode_distress(DistressCall(DistressKind.DELAY, 0), "imei:123456789012345")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"hello", "no imei: and no digits of an IMEI alone, expected one of these"),
        (b"imei:12ab,tracker", "imei is '12ab', expected 15 digits"),
        (record(f"085320,A,{PLACE},x,0")[:-1], "speed is 'x', expected a decimal number"),
        (record("085320,A,3318.9120,,04421.9660,E,0")[:-1], "latitude is on side '', expected N or S"),
        (
            record(f"085320,A,{PLACE},0", local="2513091153")[:-1],
            "date 2025-13-09 00:00:00 is not in the calendar",
        ),
    ],
)
def test_the_reason_says_what_is_wrong(line: bytes, reason: str) -> None:
    assert feed(line + b";")[-1] == Rejected(line, reason)
