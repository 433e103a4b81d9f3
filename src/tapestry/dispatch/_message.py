"""What is sent to a team and read over the radio, as text."""

from collections.abc import Sequence
from typing import Final

from tapestry.dispatch._words import WORDS
from tapestry.geo import format_dtg, to_mgrs
from tapestry.model import Medevac, NineLine, Tasking

LANGUAGES: Final = tuple(WORDS)
MIST: Final = ("mechanism", "injuries", "signs", "treatment")


def tasking_text(tasking: Tasking, language: str) -> str:
    """Return the message of a tasking: recognition signal and friendly positions are always in it."""
    word = WORDS.get(language, WORDS["en"])
    place = tasking.place
    return "\n".join(
        (
            f"{word['tasking']} {tasking.tasking_id} {format_dtg(tasking.ordered_at)}",
            f"{word['go-to']}: {place.name}",
            f"{word['grid']}: {_grid(place.lat_deg, place.lon_deg)} ({place.lat_deg:.5f}, {place.lon_deg:.5f})",
            f"{word['do']}: {tasking.what}",
            f"{word['recognition']}: {tasking.recognition}",
            f"{word['friendly']}: {tasking.friendly}",
            f"{word['ordered-by']}: {tasking.ordered_by}",
            word["answer"],
        )
    )


def reply_text(word: str, language: str, taskings: Sequence[int]) -> str:
    """Return what a team is told whose text message could not be taken; a word that is not known is "reply-unclear"."""
    words = WORDS.get(language, WORDS["en"])
    numbers = ", ".join(f"#{it}" for it in taskings) or words["none"]
    return words.get(word, words["reply-unclear"]).format(numbers=numbers)


def nine_line_text(medevac: Medevac, language: str) -> str:
    """Return the nine lines and MIST as they are read over the radio; a line that nobody said is said to be unknown."""
    word = WORDS.get(language, WORDS["en"])
    lines = [
        f"{word['line']} {number}, {word[f'line-{number}']}: {said}"
        for number, said in enumerate(_nine(medevac.nine, word), start=1)
    ]
    for number, mist in enumerate(medevac.mist, start=1):
        lines.append(f"{word['patient']} {number} {mist.label}".rstrip())
        said = zip(MIST, (mist.mechanism, mist.injuries, mist.signs, mist.treatment), strict=True)
        lines += [f"{word[name]}: {text or word['unknown']}" for name, text in said]
    return "\n".join(lines)


def _nine(nine: NineLine, word: dict[str, str]) -> tuple[str, ...]:
    unknown = word["unknown"]
    patients = [f"{count} {word[it.value]}" for it, count in nine.precedence.items() if count > 0]
    equipment = [word[it.value] for it in nine.equipment]
    people = [f"{word['lying']} {nine.lying}", f"{word['walking']} {nine.walking}"]
    status = nine.nationality
    marking = unknown if nine.marking is None else f"{word[nine.marking.value]} {nine.marking_colour}".strip()
    return (
        f"{_grid(nine.lat_deg, nine.lon_deg)} {nine.place_name}".rstrip(),
        f"{nine.frequency or unknown}, {nine.callsign or unknown}",
        ", ".join(patients) or unknown,
        ", ".join(equipment) or word["none"],
        ", ".join(people),
        unknown if nine.security is None else word[nine.security.value],
        marking,
        unknown if status is None else ", ".join(f"{n} {word.get(it, it)}" for it, n in status.items()),
        nine.terrain or unknown,
    )


def _grid(lat_deg: float, lon_deg: float) -> str:
    grid = to_mgrs(lat_deg=lat_deg, lon_deg=lon_deg)
    return f"{grid[:5]} {grid[5:10]} {grid[10:]}"
