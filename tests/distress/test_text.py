"""What a text message asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapestry.distress import ReadText, TextKind, read_place, read_text
from tapestry.model import DistressKind, Refused


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("SOS", TextKind.SOS),
        ("sos!!", TextKind.SOS),
        ("النجدة", TextKind.SOS),
        ("نحن تحت هجوم", TextKind.SOS),
        ("فریاکەوتن", TextKind.SOS),
        ("please help", TextKind.HELP),
        ("مساعدة", TextKind.HELP),
        ("یارمەتی", TextKind.HELP),
        ("delayed 2 h", TextKind.DELAY),
        ("تأخير", TextKind.DELAY),
        ("دواکەوتن", TextKind.DELAY),
        ("OK", TextKind.WELL),
        ("بخير", TextKind.WELL),
        ("سەلامەت", TextKind.WELL),
        ("where are you", TextKind.OTHER),
        ("helpless", TextKind.OTHER),
        ("ok, help", TextKind.HELP),
    ],
)
def test_the_gravest_word_in_any_of_three_languages_says_what_is_asked_for(text: str, kind: TextKind) -> None:
    assert read_text(text).kind is kind


def test_callsign_and_place_are_found_in_any_order() -> None:
    assert read_text("SOS PALM 7 33.3128, 44.3615") == ReadText(
        kind=TextKind.SOS, callsign="PALM 7", lat_deg=33.3128, lon_deg=44.3615
    )
    assert read_text("نجدة ٣٣٫٣١، ٤٤٫٣٦ PALM-7") == ReadText(
        kind=TextKind.SOS, callsign="PALM-7", lat_deg=33.31, lon_deg=44.36
    )


def test_a_grid_reference_is_no_callsign() -> None:
    read = read_text("SOS 38SMB4414084706 WOLF 12")
    assert read.callsign == "WOLF 12"
    assert (round(read.lat_deg or 0, 3), round(read.lon_deg or 0, 3)) == (33.3, 44.4)


def test_a_checkpoint_a_time_and_a_distance_are_no_callsigns() -> None:
    for text in ("passed Checkpoint 3 at 14:20", "CP3", "km 40", "5 km north of 3"):
        assert read_text(text).callsign == "", text
    assert read_text("passed CP3 at 14:20 PALM 7").callsign == "PALM 7"


def test_two_places_are_not_chosen_from() -> None:
    read = read_text("SOS 33.31, 44.36 or 33.51, 44.36")
    assert (read.kind, read.lat_deg, read.bad_place) == (TextKind.SOS, None, True)


def test_a_place_that_cannot_be_is_said_to_be_bad_and_the_call_stands() -> None:
    for text in ("SOS 95.0, 44.0", "SOS 60XZZ1234512345"):
        read = read_text(text)
        assert (read.kind, read.lat_deg, read.bad_place) == (TextKind.SOS, None, True), text


def test_a_place_that_a_person_typed_is_read_or_refused() -> None:
    assert read_place(" 33.31, 44.36 ").lat_deg == 33.31
    assert round(read_place("38S MB 44140 84706").lat_deg, 3) == 33.3
    for wrong in ("99ZZZ1", "in the market", "95.0, 44.0", "38SMB123"):
        with pytest.raises(Refused):
            read_place(wrong)


def test_what_is_well_or_other_raises_no_distress() -> None:
    assert [read_text(it).distress for it in ("sos", "help", "delay", "ok", "hello")] == [
        DistressKind.SOS, DistressKind.HELP, DistressKind.DELAY, None, None
    ]  # fmt: skip


@given(st.text(max_size=1_200))
def test_no_text_is_ever_too_strange_to_be_read(text: str) -> None:
    read_text(text)
