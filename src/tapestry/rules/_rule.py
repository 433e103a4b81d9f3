"""What a rule is made of."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from tapestry.model import Rule, RuleCode, Severity
from tapestry.rules._columns import Rows
from tapestry.rules._state import RuleState


class Moment(NamedTuple):
    """What a rule sees when the clock ticks."""

    now_us: int  # hub's clock
    tracks: Rows  # TRACK, by slot
    plans: Rows  # PLAN
    formations: Rows  # FORMATION of all plans that are active, the rows of a plan one after another
    plan_of: Rows  # int32 by slot: its plan that is active now, -1 none


class Meaning(msgspec.Struct, frozen=True, kw_only=True):
    """What the findings of one RuleCode say to people."""

    code: RuleCode
    rule: Rule
    severity: Severity
    measured: str | None = None  # name of the fact in FINDING.measured, ends in its unit
    limit: str | None = None  # name of the fact in FINDING.limit


class RuleSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A rule: the codes that it finds, and how it looks at fixes and at the clock.

    `step(state, tracked, plans, first, out)` and `tick(state, moment, first, out)` go on from row or slot
    `first`, write FINDING rows into `out` and return (where to go on, -1 when done; how many were written).
    They stop early when `out` might not hold the findings of one more.
    """

    meanings: tuple[Meaning, ...]
    step: Callable[[RuleState, Rows, Rows, int, Rows], tuple[int, int]] | None = None
    tick: Callable[[RuleState, Moment, int, Rows], tuple[int, int]] | None = None
