"""A movement's sheet from the request to the confirmed arrival: which command leads where, and what the checks notice.

In: a sheet, a command, who and when; plans, papers and passages as records. Out: the next sheet, findings, clocks.
Never: input or output, a clock of its own, a decision that no person made.

What runs compiled is loaded when it is first used: the desk works with sheets and never waits for the compiler.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from tapestry.movement._apply import apply, new_sheet
from tapestry.movement._areas import governorates, holds
from tapestry.movement._checks import check_request
from tapestry.movement._clearance import responsible
from tapestry.movement._fault import NotAllowed
from tapestry.movement._meetings import Meeting, Timed, Walk, meetings, walk_of
from tapestry.movement._outcomes import AccessRow, MovementReport, access_table, report
from tapestry.movement._overdue import OverdueLevel, OverdueStep, next_due, overdue
from tapestry.movement._roster_facts import RosterFacts, Window
from tapestry.movement._settings import (
    Area,
    Authority,
    Centre,
    MovementSettings,
    OverdueLadder,
    Paper,
    Retention,
)
from tapestry.movement._settings_check import verify_settings
from tapestry.movement._table import TRANSITIONS, allowed_commands, diagram

if TYPE_CHECKING:
    from tapestry.movement._meeting_kernels import warm as warm_meetings
    from tapestry.movement._passage import PassageFold
    from tapestry.movement._passage_checkpoint import dump as dump_passages
    from tapestry.movement._passage_checkpoint import load as load_passages
    from tapestry.movement._passage_checkpoint import warm as warm_passages

__all__ = [
    "TRANSITIONS",
    "AccessRow",
    "Area",
    "Authority",
    "Centre",
    "Meeting",
    "MovementReport",
    "MovementSettings",
    "NotAllowed",
    "OverdueLadder",
    "OverdueLevel",
    "OverdueStep",
    "Paper",
    "PassageFold",
    "Retention",
    "RosterFacts",
    "Timed",
    "Walk",
    "Window",
    "access_table",
    "allowed_commands",
    "apply",
    "check_request",
    "diagram",
    "dump_passages",
    "governorates",
    "holds",
    "load_passages",
    "meetings",
    "new_sheet",
    "next_due",
    "overdue",
    "report",
    "responsible",
    "verify_settings",
    "walk_of",
    "warm_meetings",
    "warm_passages",
]

_COMPILED: Final = {
    "PassageFold": ("_passage", "PassageFold"),
    "dump_passages": ("_passage_checkpoint", "dump"),
    "load_passages": ("_passage_checkpoint", "load"),
    "warm_meetings": ("_meeting_kernels", "warm"),
    "warm_passages": ("_passage_checkpoint", "warm"),
}


def __getattr__(name: str) -> Any:
    if name not in _COMPILED:
        raise AttributeError(f"tapestry.movement has no {name}")
    home, there = _COMPILED[name]
    found = getattr(import_module(f"tapestry.movement.{home}"), there)
    globals()[name] = found
    return found
