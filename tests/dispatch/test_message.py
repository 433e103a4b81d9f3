"""What goes to a team and over the radio says everything in three languages."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from tapestry.dispatch import LANGUAGES, nine_line_text, tasking_text
from tapestry.dispatch._words import WORDS
from tapestry.model import (
    Equipment,
    Marking,
    Medevac,
    MedevacId,
    MedevacState,
    Mist,
    NineLine,
    Place,
    Precedence,
    SiteSecurity,
    Tasking,
    TaskingId,
    TaskingState,
    TeamId,
)

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_all_languages_have_all_words() -> None:
    assert [set(words) for words in WORDS.values()] == [set(WORDS["en"])] * 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_recognition_and_friendly_positions_are_in_every_message(language: str) -> None:
    tasking = Tasking(
        tasking_id=TaskingId(7), version=1, team_id=TeamId(1), state=TaskingState.REQUESTED,
        place=Place(name="Km 12", lat_deg=33.3, lon_deg=44.4), what="secure the place", recognition="green smoke",
        friendly="two white trucks", ordered_by="wafa", ordered_at=AT, unanswered_at=AT,
    )  # fmt: skip
    text = tasking_text(tasking, language)
    for said in ("green smoke", "two white trucks", "Km 12", "38SMB", "secure the place", "wafa", "011200Z"):
        assert said in text


def medevac(nine: NineLine, mist: tuple[Mist, ...] = ()) -> Medevac:
    return Medevac(
        medevac_id=MedevacId(1), version=1, state=MedevacState.NOTIFIED, nine=nine, mist=mist, notified_at=AT,
        notified_by="wafa",
    )  # fmt: skip


def test_nine_lines_read_as_over_the_radio() -> None:
    nine = NineLine(
        lat_deg=33.3, lon_deg=44.4, place_name="Km 12", frequency="42.500", callsign="WOLF 1",
        precedence={Precedence.URGENT: 2, Precedence.PRIORITY: 1}, equipment=(Equipment.HOIST,), lying=2, walking=1,
        security=SiteSecurity.NO_ENEMY, marking=Marking.SMOKE, marking_colour="green",
        nationality={"civilian": 3}, terrain="flat field",
    )  # fmt: skip
    text = nine_line_text(medevac(nine, (Mist(mechanism="blast", label="A1"),)), "en")
    lines = text.splitlines()
    assert lines[0].startswith("Line 1, pick-up site: 38SMB ") and lines[0].endswith(" Km 12")
    assert lines[1:] == [
        "Line 2, frequency, callsign: 42.500, WOLF 1",
        "Line 3, patients by precedence: 2 A urgent, 1 C priority",
        "Line 4, special equipment: hoist",
        "Line 5, patients by type: lying 2, walking 1",
        "Line 6, security of the site: no enemy",
        "Line 7, marking of the site: smoke green",
        "Line 8, nationality and status: 3 civilian",
        "Line 9, terrain and obstacles: flat field",
        "Patient 1 A1",
        "M mechanism: blast",
        "I injuries: unknown",
        "S signs: unknown",
        "T treatment: unknown",
    ]


def test_what_nobody_said_is_said_to_be_unknown() -> None:
    nine = NineLine(lat_deg=33.3, lon_deg=44.4, precedence={Precedence.URGENT: 1}, lying=1)
    lines = nine_line_text(medevac(nine), "en").splitlines()
    assert [line.partition(": ")[2] for line in lines[5:]] == ["unknown"] * 4
    assert nine_line_text(replace(medevac(nine)), "ar").count("غير معروف") == 6
