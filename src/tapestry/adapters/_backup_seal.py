"""A stream of bytes sealed with a passphrase or to a key: it can be read whole and unchanged, or not at all.

First line: MAGIC, or MAGIC_TO_KEY. Second line: JSON with the salt and the cost of Argon2id, or with the public
key it is sealed to and the ephemeral one (`_backup_key`). Then chunks of
CHUNK_SIZE_BYTES of plain text (the last one may be shorter), each with the 16-byte tag of ChaCha20-Poly1305
(RFC 8439). The key is Argon2id (RFC 9106) of the passphrase, or that of `_backup_key`; both lines are the
associated data of every chunk.
The nonce is the chunk's number (11 bytes, big-endian) and one byte: 1 for the last chunk, else 0. So chunks
cannot be changed, dropped, repeated or put in another order, and a file that was cut lacks its last chunk.
A fresh salt, or a fresh ephemeral key, makes a key of its own for every file: no nonce is used twice under one.
"""

import os
from typing import IO, Final

import msgspec
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from tapestry.adapters._backup_key import OpeningKey, RecipientKey
from tapestry.model import Refused

MAGIC: Final = b"tapestry-backup 1\n"
MAGIC_TO_KEY: Final = b"tapestry-backup 2\n"  # of the same length
CHUNK_SIZE_BYTES: Final = 65_536
TAG_SIZE_BYTES: Final = 16
SALT_SIZE_BYTES: Final = 16
MIN_PASSPHRASE_LENGTH: Final = 12  # characters, as for people's passwords
MAX_HEADER_SIZE_BYTES: Final = 1_000
MEMORY_KIB: Final = 65_536  # RFC 9106, section 4, second recommended option: 64 MiB, three passes
PASSES: Final = 3
MOST_MEMORY_KIB: Final = 1_048_576  # a file from elsewhere must not make us take all memory
MOST_PASSES: Final = 20


class _Header(msgspec.Struct, frozen=True, kw_only=True):
    salt: str  # hexadecimal
    memory_kib: int
    passes: int


class _HeaderToKey(msgspec.Struct, frozen=True, kw_only=True):
    to: str  # hexadecimal, as is
    ephemeral: str


class Sealing:
    """A file-like object: what is written to it is sealed into a file. Nothing is whole before `finish`."""

    def __init__(self, file: IO[bytes], secret: str | RecipientKey) -> None:
        """Write the header.

        Args:
            secret: A passphrase, or the public key of whoever may open it.

        Raises:
            Refused: The passphrase is too short, or the key is none.
        """
        self._file = file
        self._head, key = _sealed_to(secret) if isinstance(secret, RecipientKey) else _sealed_with(secret)
        self._cipher = ChaCha20Poly1305(key)
        self._number = 0
        self._waiting = bytearray()
        file.write(self._head)

    def write(self, plain: bytes) -> int:
        """Take bytes; a full chunk goes out once it is known not to be the last."""
        self._waiting += plain
        while len(self._waiting) > CHUNK_SIZE_BYTES:
            self._put(bytes(self._waiting[:CHUNK_SIZE_BYTES]), last=False)
            del self._waiting[:CHUNK_SIZE_BYTES]
        return len(plain)

    def finish(self) -> None:
        """Write the last chunk, which says that it is the last."""
        self._put(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _put(self, plain: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, last=last), plain, self._head))
        self._number += 1


