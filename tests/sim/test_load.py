"""The load generator of the benchmarks says what the protocols say, and counts right."""

from datetime import UTC, datetime

import numpy as np
import pytest
from bench.frames import Gt06Frames, JsonLines, Roads
from bench.load import load_scene, run
from tests.sim.hub import small_hub

from tapestry.model import Refused
from tapestry.protocols import DECODERS, ENCODERS
from tapestry.wire import Fix, Transport

NOW = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
NOW_MS = 1_772_344_800_000
LAT_E7 = np.full(10, 333_123_456, dtype=np.int64)
LON_E7 = np.arange(10, dtype=np.int64) + 443_000_007


def test_a_round_of_json_lines_is_one_position_of_every_vehicle() -> None:
    scene = load_scene(10, "jsonlines", now=NOW)
    data = JsonLines(scene).round(NOW_MS, LAT_E7, LON_E7, 0).tobytes()
    events = DECODERS["jsonlines"].make(Transport.TCP).feed(data, received_at_us=0)
    fixes = [event for event in events if isinstance(event, Fix)]
    assert fixes == [
        Fix(
            NOW_MS * 1000,
            33.3123456,
            pytest.approx(44.3000007 + place * 1e-7, abs=1e-9),
            speed_mps=20.0,
            heading_deg=90.0,
            accuracy_m=4.5,
            identity=scene.trackers[place].identity,
        )
        for place in range(10)
    ]


@pytest.mark.parametrize("number", [0, 9])
def test_a_round_of_gt06_is_one_frame_of_every_vehicle_with_a_right_checksum(number: int) -> None:
    scene = load_scene(10, "gt06", now=NOW)
    rows = Gt06Frames(scene).round(NOW_MS, LAT_E7, LON_E7, number)
    decoder = DECODERS["gt06"].make(Transport.TCP)
    decoder.feed(ENCODERS["gt06"].login(scene.trackers[0].identity), received_at_us=0)
    first, *answer = decoder.feed(rows[0].tobytes(), received_at_us=0)
    assert isinstance(first, Fix)
    assert (first.fixed_at_us, first.speed_mps, first.heading_deg, first.flags) == (
        NOW_MS * 1000,
        20.0,
        90.0,
        0,
    )
    assert first.lat_deg == pytest.approx(33.3123456, abs=3e-7)
    assert first.lon_deg == pytest.approx(44.3000007, abs=3e-7)
    assert len(answer) == (1 if number == 9 else 0)  # every tenth frame is answered


def test_vehicles_drive_at_twenty_metres_a_second_a_hundred_metres_apart() -> None:
    roads = Roads(load_scene(10, "jsonlines", now=NOW))
    (lat_e7, lon_e7), (later_lat_e7, later_lon_e7) = roads.places_e7(0.0), roads.places_e7(5.0)
    # after 5 s each vehicle is where the one 100 m ahead of it was
    assert later_lat_e7[1:] == pytest.approx(lat_e7[:-1], abs=2)
    assert later_lon_e7[1:] == pytest.approx(lon_e7[:-1], abs=2)


@pytest.mark.parametrize("protocol", ["jsonlines", "gt06"])
async def test_a_run_counts_what_the_hub_has(protocol: str) -> None:
    async with small_hub(protocol) as (hub, port):
        report = await run("127.0.0.1", port, 2_000, 20, 0.2, protocol)
    assert report.sent == len(hub.fixes) > 0
    assert report.acked == (report.sent if protocol == "jsonlines" else report.sent // 200 * 200)
    assert report.rejected == 0
    assert report.ack_p50_ms is not None


async def test_a_run_refuses_what_it_cannot_do() -> None:
    with pytest.raises(Refused, match="no load generator for 'nmea'; there are jsonlines and gt06"):
        await run("127.0.0.1", 1, None, 20, 1.0, "nmea")
    with pytest.raises(Refused, match="25 vehicles, expected a multiple of 10: convoys are whole"):
        await run("127.0.0.1", 1, None, 25, 1.0, "jsonlines")
