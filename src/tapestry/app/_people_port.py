"""What people's logins ask of the world: slow hashes and randomness."""

from collections.abc import Callable
from typing import Protocol

RandomBytes = Callable[[int], bytes]
"""Returns that many bytes nobody can guess."""


class PasswordHasher(Protocol):
    """Argon2id, away from the event loop: one hash takes tens of milliseconds and 64 MiB."""

    async def hash(self, password: str) -> str:
        """Return the encoded hash of a password, salt and parameters included."""
        ...

    async def verify(self, encoded: str, password: str) -> bool:
        """Return whether the password is the one that was hashed."""
        ...
