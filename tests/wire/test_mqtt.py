"""One message of an MQTT broker: whose word it is, and what becomes of one that cannot be read."""

import json

import pytest
from tests.protocols.meshtastic.frames import JSON, PLAIN
from tests.protocols.session import RECEIVED_AT_US

from tapestry.protocols import DECODERS
from tapestry.wire import (
    MAX_BUFFER_SIZE_BYTES,
    NOT_STORED,
    STORED,
    DistressCall,
    Event,
    Fix,
    Heartbeat,
    MqttDecoder,
    Rejected,
    Reply,
)

LOCATION = json.dumps({"_type": "location", "lat": 33.3, "lon": 44.4, "tst": 1_760_000_000}).encode()


def read(protocol: str, topic: str, *parts: bytes) -> list[Event]:
    """Return what one message says, without the answer, which is checked."""
    mqtt = DECODERS[protocol].mqtt
    assert mqtt is not None
    decoder = MqttDecoder(mqtt, topic, {})
    for part in parts:
        assert decoder.feed(part, received_at_us=RECEIVED_AT_US) == []
    *events, answer = decoder.end(received_at_us=RECEIVED_AT_US)
    assert answer == Reply(STORED, refused=NOT_STORED)
    return events


@pytest.mark.parametrize("topic", ["owntracks/amal/phone", "owntracks/amal/phone/event"])
def test_under_a_phones_own_topic_the_word_is_that_phones(topic: str) -> None:
    (fix,) = read("owntracks", topic, LOCATION)
    assert isinstance(fix, Fix)
    assert fix.identity is None


def test_a_phone_cannot_speak_for_another_inside_its_message() -> None:
    other = LOCATION[:-1] + b', "topic": "owntracks/bilal/phone", "tid": "bp"}'
    (fix,) = read("owntracks", "owntracks/amal/phone", other)
    assert isinstance(fix, Fix)
    assert fix.identity is None


def test_a_gateway_speaks_for_itself_and_passes_on_others_under_their_names() -> None:
    (own,) = read("meshtastic", "msh/IQ/2/json/LongFast/!12345678", JSON)
    (other,) = read("meshtastic", "msh/IQ/2/e/LongFast/!0badcafe", PLAIN)
    assert isinstance(own, Fix)
    assert isinstance(other, Fix)
    assert (own.identity, other.identity) == (None, "meshtastic:!12345678")


def test_a_stream_names_the_tracker_of_each_message() -> None:
    message = {"ident": "350000000000017", "timestamp": 1_760_000_000, "position.latitude": 33.3,
               "position.longitude": 44.4, "alarm.event.trigger": "sos"}  # fmt: skip
    events = read("flespi", "flespi/message/gw/devices/7", json.dumps(message).encode())
    assert [type(event) for event in events] == [Fix, DistressCall]
    assert {event.identity for event in events if isinstance(event, Fix | DistressCall)} == {
        "imei:350000000000017"
    }


def test_the_same_message_in_parts_is_the_same() -> None:
    whole = read("owntracks", "owntracks/amal/phone", LOCATION)
    assert read("owntracks", "owntracks/amal/phone", LOCATION[:7], LOCATION[7:8], LOCATION[8:]) == whole


@pytest.mark.parametrize(
    ("protocol", "topic", "payload"),
    [
        ("owntracks", "owntracks/amal/phone", b"no JSON"),
        ("owntracks", "owntracks/amal", LOCATION),
        ("owntracks", "owntracks", LOCATION),
        ("meshtastic", "msh/IQ/2/e/LongFast/!0badcafe", b"\xff\xff\xff\xff"),
        ("flespi", "flespi/x", b"[]]"),
    ],
)
def test_what_cannot_be_read_is_rejected_with_a_reason(protocol: str, topic: str, payload: bytes) -> None:
    (rejected,) = read(protocol, topic, payload)
    assert isinstance(rejected, Rejected)
    assert rejected.raw == payload
    assert rejected.reason


def test_what_says_nothing_is_nothing() -> None:
    assert read("owntracks", "owntracks/amal/phone", b"") == []  # a retained message was taken back
    assert read("meshtastic", "msh/IQ/2/stat/!0badcafe", b"online") == []
    (status,) = read("owntracks", "owntracks/amal/phone", b'{"_type":"lwt","tst":1}')
    assert status == Heartbeat(None)


def test_a_message_of_many_faults_is_read_to_its_end() -> None:
    bad = json.dumps({"_type": "location", "lat": 91, "lon": 0})
    body = f"[{','.join([bad] * 100)},{LOCATION.decode()}]".encode()
    events = read("owntracks", "owntracks/amal/phone", body)
    assert [type(event) for event in events] == [Fix] + [Rejected] * 64


def test_a_message_without_end_is_not_kept() -> None:
    mqtt = DECODERS["owntracks"].mqtt
    assert mqtt is not None
    decoder = MqttDecoder(mqtt, "owntracks/amal/phone", {})
    for _ in range(4):
        decoder.feed(b"[" * MAX_BUFFER_SIZE_BYTES, received_at_us=RECEIVED_AT_US)
    (rejected, _) = decoder.end(received_at_us=RECEIVED_AT_US)
    assert isinstance(rejected, Rejected)
    assert len(rejected.raw) <= 1024
