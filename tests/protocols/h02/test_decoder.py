"""H02, after docs/protocols/h02.md."""

import pytest
from tests.protocols.h02.frames import (
    BINARY,
    BINARY_32,
    BINARY_45,
    BINARY_47,
    BINARY_A,
    BINARY_B,
    LINK,
    LONG_ID,
    NO_CLOCK,
    NO_PLACE,
    SOS,
    SOUTH_WEST,
    V1_CELL,
    V1_NO_MARK,
    V4,
    X_BINARY,
    XT,
    v1,
)
from tests.protocols.session import RECEIVED_AT_US, bare, us

from tapestry.model import DistressKind, Flag, Refused
from tapestry.protocols.h02 import H02Decoder, encode_distress
from tapestry.wire import (
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

ANSWERED_AT = "20251009085500"  # RECEIVED_AT_US
DEVICE = Login("h02:4209951296")
PLACE = (33 + 18.912 / 60, 44 + 21.966 / 60)
AT_US = us(2025, 10, 9, 8, 53, 20)


def feed(*data: bytes) -> list[Event]:
    decoder = H02Decoder()
    return [event for one in data for event in decoder.feed(one, received_at_us=RECEIVED_AT_US)]


def fixes(*data: bytes) -> list[Fix]:
    return [one for one in feed(*data) if isinstance(one, Fix)]


def readings(data: bytes) -> Readings:
    (found,) = [one.readings for one in feed(data) if isinstance(one, Fix | Heartbeat)]
    assert found is not None
    return found


def test_a_position_is_named_read_and_confirmed_with_the_time_once_it_is_stored() -> None:
    login, fix, reply = feed(V1_CELL)
    assert login == Login("h02:8160522977")
    assert isinstance(fix, Fix)
    assert (fix.fixed_at_us, fix.flags, fix.heading_deg) == (us(2016, 7, 23, 11, 56, 37), 0, 0.0)
    assert (fix.lat_deg, fix.lon_deg) == pytest.approx((48.517421667, 35.039721667))
    assert fix.speed_mps == pytest.approx(0.21 * 1852 / 3600)
    assert fix.readings == Readings(
        ignition=False,
        power_cut=False,
        codes={"status": 0xFBFFBBFF, "mcc": 255, "mnc": 6, "lac": 30453, "cell": 1853},
    )
    assert reply == Reply(f"*HQ,8160522977,V4,V1,{ANSWERED_AT}#".encode())


def test_south_and_west_are_negative_and_the_id_is_said_once() -> None:
    events = feed(SOUTH_WEST, SOUTH_WEST)
    assert [one for one in events if isinstance(one, Login)] == [DEVICE]
    fix = events[1]
    assert isinstance(fix, Fix)
    assert (fix.lat_deg, fix.lon_deg) == pytest.approx((-PLACE[0], -PLACE[1]))


def test_fifteen_digits_are_an_imei() -> None:
    assert feed(XT) == [Login("imei:355488020793974"), Heartbeat(readings=Readings())]


def test_a_place_without_its_mark_is_no_fix() -> None:
    (fix,) = fixes(V1_NO_MARK)
    assert fix.flags == Flag.NO_FIX


def test_a_confirmation_of_a_command_has_a_position_after_the_commands_own_time() -> None:
    (fix,) = fixes(V4)
    assert fix.fixed_at_us == us(2002, 9, 22, 5, 3, 16)


@pytest.mark.parametrize("frame", [BINARY, X_BINARY, BINARY_45, BINARY_47])
def test_a_binary_position_is_read_whatever_its_maker_appends(frame: bytes) -> None:
    assert bare(feed(frame + SOS))[:2] == [
        DEVICE,
        Fix(AT_US, *(pytest.approx(one) for one in PLACE), 26 * KNOT_MPS, 181.0),
    ]
    assert len(fixes(frame + frame + SOS)) == 3
    assert not any(isinstance(one, Rejected) for one in feed(frame + frame + SOS))


@pytest.mark.parametrize("frame", [BINARY, BINARY_45, BINARY_47, LONG_ID])
def test_the_end_of_a_connection_cuts_no_binary_frame_short(frame: bytes) -> None:
    decoder = H02Decoder()
    assert len(decoder.feed(frame, received_at_us=RECEIVED_AT_US)) == 2
    assert decoder.end(received_at_us=RECEIVED_AT_US) == []


def test_a_binary_position_says_its_battery_and_ignition() -> None:
    assert readings(BINARY) == Readings(
        battery_ratio=0.8, ignition=False, power_cut=False, codes={"status": 0xFFFFFBFF}
    )


@pytest.mark.parametrize(
    ("level", "ratio"), [(0, None), (1, 0.05), (6, 1.0), (7, 0.07), (100, 1.0), (0xF5, None)]
)
def test_the_battery_is_a_level_or_percent(level: int, ratio: float | None) -> None:
    assert readings(BINARY[:16] + bytes([level]) + BINARY[17:]).battery_ratio == ratio


def test_an_id_of_eight_bytes_is_told_by_the_digits_after_it() -> None:
    login, fix = feed(LONG_ID)
    assert login == Login("imei:123456789012345")
    assert isinstance(fix, Fix)
    assert (fix.fixed_at_us, fix.flags) == (AT_US, 0)
    assert (fix.lat_deg, fix.lon_deg) == pytest.approx((-PLACE[0], -PLACE[1]))
    assert len(fixes(LONG_ID + LONG_ID + BINARY + LONG_ID + SOS)) == 5


def test_an_sos_is_a_position_and_a_call() -> None:
    at = us(2025, 10, 9, 8, 53, 21)
    _, fix, call, reply = feed(SOS)
    assert isinstance(fix, Fix)
    assert fix.readings is not None
    assert fix.readings.alarms == ("sos",)
    assert call == DistressCall(DistressKind.SOS, at, fix.lat_deg, fix.lon_deg)
    assert isinstance(reply, Reply)
    assert reply.durable


@pytest.mark.parametrize(
    ("status", "alarms"),
    [
        ("FFFFFFFF", ()),
        ("FFFFFFFE", ("vibration",)),
        ("FFFBFFFF", ("sos",)),
        ("fffffffb", ("overspeed",)),
        ("FFFFFF6F", ("fence-enter", "fence-exit")),
        ("FFF7FFDF", ("gps-antenna-cut", "power-cut")),
        ("00000000", ()),
    ],
)
def test_a_bit_of_the_status_at_zero_is_an_alarm(status: str, alarms: tuple[str, ...]) -> None:
    assert readings(v1(f"085320,A,3318.9120,N,04421.9660,E,0.00,0,091025,{status}")).alarms == alarms


@pytest.mark.parametrize(
    ("frame", "at_us", "lat_deg", "lon_deg", "flags"),
    [
        (BINARY_32, us(2014, 11, 18, 8, 58, 59), 23.78097667, 90.41257333, 0),
        (BINARY_A, us(2017, 1, 11, 10, 31, 53), 55.65341667, 12.37763333, 0),
        (BINARY_B, us(2017, 1, 11, 10, 31, 54), 55.7379, 12.45385, Flag.NO_FIX),
    ],
)
def test_binary_positions_of_owners_are_read(
    frame: bytes, at_us: int, lat_deg: float, lon_deg: float, flags: int
) -> None:
    (fix,) = fixes(frame)
    assert fix.fixed_at_us == at_us
    assert (fix.lat_deg, fix.lon_deg) == pytest.approx((lat_deg, lon_deg))
    assert fix.flags == flags
    assert len(fixes(frame + SOS + frame + frame)) == 4


def test_the_sos_key_of_portable_models_calls_when_it_begins_and_a_bit_that_is_always_set_does_not() -> None:
    frame = "085320,A,3318.9120,N,04421.9660,E,0.00,0,091025,"
    pressed, released = v1(frame + "FFFBFFFF"), v1(frame + "FFFFFFFF")
    kinds = [one.kind for one in feed(pressed, pressed, released, pressed) if isinstance(one, DistressCall)]
    assert kinds == [DistressKind.SOS]


def test_what_is_no_number_after_the_status_is_passed_over() -> None:
    frame = v1("085320,A,3318.9120,N,04421.9660,E,0.00,0,091025,FFFFFFFF,460,00,1\x1f,2")
    assert readings(frame).codes == {"status": 0xFFFFFFFF}


def test_a_position_from_a_blind_spot_was_stored() -> None:
    frame = v1("085320,A,3318.9120,N,04421.9660,E,0.00,0,091025,FFFFFFFF").replace(b",V1,", b",BC,")
    assert [one.flags for one in fixes(frame)] == [Flag.BUFFERED]


def test_a_power_cut_is_a_call_when_it_begins_and_not_while_it_lasts() -> None:
    frame = "085320,A,3318.9120,N,04421.9660,E,0.00,0,091025,"
    cut, fed = v1(frame + "FFF7FFFF"), v1(frame + "FFFFFFFF")
    kinds = [one.kind for one in feed(cut, fed, cut, cut) if isinstance(one, DistressCall)]
    assert kinds == [DistressKind.TAMPER]


def test_a_call_is_not_lost_to_a_fault_in_its_place() -> None:
    login, call, rejected = feed(v1("085320,A,9000.0001,N,04421.9660,E,0.00,0,091025,FFFFFFFD"))
    assert login == DEVICE
    assert call == DistressCall(DistressKind.SOS, RECEIVED_AT_US)
    assert isinstance(rejected, Rejected)
    assert (
        rejected.reason == "latitude 90.000002, expected -90 to 90 degrees; the distress call in it was taken"
    )


def test_a_link_frame_says_signal_and_battery_and_is_answered_at_once() -> None:
    _, heartbeat, reply = feed(LINK)
    assert heartbeat == Heartbeat(
        readings=Readings(signal_ratio=1.0, satellites=0, battery_ratio=0.86, ignition=True, power_cut=False)
    )
    assert reply == Reply(f"*HQ,7310028651,V4,LINK,{ANSWERED_AT}#".encode(), durable=False)


def test_a_heartbeat_may_say_the_battery() -> None:
    assert readings(b"*HQ,4209951296,HTBT,93#") == Readings(battery_ratio=0.93)
    assert readings(b"*HQ,4209951296,HTBT#") == Readings()


@pytest.mark.parametrize(
    "frame",
    [
        b"*HQ,4209951296,NBR,120156,460,0,1,2,9338,3692,150,9338,3691,145,091025,FFFFFFFF#",
        b"*HQ,4209951296,V3,044855,46001,01,001450,011473,158,-62,0292,0,X,091025,FFFFFFFF#",
        b"*hq,123456789012345,VP1,V,460,00,9520,3671,13Y9520,3672,5#",
        b"*HQ,4209951296,V1,000000,V,0000.0000,N,00000.0000,E,0.00,0,000000,FFFFFFFF#",
        b"*HQ,4209951296,V1,085320,V,,N,,E,,,091025,FFFFFFFF#",
        NO_CLOCK,
        NO_PLACE,
    ],
)
def test_a_frame_without_a_place_or_without_date_and_time_is_a_sign_of_life(frame: bytes) -> None:
    events = feed(frame)
    assert [type(one) for one in events if not isinstance(one, Reply)] == [Login, Heartbeat]


def test_a_time_without_a_date_is_of_the_day_nearest_to_reception() -> None:
    # received at 08:55 on 9 October: 23:59:59 was yesterday
    (fix,) = fixes(v1("235959,A,3318.9120,N,04421.9660,E,0.00,0,,FFFFFFFF"))
    assert fix.fixed_at_us == us(2025, 10, 8, 23, 59, 59)
    (fix,) = fixes(v1("085320,A,3318.9120,N,04421.9660,E,0.00,0"))
    assert fix.fixed_at_us == AT_US


def test_a_date_without_a_time_is_now_if_it_is_today_and_else_the_days_first_moment() -> None:
    (fix,) = fixes(b"*hq,123456789012345,VP1,A,3318.9120,N,04421.9660,E,0.0,0.0,091025#")
    assert fix.fixed_at_us == RECEIVED_AT_US
    (fix,) = fixes(b"*hq,123456789012345,VP1,A,3318.9120,N,04421.9660,E,0.0,0.0,081025#")
    assert fix.fixed_at_us == us(2025, 10, 8)


def test_a_maker_leaves_the_command_out_and_the_time_stands_in_its_stead() -> None:
    (fix,) = fixes(b"*TH,2020916012,085320,A,3318.9120,N,04421.9660,E,0.00,0,091025,FFFFFFFF#")
    assert (fix.fixed_at_us, fix.lat_deg) == (AT_US, pytest.approx(33.3152))


@pytest.mark.parametrize("lat", ["3318.9120", "03318.9120", "-33-18.9120", "33-18.9120"])
def test_coordinates_come_in_several_ways(lat: str) -> None:
    (fix,) = fixes(v1(f"085320,A,{lat},N,04421.9660,E,0.00,0,091025,FFFFFFFF"))
    assert fix.lat_deg == pytest.approx(PLACE[0])


def test_a_battery_may_stand_before_the_date_and_words_after_it() -> None:
    frame = v1("085320,A,3318.9120,N,04421.9660,E, 1.5,,88,091025,460,00,sim,FFFFFFFD")
    (fix,) = fixes(frame)
    assert fix.fixed_at_us == AT_US
    assert fix.heading_deg is None
    assert fix.speed_mps == pytest.approx(1.5 * 1852 / 3600)
    assert readings(frame).battery_ratio == 0.88
    assert readings(frame).alarms == ("sos",)


def test_the_long_form_has_altitude_and_temperature() -> None:
    frame = v1("085320,A,3318.9120,N,04421.9660,E,1.5,2,091025,FFFFFFFF,8543,-25,85.4,-45,27B3,B9E2")
    (fix,) = fixes(frame)
    assert fix.alt_m == -45.0
    assert readings(frame).temperature_c == -25.0


def test_the_protocol_says_no_other_distress_than_sos() -> None:
    with pytest.raises(Refused, match=r"^H02 cannot say distress tamper; it has sos$"):
        encode_distress(DistressCall(DistressKind.TAMPER, 0), "imei:123456789012345")


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (
            v1("085320,A,33.31,N,04421.9660,E,0,0,091025"),
            "latitude is '33.31', expected degrees and minutes as ddmm.mmmm",
        ),
        (
            v1("085320,A,3360.0,N,04421.9660,E,0,0,091025"),
            "latitude is '3360.0', expected less than 60 minutes",
        ),
        (v1("256320,A,3318.9,N,04421.9660,E,0,0,091025"), "time is '256320', expected hhmmss up to 235959"),
        (v1("08:53:20,A,3318.9,N,04421.9660,E,0,0,091025"), "time is '08:53:20', expected hhmmss"),
        (v1("085320,A,3318.9,N,04421.9660,E,x,0,091025"), "speed is 'x', expected a decimal number"),
        (v1("085320,A,3318.9,N,04421.9660,E,0,0,310225"), "date 2025-02-31 00:00:00 is not in the calendar"),
        (b"*HQ,1#", "2 fields, expected a maker, an id and a command"),
        (BINARY[:9] + b"\x31\x02" + BINARY[11:], "date 2025-02-31 00:00:00 is not in the calendar"),
    ],
)
def test_the_reason_says_what_is_wrong(frame: bytes, reason: str) -> None:
    assert feed(frame)[-1] == Rejected(frame, reason)
