"""From positions to tracks: what each fix is worth, where each vehicle is, and how a convoy marches.

In: POSITION rows of one partition in arrival order, and movement plans. Out: TRACKED rows (one judged fix per
row), the TRACK and PLAN columns of the state, FORMATION rows of a convoy at a moment, checkpoints as bytes.
Never: a clock, an alert, a fix thrown away (every row comes back, judged), a result that depends on how the
rows were cut into batches.
"""

from tapestry.track._checkpoint import dump, load
from tapestry.track._formation import formation
from tapestry.track._plan import set_plan
from tapestry.track._state import TrackState, new_state
from tapestry.track._step import step
from tapestry.track._warm import warm

__all__ = ["TrackState", "dump", "formation", "load", "new_state", "set_plan", "step", "warm"]
