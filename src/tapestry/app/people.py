"""The door of people: logins, sessions, accounts."""

from tapestry.app._people import AccountChange, People, TotpOffer
from tapestry.app._people_port import PasswordHasher, RandomBytes
from tapestry.app._sessions import LONGEST, Sessions, Viewer, check_csrf

__all__ = [
    "LONGEST",
    "AccountChange",
    "PasswordHasher",
    "People",
    "RandomBytes",
    "Sessions",
    "TotpOffer",
    "Viewer",
    "check_csrf",
]
