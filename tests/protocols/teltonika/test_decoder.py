"""The examples of the Teltonika wiki, and records built by its tables, with values worked out by hand."""

import pytest
from tests.protocols.session import RECEIVED_AT_US, bare
from tests.protocols.teltonika.frames import (
    ALARM_BUTTON,
    BAGHDAD,
    CODEC_8,
    CODEC_8_EXTENDED,
    CODEC_8_TWO,
    CODEC_12,
    CODEC_16,
    LOGIN,
    PANIC,
    PING,
    PLACED,
    SOUTH_WEST,
    TCP,
    UDP,
    UDP_CODEC_8,
    UDP_CODEC_8_ANSWER,
    UDP_CODEC_8_EXTENDED,
    UDP_CODEC_8_EXTENDED_ANSWER,
    UNPLUGGED,
    channel,
    packet,
    record,
)

from tapestry.model import DistressKind, Flag
from tapestry.protocols.teltonika import TeltonikaTcpDecoder, TeltonikaUdpDecoder
from tapestry.wire import Close, DistressCall, Event, Fix, Heartbeat, Login, Readings, Rejected, Reply

AT_US = 1_760_000_000_250_000
LAT_DEG = 333_151_360 / 1e7
LON_DEG = 443_722_536 / 1e7


def after_login(data: bytes) -> list[Event]:
    decoder = TeltonikaTcpDecoder()
    decoder.feed(LOGIN, received_at_us=RECEIVED_AT_US)
    return bare(decoder.feed(data, received_at_us=RECEIVED_AT_US))


def read(data: bytes) -> Readings:
    (fix,) = [
        one for one in TeltonikaTcpDecoder().feed(data, received_at_us=RECEIVED_AT_US) if isinstance(one, Fix)
    ]
    assert fix.readings is not None
    return fix.readings


def accepted(count: int) -> Reply:
    return Reply(count.to_bytes(4, "big"), refused=bytes(4))


def indoors(fixed_at_us: int) -> Fix:
    return Fix(fixed_at_us, 0.0, 0.0, None, 0.0, 0.0, flags=Flag.NO_FIX)


def test_a_login_is_accepted_at_once() -> None:
    events = TeltonikaTcpDecoder().feed(LOGIN, received_at_us=RECEIVED_AT_US)
    assert events == [Login("imei:356307042441013"), Reply(b"\x01", durable=False)]


@pytest.mark.parametrize(
    ("frame", "fixed_at_us"),
    [
        # timestamps as the wiki spells them out: 0x16B40D8EA30 and 0x16B412CEE00 milliseconds
        (CODEC_8, 1_560_161_086_000_000),
        (CODEC_8_EXTENDED, 1_560_166_592_000_000),
    ],
)
def test_the_wikis_record_without_satellites_is_no_fix_and_is_counted(frame: bytes, fixed_at_us: int) -> None:
    assert after_login(frame) == [indoors(fixed_at_us), accepted(1)]


def test_the_wikis_packet_of_two_records_is_answered_with_two() -> None:
    assert after_login(CODEC_8_TWO) == [
        indoors(1_560_160_861_000_000),
        indoors(1_560_160_879_000_000),
        accepted(2),
    ]


def test_a_record_with_satellites_is_a_fix_in_si_units() -> None:
    # 90 km/h = 25 m/s; angle 360 = north; altitude 34 m
    assert after_login(PLACED) == [Fix(AT_US, LAT_DEG, LON_DEG, 25.0, 0.0, 34.0), accepted(1)]


def test_signed_fields_and_elements_of_variable_length_are_read() -> None:
    assert after_login(SOUTH_WEST) == [Fix(AT_US, -LAT_DEG, -LON_DEG, 0.0, 90.0, -10.0), accepted(1)]


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        (PANIC, DistressKind.SOS),
        (ALARM_BUTTON, DistressKind.SOS),
        (UNPLUGGED, DistressKind.TAMPER),
    ],
    ids=["priority panic", "alarm button", "unplugged"],
)
def test_a_call_for_help_comes_with_its_fix_and_before_the_answer(frame: bytes, kind: DistressKind) -> None:
    assert after_login(frame) == [
        Fix(AT_US, LAT_DEG, LON_DEG, 25.0, 0.0, 34.0),
        DistressCall(kind, AT_US, LAT_DEG, LON_DEG),
        accepted(1),
    ]


