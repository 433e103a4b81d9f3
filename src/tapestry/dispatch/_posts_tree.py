"""The search: a tree of branches, the one with the highest bound first, until nothing better can be in it.

It ends with a proof that nothing better exists, or at its limit of nodes with the gap that is left.
"""

import heapq
from typing import Final

import numpy as np

from tapestry.dispatch._posts_bound import Bounded, Limits, bound_of
from tapestry.dispatch._posts_layout import EXACT_SHARE, Counts, Layout, Model, posts_of

ROOT_STEPS: Final = 600
NODE_STEPS: Final = 120  # the prices of the branch above are near
MAX_NODES: Final = 2_000  # about a minute for 600 demand points and 225 candidates


def best_layout(
    model: Model, teams: int, *, start: Counts | None = None, max_nodes: int = MAX_NODES
) -> Layout:
    """Return the best layout of `teams` teams, proved or with the bound that is left.

    Args:
        start: A layout to begin with, as counts by candidate.
        max_nodes: Branches to look at; 1 gives the local search and its bound.

    Raises:
        ValueError: There are no teams, or more than the candidates hold.
    """
    if not 1 <= teams <= model.candidates * model.most_at_one:
        raise ValueError(
            f"{teams} teams for {model.candidates} candidates; expected 1 to as many as they hold"
        )
    whole = Limits(
        least=np.zeros(model.candidates, np.int64),
        most=np.full(model.candidates, min(model.most_at_one, teams), np.int64),
    )
    best = model.improve(_greedy(model, teams, whole) if start is None else start)
    root = bound_of(
        model, teams, whole, prices=model.first_prices(), best=best, value=model.value(best), steps=ROOT_STEPS
    )
    assert root is not None  # the number of teams was looked at above
    return _search(model, teams, whole, root, max_nodes)


def _search(model: Model, teams: int, whole: Limits, root: Bounded, max_nodes: int) -> Layout:
    best, value, looked = root.best, root.value, 1
    heap = [(-root.bound, 0, root, Limits(least=whole.least, most=root.closed))]
    born = 0
    while heap and -heap[0][0] > value + EXACT_SHARE * max(abs(value), 1.0) and looked < max_nodes:
        _, _, node, limits = heapq.heappop(heap)
        for branch in _branches(node, limits):
            looked += 1
            below = bound_of(
                model, teams, branch, prices=node.prices, best=best, value=value, steps=NODE_STEPS
            )
            if below is None:
                continue
            best, value = below.best, below.value
            bound = min(below.bound, node.bound)
            if bound > value:
                born += 1
                heapq.heappush(heap, (-bound, born, below, Limits(least=branch.least, most=below.closed)))
    bound = max(value, -heap[0][0]) if heap else value
    return Layout(posts=posts_of(best), value=value, bound=bound, nodes=looked)


def _branches(node: Bounded, limits: Limits) -> list[Limits]:
    """Return the branch in two: one candidate has at most so many teams, or more."""
    open_ = limits.most > limits.least
    if not open_.any():
        return []
    part = np.where(open_, np.abs(node.mean - np.floor(node.mean) - 0.5), np.inf)
    at = int(part.argmin())
    cut = int(np.clip(np.floor(node.mean[at]), limits.least[at], limits.most[at] - 1))
    fewer, more = limits.most.copy(), limits.least.copy()
    fewer[at], more[at] = cut, cut + 1
    return [Limits(least=more, most=limits.most), Limits(least=limits.least, most=fewer)]


def _greedy(model: Model, teams: int, limits: Limits) -> Counts:
    counts = limits.least.copy()
    for _ in range(teams):
        best, found = -np.inf, 0
        for candidate in np.flatnonzero(counts < limits.most).tolist():
            counts[candidate] += 1
            if (worth := model.value(counts)) > best:
                best, found = worth, candidate
            counts[candidate] -= 1
        counts[found] += 1
    return counts
