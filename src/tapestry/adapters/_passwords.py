"""Argon2id in threads, a few at a time: each hash takes 64 MiB."""

import asyncio
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

MEMORY_KIB: Final = 65_536  # RFC 9106 section 4, second recommended option: 64 MiB …
PASSES: Final = 3  # … three passes …
LANES: Final = 4  # … four lanes
AT_ONCE: Final = 2  # bounds the memory that a flood of logins can take to 128 MiB


class Argon2Passwords:
    """The password hasher of the hub."""

    def __init__(self) -> None:
        self._argon2 = PasswordHasher(
            time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES, type=Type.ID
        )
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def hash(self, password: str) -> str:
        """Return the encoded hash of a password, salt and parameters included."""
        async with self._turns:
            return await asyncio.to_thread(self._argon2.hash, password)

    async def verify(self, encoded: str, password: str) -> bool:
        """Return whether the password is the one that was hashed."""
        async with self._turns:
            return await asyncio.to_thread(self._verify, encoded, password)

    def _verify(self, encoded: str, password: str) -> bool:
        try:
            return self._argon2.verify(encoded, password)
        except (VerificationError, InvalidHashError):
            return False
