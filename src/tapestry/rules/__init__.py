"""From judged fixes and the clock to findings: what a watch officer has to look at, or to know.

In: TRACKED rows of a partition in arrival order, TRACK, PLAN and FORMATION rows at each tick, fences, plans.
Out: FINDING rows, one start and one end for each episode; AlertEvents made from them; checkpoints as bytes.
Never: a clock, a place taken from a fix that track does not believe, a result that depends on how the rows were
cut into batches, a call for help (distress has its own lane).

Add a rule: its name and number in `model`, one file `_<name>.py` with a RuleSpec, one line in RULES.
"""

from tapestry.rules._alert import to_alert_event
from tapestry.rules._checkpoint import dump, load
from tapestry.rules._state import RuleState, new_state, set_fences, set_plan
from tapestry.rules._step import step, tick, warm
from tapestry.rules._table import RULES, SEVERITY

__all__ = [
    "RULES",
    "SEVERITY",
    "RuleState",
    "dump",
    "load",
    "new_state",
    "set_fences",
    "set_plan",
    "step",
    "tick",
    "to_alert_event",
    "warm",
]
