"""What a fuzzer found worth keeping, made small: few inputs that together reach all the code that all of them reach."""

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path
from types import FrameType
from typing import Any

from tests.fuzz.promises import sessions_of

MOST_FILES = 48  # of one protocol; a protocol's code is reached with fewer
MOST_FILE_SIZE_BYTES = 1500
FOUND = "found-"  # begins the names of inputs that broke a promise once: they are kept whatever they reach
WATCHED = ("/tapestry/protocols/", "/tapestry/wire/")

Step = tuple[str, int, int]  # file, line before, line


def folder_of(protocol: str) -> Path:
    """Return where the corpus of a protocol is kept."""
    return Path(__file__).resolve().parents[1] / "protocols" / protocol / "corpus"


def steps_of(protocol: str, data: bytes) -> frozenset[Step]:
    """Return the steps from line to line that the decoders of a protocol take over an input."""
    taken: set[Step] = set()

    def follow(frame: FrameType, event: str, _: Any) -> Any:
        file = frame.f_code.co_filename
        if event != "call" or not any(part in file for part in WATCHED):
            return None
        before = 0

        def step(inner: FrameType, what: str, _: Any) -> Any:
            nonlocal before
            if what == "line":
                taken.add((file, before, inner.f_lineno))
                before = inner.f_lineno
            return step

        return step

    sys.settrace(follow)
    try:
        for session in sessions_of(protocol):
            session.events([data])
            if session.opening and not session.one_a_datagram:
                session.events([*session.opening, data])
    finally:
        sys.settrace(None)
    return frozenset(taken)


def fewest(protocol: str, inputs: Iterable[bytes]) -> list[bytes]:
    """Return few of the inputs that take the steps of all: each time the one that adds most for its size."""
    waiting = {data: steps_of(protocol, data) for data in sorted(set(inputs))}
    reached: set[Step] = set()
    kept: list[bytes] = []
    while waiting and len(kept) < MOST_FILES:
        best = max(waiting, key=lambda data: len(waiting[data] - reached) / (16 + len(data)))
        if not waiting[best] - reached:
            break
        reached |= waiting.pop(best)
        kept.append(best)
    return kept


def keep(protocol: str, inputs: Iterable[bytes]) -> int:
    """Replace the kept corpus of a protocol by the fewest of what was there and what came; return how many."""
    folder = folder_of(protocol)
    folder.mkdir(exist_ok=True)
    old = [path for path in folder.iterdir() if not path.name.startswith(FOUND)]
    small = [data for data in inputs if 0 < len(data) <= MOST_FILE_SIZE_BYTES]
    chosen = fewest(protocol, [*small, *(path.read_bytes() for path in old)])
    for path in old:
        path.unlink()
    for data in chosen:
        (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    return len(list(folder.iterdir()))
