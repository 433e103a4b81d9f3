"""Reports of positions in words and numbers: read, or told why not."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapestry.posrep import KnownPlace, PosRep, read_posrep

SENT = datetime(2026, 11, 23, 11, 25, tzinfo=UTC)  # 14:25 in Baghdad
KNOWN = (
    KnownPlace(names=("Scania gate",), lat_deg=32.3, lon_deg=44.6, accuracy_m=300, number=1),
    KnownPlace(names=("CP Diwaniya", "الديوانية"), lat_deg=31.99, lon_deg=44.9, accuracy_m=300, number=2),
    KnownPlace(
        names=("Basra gate", "بوابة البصرة", "دەروازەی بەسرە"),
        lat_deg=30.6,
        lon_deg=47.6,
        accuracy_m=300,
        number=3,
    ),
    KnownPlace(names=("Basra", "البصرة", "بەسرە"), lat_deg=30.5085, lon_deg=47.7804, accuracy_m=3000),
)


def read(text: str, callsign: str = "") -> PosRep:
    return read_posrep(text, sent_at=SENT, known=KNOWN, callsign=callsign)


def said(text: str) -> tuple[str, float | None, str]:
    """Return the code, the latitude and the time of day, Zulu."""
    told = read(text)
    lat = None if told.lat_deg is None else round(told.lat_deg, 3)
    return told.code, lat, "" if told.fixed_at is None else f"{told.fixed_at:%H%M}"


@pytest.mark.parametrize(
    ("text", "lat", "at"),
    [
        ("passed Checkpoint 3 at 14:20", 30.6, "1120"),
        ("CP3 14:20", 30.6, "1120"),
        ("CP 3, 1420L", 30.6, "1120"),
        ("cp 2", 31.99, "1125"),
        ("عبرنا النقطة ٣ الساعة ١٤:٢٠", 30.6, "1120"),
        ("وصلنا نقطة تفتيش 2", 31.99, "1125"),
        ("نحن في الديوانية قبل ١٠ دقائق", 31.99, "1115"),
        ("گەیشتینە خاڵی ٣", 30.6, "1125"),
        ("لە بەسرە", 30.509, "1125"),
        ("نقطة المرور 2", 31.99, "1125"),
        ("خاڵی تێپەڕینی 2", 31.99, "1125"),
        ("at Scania gate 10 min ago", 32.3, "1115"),
        ("Scania gate 2:20 pm", 32.3, "1120"),
        ("at Scania gate 2:20", 32.3, "1120"),
        ("Scania gate 1120Z", 32.3, "1120"),
        ("Scania gate 231120ZNOV26", 32.3, "1120"),
        ("passed CP2, ETA CP3 15:10", 31.99, "1125"),
        ("SOS CP 3", 30.6, "1125"),
        ("all 4 vehicles passed CP 2", 31.99, "1125"),
        ("we stopped at CP 2, a tyre is flat", 31.99, "1125"),
    ],
)
def test_words_name_a_checkpoint_or_a_town_and_the_time_of_it(text: str, lat: float, at: str) -> None:
    assert said(text) == ("read", lat, at)


@pytest.mark.parametrize(
    "text",
    [
        "5 km north of Basra gate",
        "نحن ٥ كم شمال بوابة البصرة",
        "5 کیلۆمەتر باکووری دەروازەی بەسرە",
    ],
)
def test_some_way_off_in_a_direction_is_measured_from_the_place(text: str) -> None:
    told = read(text)
    assert (told.code, round(told.lat_deg or 0, 3), told.lon_deg) == ("read", 30.645, 47.6)
    assert told.accuracy_m == 1_550.0  # a quarter of 5 km, and what the gate leaves open


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("32.5 44.4 or 33", "two-places"),
        ("32.5001 44.4001 أو 32.6001 44.4001", "two-places"),
        ("31.51 45.42 at 12.30", "two-places"),
        ("passed cp2 at 13:50 now at cp3", "two-places"),
        ("heading to 31.51 45.42", "not-there"),
        ("ETA CP3 14:50", "not-there"),
        ("between CP2 and CP3", "not-there"),
        ("are you at CP 3?", "not-there"),
        ("هل وصلتم النقطة 3؟", "not-there"),
        ("not yet at CP 3", "not-there"),
        ("لم نصل بعد الى النقطة 3", "not-there"),
        ("بەرەو بەسرە", "not-there"),
        ("militia at CP 2", "not-there"),
        ("IED at 32.5001 44.4001", "not-there"),
        ("كمين عند النقطة 2", "not-there"),
        ("trucks of the army at CP 2", "unclear-place"),
        ("passing CP 2 in 10 min", "bad-time"),
        ("20 minutes from CP 2", "bad-time"),
        ("نصل النقطة 2 خلال 10 دقائق", "not-there"),
        ("CP 9", "unclear-place"),
        ("5 km from CP3", "unclear-place"),
        ("north of CP3", "unclear-place"),
        ("the driver of Basra is ill", "unclear-place"),
        ("44.4 32.5", "too-far"),
        ("95.0, 44.0", "bad-place"),
        ("https://maps.app.goo.gl/xx1", "link-without-place"),
        ("at Scania gate 23:20", "bad-time"),
        ("at Scania gate 14:20 or 14:10", "two-places"),
        ("Scania gate 25:70", "bad-time"),
        ("when do we leave", "none"),
        ("at the old factory", "none"),
        ("", "none"),
    ],
)
def test_what_is_not_clear_is_not_guessed_and_the_code_says_why(text: str, code: str) -> None:
    told = read(text)
    assert (told.code, told.lat_deg, told.fixed_at) == (code, None, None)


def test_what_was_read_and_what_was_not_is_told() -> None:
    told = read("stopped at 32.5001 44.4001 at 14:20 waiting for fuel")
    assert (told.code, told.form, told.place, told.when, told.unread) == (
        "read", "degrees", "32.5001 44.4001", "14:20", "waiting for fuel"
    )  # fmt: skip


def test_a_link_and_the_numbers_beside_it_are_one_place() -> None:
    assert said("31.5,45.4 https://maps.google.com/?q=31.5000,45.4000")[:2] == ("read", 31.5)


def test_a_callsign_is_no_place() -> None:
    assert read("BASRA 1 at CP 2", callsign="BASRA 1").lat_deg == 31.99


def test_two_places_of_one_name_are_not_chosen_from() -> None:
    twice = (*KNOWN, KnownPlace(names=("Basra",), lat_deg=31.0, lon_deg=46.0, accuracy_m=100))
    assert read_posrep("at Basra", sent_at=SENT, known=twice).code == "unclear-place"


def test_a_checkpoint_that_has_a_number_for_its_name_is_not_the_one_in_that_place() -> None:
    named = (*KNOWN, KnownPlace(names=("CP 3",), lat_deg=31.5, lon_deg=45.5, accuracy_m=100, number=4))
    assert read_posrep("passed cp 3", sent_at=SENT, known=named).lat_deg == 31.5


@given(st.text(max_size=1_200))
def test_no_text_is_too_strange_to_be_read(text: str) -> None:
    told = read(text)
    assert (told.code == "read") == (told.lat_deg is not None)
