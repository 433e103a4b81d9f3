"""The door of the worker: partitions in, findings out."""

from tapestry import movement, route, rules, track
from tapestry.app._worker import Worker

__all__ = ["Worker", "warm"]


def warm() -> None:
    """Compile every kernel, or load it from the disk, before the first position comes."""
    track.warm()
    rules.warm()
    route.warm()  # for the desk, which finds it compiled on the disk
    movement.warm_meetings()  # likewise
    movement.warm_passages()
