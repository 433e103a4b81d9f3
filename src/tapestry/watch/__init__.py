"""Who has the watch: what is open when it changes hands, how it changes hands, which radio checks are due.

In: open items, ticks and signatures of named people, contact plans, the hub's time. Out: the hand-over after it,
the checks that were missed. Never: input or output, a clock of its own, a watch that changes unless a person took it.
"""

from tapestry.watch._contact import CheckMade, ContactLine, MissedCheck, missed_checks, next_check_at
from tapestry.watch._fault import NotAllowed
from tapestry.watch._handover import HandOver, HandOverState, OpenItem, OpenKind, close, sign, tick, unticked

__all__ = [
    "CheckMade",
    "ContactLine",
    "HandOver",
    "HandOverState",
    "MissedCheck",
    "NotAllowed",
    "OpenItem",
    "OpenKind",
    "close",
    "missed_checks",
    "next_check_at",
    "sign",
    "tick",
    "unticked",
]
