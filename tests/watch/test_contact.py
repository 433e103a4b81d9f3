"""Radio checks: due by the plan, missed when nobody was heard in time."""

from datetime import UTC, datetime, timedelta

import pytest

from tapestry.watch import CheckMade, ContactLine, NotAllowed, missed_checks, next_check_at

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
GRACE = timedelta(minutes=10)


def line(grace: timedelta = GRACE) -> ContactLine:
    return ContactLine(
        line_id="a", callsign="LION", net="1", means="net one", first_check_at=NOON, every=HOUR, grace=grace
    )


def test_a_check_that_is_due_now_is_the_next() -> None:
    assert next_check_at(line(), NOON - HOUR) == NOON
    assert next_check_at(line(), NOON + HOUR) == NOON + HOUR
    assert next_check_at(line(), NOON + timedelta(minutes=1)) == NOON + HOUR


def test_a_check_is_missed_only_when_its_grace_is_over() -> None:
    assert missed_checks(line(), (), NOON, NOON + GRACE) == ()
    late = missed_checks(line(), (), NOON, NOON + GRACE + timedelta(seconds=1))
    assert [missed.due_at for missed in late] == [NOON]


def test_a_check_within_grace_counts_for_its_own_line_alone() -> None:
    made = (CheckMade(line_id="a", at=NOON + GRACE), CheckMade(line_id="b", at=NOON + HOUR))
    missed = missed_checks(line(), made, NOON, NOON + 2 * HOUR)
    assert [each.due_at for each in missed] == [NOON + HOUR]


def test_grace_of_half_the_interval_is_refused() -> None:
    with pytest.raises(NotAllowed, match="below half"):
        line(timedelta(minutes=30))
