"""Units and forms, each fixed by a value worked out by hand."""

import pytest

from tapestry.model import DeviceFault, Flag
from tapestry.wire import (
    HDOP_ACCURACY_M,
    KMH_MPS,
    KNOT_MPS,
    MAX_FIXED_AT_US,
    heading_deg,
    position_flags,
    utc_us,
    verify_fixed_at_us,
    verify_position,
)


def test_a_knot_is_1852_metres_an_hour_and_36_kmh_are_10_mps() -> None:
    assert pytest.approx(1852) == KNOT_MPS * 3600
    assert pytest.approx(10) == KMH_MPS * 36
    assert HDOP_ACCURACY_M == 5.0


@pytest.mark.parametrize(
    ("course", "heading"),
    [(0.0, 0.0), (359.9, 359.9), (360.0, 0.0), (360.1, None), (-0.1, None), (511.0, None)],
)
def test_a_heading_is_below_360_and_what_is_none_is_absent(course: float, heading: float | None) -> None:
    assert heading_deg(course) == heading


@pytest.mark.parametrize(("lat_deg", "lon_deg"), [(90.0, 180.0), (-90.0, -180.0), (0.0, 0.0)])
def test_the_edges_of_the_earth_are_on_it(lat_deg: float, lon_deg: float) -> None:
    verify_position(lat_deg=lat_deg, lon_deg=lon_deg)


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg", "message"),
    [
        (90.5, 0.0, "latitude 90.500000, expected -90 to 90 degrees"),
        (float("nan"), 0.0, "latitude nan, expected -90 to 90 degrees"),
        (0.0, -180.5, "longitude -180.500000, expected -180 to 180 degrees"),
        (0.0, float("inf"), "longitude inf, expected -180 to 180 degrees"),
    ],
)
def test_a_place_that_is_not_on_earth_is_a_device_fault(lat_deg: float, lon_deg: float, message: str) -> None:
    with pytest.raises(DeviceFault) as caught:
        verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
    assert str(caught.value) == message


def test_exactly_zero_zero_and_what_is_not_valid_have_no_fix() -> None:
    assert position_flags(lat_deg=0.0, lon_deg=0.0, valid=True) == Flag.NO_FIX
    assert position_flags(lat_deg=1.0, lon_deg=2.0, valid=False) == Flag.NO_FIX
    assert position_flags(lat_deg=0.0, lon_deg=9.0, valid=True) == 0
    assert position_flags(lat_deg=9.0, lon_deg=0.0, valid=True) == 0


def test_a_date_is_microseconds_since_1970() -> None:
    assert utc_us(1970, 1, 1, 0, 0, 0) == 0
    assert utc_us(2000, 2, 29, 12, 0, 1) == 951_825_601_000_000
    assert utc_us(2080, 1, 1, 0, 0, 0) == 3_471_292_800_000_000


@pytest.mark.parametrize(
    ("date", "shown"),
    [
        ((2025, 13, 1, 0, 0, 0), "2025-13-01 00:00:00"),
        ((2025, 2, 29, 0, 0, 0), "2025-02-29 00:00:00"),
        ((2025, 1, 1, 24, 0, 0), "2025-01-01 24:00:00"),
        ((2025, 1, 1, 0, 0, 60), "2025-01-01 00:00:60"),
    ],
)
def test_a_date_that_does_not_exist_is_a_device_fault(date: tuple[int, ...], shown: str) -> None:
    with pytest.raises(DeviceFault) as caught:
        utc_us(*date)
    assert str(caught.value) == f"date {shown} is not in the calendar"


def test_a_date_before_1970_is_a_device_fault() -> None:
    with pytest.raises(DeviceFault, match="time -1000000 µs since 1970, expected 0 to"):
        utc_us(1969, 12, 31, 23, 59, 59)


def test_an_instant_lies_between_1970_and_9999() -> None:
    verify_fixed_at_us(0)
    verify_fixed_at_us(MAX_FIXED_AT_US)
    for outside in (-1, MAX_FIXED_AT_US + 1):
        with pytest.raises(DeviceFault) as caught:
            verify_fixed_at_us(outside)
        assert str(caught.value) == f"time {outside} µs since 1970, expected 0 to 253402300799999999"
