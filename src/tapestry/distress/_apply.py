"""One command on one case: the next version, or a refusal that says what to do.

Steps:
    1. The table says where the command leads from here.
    2. What a person has to give with it is there: a reason, a verdict before the end.
    3. What it says goes onto the case.
    4. The history gets its line; the version rises by one.
"""

from datetime import datetime
from typing import Any, Final

import msgspec

from tapestry.distress._fault import NotAllowed
from tapestry.distress._table import allowed_commands, state_after
from tapestry.model import (
    AcknowledgeCase,
    CaseCheck,
    CaseCommand,
    CaseEntry,
    CaseState,
    CheckCase,
    ConfirmCase,
    DistressCase,
    JudgeFalse,
    JudgeTest,
    ResolveCase,
)

MAX_TEXT_LENGTH: Final = 1_000
SYSTEM: Final = "system"
VERDICTS: Final = {
    ConfirmCase: CaseState.CONFIRMED,
    JudgeFalse: CaseState.FALSE,
    JudgeTest: CaseState.TEST,
}


def apply(
    case: DistressCase, command: CaseCommand, *, by: str, at: datetime, call_back_silent: bool = False
) -> DistressCase:
    """Return the case after what a person did.

    Args:
        case: Its newest version.
        command: What is done.
        by: Who does it.
        at: The hub's clock.
        call_back_silent: Whether somebody who asked for silence may be called back.

    Raises:
        NotAllowed: The command does not fit the case.
    """
    tag = type(command).__struct_config__.tag
    assert isinstance(tag, str)
    after = state_after(tag, case.state)  # 1
    if after is None or tag not in allowed_commands(case):
        raise _not_now(case, tag)
    text = _words(command)  # 2
    if isinstance(command, CheckCase) and case.silent and not call_back_silent:
        _verify_quiet(command)
    changes: dict[str, Any] = {"state": after, "version": case.version + 1}  # 3
    if isinstance(command, AcknowledgeCase):
        changes |= {"acknowledged_at": at, "acknowledged_by": by}
    elif isinstance(command, ConfirmCase | JudgeFalse | JudgeTest):
        changes |= {
            "verdict": VERDICTS[type(command)],
            "verdict_at": at,
            "verdict_by": by,
            "verdict_reason": text,
        }
    elif isinstance(command, ResolveCase):
        changes |= {"resolved_at": at, "resolved_by": by, "resolve_reason": text}
    entry = CaseEntry(at=at, by=by, what=tag, state=after, note=text)  # 4
    if isinstance(command, CheckCase):
        entry = msgspec.structs.replace(entry, check=command.check.value, result=command.result.value)
    return msgspec.structs.replace(case, entries=(*case.entries, entry), **changes)


def deliver(case: DistressCase, *, desk: str, by: str, at: datetime) -> DistressCase:
    """Return the case after a console of a desk showed it; one that is past that stays as it is."""
    after = state_after("deliver", case.state)
    if after is None:
        return case
    entry = CaseEntry(at=at, by=by, what="deliver", state=after, note=desk)
    return msgspec.structs.replace(
        case, state=after, version=case.version + 1, entries=(*case.entries, entry)
    )


def _words(command: CaseCommand) -> str:
    """Return what a command says in words.

    Raises:
        NotAllowed: Words are needed and missing, or too many.
    """
    text = ""
    for name in ("reason", "text", "note"):
        text = str(getattr(command, name, "") or text).strip()
    needed = any(hasattr(command, name) for name in ("reason", "text"))
    if needed and not text:
        raise NotAllowed("reason-needed", "Nothing is written here.", "Write in a few words why.")
    if len(text) > MAX_TEXT_LENGTH:
        raise NotAllowed(
            "text-too-long", f"{len(text)} characters, expected at most {MAX_TEXT_LENGTH}.", "Write less."
        )
    return text


def _verify_quiet(command: CheckCase) -> None:
    if command.check in {CaseCheck.CALL_BACK, CaseCheck.DURESS_WORD}:
        raise NotAllowed(
            "silent-call",
            "The convoy asked for silence: a call-back may endanger it.",
            "Look at position, speed and the other vehicles; the settings say whether calls are allowed.",
        )


def _not_now(case: DistressCase, tag: str) -> NotAllowed:
    if tag == "resolve" and case.state is CaseState.RESPONDING:
        return NotAllowed(
            "verdict-needed",
            "The case has no verdict yet.",
            "Say first whether it was real, false or a test.",
        )
    allowed = ", ".join(sorted(allowed_commands(case))) or "nothing"
    return NotAllowed(
        "not-now",
        f"{tag} does not fit a case that is {case.state}; what fits: {allowed}.",
        "Load it again: somebody may have worked on it.",
    )