def test_an_element_with_the_number_of_an_alarm_is_no_call_unless_it_caused_the_record() -> None:
    calm = packet("0801" + record(1_760_000_000_250, BAGHDAD, io="EF 02 02 EC 01 EF 01 00 00 00") + "01")
    plugged = packet("0801" + record(1_760_000_000_250, BAGHDAD, io="FC 01 01 FC 00 00 00 00") + "01")
    for frame in (calm, plugged):
        assert [type(one) for one in after_login(frame)] == [Fix, Reply]


def test_a_panic_without_satellites_has_no_place() -> None:
    frame = packet(
        "0801" + record(1_760_000_000_250, BAGHDAD, priority="02", motion="0022 0000 00 0000") + "01"
    )
    assert after_login(frame)[1] == DistressCall(DistressKind.SOS, AT_US)


def test_a_panic_at_an_impossible_place_is_still_a_distress_call_at_the_hubs_time() -> None:
    frame = packet("0801" + record(1_760_000_000_250, "1A72AB28 35A4E901", priority="02") + "01")
    call, rejected, answer = after_login(frame)
    assert call == DistressCall(DistressKind.SOS, RECEIVED_AT_US)
    assert isinstance(rejected, Rejected)
    assert rejected.reason == "record 1 of 1: latitude 90.000000, expected -90 to 90 degrees"
    assert answer == accepted(1)


def test_an_impossible_record_is_counted_or_it_would_come_again_for_ever() -> None:
    events = after_login(TCP.off_earth)
    assert [type(one) for one in events] == [Rejected, Reply]
    assert events[-1] == accepted(1)


def test_a_wrong_checksum_is_answered_with_no_records_so_that_they_come_again() -> None:
    broken = CODEC_8[:-1] + b"\xce"
    assert after_login(broken) == [
        Rejected(broken, "CRC 0xc7ce, expected 0xc7cf over 54 bytes"),
        accepted(0),
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (
            "0B01" + record(0, BAGHDAD) + "01",
            "codec 0x0b, expected 0x08, 0x8e or 0x10: set the device's data protocol",
        ),
        (
            "0801" + record(0, BAGHDAD) + "02",
            "number of data 1 before and 2 after the records, expected the same",
        ),
        ("0802" + record(0, BAGHDAD) + "02", "AVL data ends inside record 2 of 2"),
        ("0801" + record(0, BAGHDAD) + "FF01", "1 records end at byte 32 of 34, expected 33"),
    ],
)
def test_data_that_cannot_be_read_says_why(data: str, reason: str) -> None:
    rejected, answer = after_login(packet(data))
    assert rejected == Rejected(packet(data), reason)
    assert answer == accepted(0)


def test_a_ping_is_a_sign_of_life() -> None:
    assert after_login(PING + PING) == [Heartbeat(), Heartbeat()]


@pytest.mark.parametrize(
    ("data", "raw", "reason"),
    [
        (b"\x00\x00\x01\x00rest", b"\x00\x00\x01", "no four zero bytes where a packet should begin"),
        (b"\x00\x00\x00\x00\x00\x00\x00\x02", None, "data length 2, expected 3 to 65524"),
        (b"\x00\x00\x00\x00\x00\x01\x00\x00", None, "data length 65536, expected 3 to 65524"),
    ],
)
def test_a_stream_that_lost_its_place_is_closed_so_that_the_device_starts_anew(
    data: bytes, raw: bytes | None, reason: str
) -> None:
    assert after_login(data) == [
        Rejected(raw or data, reason),
        Close(f"{reason}; the device may connect again"),
    ]


@pytest.mark.parametrize(
    ("data", "raw", "reason"),
    [
        (b"\x00\x10", b"\x00\x10", "login of length 16, expected an IMEI of 15 digits"),
        (
            b"\x00\x0f35630704244101X",
            b"\x00\x0f35630704244101X",
            "login with IMEI b'35630704244101X', expected 15 digits",
        ),
    ],
)
def test_a_login_that_is_no_imei_is_refused_and_closed(data: bytes, raw: bytes, reason: str) -> None:
    assert TeltonikaTcpDecoder().feed(data, received_at_us=RECEIVED_AT_US) == [
        Rejected(raw, reason),
        Reply(b"\x00", durable=False),
        Close(f"{reason}; the device may connect again"),
    ]


