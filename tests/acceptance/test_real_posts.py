"""Posts on real incidents and on problems whose optimum is known.

The data lies beside the checkout (`../shared/data`) and is no part of the project; without it tests are skipped.
"""

import pytest

from bench import posts
from tapestry.dispatch import MedianModel, PostModel, best_layout

needs_incidents = pytest.mark.skipif(
    not posts.INCIDENTS.is_file(), reason=f"real incidents are not here: {posts.INCIDENTS} is absent"
)
needs_optima = pytest.mark.skipif(
    not posts.PMED.is_dir(), reason=f"p-median problems are not here: {posts.PMED} is absent"
)


@needs_optima
@pytest.mark.parametrize(("name", "optimum"), posts.OPTIMA.items())
def test_the_median_comes_to_the_known_optimum_and_proves_it(name: str, optimum: int) -> None:
    away, medians = posts.pmed(posts.PMED / f"{name}.txt")
    found = best_layout(MedianModel(away), medians)
    assert -found.value == optimum
    assert found.gap == 0.0


@needs_incidents
@pytest.mark.parametrize(("calls", "points"), posts.TARGETS.items())
def test_expected_covering_reaches_more_real_calls_than_maximal_covering(calls: int, points: float) -> None:
    found = posts.incidents()
    proposals = posts.plans(found, calls)
    mexclp, mclp = (
        100.0 * posts.reached(found, proposals[model], calls) for model in (PostModel.MEXCLP, PostModel.MCLP)
    )
    assert mexclp - mclp >= points
