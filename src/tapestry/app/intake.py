"""The door of intake: sessions for device bytes."""

from tapestry.app._answers import Link
from tapestry.app._intake import Intake, Session
from tapestry.app._spot_feeds import FeedAnswer, SpotFeed, SpotFeeds

__all__ = ["FeedAnswer", "Intake", "Link", "Session", "SpotFeed", "SpotFeeds"]
