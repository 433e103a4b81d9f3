"""Published sentences, with values worked out by hand."""

import pytest
from tests.protocols.nmea.frames import (
    DISTRESS,
    GGA_1994,
    GGA_2019,
    GSV_2019,
    IDENTITY,
    LONE_RMC,
    RMC_1994,
    RMC_2019,
    RMC_NOTHING,
    RMC_VOID,
    line,
)
from tests.protocols.session import RECEIVED_AT_US, us

from tapestry.model import DistressKind, Flag
from tapestry.protocols.nmea import NmeaDecoder, sentence
from tapestry.wire import Close, DistressCall, Event, Fix, Heartbeat, Login, Rejected, Transport


def feed(*chunks: bytes, transport: Transport = Transport.TCP, end: bool = False) -> list[Event]:
    decoder = NmeaDecoder(transport)
    events = [one for chunk in chunks for one in decoder.feed(chunk, received_at_us=RECEIVED_AT_US)]
    return events + (decoder.end(received_at_us=RECEIVED_AT_US) if end else [])


def gga(clock: str, altitude_m: str = "34.0", quality: str = "1", hdop: str = "0.9") -> bytes:
    return line(f"GPGGA,{clock},3318.0000,N,04424.0000,E,{quality},08,{hdop},{altitude_m},M,,M,,")


def rmc(clock: str, date: str = "091025", status: str = "A") -> bytes:
    return line(f"GPRMC,{clock},{status},3318.0000,N,04424.0000,E,10.0,90.0,{date},,")


# 33° 18' = 33.3°, 44° 24' = 44.4°; 10 knots = 18,520 m an hour; HDOP 0.9 = 4.5 m
MERGED = Fix(us(2025, 10, 9, 8, 53, 20), 33.3, 44.4, 18_520 / 3600, 90.0, 34.0, 4.5)
RMC_ONLY = Fix(us(2025, 10, 9, 8, 53, 20), 33.3, 44.4, 18_520 / 3600, 90.0)
GGA_ONLY = Fix(us(2025, 10, 9, 8, 53, 20), 33.3, 44.4, alt_m=34.0, accuracy_m=4.5)


def test_a_dilution_below_zero_is_none() -> None:
    (fix,) = feed(
        gga("085320", hdop="-.20") + line("GPRMC,085320,A,3318.0000,N,04424.0000,E,10.0,90.0,091025,,")
    )
    assert isinstance(fix, Fix)
    assert fix.accuracy_m is None


def test_gga_and_rmc_of_the_same_second_are_one_fix() -> None:
    # 48° 07.038' = 48.1173°, 11° 31.000' = 11.516…°; 22.4 knots = 41,484.8 m an hour; HDOP 0.9 = 4.5 m
    speed_mps = pytest.approx(41_484.8 / 3600, abs=1e-9)
    assert feed(GGA_1994 + RMC_1994) == [
        Fix(us(1994, 3, 23, 12, 35, 19), 48.1173, 11 + 31 / 60, speed_mps, 84.4, 545.4, 4.5)
    ]


def test_a_recorded_pair_with_another_sentence_between_is_one_fix() -> None:
    # 1.31 knots = 2,426.12 m an hour; HDOP 1.4 = 7 m
    (fix,) = feed(GGA_2019, GSV_2019, RMC_2019)
    assert fix == Fix(
        us(2019, 9, 16, 19, 59, 59),
        pytest.approx(18 + 13.38282955 / 60, abs=1e-12),
        pytest.approx(126 + 6.12767097 / 60, abs=1e-12),
        pytest.approx(2426.12 / 3600, abs=1e-9),
        262.13,
        17.2,
        7.0,
    )


def test_an_rmc_is_a_fix_at_once() -> None:
    assert feed(rmc("085320")) == [RMC_ONLY]


def test_when_gga_follows_rmc_only_the_first_fix_misses_its_altitude() -> None:
    decoder = NmeaDecoder(Transport.TCP)
    first = decoder.feed(rmc("085319") + gga("085319"), received_at_us=1)
    second = decoder.feed(rmc("085320") + gga("085320"), received_at_us=1)
    assert [type(one) for one in first] == [Fix]
    assert second == [MERGED]


def test_an_rmc_that_waits_in_vain_is_emitted_and_the_next_ones_do_not_wait() -> None:
    decoder = NmeaDecoder(Transport.TCP)
    decoder.feed(rmc("085318") + gga("085318"), received_at_us=1)
    assert decoder.feed(rmc("085320"), received_at_us=1) == []
    waited, at_once = decoder.feed(rmc("085321"), received_at_us=1)
    assert waited == RMC_ONLY
    assert isinstance(at_once, Fix)
    assert at_once.fixed_at_us == us(2025, 10, 9, 8, 53, 21)


