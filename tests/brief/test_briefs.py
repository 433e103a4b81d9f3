"""Briefs count what is in the Log, each number with the entries that it counts."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tapestry.brief import COUNTS, Brief, Deed, Line, Number, differs, hand_over_sheet, intsum, sitrep

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
UNTIL = SINCE + DAY
MINUTE = timedelta(minutes=1)
ACTIONS = sorted({count.action for counts in COUNTS.values() for count in counts})


def deed(number: int, what: str, minute: float = 0, about: str = "", **facts: object) -> Deed:
    return Deed(
        key=f"log/{number}", at=SINCE + minute * MINUTE, who="wafa", what=what, about=about, facts=facts
    )


def drafted(*deeds: Deed) -> Brief:
    return sitrep(deeds, since=SINCE, until=UNTIL, as_at=UNTIL, open_now=(), coming=())


def number(brief: Brief, section: str, name: str) -> Number:
    (found,) = [
        it for part in brief.sections if part.name == section for it in part.numbers if it.name == name
    ]
    return found


@given(
    st.lists(st.tuples(st.sampled_from([*ACTIONS, "edit-movement"]), st.integers(-2_000, 3_000)), max_size=60)
)
def test_every_number_counts_the_entries_that_it_names_and_no_entry_twice(
    made: list[tuple[str, int]],
) -> None:
    deeds = [deed(at, what, minute) for at, (what, minute) in enumerate(made)]
    known = {it.key: it for it in deeds}
    brief = drafted(*deeds)
    for section in brief.sections:
        for it in section.numbers:
            assert len(set(it.keys)) == len(it.keys)
            if not it.unit:
                assert it.value == len(it.keys)
            assert all(SINCE <= known[key].at < UNTIL for key in it.keys)
    wanted = {
        it.key
        for it in deeds
        if SINCE <= it.at < UNTIL and it.what in ACTIONS and it.what != "close-movement"
    }
    wanted -= {it.key for it in deeds if it.what == "decide-movement"}  # neither go nor no go
    assert wanted <= {key for section in brief.sections for it in section.numbers for key in it.keys}


def test_go_and_no_go_outcomes_and_hours_lost_are_told_apart() -> None:
    brief = drafted(
        deed(1, "decide-movement", go=True),
        deed(2, "decide-movement", go=False),
        deed(3, "close-movement", outcome="delayed", hours_lost=2.5),
        deed(4, "close-movement", outcome="facilitated", hours_lost=0.0),
    )
    assert number(brief, "movements", "approved").keys == ("log/1",)
    assert number(brief, "movements", "no-go").keys == ("log/2",)
    assert number(brief, "outcomes", "delayed").keys == ("log/3",)
    lost = number(brief, "outcomes", "hours-lost")
    assert (lost.value, lost.unit, lost.keys) == (2.5, "h", ("log/3", "log/4"))


def test_how_long_calls_waited_is_from_the_opening_to_the_first_acknowledgement() -> None:
    brief = drafted(
        deed(1, "open-case", 0, "case/1"),
        deed(2, "open-case", 1, "case/2"),
        deed(3, "acknowledge-case", 0.5, "case/1"),
        deed(4, "acknowledge-case", 9, "case/1"),
        deed(5, "acknowledge-case", 3, "case/2"),
    )
    assert number(brief, "distress", "acknowledged-p50").value == 75
    slowest = number(brief, "distress", "acknowledged-slowest")
    assert (slowest.value, slowest.keys) == (120, ("log/5",))


def test_alerts_are_counted_by_rule_the_most_first_and_what_was_written_is_repeated() -> None:
    brief = drafted(
        deed(1, "raise-alert", rule="silent"),
        deed(2, "raise-alert", rule="overspeed"),
        deed(3, "raise-alert", rule="silent"),
        deed(4, "order-stop", reason="mines ahead", scope="route", about="stop-order/1"),
    )
    (alerts,) = [it for it in brief.sections if it.name == "alerts"]
    assert [(it.name, it.value) for it in alerts.numbers] == [
        ("raised", 3),
        ("rule-silent", 2),
        ("rule-overspeed", 1),
    ]
    (orders,) = [it for it in brief.sections if it.name == "orders"]
    assert orders.lines == (
        Line(at=SINCE, text="stop-order/1 · order-stop · route · mines ahead", keys=("log/4",)),
    )


def test_more_lines_than_a_page_takes_are_counted_in_the_last_one() -> None:
    coming = [Line(at=SINCE, text=str(it), keys=(f"movement/{it}",)) for it in range(100)]
    brief = sitrep((), since=SINCE, until=UNTIL, as_at=UNTIL, open_now=(), coming=coming)
    (section,) = [it for it in brief.sections if it.name == "coming"]
    assert len(section.lines) == 61
    assert section.lines[-1].text == "+ 40"
    assert section.lines[-1].keys == tuple(f"movement/{it}" for it in range(60, 100))


def departures(count: int, first: int = 0) -> list[Deed]:
    return [deed(first + it, "depart-movement") for it in range(count)]


def call(number_: int, **facts: object) -> Deed:
    return deed(10_000 + number_, "open-case", number_, f"case/{number_}", **({"kind": "contact"} | facts))


def test_harassment_is_a_rate_by_convoys_and_false_calls_are_no_events() -> None:
    now = [*departures(200), *(call(it, governorate="Diyala") for it in range(10)), call(11, verdict="false")]
    past = [*departures(100), *(call(it, governorate="Basra") for it in range(2))]
    brief = intsum(now, past, since=SINCE, until=UNTIL, as_at=UNTIL)
    rate = number(brief, "ground", "events-per-100")
    assert (rate.value, rate.before, rate.unit, rate.few) == (5.0, 2.0, "per-100", True)
    assert number(brief, "by-governorate", "governorate-Diyala").value == 5.0
    assert number(brief, "by-governorate", "governorate-Basra").before == 2.0
    assert number(brief, "not-judged", "judged-false").keys == ("log/10011",)
    assert brief.unknown == ("unknown-unreported",)


def test_a_difference_is_told_only_where_chance_does_not_explain_it() -> None:
    assert differs(30, 200, 10, 200)
    assert not differs(12, 200, 10, 200)
    assert not differs(4, 200, 0, 200)  # too few events
    assert not differs(10, 15, 0, 200)  # too few convoys


def test_without_convoys_there_is_no_rate_and_it_is_said() -> None:
    brief = intsum([call(1)], [], since=SINCE, until=UNTIL, as_at=UNTIL)
    assert number(brief, "ground", "events-per-100").few
    assert brief.unknown == ("unknown-unreported", "unknown-few-convoys", "unknown-places")


def test_the_hand_over_sheet_has_what_is_open_and_what_was_written() -> None:
    notes = [deed(1, "note-watch", 5, text="ferry late"), deed(2, "depart-movement", 6)]
    items = [Line(at=SINCE, text="PALM silent", keys=("alert/a1",))]
    brief = hand_over_sheet(notes, since=SINCE, until=UNTIL, as_at=UNTIL, items=items, remarks=())
    assert [it.name for it in brief.sections] == ["remarks", "open", "written"]
    assert brief.sections[2].lines[0].text == "wafa: ferry late"
    assert brief.sections[2].numbers[0].keys == ("log/1",)
