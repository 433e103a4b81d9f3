"""The door of intake: sessions for device bytes."""

from tapestry.app._intake import Intake, Link, Session

__all__ = ["Intake", "Link", "Session"]
