"""The door of the worker: partitions in, findings out."""

from tapestry import movement, rules, track
from tapestry.app._worker import Worker

__all__ = ["Worker", "warm"]


def warm() -> None:
    """Compile every kernel, or load it from the disk, before the first position comes."""
    track.warm()
    rules.warm()
    movement.warm_passages()
