"""The commands of roads: import a net from OpenStreetMap, and show which one the hub has."""

from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tapestry.adapters._road_files import import_roads, load_roads
from tapestry.app.desk import shipped_net
from tapestry.route import RoadNet


def roads_folder(data: Path) -> Path:
    """Return where a data folder keeps its road net."""
    return data / "roads"


def import_file(file: Path, data: Path, *, console: Console) -> str:
    """Import an extract, with progress; return what there is now, in words."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(f"reading {file.name}", total=None)
        net = import_roads(
            file,
            roads_folder(data),
            tell=lambda ways: bar.update(task, description=f"reading {file.name}: {ways:,} roads"),
        )
    return words_of(net) + " A running hub takes it at its next start."


def load_net(data: Path) -> RoadNet:
    """Return the net of a data folder: the one imported, or the one that ships."""
    return load_roads(roads_folder(data)) or shipped_net()


def words_of(net: RoadNet) -> str:
    """Return what a net is."""
    known = float((net.edge_speed_mps == net.edge_speed_mps).mean())
    return (
        f"Roads of {net.source}: {len(net.lat_deg):,} nodes, {len(net.edge_to):,} directed edges, "
        f"{float(net.edge_length_m.sum()) / 1000:,.0f} km by direction, {float(net.in_main.mean()):.1%} joined, "
        f"{known:.0%} with a speed."
    )
