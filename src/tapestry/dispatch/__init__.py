"""Where teams should stand so that they reach who calls.

In: travel minutes of demand by candidate, weights, how many calls there are and how long each takes.
Out: layouts with the bound that proves them or the gap that is left, the share expected in time, calls replayed.
Never: a clock, a map, input or output, an order to anybody: it proposes, people decide.
"""

from tapestry.dispatch._median import MedianModel
from tapestry.dispatch._posts_busy import Load
from tapestry.dispatch._posts_layout import Layout
from tapestry.dispatch._posts_plan import PostModel, Proposal, plan_posts
from tapestry.dispatch._posts_replay import Replayed, replay
from tapestry.dispatch._posts_tree import best_layout

__all__ = [
    "Layout",
    "Load",
    "MedianModel",
    "PostModel",
    "Proposal",
    "Replayed",
    "best_layout",
    "plan_posts",
    "replay",
]
