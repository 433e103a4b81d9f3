"""The one way in which functions are compiled here."""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def kernel(function: F) -> F:
    """Return `function` compiled by numba on its first call and kept on disk between runs.

    Division by zero gives inf or NaN as in NumPy, it does not raise. Arithmetic keeps its order (no
    fast-math), so the same rows give the same bits on every run.

    Numba's disk cache notices a change of the file that holds a kernel, not of the kernels it calls: after
    a change of a called kernel, the caches (`*.nbi`, `*.nbc`) of its callers have to go.
    """
    return cast(F, numba.njit(cache=True, error_model="numpy", nogil=True)(function))
