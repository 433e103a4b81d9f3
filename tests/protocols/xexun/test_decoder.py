"""Xexun, after docs/protocols/xexun.md."""

import struct

import pytest
from tests.protocols.session import RECEIVED_AT_US, us
from tests.protocols.xexun.frames import (
    ANALOGUE,
    AT_S,
    BASIC,
    BINARY_SOS,
    CELLS,
    DETECTION,
    ESCAPED,
    FULL,
    GPS,
    HELP,
    NO_PLACE,
    PLACE,
    POSITION,
    SHAKE,
    SOS,
    SOUTH_WEST,
    TAGGED,
    TWO,
    entry,
    message,
    positions,
    record,
)

from tapestry.model import DistressKind, Flag, Refused
from tapestry.protocols.xexun import MAX_MESSAGE_SIZE_BYTES, XexunDecoder, encode_distress
from tapestry.wire import (
    KMH_MPS,
    KNOT_MPS,
    Close,
    DistressCall,
    Event,
    Fix,
    Heartbeat,
    Login,
    Readings,
    Rejected,
    Reply,
)

RECEIVED = Reply(bytes.fromhex("FAAF 0014 0007 8627710754267520 0001 FFFE 01 FAAF"))


def feed(*data: bytes) -> list[Event]:
    decoder = XexunDecoder()
    return [event for one in data for event in decoder.feed(one, received_at_us=RECEIVED_AT_US)]


def fixes(*data: bytes) -> list[Fix]:
    return [one for one in feed(*data) if isinstance(one, Fix)]


def readings(data: bytes) -> Readings:
    (found,) = [one.readings for one in feed(data) if isinstance(one, Fix | Heartbeat)]
    assert found is not None
    return found


def test_a_full_record_says_who_where_and_what_the_device_reads() -> None:
    login, fix = feed(FULL)
    assert login == Login("imei:354776030042714")
    assert isinstance(fix, Fix)
    assert (fix.fixed_at_us, fix.speed_mps, fix.heading_deg, fix.alt_m, fix.flags) == (
        us(2009, 9, 7, 7, 7, 18),
        0.0,
        None,
        50.1,
        0,
    )
    assert (fix.lat_deg, fix.lon_deg) == pytest.approx((22.56704667, 114.05127333))
    assert fix.readings == Readings(
        satellites=5,
        battery_v=4.11,
        charging=False,
        codes={"mcc": 460, "mnc": 1, "lac": 0x2533, "cell": 0x720B},
    )


def test_a_basic_record_ends_after_its_imei_and_what_follows_is_no_satellites() -> None:
    (fix,) = fixes(BASIC)
    assert fix.fixed_at_us == us(2012, 3, 29, 21, 16, 57)
    assert fix.readings == Readings()
    bare = BASIC[BASIC.index(b"GPRMC") :].replace(b",123\r\n", b",\n")
    assert fixes(bare) == [fix]


def test_analogue_inputs_beside_the_battery_and_an_odometer_after_the_cell_tower_are_known() -> None:
    (fix,) = fixes(ANALOGUE)
    assert (fix.fixed_at_us, fix.alt_m) == (us(2015, 2, 24, 9, 33, 41), 106.2)
    assert fix.readings == Readings(
        satellites=5,
        battery_v=4.1,
        charging=False,
        odometer_m=12_500.0,
        codes={"mcc": 520, "mnc": 1, "lac": 0x5DE8, "cell": 0x0399},
    )
    assert [type(one) for one in feed(NO_PLACE)] == [Login, Heartbeat]


def test_south_and_west_are_negative_and_360_is_north() -> None:
    (fix,) = fixes(SOUTH_WEST)
    assert fix.fixed_at_us == us(2025, 10, 9, 8, 53, 20) + 250_000
    assert (fix.lat_deg, fix.lon_deg) == pytest.approx((-33.3152, -44.3661))
    assert (fix.speed_mps, fix.heading_deg) == (10 * KNOT_MPS, 0.0)


def test_void_is_no_fix() -> None:
    (fix,) = fixes(record(f"085320.000,V,{PLACE},0.00,0.00,091025"))
    assert fix.flags == Flag.NO_FIX


@pytest.mark.parametrize("word", ["help me", "help me!", "Help me", "SOS", "helpme"])
def test_a_call_for_help_is_a_position_and_a_call(word: str) -> None:
    _, fix, call = feed(record(f"085320.000,A,{PLACE},0.00,0.00,091025", word))
    assert isinstance(fix, Fix)
    assert fix.readings is not None
    assert fix.readings.alarms == ("sos",)
    assert call == DistressCall(DistressKind.SOS, us(2025, 10, 9, 8, 53, 20), fix.lat_deg, fix.lon_deg)
    assert len([one for one in feed(HELP) if isinstance(one, DistressCall)]) == 1


