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

__all__ = [
    "BadCredentials",
    "BadCsrf",
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
