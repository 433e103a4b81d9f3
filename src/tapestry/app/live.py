"""The door of the live view: its state, what feeds it, and its clients."""

from tapestry.app._live import LiveView
from tapestry.app._live_client import LiveClient, LiveClients
from tapestry.app._live_feed import LiveFeed

__all__ = ["LiveClient", "LiveClients", "LiveFeed", "LiveView"]
