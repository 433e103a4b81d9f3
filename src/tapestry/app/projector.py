"""The door of the projector: the bus in, the store out."""

from tapestry.app._projector import Projector

__all__ = ["Projector"]
