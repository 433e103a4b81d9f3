"""What LM Direct says, in numbers worked out by hand."""

import pytest
from tests.protocols.calamp.frames import (
    EVENT,
    EXTENDED,
    IDENTITY,
    LOCATE,
    MINI,
    OPTIONS,
    TIME,
    UDP,
    USER,
    message,
    report,
)
from tests.protocols.session import us

from tapestry.model import Flag
from tapestry.wire import Fix, Heartbeat, Login, Readings, Reply

LOGIN = Login("imei:123456789012345")
AT_US = us(2025, 10, 9, 8, 53, 20)


def test_an_event_report_is_a_fix_in_si_units_with_its_event_and_accumulators() -> None:
    login, fix, answer = UDP.events([EVENT])
    assert login == LOGIN
    assert fix == Fix(
        AT_US,
        33.3152,
        44.3661,
        speed_mps=10.0,
        heading_deg=90.0,
        alt_m=34.0,
        accuracy_m=pytest.approx(5.5),
        readings=Readings(
            satellites=9,
            hdop=pytest.approx(1.1),
            fix_age_s=0.0,
            signal_dbm=-70.0,
            ignition=True,
            codes={
                "inputs": 3,
                "unit-status": 0,
                "carrier": 260,
                "event-index": 5,
                "event": 31,
                "accumulator-0": 10,
                "accumulator-1": 0xFFFFFFFF,
            },
        ),
    )
    assert answer == Reply(
        OPTIONS + bytes.fromhex("0201002A 02 00 00000000"),
        refused=OPTIONS + bytes.fromhex("0201002A 02 01 00000000"),
    )


def test_a_locate_report_is_a_fix_without_an_event() -> None:
    _, fix, _ = UDP.events([LOCATE])
    assert isinstance(fix, Fix)
    assert fix.readings is not None
    assert fix.readings.codes == {"inputs": 3, "unit-status": 0, "carrier": 260}


def test_a_mini_report_has_whole_kmh_and_asks_for_no_answer() -> None:
    _, fix = UDP.events([MINI])
    assert fix == Fix(
        AT_US,
        33.3152,
        44.3661,
        speed_mps=10.0,
        heading_deg=270.0,
        readings=Readings(
            satellites=7, ignition=True, codes={"inputs": 1, "event": 32, "accumulator-0": 100}
        ),
    )


def test_the_age_of_a_fix_is_kept_and_the_fix_has_its_own_time() -> None:
    _, fix, _ = UDP.events([message(2, report(TIME).replace(TIME, "68E7780A", 1) + "00 00 00 00")])
    assert isinstance(fix, Fix)
    assert (fix.fixed_at_us, fix.readings and fix.readings.fix_age_s) == (AT_US, 10.0)


def test_a_historic_fix_is_stored_and_an_invalid_one_says_so() -> None:
    _, stored, _ = UDP.events([USER])
    assert isinstance(stored, Fix)
    assert stored.flags == Flag.BUFFERED
    _, invalid, _ = UDP.events([message(2, report(TIME, status="08") + "00 00 00 00")])
    assert isinstance(invalid, Fix)
    assert invalid.flags == Flag.NO_FIX


def test_a_report_without_a_place_is_a_sign_of_life() -> None:
    assert UDP.events([IDENTITY])[:2] == [LOGIN, Heartbeat()]


def test_options_may_be_absent_or_extended() -> None:
    fix, answer = UDP.events([message(2, report(TIME) + "00 00 00 00", options=b"")])
    assert isinstance(fix, Fix)
    assert isinstance(answer, Reply)
    login, fix, _ = UDP.events([message(2, report(TIME) + "00 00 00 00", options=EXTENDED)])
    assert (login, type(fix)) == (LOGIN, Fix)


def test_a_mobile_id_of_the_unit_itself_is_the_protocols_own() -> None:
    login, *_ = UDP.events([message(0, "", options=bytes.fromhex("83 05 4532103000 01 01"))])
    assert login == Login("calamp:4532103000")
