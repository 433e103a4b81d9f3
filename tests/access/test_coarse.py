"""The coarse view: no finer than 0.05 degrees, no younger than 15 minutes."""

import numpy as np

from tapestry.access import COARSE_DELAY_US, coarsen_positions, coarsen_tracks
from tapestry.model import POSITION, TRACK

NOW_US = 1_000 * 60_000_000


def test_a_track_keeps_nothing_finer_than_a_twentieth_of_a_degree() -> None:
    tracks = np.zeros(2, TRACK)
    tracks["lat_deg"] = [33.3152, -0.026]
    tracks["lon_deg"] = [44.3661, 180.0]
    tracks["speed_mps"], tracks["progress_m"], tracks["standing_since_us"] = 12.5, 1234.5, 99
    before = tracks.copy()
    coarse = coarsen_tracks(tracks)
    assert coarse["lat_deg"].tolist() == [33.3, -0.05]
    assert coarse["lon_deg"].tolist() == [44.35, 180.0]
    for name in ("speed_mps", "heading_deg", "accuracy_m", "progress_m", "offset_m"):
        assert np.isnan(coarse[name]).all(), name
    assert coarse["standing_since_us"].tolist() == [-1, -1]
    assert tracks.tobytes() == before.tobytes()


def test_positions_measured_or_received_in_the_last_quarter_of_an_hour_are_left_out() -> None:
    rows = np.zeros(4, POSITION)
    edge = NOW_US - COARSE_DELAY_US
    rows["fixed_at_us"] = [edge, edge + 1, edge - 5, edge - 9]
    rows["received_at_us"] = [edge, edge, edge + 1, edge - 9]
    rows["lat_deg"], rows["lon_deg"], rows["alt_m"] = 33.3152, 44.3661, 31.0
    rows["vehicle_id"] = [1, 2, 3, 4]
    coarse = coarsen_positions(rows, now_us=NOW_US)
    assert coarse["vehicle_id"].tolist() == [1, 4]
    assert coarse["lat_deg"].tolist() == [33.3, 33.3]
    assert np.isnan(coarse["alt_m"]).all()
