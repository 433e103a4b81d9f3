"""MQTT of the bus: names of topics, who is asked, and when a message is settled."""

import base64
import json
from typing import Any

import msgspec
import pytest

from tapestry.adapters._nats_callout import Asked, CalloutKey, read_request
from tapestry.adapters._nats_mqtt import (
    GIVEN_BACK,
    SETTLED,
    NatsMqtt,
    _Settlement,
    subject_of,
    topic_of,
    violations,
)
from tapestry.wire import NOT_STORED, STORED


@pytest.mark.parametrize(
    ("topic", "subject"),
    [
        ("owntracks/amal/phone", "owntracks.amal.phone"),
        ("owntracks/amal.k/phone", "owntracks.amal//k.phone"),
        ("msh//2/e", "msh./.2.e"),
    ],
)
def test_a_topic_and_its_subject(topic: str, subject: str) -> None:
    assert subject_of(topic) == subject
    assert topic_of(subject) == topic


def test_filters_are_the_bus_wildcards() -> None:
    assert subject_of("msh/+/2/e/+/!0badcafe") == "msh.*.2.e.*.!0badcafe"
    assert subject_of("flespi/#") == "flespi.>"


def token(claims: object) -> bytes:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
    return b"e30." + body + b".c2ln"


REQUEST = {
    "server_id": {"id": "NSERVER", "name": "tapestry"},
    "user_nkey": "UCLIENT",
    "client_info": {"host": "10.0.0.7", "type": "mqtt", "mqtt_id": "phone"},
    "connect_opts": {"user": "amal", "pass": "s3cret", "auth_token": "s3cret"},
}


def test_who_asks_is_read_from_the_bus_own_words() -> None:
    asked = read_request(token({"nats": REQUEST}))
    assert asked == Asked(
        user="amal", key="s3cret", remote="10.0.0.7", kind="mqtt", user_nkey="UCLIENT", server_id="NSERVER"
    )


@pytest.mark.parametrize(
    "rubbish", [b"", b"a.b", b"a.!.c", b"a.e30.c", token([]), token({"nats": {"user_nkey": 1}})]
)
def test_rubbish_is_no_request(rubbish: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        read_request(rubbish)


def claims_of(answer: bytes | str) -> dict[str, Any]:
    body = (answer if isinstance(answer, str) else answer.decode()).split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))


def test_the_answer_lets_in_to_these_subjects_and_to_hear_nothing() -> None:
    key, asked = CalloutKey("hub secret"), read_request(token({"nats": REQUEST}))
    answer = claims_of(
        key.admit(
            asked, account="$G", publish=("owntracks.amal.phone",), lifetime_s=900, most_size_bytes=65_536
        )
    )
    user = claims_of(answer["nats"]["jwt"])
    assert (answer["iss"], answer["sub"], answer["aud"]) == (key.issuer, "UCLIENT", "NSERVER")
    assert (user["iss"], user["sub"], user["aud"]) == (key.issuer, "UCLIENT", "$G")
    assert user["nats"]["pub"] == {"allow": ["owntracks.amal.phone"]}
    assert user["nats"]["sub"] == {"deny": [">"]}
    assert user["nats"]["allowed_connection_types"] == ["MQTT"]
    assert user["exp"] - user["iat"] == pytest.approx(900, abs=1)
    assert "s3cret" not in json.dumps([answer, user])


def test_a_refusal_gives_no_reason_and_no_right() -> None:
    key, asked = CalloutKey("hub secret"), read_request(token({"nats": REQUEST}))
    assert "jwt" not in claims_of(key.refuse(asked))["nats"]


def test_the_key_follows_from_the_secret_alone() -> None:
    assert CalloutKey("one").issuer == CalloutKey("one").issuer != CalloutKey("two").issuer
    assert CalloutKey("one").issuer[0] == "A"
    assert len(CalloutKey("one").issuer) == 56


class Late:
    """A session whose bus was late, or was not."""

    def __init__(self, *, late: bool) -> None:
        self.late = late


@pytest.mark.parametrize(
    ("late", "answer", "word"),
    [
        (False, STORED, SETTLED),
        (False, NOT_STORED, SETTLED),
        (True, NOT_STORED, GIVEN_BACK),
        (None, NOT_STORED, SETTLED),
    ],
)
def test_only_what_the_bus_was_late_to_store_comes_again(
    late: bool | None, answer: bytes, word: bytes
) -> None:
    settled: list[tuple[str, bytes]] = []
    mqtt = object.__new__(NatsMqtt)
    mqtt.settle = lambda reply, said: settled.append((reply, said))  # type: ignore[method-assign]
    link = _Settlement(mqtt, "reply")
    link.session = None if late is None else Late(late=late)  # type: ignore[assignment]
    link.send(answer)
    assert settled == [("reply", word)]


def test_the_servers_log_tells_who_published_where_he_may_not() -> None:
    lines = [
        b'[7] 12:00:00.1 [ERR] 10.0.0.7:4711 - mid:28 - "phone" - Publish Violation - Subject "owntracks.a//b.c"',
        b'[7] 12:00:00.1 [ERR] 10.0.0.7:4711 - mid:28 - "phone" - Subscription Violation - Subject "a.b", SID 1',
        b"[7] 2026/03/01 12:00:00.1 [INF] Server is ready",
        b'[7] 2026/03/01 12:00:00.1 [ERR] 127.0.0.1:9 - cid:28 - "v1" - Publish Violation - Subject "a.b"',
        b"\xff\xfe",
    ]
    assert list(violations(lines)) == [("10.0.0.7:4711", "owntracks/a.b/c")]
