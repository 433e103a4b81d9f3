"""The hub's signing key: one Ed25519 key in a file that only our user can read."""

import os
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tapestry.model import OutsideFault, Refused

SEED_SIZE_BYTES: Final = 32  # RFC 8032: the private key is 32 random bytes


class SigningKey:
    """An Ed25519 key; implements `tapestry.app.ledger.Signer`."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @property
    def public_key(self) -> bytes:
        """Return the public key, 32 bytes."""
        return self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message, 64 bytes."""
        return self._key.sign(message)


def load_or_create_signing_key(path: Path) -> SigningKey:
    """Return the key in the file at `path` (its 32 bytes in hexadecimal); made on the first call, mode 0600.

    Raises:
        Refused: Others may read the file, or it holds no key.
        OutsideFault: The file cannot be read or written.
    """
    try:
        if not path.exists():
            _create(path)
        mode = path.stat().st_mode & 0o777
        text = path.read_text(encoding="ascii", errors="replace").strip()
    except OSError as err:
        raise OutsideFault(
            f"signing key {path}: {err.strerror}; see disk space and rights of that folder", retry_helps=False
        ) from err
    if mode & 0o077:
        raise Refused(
            f"signing key {path}: mode {mode:04o}, expected 0600; others may have read it: chmod 600 it"
        )
    try:
        seed = bytes.fromhex(text)
    except ValueError:
        seed = b""
    if len(seed) != SEED_SIZE_BYTES:
        raise Refused(
            f"signing key {path}: {len(text)} characters that are no key, expected {2 * SEED_SIZE_BYTES} "
            "hexadecimal digits; put the backup back. A new key would make old tree heads look foreign"
        )
    return SigningKey(Ed25519PrivateKey.from_private_bytes(seed))


def _create(path: Path) -> None:
    """Write a new key beside its place and link it there: whole or not at all, and never over another."""
    seed = Ed25519PrivateKey.generate().private_bytes_raw()
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(seed.hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return  # another process was first: its key counts
    finally:
        draft.unlink()
