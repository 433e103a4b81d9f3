"""What flespi passes on, in numbers worked out by hand."""

import pytest
from tests.protocols.flespi.frames import FULL, NO_PLACE, SOS, TCP, message, post
from tests.protocols.session import RECEIVED_AT_US

from tapestry.model import DistressKind, Flag
from tapestry.wire import DistressCall, Fix, Heartbeat, Readings, Rejected, Reply

AT_US = 1_760_000_000_000_000
WHO = "imei:123456789012345"


def test_a_message_is_a_fix_in_si_units() -> None:
    fix, answer = TCP.events([post(FULL)])
    assert fix == Fix(
        AT_US,
        33.3152,
        44.3661,
        speed_mps=10.0,
        heading_deg=92.0,
        alt_m=34.0,
        accuracy_m=pytest.approx(5.5),
        identity=WHO,
        readings=Readings(
            satellites=9,
            hdop=1.1,
            battery_ratio=0.78,
            battery_v=4.1,
            signal_ratio=0.5,
            power_v=12.8,
            ignition=True,
            moving=True,
            odometer_m=123_456.0,
        ),
    )
    assert isinstance(answer, Reply)
    assert answer.durable


def test_sos_is_a_call_for_help_after_its_fix() -> None:
    fix, call, _ = TCP.events([post(SOS)])
    assert isinstance(fix, Fix)
    assert call == DistressCall(DistressKind.SOS, AT_US, 33.3152, 44.3661, identity=WHO)


@pytest.mark.parametrize(
    "said", [{"alarm.event": True}, {"alarm.event.trigger": True}, {"alarm.event.trigger": "panic"}]
)
def test_an_alarm_that_has_no_name_of_its_own_is_the_button(said: dict[str, object]) -> None:
    assert DistressCall(DistressKind.SOS, AT_US, 33.3152, 44.3661, identity=WHO) in TCP.events(
        [post(message() | said)]
    )
    silent = dict.fromkeys(said, False)
    assert not any(isinstance(it, DistressCall) for it in TCP.events([post(message() | silent)]))


def test_sos_is_not_lost_to_a_place_off_the_earth() -> None:
    call, rejected, _ = TCP.events([post(SOS | {"position.latitude": 95})])
    assert call == DistressCall(DistressKind.SOS, RECEIVED_AT_US, identity=WHO)
    assert isinstance(rejected, Rejected)


def test_a_message_without_a_place_is_a_sign_of_life() -> None:
    said, _ = TCP.events([post(NO_PLACE)])
    assert said == Heartbeat(WHO, Readings(battery_ratio=0.5))


def test_a_position_that_is_not_valid_says_so_and_a_buffered_one_too() -> None:
    fix, _ = TCP.events([post(message(position_valid=False) | {"message.buffered.status": True})])
    assert isinstance(fix, Fix)
    assert fix.flags == Flag.NO_FIX | Flag.BUFFERED


def test_a_bad_message_does_not_stop_the_others() -> None:
    events = TCP.events([post(message(), message(position_latitude=91), message())])
    assert [type(one) for one in events] == [Fix, Fix, Rejected, Reply]


@pytest.mark.parametrize("changes", [{"position_accuracy": -1}, {"position_hdop": -1.1}])
def test_an_accuracy_below_zero_is_absent(changes: dict[str, float]) -> None:
    fix, _ = TCP.events([post(message(**changes))])
    assert isinstance(fix, Fix)
    assert fix.accuracy_m is None