@pytest.mark.parametrize(
    ("datagram", "answer", "fixed_at_us"),
    [
        (UDP_CODEC_8, UDP_CODEC_8_ANSWER, 1_560_407_006_000_000),
        (UDP_CODEC_8_EXTENDED, UDP_CODEC_8_EXTENDED_ANSWER, 1_560_407_121_000_000),
    ],
)
def test_the_wikis_datagrams_get_the_wikis_answers(datagram: bytes, answer: bytes, fixed_at_us: int) -> None:
    assert bare(TeltonikaUdpDecoder().feed(datagram, received_at_us=RECEIVED_AT_US)) == [
        Login("imei:352093086403655"),
        indoors(fixed_at_us),
        Reply(answer, refused=answer[:-1] + b"\x00"),
    ]


def test_a_datagram_that_cannot_be_read_is_answered_with_no_records() -> None:
    events = TeltonikaUdpDecoder().feed(channel("0B0101"), received_at_us=RECEIVED_AT_US)
    assert events[-1] == Reply(bytes.fromhex("0005CAFE010500"), refused=bytes.fromhex("0005CAFE010500"))


def test_a_datagram_without_an_imei_is_not_answered() -> None:
    events = TeltonikaUdpDecoder().feed(UDP.broken["an IMEI of letters"], received_at_us=RECEIVED_AT_US)
    assert [one.reason for one in events if isinstance(one, Rejected)] == [
        "channel packet with IMEI b'ABCDEFGHIJKLMNO', expected 15 digits"
    ]
    assert len(events) == 1


def test_a_datagram_cut_short_says_after_how_many_bytes() -> None:
    decoder = TeltonikaUdpDecoder()
    decoder.feed(UDP_CODEC_8[:20], received_at_us=RECEIVED_AT_US)
    assert decoder.end(received_at_us=RECEIVED_AT_US) == [
        Rejected(UDP_CODEC_8[:20], "datagram ended after 20 bytes of a packet")
    ]


def test_a_datagram_larger_than_the_buffer_is_not_waited_for() -> None:
    events = TeltonikaUdpDecoder().feed(b"\xff\xff", received_at_us=RECEIVED_AT_US)
    reason = "channel packet of 65537 bytes, expected at most 65536"
    assert events == [Rejected(b"\xff\xff", reason), Close(reason)]


def test_elements_are_readings_in_si_units_and_the_rest_is_told_by_number() -> None:
    io = "EF 08 05 EF 01 F0 00 15 03 71 55 2A 07 02 42 30F1 B6 0009 01 10 015E2C88 00"
    assert read(packet("0801" + record(1_760_000_000_250, BAGHDAD, io=io) + "01")) == Readings(
        satellites=9,
        ignition=True,
        moving=False,
        signal_ratio=0.6,
        battery_ratio=0.85,
        power_v=12.529,
        hdop=0.9,
        odometer_m=22_949_000.0,
        alarms=("ignition-on",),
        codes={"io-42": 7},
    )


@pytest.mark.parametrize(
    ("io", "alarms"),
    [
        ("FD 01 01 FD 02 00 00 00", ("hard-braking",)),
        ("FF 01 01 FF 5A 00 00 00", ("overspeed",)),
        ("FC 01 01 FC 01 00 00 00", ("power-cut",)),
        ("FC 01 01 FC 00 00 00 00", ()),
        ("00 01 01 FC 01 00 00 00", ()),
    ],
)
def test_only_the_element_that_caused_the_record_is_an_alarm(io: str, alarms: tuple[str, ...]) -> None:
    assert read(packet("0801" + record(1_760_000_000_250, BAGHDAD, io=io) + "01")).alarms == alarms


def test_the_wikis_packet_of_codec_16_is_read() -> None:
    assert after_login(CODEC_16) == [
        indoors(1_562_760_414_000_000),
        indoors(1_562_760_415_000_000),
        accepted(2),
    ]


def test_texts_and_answers_to_commands_are_a_sign_of_life() -> None:
    assert after_login(CODEC_12) == [Heartbeat(), accepted(1)]


def test_a_packet_without_a_login_is_read() -> None:
    events = bare(TeltonikaTcpDecoder().feed(PLACED, received_at_us=RECEIVED_AT_US))
    assert events == [Fix(AT_US, LAT_DEG, LON_DEG, 25.0, 0.0, 34.0), accepted(1)]
