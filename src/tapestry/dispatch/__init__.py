"""Where teams should stand, and who goes.

In: teams, places, travel times and the moment, as records and columns. Out: proposals with their reasons, the next
state of a tasking or an evacuation, the words that go to a team, posts with the bound that proves them.
Never: input or output, a clock of its own, an order.

What needs the compiler is loaded when it is first used: the desk never waits for it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from tapestry.dispatch._fault import NotDone
from tapestry.dispatch._jurisdiction import governorate_names
from tapestry.dispatch._medevac_table import (
    MEDEVAC_WAYS,
    Clock,
    apply_medevac,
    clocks,
    medevac_commands,
    medevac_diagram,
    with_targets,
)
from tapestry.dispatch._median import MedianModel
from tapestry.dispatch._message import LANGUAGES, nine_line_text, reply_text, tasking_text
from tapestry.dispatch._posts_busy import Load
from tapestry.dispatch._posts_layout import Layout
from tapestry.dispatch._posts_plan import PostModel, Proposal, plan_posts
from tapestry.dispatch._posts_replay import Replayed, replay
from tapestry.dispatch._posts_tree import best_layout
from tapestry.dispatch._reply import TextReply, read_reply
from tapestry.dispatch._settings import DispatchSettings, MedevacTarget
from tapestry.dispatch._tasking_table import (
    OPEN,
    TASKING_WAYS,
    TEAM_COMMANDS,
    UNANSWERED,
    apply_tasking,
    is_unanswered,
    tasking_commands,
    tasking_diagram,
    unanswered_at,
)

if TYPE_CHECKING:
    from tapestry.dispatch._propose import Candidate, Reason, Start, propose, start_of

__all__ = [
    "LANGUAGES",
    "MEDEVAC_WAYS",
    "OPEN",
    "TASKING_WAYS",
    "TEAM_COMMANDS",
    "UNANSWERED",
    "Candidate",
    "Clock",
    "DispatchSettings",
    "Layout",
    "Load",
    "MedevacTarget",
    "MedianModel",
    "NotDone",
    "PostModel",
    "Proposal",
    "Reason",
    "Replayed",
    "Start",
    "TextReply",
    "apply_medevac",
    "apply_tasking",
    "best_layout",
    "clocks",
    "governorate_names",
    "is_unanswered",
    "medevac_commands",
    "medevac_diagram",
    "nine_line_text",
    "plan_posts",
    "propose",
    "read_reply",
    "replay",
    "reply_text",
    "start_of",
    "tasking_commands",
    "tasking_diagram",
    "tasking_text",
    "unanswered_at",
    "with_targets",
]

_LATER: Final = {
    "Candidate": "_propose",
    "Reason": "_propose",
    "Start": "_propose",
    "propose": "_propose",
    "start_of": "_propose",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"tapestry.dispatch has no {name}")
    return getattr(import_module(f"tapestry.dispatch.{_LATER[name]}"), name)
