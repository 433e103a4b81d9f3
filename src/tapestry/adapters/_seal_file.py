"""What sealed messages of devices are opened with: one file in the data folder, for our user alone.

Nothing of it is ever logged or shown.
"""

import base64
import binascii
from pathlib import Path
from typing import Final

import msgspec

from tapestry.adapters._private_files import make_private_folder, write_private
from tapestry.model import OutsideFault, Refused

FILE: Final = "seals.json"
MAX_PHRASE_SIZE_BYTES: Final = 32  # OwnTracks takes no more of it
CHANNEL_KEY_SIZES_BYTES: Final = (16, 32)
MAX_NAME_LENGTH: Final = 128


class SealFile:
    """The seals of one hub."""

    def __init__(self, data: Path) -> None:
        self._path = data / "keys" / FILE
        self._seen: tuple[int, int] | None = None

    def load(self) -> dict[str, str]:
        """Return the secrets by name.

        Raises:
            Refused: Others may read the file, or it is none of ours.
            OutsideFault: It cannot be read.
        """
        try:
            if not self._path.exists():
                return {}
            mode = self._path.stat().st_mode & 0o777
            body = self._path.read_bytes()
        except OSError as err:
            raise OutsideFault(f"{self._path}: cannot be read ({err.strerror})", retry_helps=False) from err
        if mode & 0o077:
            raise Refused(
                f"{self._path} has mode {mode:o}; expected 600, it holds secrets. Run: chmod 600 {self._path}"
            )
        try:
            return msgspec.json.decode(body, type=dict[str, str])
        except msgspec.DecodeError as err:
            raise Refused(
                f"{self._path} cannot be read; restore it from a backup, or add the seals anew"
            ) from err

    def changed(self) -> bool:
        """Return whether the file is another one than when this was asked last, or this was never asked."""
        try:
            stat = self._path.stat()
            now = (stat.st_mtime_ns, stat.st_ino)
        except OSError:
            now = (0, 0)
        before, self._seen = self._seen, now
        return before != now

    def save(self, seals: dict[str, str]) -> None:
        """Write them all."""
        make_private_folder(self._path.parent)
        write_private(self._path, msgspec.json.encode(dict(sorted(seals.items()))).decode())


def verify_seal(name: str, secret: str) -> None:
    """Check that a name says whose messages a secret opens, and that the secret can be one.

    Raises:
        Refused: It does not, or it cannot.
    """
    scheme, _, value = name.partition(":")
    if not value or len(name) > MAX_NAME_LENGTH or not name.isprintable() or " " in name:
        raise Refused(
            f"name {name[:MAX_NAME_LENGTH]!r}, expected owntracks:USER/DEVICE or meshtastic:CHANNEL"
        )
    if scheme == "owntracks":
        size_bytes = len(secret.encode())
        if not 0 < size_bytes <= MAX_PHRASE_SIZE_BYTES:
            raise Refused(
                f"secret of {size_bytes} bytes, expected 1 to {MAX_PHRASE_SIZE_BYTES}: what is typed into the "
                "app as its encryption key"
            )
    elif scheme == "meshtastic":
        try:
            key = base64.b64decode(secret, validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) not in CHANNEL_KEY_SIZES_BYTES:
            raise Refused(
                f"key of {len(key)} bytes, expected {' or '.join(map(str, CHANNEL_KEY_SIZES_BYTES))} as base64: "
                "the key of a channel, as Meshtastic's app shows it"
            )
    else:
        raise Refused(
            f"name {name!r}, expected owntracks:USER/DEVICE or meshtastic:CHANNEL; nothing else is sealed"
        )
