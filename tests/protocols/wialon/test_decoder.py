"""What Wialon IPS says, in numbers worked out by hand."""

import pytest
from tests.protocols.session import RECEIVED_AT_US, us
from tests.protocols.wialon.frames import BOX, FULL, LOGIN_2, NO_PLACE, SHORT, SOS, TCP, checked

from tapestry.model import DistressKind, Flag
from tapestry.wire import DistressCall, Fix, Heartbeat, Login, Readings, Rejected, Reply


def test_a_short_packet_is_a_fix_in_si_units_and_its_answer_waits_for_the_bus() -> None:
    fix, answer = TCP.events([SHORT])
    assert fix == Fix(
        us(2025, 10, 9, 8, 53, 20),
        33 + 18.912 / 60,
        44 + 21.966 / 60,
        speed_mps=10.0,
        heading_deg=0.0,
        alt_m=34.0,
        readings=Readings(satellites=9),
    )
    assert answer == Reply(b"#ASD#1\r\n", refused=b"#ASD#-1\r\n")


def test_a_full_packet_says_hdop_inputs_and_parameters() -> None:
    fix, _ = TCP.events([FULL])
    assert isinstance(fix, Fix)
    assert (fix.fixed_at_us, fix.lat_deg, fix.lon_deg) == (
        us(2025, 10, 9, 8, 53, 21) + 250_000,
        pytest.approx(-33.3152),
        pytest.approx(-44.3661),
    )
    assert (fix.speed_mps, fix.heading_deg, fix.alt_m, fix.accuracy_m) == (
        25.0,
        45.0,
        -12.0,
        pytest.approx(5.5),
    )
    assert fix.readings == Readings(
        satellites=7,
        hdop=1.1,
        codes={"inputs": 3, "adc1": 14.7, "adc2": 0.02, "count1": 564, "fuel": 45.8, "hw": "V4.5"},
    )


def test_the_parameter_sos_is_a_call_for_help_after_its_fix() -> None:
    fix, call, _ = TCP.events([SOS])
    assert isinstance(fix, Fix)
    assert fix.readings is not None
    assert fix.readings.alarms == ("sos",)
    assert call == DistressCall(DistressKind.SOS, us(2025, 10, 9, 8, 53, 22), fix.lat_deg, fix.lon_deg)


def test_a_packet_without_a_place_is_a_sign_of_life_with_readings() -> None:
    said, answer = TCP.events([NO_PLACE])
    assert said == Heartbeat(readings=Readings(codes={"pwr_ext": 12.4}))
    assert answer == Reply(b"#AD#1\r\n", refused=b"#AD#-1\r\n")


def test_a_packet_without_a_time_has_the_hubs() -> None:
    fix, _ = TCP.events([b"#SD#NA;NA;3318.9120;N;04421.9660;E;NA;NA;NA;NA\r\n"])
    assert isinstance(fix, Fix)
    assert fix.fixed_at_us == RECEIVED_AT_US
    assert (fix.speed_mps, fix.heading_deg, fix.alt_m, fix.flags) == (None, None, None, 0)


def test_a_black_box_is_stored_positions_and_one_answer_that_counts_them() -> None:
    first, second, answer = TCP.events([BOX])
    assert isinstance(first, Fix)
    assert isinstance(second, Fix)
    assert first.flags == second.flags == Flag.BUFFERED
    assert answer == Reply(b"#AB#2\r\n", refused=b"#AB#0\r\n")


def test_a_bad_record_of_a_black_box_is_told_and_does_not_stop_the_others() -> None:
    good, rejected, answer = TCP.events(
        [BOX.replace(b"04421.9660;E;36;0;34;9|09", b"04421.9660;X;36;0;34;9|09")]
    )
    assert isinstance(good, Fix)
    assert isinstance(rejected, Rejected)
    assert "1 records left out" in rejected.reason
    assert isinstance(answer, Reply)
    assert answer.data == b"#AB#2\r\n"


def test_version_2_demands_the_checksum_in_every_packet() -> None:
    good = checked("SD", "091025;085320;3318.9120;N;04421.9660;E;36;0;34;9;")
    login, _, fix, _ = TCP.events([LOGIN_2, good])
    assert login == Login("imei:123456789012345")
    assert isinstance(fix, Fix)
    (*_, rejected) = TCP.events([LOGIN_2, SHORT])
    assert isinstance(rejected, Rejected)
    assert "CRC16 '9', expected" in rejected.reason


def test_a_black_box_of_version_2_ends_with_its_checksum() -> None:
    body = (
        "091025;085300;3318.9120;N;04421.9660;E;36;0;34;9|091025;085310;3318.9130;N;04421.9660;E;36;0;34;9|"
    )
    events = TCP.events([LOGIN_2, checked("B", body)])
    assert [type(one) for one in events] == [Login, Reply, Fix, Fix, Reply]


def test_no_satellites_mean_no_fix() -> None:
    fix, _ = TCP.events([SHORT.replace(b";34;9", b";34;0")])
    assert isinstance(fix, Fix)
    assert fix.flags == Flag.NO_FIX


def test_a_name_that_is_no_imei_is_kept_under_the_protocols_own_scheme() -> None:
    login, _ = TCP.events([b"#L#truck-7;NA\r\n"])
    assert login == Login("wialon:truck-7")


def test_a_datagram_names_its_sender_before_the_packet() -> None:
    login, fix, _ = TCP.events([b"123456789012345" + SHORT])
    assert login == Login("imei:123456789012345")
    assert isinstance(fix, Fix)


def test_a_precision_below_zero_is_no_accuracy() -> None:
    line = b"#D#091025;085321;3318.9120;N;04421.9660;E;90;45;34;7;-1.1;3;NA;;NA;\r\n"
    fix, _ = TCP.events([line])
    assert isinstance(fix, Fix)
    assert fix.accuracy_m is None


@pytest.mark.parametrize(
    "line",
    [
        b"#L#2.0;123456789012345;hunter2;0000\r\n",
        b"#L#2.0;123456789012345;hunt;hunter2\r\n",
        b"#L#two words;hunter2\r\n",
        b"#L#;hunter2\r\n",
        b"#L#2.1;;hunter2\r\n",
        b"#L#2.0;123456789012345;hunter2" + b"2" * 60_000 + b"\r\n",
        b"#L#123456789012345;hunter2",  # the connection ends inside it
    ],
)
def test_a_login_that_is_rejected_does_not_show_its_password(line: bytes) -> None:
    (rejected,) = TCP.events([line])
    assert isinstance(rejected, Rejected)
    assert rejected.raw.startswith(b"#L#")
    assert rejected.raw.endswith(b";***")
    assert b"hunt" not in rejected.raw
    assert "hunt" not in rejected.reason
