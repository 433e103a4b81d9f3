"""What people may do to a distress case, one record per deed; its tag is the name in API, Log and table."""

from enum import StrEnum

import msgspec


class CaseCheck(StrEnum):
    """What can be looked at before a verdict."""

    POSITION = "position"
    SPEED = "speed"
    VEHICLES = "vehicles"  # the others of the convoy
    CALL_BACK = "call-back"
    DURESS_WORD = "duress-word"
    OTHER = "other"


class CheckResult(StrEnum):
    """What a look said."""

    DISTRESS = "distress"  # speaks for it
    WELL = "well"  # speaks against it
    UNCLEAR = "unclear"
    NO_ANSWER = "no-answer"


class _Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    pass


class AcknowledgeCase(_Command, frozen=True, tag="acknowledge"):
    """Take it: from here on a named person has it."""


class CheckCase(_Command, frozen=True, tag="check"):
    """Write down what a look at something said."""

    check: CaseCheck
    result: CheckResult
    note: str = ""


class ConfirmCase(_Command, frozen=True, tag="confirm"):
    """It is real."""

    reason: str


class JudgeFalse(_Command, frozen=True, tag="judge-false"):
    """Nobody is in distress."""

    reason: str


class JudgeTest(_Command, frozen=True, tag="judge-test"):
    """It was a test."""

    reason: str


class Respond(_Command, frozen=True, tag="respond"):
    """Help is on its way."""

    note: str = ""


class ResolveCase(_Command, frozen=True, tag="resolve"):
    """It is over."""

    reason: str


class NoteCase(_Command, frozen=True, tag="note"):
    """Write something down."""

    text: str


CaseCommand = (
    AcknowledgeCase | CheckCase | ConfirmCase | JudgeFalse | JudgeTest | Respond | ResolveCase | NoteCase
)
