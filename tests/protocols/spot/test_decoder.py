"""What SPOT's feed says, in numbers worked out by hand."""

from tests.protocols.session import RECEIVED_AT_US
from tests.protocols.spot.frames import JSON, OLDER, TCP, feed, message

from tapestry.model import DistressKind
from tapestry.wire import DistressCall, Fix, Heartbeat, Readings, Rejected, Reply

AT_US = 1_760_000_000_000_000
WHO = "spot:0-8356068"


def test_a_track_message_is_a_fix_of_its_messenger() -> None:
    fix, answer = TCP.events([feed(message())])
    assert fix == Fix(AT_US, 33.3152, 44.3661, identity=WHO, readings=Readings(codes={"type": "TRACK"}))
    assert isinstance(answer, Reply)
    assert answer.durable


def test_json_says_the_same_and_a_low_battery() -> None:
    fix, _ = TCP.events([JSON])
    assert fix == Fix(
        AT_US, 33.3152, 44.3661, alt_m=34.0, identity=WHO,
        readings=Readings(alarms=("low-battery",), codes={"type": "OK"}),
    )  # fmt: skip


def test_sos_and_help_are_calls_of_their_own_kinds() -> None:
    _, call, _ = TCP.events([feed(message("SOS"))])
    assert call == DistressCall(DistressKind.SOS, AT_US, 33.3152, 44.3661, identity=WHO)
    _, call, _ = TCP.events([OLDER])
    assert call == DistressCall(DistressKind.HELP, AT_US, 33.3152, 44.3661, identity="spot:0-1")


def test_a_call_from_before_1970_is_raised_at_the_hubs_time() -> None:
    before = OLDER.replace(b"2025-10", b"1025-10")
    call, rejected, _ = TCP.events([before])
    assert call == DistressCall(DistressKind.HELP, RECEIVED_AT_US, identity="spot:0-1")
    assert isinstance(rejected, Rejected)
    assert "since 1970" in rejected.reason


def test_sos_is_not_lost_to_a_bad_place() -> None:
    call, rejected, _ = TCP.events([feed(message("SOS", lat="x"))])
    assert call == DistressCall(DistressKind.SOS, RECEIVED_AT_US, identity=WHO)
    assert isinstance(rejected, Rejected)


def test_the_feeds_word_for_no_place_is_a_sign_of_life() -> None:
    said, _ = TCP.events([feed(message(lat="-99999", lon="-99999"))])
    assert said == Heartbeat(WHO, Readings(codes={"type": "TRACK"}))