def test_a_call_is_not_lost_to_a_fault_in_its_place_or_to_its_absence() -> None:
    line = record("085320.000,A,9000.0001,N,04421.9660,E,0.00,0.00,091025", "help me!")
    fault = "latitude 90.000002, expected -90 to 90 degrees; the distress call in it was taken"
    assert feed(line)[1:] == [DistressCall(DistressKind.SOS, RECEIVED_AT_US), Rejected(line.strip(), fault)]
    absent = feed(record("085320.000,V,,,,,,,091025", "help me!"))
    assert absent[-1] == DistressCall(DistressKind.SOS, RECEIVED_AT_US)


@pytest.mark.parametrize(
    ("word", "alarm"),
    [("low battery", "low-battery"), ("move!", "movement"), ("Speed!", "overspeed"), ("SHAKE", "vibration")],
)
def test_other_words_are_alarms(word: str, alarm: str) -> None:
    assert readings(record(f"085320.000,A,{PLACE},0.00,0.00,091025", word)).alarms == (alarm,)


def test_ignition_is_a_word_and_what_is_not_known_is_kept_as_the_event() -> None:
    sentence = f"085320.000,A,{PLACE},0.00,0.00,091025"
    assert readings(record(sentence, "ACCStart")).ignition is True
    assert readings(record(sentence, "acc off")).ignition is False
    assert readings(record(sentence, "et", "123,456")).codes == {"event": "et"}


def test_a_record_may_stand_in_two_lines_or_without_a_line_end_before_the_next() -> None:
    assert fixes(FULL.replace(b"*73,", b"*73\r\n,")) == fixes(FULL)
    assert len(fixes(BASIC.replace(b"123\r\n", b"") + FULL)) == 2
    assert fixes(b"\r\n" + SHAKE + FULL)[0].fixed_at_us == us(2019, 9, 26, 15, 18, 11) + 775_000


def test_half_a_record_without_the_other_half_is_rejected() -> None:
    half = FULL[: FULL.index(b",F,")]
    rejected, login, fix = feed(half + b"\r\n" + FULL)
    assert isinstance(rejected, Rejected)
    assert rejected.raw == half
    assert isinstance(login, Login)
    assert isinstance(fix, Fix)


@pytest.mark.parametrize("after", [FULL, POSITION])
def test_nothing_follows_the_close_when_a_half_was_the_last_fault_that_is_borne(after: bytes) -> None:
    half = FULL[: FULL.index(b",F,")] + b"\r\n"
    events = feed(half * 64, after)
    assert [type(one) for one in events] == [Rejected] * 64 + [Close]


def test_a_time_without_a_date_is_of_the_day_nearest_to_reception() -> None:
    (fix,) = fixes(record(f"235959.000,A,{PLACE},0.00,0.00,"))
    assert fix.fixed_at_us == us(2025, 10, 8, 23, 59, 59)
    (fix,) = fixes(record(f".000,A,{PLACE},0.00,0.00,081025"))
    assert fix.fixed_at_us == us(2025, 10, 8)
    assert fixes(record(f".000,A,{PLACE},0.00,0.00,")) == []


def test_a_message_is_read_and_confirmed_once_it_is_stored() -> None:
    login, fix, answer = feed(POSITION)
    assert login == Login("imei:862771075426752")
    assert isinstance(fix, Fix)
    assert fix.fixed_at_us == AT_S * 1_000_000
    assert (fix.lat_deg, fix.lon_deg) == pytest.approx((33.3152, 44.3661), abs=1e-5)
    assert (fix.speed_mps, fix.heading_deg) == (pytest.approx(36 * KMH_MPS), 181.5)
    assert fix.readings == Readings(satellites=8, battery_ratio=0.8, charging=True, signal_ratio=1.0)
    assert answer == RECEIVED


def test_the_detection_of_the_protocol_is_a_sign_of_life_answered_at_once() -> None:
    assert feed(DETECTION)[1:] == [
        Heartbeat(readings=Readings(charging=False)),
        Reply(bytes.fromhex("FAAF 0014 0001 8627710754267520 0001 FFFE 01 FAAF"), durable=False),
    ]


def test_several_records_are_several_positions_and_the_exacter_place_counts() -> None:
    first, second = fixes(TWO)
    assert second.fixed_at_us - first.fixed_at_us == 60_000_000
    assert (second.lat_deg, second.lon_deg) == pytest.approx((-33.3152, -44.3661), abs=1e-9)
    assert second.readings is not None
    assert second.readings.satellites == 9


def test_an_sos_in_a_message_is_a_call() -> None:
    _, fix, call, answer = feed(BINARY_SOS)
    assert isinstance(fix, Fix)
    assert call == DistressCall(DistressKind.SOS, AT_S * 1_000_000, fix.lat_deg, fix.lon_deg)
    assert fix.readings is not None
    assert (fix.readings.alarms, fix.readings.codes) == (("sos",), {"alarm": 1})
    assert answer == RECEIVED


