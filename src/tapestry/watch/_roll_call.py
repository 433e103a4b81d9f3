"""Roll calls: everybody that ought to answer is asked; who did not stays visible until they did."""

from datetime import datetime
from enum import StrEnum

import msgspec

from tapestry.watch._fault import NotAllowed


class Answer(StrEnum):
    """What came back."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"  # somebody else says that they do not know


class RollLine(msgspec.Struct, frozen=True, kw_only=True):
    """One that is called."""

    about: str  # "movement/12", "team/3", "centre/2"
    name: str
    answer: Answer | None = None  # None: not yet
    at: datetime | None = None
    by: str = ""  # who wrote it down
    note: str = ""


class CalledRoll(msgspec.Struct, frozen=True, kw_only=True):
    """One roll call."""

    scope: str  # movements | teams | centres
    called_at: datetime
    called_by: str
    lines: tuple[RollLine, ...]

    @property
    def complete(self) -> bool:
        """Whether everybody has an answer."""
        return all(line.answer is not None for line in self.lines)


def answer(
    roll: CalledRoll, about: str, said: Answer, *, by: str, now: datetime, note: str = ""
) -> CalledRoll:
    """Return a roll call with one answer written down; a later answer takes the place of an earlier one.

    Raises:
        NotAllowed: Nobody of that name was called.
    """
    if about not in {line.about for line in roll.lines}:
        raise NotAllowed(
            "not-called", f"{about!r} was not called, expected one of the list.", "Look at the list."
        )
    return msgspec.structs.replace(
        roll,
        lines=tuple(
            msgspec.structs.replace(line, answer=said, at=now, by=by, note=note.strip())
            if line.about == about
            else line
            for line in roll.lines
        ),
    )
