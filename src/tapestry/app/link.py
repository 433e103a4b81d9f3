"""The door of links between centres: changes out, changes in, and whether the others are heard."""

from tapestry.app._centre_port import Aside, CentreBus, CentreStore, Outcome, Taken
from tapestry.app._link import LINKS_KEY, Link
from tapestry.app._link_news import LiveSender, NewsTeller

__all__ = [
    "LINKS_KEY",
    "Aside",
    "CentreBus",
    "CentreStore",
    "Link",
    "LiveSender",
    "NewsTeller",
    "Outcome",
    "Taken",
]