def test_a_call_in_a_message_is_not_lost_to_a_fault_in_its_place() -> None:
    broken = positions(entry(0x03, b"\x00\x00\x00\x01\x01" + struct.pack(">Bff", 8, 4421.9, 3360.0)))
    _, call, rejected = feed(broken)
    assert call == DistressCall(DistressKind.SOS, RECEIVED_AT_US)
    assert isinstance(rejected, Rejected)
    assert rejected.reason == (
        "latitude is 3360.0000, expected less than 60 minutes; the distress call in it was taken"
    )


def test_a_good_record_beside_a_faulty_one_is_read_and_the_message_not_confirmed() -> None:
    events = feed(positions(entry(0x02, GPS[:7]), entry(0x02, GPS)))
    assert [type(one) for one in events] == [Login, Fix, Rejected]


def test_cell_towers_and_a_record_without_a_time_are_not_a_place() -> None:
    assert [type(one) for one in feed(CELLS)] == [Login, Heartbeat, Reply]
    assert fixes(positions(entry(0x02, GPS, at_s=0))) == []


def test_the_newest_message_has_positions_among_other_contents() -> None:
    (fix,) = fixes(TAGGED)
    assert fix.fixed_at_us == 0x6675360C * 1_000_000
    assert (fix.lat_deg, fix.lon_deg) == pytest.approx((22 + 34.44800 / 60, 114 + 2.42871 / 60), abs=1e-6)
    assert (fix.speed_mps, fix.heading_deg) == (pytest.approx(0.1 * KMH_MPS), 0.0)
    assert fix.alt_m == pytest.approx(51.9, abs=1e-3)


def test_no_other_content_of_the_newest_message_is_taken_for_a_position() -> None:
    assert fixes(message(b"\x05\x1e" + bytes(range(1, 31)) + b"\x00\x00", 0x20)) == []


def test_an_empty_message_and_a_content_longer_than_its_message_are_rejected() -> None:
    for broken in (message(b""), message(b"\x00\x1e\x01", 0x20)):
        assert isinstance(feed(broken)[-1], Rejected)


def test_a_line_that_was_too_long_is_not_rejected_again_at_the_end() -> None:
    decoder = XexunDecoder()
    (rejected,) = decoder.feed(b"x" * 1500, received_at_us=RECEIVED_AT_US)
    assert isinstance(rejected, Rejected)
    assert decoder.end(received_at_us=RECEIVED_AT_US) == []


def test_marks_inside_a_message_are_escaped() -> None:
    assert b"\xfb\xbf\x01" in ESCAPED
    (fix,) = fixes(ESCAPED)
    assert fix.lat_deg == pytest.approx(20 + 13.96875 / 60, abs=1e-9)


def test_lines_and_messages_may_follow_one_another() -> None:
    events = feed(POSITION + b"\n" + FULL + POSITION + POSITION + b"\xfa\xaf" + POSITION)
    assert len([one for one in events if isinstance(one, Fix)]) == 5
    assert not any(isinstance(one, Rejected) for one in events)


def test_a_message_without_an_end_is_rejected() -> None:
    events = feed(POSITION[:40] + bytes(MAX_MESSAGE_SIZE_BYTES) + FULL)
    assert isinstance(events[0], Rejected)
    assert events[0].reason == "no FA AF within 8192 bytes, expected it at the end of a message"


def test_other_messages_are_signs_of_life() -> None:
    assert [type(one) for one in feed(message(b"OK", 0x07))] == [Login, Heartbeat]


def test_the_protocol_says_no_other_distress_than_sos() -> None:
    with pytest.raises(Refused, match=r"^Xexun cannot say distress tamper; it has sos$"):
        encode_distress(DistressCall(DistressKind.TAMPER, 0), "imei:123456789012345")


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (b"hello\n", "no GPRMC, expected it after a number and a phone number"),
        (
            record("085320.000,A,3360.0,N,04421.9660,E,0,0,091025"),
            "latitude is '3360.0', expected less than 60 minutes",
        ),
        (record(f"245320.000,A,{PLACE},0,0,091025"), "time is '245320.000', expected hhmmss up to 235959"),
        (record(f"085320.000,A,{PLACE},x,0,091025"), "speed is 'x', expected a decimal number"),
        (POSITION[:15] + b"\x01" + POSITION[16:], "length 1, but 26 bytes of body"),
        (message(b"\x01\x00\x40\x00"), "1 records in 4 bytes, expected room for their lengths and contents"),
        (positions(entry(0x02, GPS[:7])), "record ends inside its position"),
        (b"\xfa\xaf\x00\x14\x00\x01\xfa\xaf", "message of 4 bytes, expected 16 or more"),
    ],
)
def test_the_reason_says_what_is_wrong(frame: bytes, reason: str) -> None:
    assert feed(frame)[-1] == Rejected(frame.strip(b"\r\n"), reason)


def test_an_sos_as_the_simulator_sends_it_is_read() -> None:
    assert [type(one) for one in feed(SOS)] == [Login, Fix, DistressCall]
