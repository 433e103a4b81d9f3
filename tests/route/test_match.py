"""A track along one side of a block of streets, 0.01 degrees (about 1.1 km) between corners."""

import numpy as np

from tapestry.route import build_edge_grid, build_net, match


def test_a_noisy_track_is_laid_on_the_roads_that_it_took() -> None:
    net = build_net(
        lat_deg=[33.0, 33.0, 33.01, 33.01], lon_deg=[44.0, 44.01, 44.01, 44.0],
        edge_from=[0, 1, 2, 3], edge_to=[1, 2, 3, 0], edge_length_m=[932.0, 1112.0, 932.0, 1112.0], both_ways=True,
    )  # fmt: skip
    east = np.linspace(44.0005, 44.01, 20)
    north = np.linspace(33.0, 33.0095, 20)[1:]
    lat = np.concatenate([33.0 + 0.00005 * (-1.0) ** np.arange(20), north])  # 5 m to either side
    lon = np.concatenate([east, np.full(19, 44.01)])
    found = match(net, build_edge_grid(net), fixed_s=np.arange(39) * 5.0, lat_deg=lat, lon_deg=lon)
    driven = [(int(net.edge_from[it]), int(net.edge_to[it])) for it in found.edges]
    assert driven == [(0, 1), (1, 2)]


def test_a_track_far_from_every_road_has_none() -> None:
    net = build_net(
        lat_deg=[33.0, 33.0], lon_deg=[44.0, 44.01], edge_from=[0], edge_to=[1], edge_length_m=[932.0]
    )
    found = match(net, build_edge_grid(net), fixed_s=[0.0, 60.0], lat_deg=[33.1, 33.2], lon_deg=[44.0, 44.0])
    assert len(found.edges) == 0
