"""A team's text message as the answer to a tasking: a digit or a word in three languages, then what it adds.

The digits are in the message of the tasking: 1 accept, 2 decline, 3 on the way, 4 on the scene, 5 done. A number with #
before it, or after the digit, names the tasking where several are open.
"""

import re
from typing import Final

import msgspec

# Arabic-Indic and Eastern Arabic-Indic digits: phones of the region write either.
_DIGITS: Final = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_MARKS: Final = re.compile(
    "[\u064b-\u065f\u0670\u0640\u200e\u200f]"
)  # vowels, the stretched line, directions
_WORDS: Final[dict[str, str]] = {
    word: command
    for command, words in {
        "accept": "1 accept accepted yes ok roger نعم موافق قبول مقبول بەڵێ پەسەند قبووڵ",
        "decline": "2 decline declined no negative لا رفض اعتذر نعتذر نەخێر ڕەت",
        "launch": "3 launched launch moving rolling انطلقنا انطلاق تحركنا دەرچووین",
        "arrive": "4 arrived arrive onscene there وصلنا وصول گەیشتین",
        "complete": "5 complete completed done finished انتهى اكتمل انتهينا تەواو",
    }.items()
    for word in words.split()
}
_NUMBER: Final = re.compile(r"#?(\d{1,10})")
MAX_REASON_LENGTH: Final = 300


class TextReply(msgspec.Struct, frozen=True, kw_only=True):
    """What a team's message says of a tasking."""

    command: str
    tasking_id: int | None = None  # None: it does not say which
    reason: str = ""


def read_reply(text: str) -> TextReply | None:
    """Return what a message answers, None when it is no answer."""
    words = _MARKS.sub("", text.translate(_DIGITS)).casefold().split()
    tasking_id = None
    if words and words[0].startswith("#"):
        tasking_id, words = _number_of(words[0]), words[1:]
    if not words:
        return None
    command = _WORDS.get(words[0].strip(".,;:!؟،"))
    if command is None:
        return None
    rest = words[1:]
    if rest and tasking_id is None and (number := _number_of(rest[0])) is not None:
        tasking_id, rest = number, rest[1:]
    return TextReply(command=command, tasking_id=tasking_id, reason=" ".join(rest)[:MAX_REASON_LENGTH])


def _number_of(word: str) -> int | None:
    found = _NUMBER.fullmatch(word)
    return None if found is None else int(found[1])