class Unsealing:
    """A file-like object that reads what a `Sealing` wrote; every byte it gives was checked."""

    def __init__(self, file: IO[bytes], secret: str | OpeningKey) -> None:
        """Read the header.

        Args:
            secret: The passphrase, or the private key, whichever it was sealed with.

        Raises:
            Refused: It is no backup, asks for more memory than any of ours, or is sealed in the other way.
        """
        to_key = is_sealed_to_key(magic := file.read(len(MAGIC)))
        line = file.readline(MAX_HEADER_SIZE_BYTES)
        key = _opened_by_key(line, secret) if to_key else _opened_by_passphrase(line, secret)
        self._file = file
        self._head = magic + line
        self._cipher = ChaCha20Poly1305(key)
        self._wrong = "the file was changed" if to_key else "the passphrase is wrong, or the file was changed"
        self._number = 0
        self._ready = bytearray()
        self._next = file.read(CHUNK_SIZE_BYTES + TAG_SIZE_BYTES)
        self._ended = False

    def read(self, size: int = -1) -> bytes:
        """Return at most `size` bytes, empty at the end.

        Raises:
            Refused: A chunk is not what was written, or the end is missing.
        """
        while not self._ended and (size < 0 or len(self._ready) < size):
            self._take()
        count = len(self._ready) if size < 0 else size
        given = bytes(self._ready[:count])
        del self._ready[:count]
        return given

    def _take(self) -> None:
        sealed, self._next = self._next, self._file.read(CHUNK_SIZE_BYTES + TAG_SIZE_BYTES)
        last = not self._next
        try:
            plain = self._cipher.decrypt(_nonce(self._number, last=last), sealed, self._head)
        except InvalidTag as err:
            raise Refused(self._fault(sealed, last=last)) from err
        self._ready += plain
        self._number += 1
        self._ended = last

    def _fault(self, sealed: bytes, *, last: bool) -> str:
        if last and self._opens_as_middle(sealed):
            return f"backup: ends after chunk {self._number}, expected more: it was cut; take another copy"
        if self._number == 0:
            return f"backup: its first chunk does not open: {self._wrong}"
        return (
            f"backup: chunk {self._number} does not open though those before it do: the file was changed, "
            "damaged or cut there; take another copy"
        )

    def _opens_as_middle(self, sealed: bytes) -> bool:
        try:
            self._cipher.decrypt(_nonce(self._number, last=False), sealed, self._head)
        except InvalidTag:
            return False
        return True


def is_sealed_to_key(magic: bytes) -> bool:
    """Return whether a file that begins so is sealed to a key; if not, it is sealed with a passphrase.

    Raises:
        Refused: It is no backup.
    """
    if magic not in (MAGIC, MAGIC_TO_KEY):
        raise Refused(f"backup: begins with {magic[:16]!r}, expected {MAGIC!r}; this is no backup of a hub")
    return magic == MAGIC_TO_KEY


def _sealed_with(passphrase: str) -> tuple[bytes, bytes]:
    """Return (both lines, key)."""
    if len(passphrase) < MIN_PASSPHRASE_LENGTH:
        raise Refused(
            f"passphrase of {len(passphrase)} characters, expected {MIN_PASSPHRASE_LENGTH} or more; "
            "several unrelated words are good"
        )
    header = _Header(salt=os.urandom(SALT_SIZE_BYTES).hex(), memory_kib=MEMORY_KIB, passes=PASSES)
    return MAGIC + msgspec.json.encode(header) + b"\n", _stretched(header, passphrase)


def _sealed_to(recipient: RecipientKey) -> tuple[bytes, bytes]:
    """Return (both lines, key)."""
    ephemeral, key = recipient.key_for_a_file()
    header = _HeaderToKey(to=recipient.raw.hex(), ephemeral=ephemeral.hex())
    return MAGIC_TO_KEY + msgspec.json.encode(header) + b"\n", key


def _opened_by_passphrase(line: bytes, secret: str | OpeningKey) -> bytes:
    if isinstance(secret, OpeningKey):
        raise Refused("backup: sealed with a passphrase, not to a key; leave --key out")
    try:
        header = msgspec.json.decode(line, type=_Header)
        bytes.fromhex(header.salt)
    except ValueError as err:
        raise Refused("backup: its second line is damaged; take another copy of the file") from err
    if not (8 <= header.memory_kib <= MOST_MEMORY_KIB and 1 <= header.passes <= MOST_PASSES):
        raise Refused(
            f"backup: asks for {header.memory_kib} KiB and {header.passes} passes, expected at most "
            f"{MOST_MEMORY_KIB} and {MOST_PASSES}; its second line was changed: take another copy"
        )
    return _stretched(header, secret)


def _opened_by_key(line: bytes, secret: str | OpeningKey) -> bytes:
    try:
        header = msgspec.json.decode(line, type=_HeaderToKey)
        to, ephemeral = RecipientKey(bytes.fromhex(header.to)), RecipientKey(bytes.fromhex(header.ephemeral))
    except (ValueError, Refused) as err:
        raise Refused("backup: its second line is damaged; take another copy of the file") from err
    if not isinstance(secret, OpeningKey):
        raise Refused(f"backup: sealed to the key {to}; give the file of its private key: --key FILE")
    if secret.recipient.raw != to.raw:
        raise Refused(
            f"backup: sealed to the key {to}, the one given is of {secret.recipient}; give the other key file"
        )
    return secret.key_of_a_file(ephemeral.raw)


def _stretched(header: _Header, passphrase: str) -> bytes:
    return hash_secret_raw(
        passphrase.encode(),
        bytes.fromhex(header.salt),
        time_cost=header.passes,
        memory_cost=header.memory_kib,
        parallelism=1,
        hash_len=32,
        type=Type.ID,
    )


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")
