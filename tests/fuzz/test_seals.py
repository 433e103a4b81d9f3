"""Checksums are put right where they were wrong, and left where they were right."""

import pytest
from tests.fuzz.generated import frames_of
from tests.fuzz.promises import sessions_of
from tests.fuzz.seals import SEALS, seal

from tapestry.protocols import ENCODERS
from tapestry.wire import Fix, Rejected

DAMAGED = {
    "gt06": b"\xff\xff\x0d\x0a",
    "teltonika": b"\xff\xff\xff\xff",
    "ruptela": b"\xff\xff",
    "jt808": b"\x00\x7e",
    "nmea": b"ZZ\r\n",
    "wialon": b"ZZZZ\r\n",
    "meitrack": b"ZZ\r\n",
}


@pytest.mark.parametrize("name", [name for name in SEALS if name != "wialon"])
def test_a_good_conversation_stays_as_it_is(name: str) -> None:
    session = sessions_of(name)[0]
    assert session.events([seal(name, session.whole)]) == session.events([session.whole])


@pytest.mark.parametrize("name", DAMAGED)
def test_a_frame_with_a_wrong_checksum_is_read_once_it_is_sealed(name: str) -> None:
    encoder = ENCODERS[name]
    identity = f"{encoder.scheme}:123456789012345"
    login = encoder.login(identity)
    frame = encoder.fix(Fix(1_760_000_000_000_000, 33.3152, 44.3661), identity)
    wrong = login + frame[: -len(DAMAGED[name])] + DAMAGED[name]
    session = sessions_of(name)[0]
    assert any(isinstance(one, Rejected) for one in session.events([wrong]))
    events = session.events([seal(name, wrong)])
    assert not any(isinstance(one, Rejected) for one in events)
    assert [type(one) for one in events].count(Fix) == 1


def test_a_protocol_without_checksums_is_left_as_it_is() -> None:
    assert all(seal("osmand", frame) == frame for frame in frames_of("osmand"))
