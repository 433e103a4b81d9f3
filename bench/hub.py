"""The hub answers: the figures of its parts. A part is a function that gives figures; one line in PARTS."""

from collections.abc import Callable
from typing import Final

from bench import posts, proposals, storm
from bench.figures import Figure, Part
from bench.scale import Scale

PARTS: Final[tuple[Callable[[], tuple[Figure, ...]], ...]] = (
    posts.figures,
    proposals.figures,
    storm.figures,
)
LOAD: Final = (
    "Posts: real incidents in the square of 60 km around Baghdad, planned on the first 120 days of 2007 there are "
    "and replayed on the others with 6 busy teams, where the data lies beside the checkout. "
    f"Proposals: {proposals.TEAMS} teams at posts drawn by chance over Iraq, the way of each by road, {proposals.RUNS} "
    "places. "
    f"Storm: {storm.LOAD}"
)


def measure(scale: Scale) -> Part:
    """Measure every part; a quick run does the same."""
    del scale
    return Part(load=LOAD, figures=tuple(figure for part in PARTS for figure in part()))
