"""The door of refusals: what people are refused, in words that may leave the house."""

from tapestry.app._refusals import (
    BadCredentials,
    BadCsrf,
    Changed,
    DeskRefusal,
    Forbidden,
    Invalid,
    Locked,
    LockedOut,
    Missing,
    NotLoggedIn,
    TotpNeeded,
)
from tapestry.app._tak_views import BadToken

__all__ = [
    "BadCredentials",
    "BadCsrf",
    "BadToken",
    "Changed",
    "DeskRefusal",
    "Forbidden",
    "Invalid",
    "Locked",
    "LockedOut",
    "Missing",
    "NotLoggedIn",
    "TotpNeeded",
]
