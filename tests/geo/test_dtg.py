"""Date-time groups both ways."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapestry.geo import format_dtg, parse_dtg
from tapestry.model import Refused

NOVEMBER = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
ZONES = "ABCDEFGHIKLMNOPQRSTUVWXYZ"


def test_a_moment_is_written_as_day_hour_minute_zone_month_year() -> None:
    assert format_dtg(NOVEMBER) == "221530ZNOV26"


def test_charlie_time_is_three_hours_ahead_of_zulu() -> None:
    assert format_dtg(NOVEMBER, zone="C") == "221830CNOV26"


def test_a_zone_west_of_greenwich_may_still_have_yesterday() -> None:
    assert format_dtg(datetime(2027, 1, 1, 2, 5, tzinfo=UTC), zone="R") == "312105RDEC26"


def test_an_aware_time_of_another_zone_is_written_in_zulu() -> None:
    baghdad = timezone(timedelta(hours=3))
    assert format_dtg(datetime(2026, 11, 22, 18, 30, tzinfo=baghdad)) == "221530ZNOV26"


def test_seconds_are_cut_off() -> None:
    assert format_dtg(NOVEMBER.replace(second=59)) == "221530ZNOV26"


def test_a_group_is_read_back_in_utc() -> None:
    assert parse_dtg("221830CNOV26") == NOVEMBER
    assert parse_dtg("221830CNOV26").tzinfo is UTC


def test_small_letters_and_blanks_are_read() -> None:
    assert parse_dtg(" 221530z nov 26 ") == NOVEMBER


@settings(max_examples=100, deadline=None)
@given(
    minutes=st.integers(min_value=2 * 1440, max_value=36_000 * 1440),
    zone=st.sampled_from(ZONES),
)
def test_every_minute_in_every_zone_survives_the_way_there_and_back(minutes: int, zone: str) -> None:
    moment = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    assert parse_dtg(format_dtg(moment, zone=zone)) == moment


@pytest.mark.parametrize("text", ["", "221530NOV26", "221530ZNOB26", "2215301ZNOV26", "٢٢1530ZNOV26"])
def test_a_text_of_another_shape_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(
        Refused, match="expected day, hour, minute, zone letter, month, year, such as 221530ZNOV26"
    ):
        parse_dtg(text)


@pytest.mark.parametrize("text", ["311530ZNOV26", "222430ZNOV26", "221560ZNOV26", "290000ZFEB27"])
def test_a_moment_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=f'"{text}" names no moment'):
        parse_dtg(text)


def test_juliett_is_refused_because_it_names_no_zone() -> None:
    with pytest.raises(Refused, match='time zone letter "J": expected one of A to Z without J'):
        parse_dtg("221530JNOV26")
    with pytest.raises(Refused, match='time zone letter "J"'):
        format_dtg(NOVEMBER, zone="J")


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(Refused, match="the time has no zone; give an aware datetime"):
        format_dtg(datetime(2026, 11, 22, 15, 30))


@pytest.mark.parametrize("year", [1, 1999, 2100, 9999])
def test_a_year_that_two_digits_cannot_name_is_refused(year: int) -> None:
    with pytest.raises(Refused, match="two digits of a year mean 2000 to 2099"):
        format_dtg(datetime(year, 6, 1, tzinfo=UTC), zone="M")
