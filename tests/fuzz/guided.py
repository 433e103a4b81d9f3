"""Atheris over one decoder: inputs that reach new code are kept and changed further.

Run: python -m tests.fuzz.guided PROTOCOL CORPUS SECONDS. A finding is written beside the corpus and ends it.
"""

import random
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["tapestry.protocols", "tapestry.wire"]):
    import tapestry.protocols  # noqa: F401
from tests.fuzz.promises import MAX_INPUT_SIZE_BYTES, verify
from tests.fuzz.seals import seal


def main() -> None:
    protocol, corpus, seconds = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])

    def changed(data: bytes, max_size: int, seed: int) -> bytes:
        other: bytes = atheris.Mutate(data, max_size)
        return seal(protocol, other)[:max_size] if random.Random(seed).random() < 0.7 else other

    atheris.Setup(
        [
            sys.argv[0],
            str(corpus),
            f"-max_total_time={seconds}",
            f"-max_len={MAX_INPUT_SIZE_BYTES}",
            "-len_control=20",
            "-timeout=30",  # seconds of one input
            "-rss_limit_mb=2048",
            f"-artifact_prefix={corpus.parent}/found-",
            "-print_final_stats=1",
        ],
        lambda data: verify(protocol, data),
        custom_mutator=changed,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
