"""A call for help takes time and place from its position."""

from tapestry.model import DistressKind, Flag
from tapestry.wire import DistressCall, Fix, call_at


def test_a_call_has_the_time_and_the_place_of_its_position() -> None:
    fix = Fix(5, 1.5, 2.5, identity="id:a")
    assert call_at(DistressKind.SOS, fix, received_at_us=9) == DistressCall(
        DistressKind.SOS, 5, 1.5, 2.5, identity="id:a"
    )


def test_a_place_without_a_fix_is_left_out_and_without_a_position_the_time_is_the_hubs() -> None:
    fix = Fix(5, 1.5, 2.5, flags=Flag.NO_FIX)
    assert call_at(DistressKind.TAMPER, fix, received_at_us=9) == DistressCall(DistressKind.TAMPER, 5)
    assert call_at(DistressKind.TAMPER, None, received_at_us=9) == DistressCall(DistressKind.TAMPER, 9)
