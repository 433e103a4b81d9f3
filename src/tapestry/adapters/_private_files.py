"""Files and folders for our user alone."""

import os
from pathlib import Path


def make_private_folder(path: Path) -> Path:
    """Return `path` as a folder; a new one is for our user alone. Parents are made with the usual mode."""
    if not path.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
    return path


def write_private(path: Path, text: str, *, durable: bool = True) -> None:
    """Write a file that only our user can read, whole or not at all.

    Args:
        durable: False leaves the moment of writing to the disk to the kernel: for facts that die with us.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    draft.replace(path)
