"""Hypothesis over one decoder: conversations of whole, damaged and encoded frames, until the time is out.

Run: python -m tests.fuzz.generated PROTOCOL FOLDER SECONDS [FIRST SEED]. Prints how many were tried; a finding is
written, as small as it could be made, to FOLDER and ends it.
"""

import hashlib
import sys
import time
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from tests.fuzz.promises import sessions_of, verify
from tests.fuzz.seals import seal
from tests.protocols.test_encoders import VALUE, fixes, instants, places

from tapestry.protocols import ENCODERS
from tapestry.wire import DistressCall

BATCH = 500  # inputs of one seed
CONSTANTS = (b"\0", b"\xff", b"\x7f", b"\x80", b"\r\n", b",", b"-", b"nan", b"1e999", b"9" * 20, b"\xd9\xa1")


def frames_of(protocol: str) -> list[bytes]:
    """Return every frame that the tests of a protocol have, good and broken."""
    found: list[bytes] = []
    for session in sessions_of(protocol):
        found += [*session.opening, *session.frames, *session.broken.values(), session.zero_place]
        found += [*session.far_dates.values(), session.endless]
        found += [one for one in (session.off_earth, session.impossible_date) if one is not None]
    return list(dict.fromkeys(found))


def encoded(protocol: str) -> st.SearchStrategy[bytes]:
    """Return frames of our own encoder: with right checksums, whatever they say."""
    encoder = ENCODERS[protocol]
    identity = f"{encoder.scheme}:{VALUE}"
    strategies = [fixes.map(lambda fix: encoder.fix(fix, identity))]
    if encoder.distress_kinds:
        calls = st.builds(DistressCall, st.sampled_from(sorted(encoder.distress_kinds)), instants, **places)
        strategies.append(calls.map(lambda call: encoder.distress(call, identity)))
    return st.one_of(strategies)


@st.composite
def damaged(draw: st.DrawFn, frames: st.SearchStrategy[bytes], protocol: str) -> bytes:
    """Return a frame with some of its bytes changed, taken out, put in or doubled."""
    data = bytearray(draw(frames))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        size = draw(st.integers(0, 8))
        new = draw(st.binary(max_size=4) | st.sampled_from(CONSTANTS) | st.just(bytes(data[at : at + size])))
        kind = draw(st.integers(0, 2))
        data[at : at + (len(new), size, 0)[kind]] = new
    return seal(protocol, bytes(data)) if draw(st.booleans()) else bytes(data)


def conversations(protocol: str) -> st.SearchStrategy[bytes]:
    """Return streams of up to six frames, each good, damaged or nothing of the kind."""
    good = st.sampled_from(frames_of(protocol)) | encoded(protocol)
    piece = good | damaged(good, protocol) | damaged(good, protocol) | st.binary(max_size=40)
    return st.lists(piece, min_size=1, max_size=6).map(b"".join)


def main() -> None:
    protocol, folder, seconds = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
    number = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    until_s, tried = time.monotonic() + seconds, 0
    streams = conversations(protocol)
    last = b""
    while time.monotonic() < until_s:

        @seed(number)
        @settings(
            max_examples=BATCH,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.target, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @given(data=streams)
        def look(data: bytes) -> None:
            nonlocal tried, last
            tried, last = tried + 1, data
            verify(protocol, data)

        try:
            look()
        except BaseException:
            (folder / f"found-{hashlib.sha256(last).hexdigest()[:16]}").write_bytes(last)
            raise
        number += 1
    print(f"tried {tried}")  # noqa: T201


if __name__ == "__main__":
    main()
