"""Three answers to where teams should stand, beside one another, each measured with the same yardstick."""

from enum import StrEnum
from typing import Final

import msgspec
import numpy as np

from tapestry.dispatch._cover import CoverModel
from tapestry.dispatch._median import MedianModel
from tapestry.dispatch._posts_busy import MOST_BUSY, Busy, Load, busy_of, expected_share
from tapestry.dispatch._posts_layout import Column, Layout
from tapestry.dispatch._posts_tree import best_layout

MET_SHARE: Final = 1.5
"""How much busier teams are when a call comes than on average: calls cluster in days and places. The factor that did
best for the later half of the training days of docs/posts.md; the days of the test had no part in it."""
SAME_BUSY: Final = 0.005
TURNS: Final = 4  # of layout and busy fraction; two were enough wherever it was looked at
PLAN_NODES: Final = 60  # seconds for 600 demand points and 900 candidates


class PostModel(StrEnum):
    """By which model teams were placed."""

    MCLP = "mclp"
    MEXCLP = "mexclp"
    P_MEDIAN = "p-median"


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """One model's layout and what is expected of it."""

    model: PostModel
    layout: Layout  # value and bound: shares of demand, or weighted mean minutes with a minus
    busy: Busy  # of this layout
    within_reach: float  # share of demand that a post reaches in time, all teams free
    expected: float  # share that a free team is expected to reach in time
    busy_planned: float | None = None  # what the expected covering reckoned with


def plan_posts(
    travel_min: Column,
    weight: Column,
    *,
    teams: int,
    within_min: float,
    load: Load,
    max_nodes: int = PLAN_NODES,
) -> tuple[Proposal, ...]:
    """Return the layouts of maximal covering, maximum expected covering and p-median.

    Args:
        travel_min: Demand by candidate, minutes, finite.
        weight: Of each demand point, 0 or more, some above.
        teams: How many.
        within_min: In time up to here.
        load: What keeps them busy.
        max_nodes: Of each search; when it ends there the layout's gap says what is not proved.

    Raises:
        ValueError: There is no demand, no candidate, or there are more teams than candidates.
    """
    if not travel_min.size or not np.isfinite(travel_min).all() or not weight.sum() > 0:
        raise ValueError("no demand or no candidate; expected finite minutes and weights above 0")
    if not 1 <= teams <= travel_min.shape[1]:
        raise ValueError(f"{teams} teams for {travel_min.shape[1]} candidates; expected 1 to that many")
    share = weight / weight.sum()
    reaches = travel_min <= within_min

    def judged(model: PostModel, layout: Layout, planned: float | None = None) -> Proposal:
        at = list(layout.posts)
        busy = busy_of(travel_min[:, at], share, load)
        return Proposal(
            model=model,
            layout=layout,
            busy=busy,
            within_reach=float(share @ reaches[:, at].any(axis=1)),
            expected=expected_share(reaches[:, at], share, busy.fraction),
            busy_planned=planned,
        )

    covering = best_layout(CoverModel(reaches, share, teams=teams, busy=None), teams, max_nodes=max_nodes)
    median = best_layout(MedianModel(travel_min * share[:, None]), teams, max_nodes=max_nodes)
    layout, planned = covering, -1.0
    for _ in range(TURNS):
        met = min(MET_SHARE * busy_of(travel_min[:, list(layout.posts)], share, load).fraction, MOST_BUSY)
        if abs(met - planned) < SAME_BUSY:
            break
        planned = met
        layout = best_layout(
            CoverModel(reaches, share, teams=teams, busy=planned),
            teams,
            start=np.bincount(layout.posts, minlength=travel_min.shape[1]),
            max_nodes=max_nodes,
        )
    return (
        judged(PostModel.MCLP, covering),
        judged(PostModel.MEXCLP, layout, planned),
        judged(PostModel.P_MEDIAN, median),
    )
