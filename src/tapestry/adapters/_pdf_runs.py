"""Mixed text as runs from left to right, each of one direction: names, numbers and words that keep their order.

Theory of operation: the algorithm of Unicode (UAX 9) alone would turn "0770 555 0101" round inside Arabic text, since
blanks between numbers belong to the text around them. So a value is isolated (UAX 9, 2.4: FSI, LRI, RLI … PDI) by
`own`, numbers of several groups are isolated wherever they stand, and what is isolated is set by itself, one beside the
other. Isolates are not nested here.
"""

import re
import unicodedata
from typing import Final, NamedTuple

LRI: Final = "\u2066"
RLI: Final = "\u2067"
FSI: Final = "\u2068"
PDI: Final = "\u2069"
ISOLATE: Final = re.compile(f"([{LRI}{RLI}{FSI}])([^{LRI}{RLI}{FSI}{PDI}]*){PDI}")
NUMBER: Final = re.compile(r"\+?\d+(?:[ /-]\d+)+|\+\d+")
TOKEN: Final = re.compile(rf"[{LRI}{RLI}{FSI}][^{PDI}]*{PDI}\S*|\+?\d+(?:[ /-]\d+)+\S*|\S+")
JOINERS: Final = "\u200c\u200d"  # Kurdish and Persian letters are joined, or not, by these


class Run(NamedTuple):
    """A piece of text of one base direction."""

    text: str
    rtl: bool


def own(text: str) -> str:
    """Return a value that keeps its own direction inside a line."""
    return f"{FSI}{clean(text)}{PDI}"


def clean(text: str) -> str:
    """Return a text without control and direction marks, which have no glyphs and could turn a line round."""
    spaced = (" " if char.isspace() else char for char in text)
    return "".join(
        it for it in spaced if it in JOINERS or unicodedata.category(it) not in {"Cc", "Cf", "Co", "Cs"}
    )


def runs(text: str, *, rtl: bool) -> list[Run]:
    """Return a line's runs as they stand on paper, from left to right.

    Args:
        text: One line; parts of it may be isolated.
        rtl: The line itself runs from right to left.
    """
    parts: list[Run] = []
    end = 0
    for isolate in ISOLATE.finditer(text):
        parts.append(Run(text[end : isolate.start()], rtl))
        mark, inner = isolate.groups()
        parts.append(Run(inner, runs_right_to_left(inner) if mark == FSI else mark == RLI))
        end = isolate.end()
    parts.append(Run(text[end:], rtl))
    if rtl:
        parts.reverse()
    return [run for part in parts if part.text for run in _numbers_apart(part)]


def runs_right_to_left(text: str) -> bool:
    """Return whether the first letter of a text is of a script that runs from right to left (UAX 9, P2 and P3)."""
    for char in text:
        kind = unicodedata.bidirectional(char)
        if kind in {"L", "R", "AL"}:
            return kind != "L"
    return False


def tokens(text: str) -> list[str]:
    """Return the parts between which a line may be broken; isolates and numbers of several groups stay whole."""
    return TOKEN.findall(text)


def pinned(line: str, paragraph: str) -> str:
    """Return a line of a broken paragraph that runs as the whole paragraph does; one with isolates stays as it is."""
    if PDI in line:
        return line
    return f"{RLI if runs_right_to_left(paragraph) else LRI}{line}{PDI}"


def _numbers_apart(part: Run) -> list[Run]:
    found: list[Run] = []
    end = 0
    for number in NUMBER.finditer(part.text):
        found.append(Run(part.text[end : number.start()], part.rtl))
        found.append(Run(number[0], rtl=False))
        end = number.end()
    found.append(Run(part.text[end:], part.rtl))
    if part.rtl:
        found.reverse()
    return [run for run in found if run.text]
