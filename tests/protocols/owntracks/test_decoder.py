"""What OwnTracks says, in numbers worked out by hand."""

import base64
import json

import pytest
from nacl.secret import SecretBox
from tests.protocols.owntracks.frames import BARE, FULL, LATE, STATUS, TCP, TRIED, TWO, location, post
from tests.protocols.session import RECEIVED_AT_US

from tapestry.model import Flag
from tapestry.protocols.owntracks import OwnTracksDecoder
from tapestry.wire import Event, Fix, Heartbeat, Readings, Rejected, Reply, Transport

AT_US = 1_760_000_000_000_000


def test_a_location_is_a_fix_in_si_units() -> None:
    fix, answer = TCP.events([FULL])
    assert fix == Fix(
        AT_US,
        33.3152,
        44.3661,
        speed_mps=10.0,
        heading_deg=92.0,
        alt_m=34.0,
        accuracy_m=8.0,
        identity="owntracks:jane/phone",
        readings=Readings(battery_ratio=0.78, charging=True, fix_age_s=5.0, codes={"t": "u"}),
    )
    assert isinstance(answer, Reply)
    assert answer.durable
    assert answer.data.endswith(b"\r\n\r\n[]")


def test_what_is_not_said_is_absent() -> None:
    fix, _ = TCP.events([BARE])
    assert fix == Fix(AT_US, 33.3152, 44.3661, identity="owntracks:jane/phone", readings=Readings())


def test_a_location_sent_an_hour_later_was_stored() -> None:
    fix, _ = TCP.events([LATE])
    assert isinstance(fix, Fix)
    assert (fix.flags, fix.fixed_at_us) == (Flag.BUFFERED, AT_US)


def test_a_list_is_every_message_and_a_bad_one_does_not_stop_the_others() -> None:
    assert [type(one) for one in TCP.events([TWO])] == [Fix, Fix, Reply]
    events = TCP.events([post(f"[{location()},{location(lat=91)},{location(tst=1760000020)}]")])
    assert [type(one) for one in events] == [Fix, Fix, Rejected, Reply]


@pytest.mark.parametrize("request_", [STATUS, TRIED])
def test_other_messages_are_signs_of_life(request_: bytes) -> None:
    said, answer = TCP.events([request_])
    assert said == Heartbeat("owntracks:jane/phone")
    assert isinstance(answer, Reply)


@pytest.mark.parametrize(
    ("sent", "identity"),
    [
        (post(location(), headers="", target="/?u=jane&d=car"), "owntracks:jane/car"),
        (post(location(), headers="", target="//[?u=jane&d=car"), "owntracks:jane/car"),
        (post(location(topic='"owntracks/jane/tablet/x"'), headers=""), "owntracks:jane/tablet"),
        (post(location(tid='"jp"'), headers=""), "owntracks:jp"),
    ],
)
def test_who_sends_is_said_in_several_ways(sent: bytes, identity: str) -> None:
    fix, _ = TCP.events([sent])
    assert isinstance(fix, Fix)
    assert fix.identity == identity


def sealed(secret: str) -> bytes:
    box = SecretBox(secret.encode().ljust(32, b"\0"))
    data = base64.b64encode(box.encrypt(location().encode(), bytes(range(24)))).decode()
    return post(json.dumps({"_type": "encrypted", "data": data}))


def opened(data: bytes, secret: str) -> list[Event]:
    decoder = OwnTracksDecoder(Transport.TCP, {"owntracks:jane/phone": secret})
    return decoder.feed(data, received_at_us=RECEIVED_AT_US)


def test_a_sealed_message_is_opened_with_its_senders_secret() -> None:
    fix, _ = opened(sealed("correct horse"), "correct horse")
    assert isinstance(fix, Fix)
    assert fix.lat_deg == 33.3152


def test_a_sealed_message_is_rejected_without_its_secret_and_the_secret_is_not_told() -> None:
    rejected, _ = opened(sealed("correct horse"), "battery staple")
    assert isinstance(rejected, Rejected)
    assert rejected.reason == "sealed message cannot be opened with the sender's secret"
    assert b"staple" not in rejected.raw
    rejected, _ = TCP.events([sealed("correct horse")])
    assert isinstance(rejected, Rejected)
    assert "no secret of its sender is known here" in rejected.reason
