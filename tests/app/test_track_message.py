"""The framing of TRACK messages."""

from datetime import UTC, datetime

import msgspec
import numpy as np
import pytest

from tapestry.app._track_message import (
    MessageKind,
    frame_fences,
    frame_plan,
    frame_positions,
    frame_tick,
    parse_positions,
    parse_track_message,
)
from tapestry.model import POSITION, DeviceFault, MovementId, MovementPlan, OperatorId


def test_positions_come_back_as_they_went_in() -> None:
    rows = np.zeros(2, POSITION)
    rows["vehicle_id"] = [7, 8]
    rows["lat_deg"] = [33.3, 33.4]
    payload = frame_positions(rows)
    assert len(payload) == 8 + 2 * 64
    assert payload[:8] == b"\x01\x01\0\0\0\0\0\0"
    kind, body = parse_track_message(payload)
    assert kind is MessageKind.POSITIONS
    assert parse_positions(body).tolist() == rows.tolist()


def test_a_tick_is_a_head_and_eight_bytes_of_time() -> None:
    assert frame_tick(1) == b"\x02\x01\0\0\0\0\0\0" + b"\x01\0\0\0\0\0\0\0"


def test_a_plan_travels_as_json() -> None:
    plan = MovementPlan(
        movement_id=MovementId(12),
        version=1,
        operator_id=OperatorId(1),
        callsign="WOLF",
        route=(),
        vehicles=(),
        active_from=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        active_until=datetime(2026, 1, 2, 6, 4, 5, tzinfo=UTC),
    )
    kind, body = parse_track_message(frame_plan(plan))
    assert kind is MessageKind.PLAN
    assert msgspec.json.decode(body, type=MovementPlan) == plan


def test_a_change_of_fences_names_its_version() -> None:
    assert parse_track_message(frame_fences(3)) == (MessageKind.FENCES, b'{"version":3}')


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (b"\x01", "1 bytes, expected a head of 8"),
        (b"\x09\x01\0\0\0\0\0\0", "kind 9 version 1, expected kinds 1 to 4 of version 1"),
        (b"\x01\x02\0\0\0\0\0\0", "kind 1 version 2, expected kinds 1 to 4 of version 1"),
    ],
)
def test_a_foreign_message_is_refused_with_what_was_seen(payload: bytes, message: str) -> None:
    with pytest.raises(DeviceFault, match=message):
        parse_track_message(payload)


def test_positions_that_were_cut_are_refused() -> None:
    with pytest.raises(DeviceFault, match="positions of 63 bytes, expected a multiple of 64"):
        parse_positions(b"\0" * 63)
