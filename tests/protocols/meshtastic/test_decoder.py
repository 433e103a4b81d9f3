"""What a mesh says, in numbers worked out by hand."""

from tests.protocols.meshtastic.frames import JSON, PLAIN, SEALED, TEXT, UDP, data, envelope, position

from tapestry.protocols.meshtastic import MeshtasticDecoder
from tapestry.wire import Fix, Heartbeat, Readings, Transport

AT_US = 1_760_000_000_000_000
WHO = "meshtastic:!12345678"


def test_a_position_is_a_fix_of_its_node_in_si_units() -> None:
    assert UDP.events([PLAIN]) == [
        Fix(
            AT_US, 33.3152, 44.3661, speed_mps=10.0, heading_deg=92.5, alt_m=34.0, identity=WHO,
            readings=Readings(satellites=9),
        )
    ]  # fmt: skip


def test_a_message_sealed_with_the_key_devices_are_sold_with_says_the_same() -> None:
    assert UDP.events([SEALED]) == UDP.events([PLAIN])


def test_a_channels_own_key_opens_its_messages_and_without_it_they_are_signs_of_life() -> None:
    key = bytes(range(32))
    sealed = envelope(data(3, position()), sealed=True, key=key)
    decoder = MeshtasticDecoder(Transport.UDP, [key])
    assert decoder.feed(sealed, received_at_us=0) + decoder.end(received_at_us=0) == UDP.events([PLAIN])
    assert UDP.events([sealed]) == [Heartbeat(WHO, Readings(codes={"sealed": True}))]


def test_json_says_the_same() -> None:
    assert UDP.events([JSON]) == [Fix(AT_US, 33.3152, 44.3661, alt_m=34.0, identity=WHO, readings=Readings())]


def test_a_text_is_a_sign_of_life_with_its_words() -> None:
    assert UDP.events([TEXT]) == [Heartbeat(WHO, Readings(codes={"text": "وصلنا"}))]


def test_a_speed_below_zero_is_none() -> None:
    (fix,) = UDP.events([JSON.replace(b'"altitude": 34', b'"altitude": 34, "ground_speed": -1')])
    assert isinstance(fix, Fix)
    assert (fix.alt_m, fix.speed_mps) == (34.0, None)
