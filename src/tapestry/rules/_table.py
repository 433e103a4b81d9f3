"""The rules of the house, in the order in which their findings come for one fix."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from tapestry.model import Rule, RuleCode, Severity
from tapestry.rules._columns import CODES
from tapestry.rules._corridor import OFF_CORRIDOR
from tapestry.rules._dispute import POSITION_DISPUTED
from tapestry.rules._fence import FENCE
from tapestry.rules._overspeed import OVERSPEED
from tapestry.rules._rule import Meaning, RuleSpec
from tapestry.rules._silent import SILENT
from tapestry.rules._spacing import SPACING
from tapestry.rules._stopped import STOPPED_OFF_PLAN
from tapestry.rules._straggler import STRAGGLER

RULES: Final[tuple[RuleSpec, ...]] = (
    SILENT,
    STOPPED_OFF_PLAN,
    OFF_CORRIDOR,
    FENCE,
    SPACING,
    STRAGGLER,
    OVERSPEED,
    POSITION_DISPUTED,
)
"""Add a rule: a file with its RuleSpec, and a line here."""

MEANINGS: Final[Mapping[RuleCode, Meaning]] = MappingProxyType(
    {meaning.code: meaning for rule in RULES for meaning in rule.meanings}
)

SEVERITY: Final[Mapping[Rule, Severity]] = MappingProxyType(
    {
        Rule.DISTRESS: Severity.EMERGENCY,  # has its own lane, past this room
        **{meaning.rule: meaning.severity for meaning in MEANINGS.values()},
        Rule.TEAM_SILENT: Severity.WARNING,  # told by the desk
        Rule.RULE_FAILED: Severity.WARNING,  # told by the worker
    }
)
"""How grave what a rule finds is, unless configured otherwise."""


def _ranks() -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    ranks = np.zeros(CODES, np.int32)
    for rank, code in enumerate(MEANINGS):
        ranks[code] = rank
    return ranks


RANKS: Final = _ranks()
"""By RuleCode: place of the rule in the order of findings."""
