"""Keys that backups are sealed to: anybody may seal with the public one, only the private one opens.

The private key is made and kept away from the hub (`tapestry backup keygen`), so a hub that was wiped or taken
leaves no backup that it, or whoever has it, can read. The key of one file, source RFC 7748 and RFC 5869:

    HKDF-SHA256(X25519(ephemeral private, recipient), salt: none, info: KEY_INFO + ephemeral public + recipient)

The ephemeral key is made for one file and forgotten. Left out on purpose: who made the file. Whoever knows the
public key can make one that opens (docs/backup.md).
"""

import hashlib
import os
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tapestry.model import OutsideFault, Refused

KEY_SIZE_BYTES: Final = 32  # RFC 7748, of either half
PREFIX: Final = "tapestry-to-"
CHECK_DIGITS: Final = 8  # hexadecimal; a public key with a slip of the pen would seal to nobody
FIRST_LINE: Final = "tapestry-backup-key 1"
KEY_INFO: Final = b"tapestry-backup 2 key"
MOST_FILE_SIZE_BYTES: Final = 1_000


class RecipientKey:
    """The public half: seals, and cannot open."""

    def __init__(self, raw: bytes) -> None:
        """Take 32 bytes.

        Raises:
            Refused: Another number of bytes.
        """
        if len(raw) != KEY_SIZE_BYTES:
            raise Refused(f"public key of {len(raw)} bytes, expected {KEY_SIZE_BYTES}; take another copy")
        self.raw = raw

    @classmethod
    def parse(cls, words: str) -> "RecipientKey":
        """Return the key that was written as `words`.

        Raises:
            Refused: It is none, or a digit of it is wrong.
        """
        digits = words.strip().lower().removeprefix(PREFIX)
        try:
            raw, check = bytes.fromhex(digits[:-CHECK_DIGITS]), digits[-CHECK_DIGITS:]
        except ValueError:
            raw, check = b"", ""
        if not words.strip().lower().startswith(PREFIX) or len(raw) != KEY_SIZE_BYTES:
            raise Refused(
                f"public key of {len(words.strip())} characters, expected {PREFIX} and "
                f"{2 * KEY_SIZE_BYTES + CHECK_DIGITS} hexadecimal digits; `tapestry backup keygen` prints it"
            )
        if check != _check(raw):
            raise Refused(
                f"public key: ends in {check}, expected {_check(raw)}; a digit was copied wrongly, copy it again"
            )
        return cls(raw)

    def __str__(self) -> str:
        """Return it as people copy it."""
        return f"{PREFIX}{self.raw.hex()}{_check(self.raw)}"

    def key_for_a_file(self) -> tuple[bytes, bytes]:
        """Return (ephemeral public key, key of one file), each 32 bytes; another pair each time.

        Raises:
            Refused: The recipient is a point that makes every secret zero (RFC 7748, section 6.1).
        """
        ephemeral = X25519PrivateKey.generate()
        public = ephemeral.public_key().public_bytes_raw()
        return public, _file_key(ephemeral, self.raw, public, self.raw)


class OpeningKey:
    """The private half, kept elsewhere."""

    def __init__(self, key: X25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def generate(cls) -> "OpeningKey":
        """Return a new key."""
        return cls(X25519PrivateKey.generate())

    @classmethod
    def read(cls, path: Path) -> "OpeningKey":
        """Return the key in a file that `write` made.

        Raises:
            Refused: The file holds no key.
            OutsideFault: It cannot be read.
        """
        try:
            with path.open("rb") as file:
                lines = file.read(MOST_FILE_SIZE_BYTES).decode("ascii", errors="replace").split("\n")
        except OSError as err:
            raise OutsideFault(
                f"key {path}: {err.strerror}; give the file of the key", retry_helps=False
            ) from err
        try:
            raw = bytes.fromhex(lines[1]) if lines[0] == FIRST_LINE else b""
        except (ValueError, IndexError):
            raw = b""
        if len(raw) != KEY_SIZE_BYTES:
            raise Refused(
                f"key {path}: holds no key of a backup, expected the line {FIRST_LINE!r} and one of "
                f"{2 * KEY_SIZE_BYTES} hexadecimal digits; give the file that `tapestry backup keygen` wrote"
            )
        key = cls(X25519PrivateKey.from_private_bytes(raw))
        if len(lines) < 3 or lines[2] != str(key.recipient):
            raise Refused(f"key {path}: its two halves do not fit, it is damaged; take another copy of it")
        return key

    def write(self, path: Path) -> None:
        """Write it into a new file, mode 0600: what it is, the private key, the public key.

        Raises:
            Refused: There is a file of that name.
            OutsideFault: The folder cannot be written.
        """
        text = f"{FIRST_LINE}\n{self._key.private_bytes_raw().hex()}\n{self.recipient}\n"
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        except FileExistsError as err:
            raise Refused(
                f"{path}: there is a file of that name; give another, backups sealed to an old key need it"
            ) from err
        except OSError as err:
            raise OutsideFault(
                f"{path}: {err.strerror}; give a place you may write", retry_helps=False
            ) from err

    @property
    def recipient(self) -> RecipientKey:
        """Return its public half."""
        return RecipientKey(self._key.public_key().public_bytes_raw())

    def key_of_a_file(self, ephemeral: bytes) -> bytes:
        """Return the key of the file whose ephemeral public key this is.

        Raises:
            Refused: It is no such key.
        """
        return _file_key(self._key, ephemeral, ephemeral, self.recipient.raw)


def _file_key(private: X25519PrivateKey, public: bytes, ephemeral: bytes, recipient: bytes) -> bytes:
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError as err:
        raise Refused("backup: a key that is no point to seal to; take another copy of it") from err
    info = KEY_INFO + ephemeral + recipient
    return HKDF(algorithm=SHA256(), length=KEY_SIZE_BYTES, salt=None, info=info).derive(shared)


def _check(raw: bytes) -> str:
    return hashlib.sha256(PREFIX.encode() + raw).hexdigest()[:CHECK_DIGITS]
