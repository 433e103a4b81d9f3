"""A distress from the first call to its end: which calls are one, who has to be told when, what may be done to it.

In: calls, cases, commands of named people, settings, the hub's time. Out: the case after it, desks and people to tell.
Never: input or output, a clock of its own, an end that no person decided.
"""

from tapestry.distress._apply import apply, deliver
from tapestry.distress._clock import Clock, ClockNote, clock_of
from tapestry.distress._fault import NotAllowed
from tapestry.distress._join import STORM_ENDS_AFTER, STORM_FROM_CASES, call_of, join
from tapestry.distress._ladder import Step, StepDue, Told, escalation, next_step, told_at_once
from tapestry.distress._rates import CaseRates, rates
from tapestry.distress._settings import (
    WATCH,
    CaseDesk,
    DeskKind,
    DistressSettings,
    DutyContact,
    DutyWay,
    Ladder,
    Means,
)
from tapestry.distress._settings_check import verify_settings
from tapestry.distress._table import AWAITED, OPEN, TRANSITIONS, allowed_commands, diagram, state_after
from tapestry.distress._text import ReadText, TextKind, read_place, read_text

__all__ = [
    "AWAITED",
    "OPEN",
    "STORM_ENDS_AFTER",
    "STORM_FROM_CASES",
    "TRANSITIONS",
    "WATCH",
    "CaseDesk",
    "CaseRates",
    "Clock",
    "ClockNote",
    "DeskKind",
    "DistressSettings",
    "DutyContact",
    "DutyWay",
    "Ladder",
    "Means",
    "NotAllowed",
    "ReadText",
    "Step",
    "StepDue",
    "TextKind",
    "Told",
    "allowed_commands",
    "apply",
    "call_of",
    "clock_of",
    "deliver",
    "diagram",
    "escalation",
    "join",
    "next_step",
    "rates",
    "read_place",
    "read_text",
    "state_after",
    "told_at_once",
    "verify_settings",
]
