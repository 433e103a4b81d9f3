"""Who may see or do what: one reference monitor over Cedar policies.

In: the text of the policies, who asks, for what, about whose object. Out: a decision with its reasons, and
views that show no more than was decided. Never: a session, a password, a clock, a guess where an attribute is
missing.
"""

from tapestry.access._coarse import COARSE_DELAY_US, coarsen_positions, coarsen_tracks
from tapestry.access._monitor import (
    HUB,
    Action,
    Decision,
    Monitor,
    PolicyFault,
    Principal,
    Resource,
    Role,
    decide,
    make_monitor,
    permitted,
)

__all__ = [
    "COARSE_DELAY_US",
    "HUB",
    "Action",
    "Decision",
    "Monitor",
    "PolicyFault",
    "Principal",
    "Resource",
    "Role",
    "coarsen_positions",
    "coarsen_tracks",
    "decide",
    "make_monitor",
    "permitted",
]
