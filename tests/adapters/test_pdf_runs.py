"""Names, numbers and words keep their order in mixed lines."""

from tapestry.adapters._pdf_runs import LRI, PDI, RLI, Run, clean, own, pinned, runs, tokens


def test_a_phone_number_is_not_turned_round_by_the_arabic_around_it() -> None:
    assert runs("اتصل 0770 555 0101 الآن", rtl=True) == [
        Run(" الآن", rtl=True),
        Run("0770 555 0101", rtl=False),
        Run("اتصل ", rtl=True),
    ]


def test_a_value_keeps_its_own_direction_inside_a_line() -> None:
    line = f"{own('علي')} (driver) {own('+964 1 555')}"
    assert runs(line, rtl=False) == [
        Run("علي", rtl=True),
        Run(" (driver) ", rtl=False),
        Run("+964 1 555", rtl=False),
    ]


def test_parts_of_a_right_to_left_line_stand_from_the_right() -> None:
    line = f"لاسلكي: {own('VHF 148.500')}"
    assert runs(line, rtl=True) == [Run("VHF 148.500", rtl=False), Run("لاسلكي: ", rtl=True)]


def test_direction_marks_that_somebody_typed_turn_nothing_round() -> None:
    assert clean("ab\u202ecd\u2067e\tf\x00") == "abcde f"
    assert clean("می\u200cخوام") == "می\u200cخوام"  # a joiner is part of the spelling


def test_lines_are_not_broken_inside_numbers_and_values() -> None:
    assert tokens(f"call 0770 555 0101, then {own('WOLF 21')}.") == [
        "call", "0770 555 0101,", "then", f"{own('WOLF 21')}.",
    ]  # fmt: skip


def test_each_line_of_a_broken_paragraph_runs_as_the_paragraph() -> None:
    assert pinned("21 is lead", "الرتل WOLF 21 is lead") == f"{RLI}21 is lead{PDI}"
    assert pinned("علي", "Commander: علي") == f"{LRI}علي{PDI}"