def test_in_a_datagram_rmc_and_gga_are_one_fix_in_either_order() -> None:
    for pair in (rmc("085320") + gga("085320"), gga("085320") + rmc("085320")):
        assert feed(pair, transport=Transport.UDP, end=True) == [MERGED]


def test_a_datagrams_last_sentence_needs_no_line_end() -> None:
    assert feed(rmc("085320").rstrip(), transport=Transport.UDP, end=True) == [RMC_ONLY]


def test_a_gga_alone_takes_its_date_from_the_last_rmc() -> None:
    events = feed(rmc("085319"), gga("085320"), gga("085321"))
    assert events[1] == GGA_ONLY


@pytest.mark.parametrize(
    ("rmc_clock", "gga_clock", "fixed_at_us"),
    [
        ("235959", "000001", us(2025, 10, 10, 0, 0, 1)),
        ("000001", "235959", us(2025, 10, 8, 23, 59, 59)),
        ("120000", "235959", us(2025, 10, 9, 23, 59, 59)),
    ],
)
def test_a_gga_alone_near_midnight_gets_the_nearest_day(
    rmc_clock: str, gga_clock: str, fixed_at_us: int
) -> None:
    fix = feed(rmc(rmc_clock), gga(gga_clock), end=True)[1]
    assert isinstance(fix, Fix)
    assert fix.fixed_at_us == fixed_at_us


def test_a_gga_before_the_first_rmc_takes_the_date_that_comes() -> None:
    assert feed(gga("085320"), rmc("085321"))[0] == GGA_ONLY


def test_a_gga_that_never_gets_a_date_is_rejected() -> None:
    raw = gga("085320").removesuffix(b"\n")
    assert feed(gga("085320"), end=True) == [
        Rejected(raw, "GGA has no date, expected an RMC with one before or beside it")
    ]


@pytest.mark.parametrize(
    "sentences",
    [
        rmc("085320", status="V"),
        gga("085320") + rmc("085320", status="V"),
        gga("085320", quality="0") + rmc("085320"),
        RMC_VOID,
    ],
)
def test_void_is_a_fix_that_says_no_fix(sentences: bytes) -> None:
    (fix,) = feed(sentences)
    assert isinstance(fix, Fix)
    assert fix.flags == Flag.NO_FIX


def test_south_and_west_are_negative_and_fractions_of_a_second_count() -> None:
    # 33° 18.912' = 33.3152°, 44° 21.966' = 44.3661°
    (fix,) = feed(RMC_VOID)
    assert isinstance(fix, Fix)
    assert (fix.fixed_at_us, fix.lat_deg, fix.lon_deg) == (
        us(2025, 10, 9, 8, 53, 20) + 250_000,
        pytest.approx(-33.3152, abs=1e-12),
        pytest.approx(-44.3661, abs=1e-12),
    )


def test_course_360_is_north() -> None:
    (fix,) = feed(LONE_RMC)
    assert isinstance(fix, Fix)
    assert fix.heading_deg == 0.0


def test_a_receiver_without_a_place_is_a_sign_of_life() -> None:
    assert feed(RMC_NOTHING) == [Heartbeat()]


@pytest.mark.parametrize(("digits", "year"), [("79", 2079), ("80", 1980), ("99", 1999), ("00", 2000)])
def test_two_digits_of_a_year_roll_at_1980_when_gps_began(digits: str, year: int) -> None:
    (fix,) = feed(rmc("000000", date=f"0101{digits}"))
    assert isinstance(fix, Fix)
    assert fix.fixed_at_us == us(year, 1, 1)


def test_a_leap_second_runs_into_the_next_minute() -> None:
    (fix,) = feed(rmc("235960", date="311216"))
    assert isinstance(fix, Fix)
    assert fix.fixed_at_us == us(2017, 1, 1)


def test_an_identity_sentence_is_a_login_with_its_key() -> None:
    assert feed(IDENTITY) == [Login("nmea:truck-7", "s3cret")]
    assert feed(line("PTAP,ID,truck-7")) == [Login("nmea:truck-7")]


def test_what_waited_belongs_to_the_one_who_spoke_before() -> None:
    events = feed(rmc("085319"), gga("085320"), line("PTAP,ID,truck-8"))
    assert [type(one) for one in events] == [Fix, Fix, Login]


