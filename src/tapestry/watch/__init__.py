"""Who has the watch: turns and shifts, what is open when it changes hands, tasks, radio checks, roll calls.

In: open items, ticks and signatures of named people, contact plans, the hub's time. Out: the records after it, the
checks that were missed. Never: input or output, a clock of its own, a watch that changes unless a person took it.
"""

from tapestry.watch._contact import CheckMade, ContactLine, MissedCheck, missed_checks, next_check_at
from tapestry.watch._fault import NotAllowed
from tapestry.watch._handover import HandOver, HandOverState, OpenItem, OpenKind, close, sign, tick, unticked
from tapestry.watch._roll_call import Answer, CalledRoll, RollLine, answer
from tapestry.watch._task import Task, TaskState, TaskStep, act, give
from tapestry.watch._turn import LONGEST_SHIFT, Shift, Turn, plan, shift_now, take

__all__ = [
    "LONGEST_SHIFT",
    "Answer",
    "CalledRoll",
    "CheckMade",
    "ContactLine",
    "HandOver",
    "HandOverState",
    "MissedCheck",
    "NotAllowed",
    "OpenItem",
    "OpenKind",
    "RollLine",
    "Shift",
    "Task",
    "TaskState",
    "TaskStep",
    "Turn",
    "act",
    "answer",
    "close",
    "give",
    "missed_checks",
    "next_check_at",
    "plan",
    "shift_now",
    "sign",
    "take",
    "tick",
    "unticked",
]
