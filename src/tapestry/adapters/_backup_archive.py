"""The contents of a backup: sections of pieces in one tar stream, and at its end what it must hold.

A piece is a member named SECTION/NUMBER. The last member is MANIFEST: size and SHA-256 of every section. The
stream is sealed (`_backup_seal`), so nothing of it lies on a disk in plain text.
"""

import hashlib
import io
import itertools
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

import msgspec

from tapestry.adapters._backup_key import OpeningKey, RecipientKey
from tapestry.adapters._backup_seal import Sealing, Unsealing
from tapestry.model import OutsideFault, Refused

MANIFEST: Final = "manifest"
SKIPPED: Final = frozenset(
    {"lock", "run", "logs", "nats", "postgres"}
)  # made anew, or copied in their own way
STORE_KEY: Final = "secrets/nats.store-key"  # a restored bus gets a key of its own
PIECE_SIZE_BYTES: Final = 1_048_576

Pieces = Iterator[bytes]


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """What one section must hold."""

    size_bytes: int
    sha256: str  # hexadecimal


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds."""

    made_at: str  # ISO 8601, UTC
    version: str  # of tapestry
    log_size: int  # entries of the Log, just before the tables were copied
    messages: dict[str, int]  # of each stream of the bus
    sections: dict[str, Section] = {}


class BackupWriter:
    """A backup that is being written beside its place; it takes its place by `finish` and not before."""

    def __init__(self, path: Path, secret: str | RecipientKey) -> None:
        """Begin.

        Raises:
            Refused: There is a file of that name, or the passphrase is too short.
            OutsideFault: The folder cannot be written.
        """
        if path.exists():
            raise Refused(f"{path}: there is a file of that name; give another, old backups are kept")
        self.path = path
        self._draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
        try:
            descriptor = os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as err:
            raise OutsideFault(
                f"{path}: {err.strerror}; give a place you may write", retry_helps=False
            ) from err
        self._file = os.fdopen(descriptor, "wb")
        try:
            self._sealing = Sealing(self._file, secret)
        except Refused:
            self.abandon()
            raise
        self._tar = tarfile.open(mode="w|", fileobj=self._sealing, format=tarfile.PAX_FORMAT)  # type: ignore[call-overload]  # noqa: SIM115
        self._hashes: dict[str, Any] = {}
        self._sizes: dict[str, int] = {}
        self._count = itertools.count()

    def put(self, section: str, piece: bytes) -> None:
        """Add a piece to a section."""
        self._hashes.setdefault(section, hashlib.sha256()).update(piece)
        self._sizes[section] = self._sizes.get(section, 0) + len(piece)
        self._add(f"{section}/{next(self._count):09d}", piece)

    def finish(self, manifest: Manifest) -> None:
        """Write what it must hold, see it on the disk, and put it in its place."""
        sections = {
            name: Section(size_bytes=self._sizes[name], sha256=digest.hexdigest())
            for name, digest in self._hashes.items()
        }
        whole = msgspec.structs.replace(manifest, sections=sections)
        self._add(MANIFEST, msgspec.json.encode(whole))
        self._tar.close()
        self._sealing.finish()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        os.link(self._draft, self.path)  # never over another file
        self._draft.unlink()
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def abandon(self) -> None:
        """Leave nothing behind."""
        self._file.close()
        self._draft.unlink(missing_ok=True)

    def _add(self, name: str, piece: bytes) -> None:
        member = tarfile.TarInfo(name)
        member.size = len(piece)
        self._tar.addfile(member, io.BytesIO(piece))


class BackupReader:
    """A backup that is being read; `sections` gives its contents in order, `manifest` stands once all was read."""

    def __init__(self, file: IO[bytes], secret: str | OpeningKey) -> None:
        """Open it.

        Raises:
            Refused: It is no backup.
        """
        self._unsealing = Unsealing(file, secret)
        self.manifest: Manifest | None = None

    @classmethod
    def check(cls, file: IO[bytes], secret: str | OpeningKey) -> Manifest:
        """Return what a backup holds, after every byte of it was read and checked.

        Steps:
            1. Every chunk opens, the last one is there (`_backup_seal`).
            2. Every section has the size and the digest of the manifest, and no section is missing.

        Raises:
            Refused: One of them does not hold.
        """
        reader = cls(file, secret)
        seen: dict[str, Section] = {}
        for name, pieces in reader.sections():  # 1
            digest, size_bytes = hashlib.sha256(), 0
            for piece in pieces:
                digest.update(piece)
                size_bytes += len(piece)
            seen[name] = Section(size_bytes=size_bytes, sha256=digest.hexdigest())
        if reader.manifest is None or reader.manifest.sections != seen:  # 2
            raise Refused(
                "backup: its contents are not those its manifest names; take another copy of the file"
            )
        return reader.manifest

    def sections(self) -> Iterator[tuple[str, Pieces]]:
        """Return (name, pieces) of each section; a section's pieces are read before the next section."""
        for name, members in itertools.groupby(self._members(), key=lambda member: member[0]):
            yield name, (piece for _, piece in members)
        while self._unsealing.read(PIECE_SIZE_BYTES):
            pass  # to the last chunk: only it proves that the file is whole

    def _members(self) -> Iterator[tuple[str, bytes]]:
        try:
            with tarfile.open(mode="r|", fileobj=self._unsealing) as tar:  # type: ignore[call-overload]
                for member in tar:
                    file = tar.extractfile(member)
                    piece = b"" if file is None else file.read()
                    if member.name == MANIFEST:
                        self.manifest = msgspec.json.decode(piece, type=Manifest)
                    else:
                        yield member.name.rsplit("/", 1)[0], piece
        except (tarfile.TarError, msgspec.DecodeError) as err:
            raise Refused("backup: opens, but its contents cannot be read; it was made wrongly") from err


def files_to_copy(data: Path) -> list[Path]:
    """Return the files of a data folder that a backup copies as they are, by name."""
    found = [path for path in data.rglob("*") if path.is_file() and not path.is_symlink()]
    kept = [path for path in found if path.relative_to(data).parts[0] not in SKIPPED]
    return sorted(path for path in kept if path.relative_to(data).as_posix() != STORE_KEY)


def put_file(data: Path, name: str, pieces: Pieces) -> None:
    """Write a file of a backup into a new data folder, for our user alone.

    Raises:
        Refused: Its name leads out of the folder.
    """
    path = data / name
    if ".." in path.parts or not path.is_relative_to(data):
        raise Refused(f"backup: the file {name} would lie outside of the folder; it was made wrongly")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