def test_nothing_follows_the_close_when_what_waited_was_the_last_fault_that_is_borne() -> None:
    events = feed(b"hello\n" * 63, gga("085320"), IDENTITY, LONE_RMC, end=True)
    assert [type(one) for one in events] == [Rejected] * 64 + [Close]


def test_a_distress_sentence_with_a_place_is_a_fix_and_a_call() -> None:
    at = 1_760_000_000_250_000
    assert feed(DISTRESS) == [Fix(at, 33.3, 44.4), DistressCall(DistressKind.HELP, at, 33.3, 44.4)]


@pytest.mark.parametrize(
    "body", ["PTAP,SOS,sos", "PTAP,SOS,sos,,,", "PTAP,SOS,sos,,0.0,0.0", "PTAP,SOS,sos,,33.3,"]
)
def test_a_distress_sentence_needs_nothing_but_its_kind(body: str) -> None:
    assert feed(line(body)) == [DistressCall(DistressKind.SOS, RECEIVED_AT_US)]


def test_a_distress_sentence_with_a_wrong_place_is_still_a_call_at_the_hubs_time() -> None:
    call, rejected = feed(line("PTAP,SOS,sos,5,99,1"))
    assert call == DistressCall(DistressKind.SOS, RECEIVED_AT_US)
    assert isinstance(rejected, Rejected)
    assert rejected.reason == (
        "latitude 99.000000, expected -90 to 90 degrees; the distress call in it was taken"
    )


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        (b"hello\n", "no $ at the start of a sentence"),
        (b"$GPRMC,1\n", "no checksum, expected * and two hexadecimal digits at the end"),
        (b"$GPRMC,1*\xff0\n", "checksum 'ÿ0', expected 56"),
        (RMC_1994.replace(b"*6A", b"*6B"), "checksum '6B', expected 6A"),
        (b"$GPGS\xd6*D5\n", "a byte outside ASCII in a sentence"),
        (line("GPRMC,1"), "GPRMC with 2 fields, expected 10 or more"),
        (rmc("240000"), "time is '240000', expected hhmmss.ss"),
        (rmc("0853"), "time is '0853', expected 6 digits first"),
        (rmc("085320", date="09102025"), "date is '09102025', expected ddmmyy"),
        (rmc("085320", date="300225"), "date 2025-02-30 00:00:00 is not in the calendar"),
        (
            line("GPRMC,000000,A,3360.00,N,04424.00,E,0,0,091025,,"),
            "latitude is '3360.00', expected ddmm.mmmm",
        ),
        (
            line("GPRMC,000000,A,3318.00,E,04424.00,E,0,0,091025,,"),
            "latitude is on side 'E', expected N or S",
        ),
        (
            line("GPRMC,000000,A,3318.00,N,18100.00,E,0,0,091025,,"),
            "longitude 181.000000, expected -180 to 180 degrees",
        ),
        (
            line("GPRMC,000000,A,3318.00,N,04424.00,E,1e3,0,091025,,"),
            "speed is '1e3', expected a decimal number",
        ),
        (line("PTAP,SOS,fire"), "distress of kind 'fire', expected one of sos, help, delay, contact, tamper"),
        (line("PTAP,ID,a b"), "identity 'a b', expected 1 to 64 printable characters without spaces"),
        (b"$" + b"x" * 512 + b"\n", "longer than 512 bytes, expected a sentence of at most 82"),
    ],
)
def test_the_reason_says_what_is_wrong_with_a_sentence(sentence: bytes, reason: str) -> None:
    (rejected,) = feed(sentence)
    assert isinstance(rejected, Rejected)
    assert rejected.reason == reason


def test_a_rejected_identity_keeps_no_key() -> None:
    (rejected,) = feed(IDENTITY.replace(b"*", b"x*"))
    assert isinstance(rejected, Rejected)
    assert rejected.raw == b"(an identity sentence: not kept, it may hold a key)"


def test_a_connection_that_ends_inside_a_sentence_says_after_how_many_bytes() -> None:
    assert feed(b"$GPRMC", end=True) == [
        Rejected(b"$GPRMC", "the connection ended inside a sentence, after 6 bytes of it")
    ]


def test_a_speed_below_zero_is_none() -> None:
    backwards = sentence("GPRMC,123519,A,3318.912,N,04421.966,E,-22.4,084.4,230326,,")
    decoder = NmeaDecoder(Transport.TCP)
    events = decoder.feed(backwards, received_at_us=RECEIVED_AT_US) + decoder.end(
        received_at_us=RECEIVED_AT_US
    )
    assert [(type(it), getattr(it, "speed_mps", 0.0)) for it in events] == [(Fix, None)]
