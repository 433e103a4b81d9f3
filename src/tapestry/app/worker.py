"""The door of the worker: partitions in, findings out."""

from tapestry.app._worker import Worker

__all__ = ["Worker"]
