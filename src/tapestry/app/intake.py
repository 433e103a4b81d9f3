"""The door of intake: sessions for device bytes, the worker and the projector behind the bus."""

from tapestry.app._intake import Intake, Link, Session
from tapestry.app._projector import Projector
from tapestry.app._worker import Worker

__all__ = ["Intake", "Link", "Projector", "Session", "Worker"]
