"""The commands of roads: import a net from OpenStreetMap, show which one there is, choose what matches tracks."""

from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tapestry.adapters._road_files import has_roads, import_roads, load_roads
from tapestry.adapters._valhalla import ValhallaMatcher
from tapestry.adapters._valhalla_tiles import build_tiles, find_valhalla, has_tiles, why_not
from tapestry.app.desk import PlainMatcher, RoadMatcher, shipped_net
from tapestry.model import OutsideFault, Refused
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
        bar.update(task, description="building Valhalla's tiles")
        built = _build_tiles(file, data)
    return f"{words_of(net)} A running hub takes it at its next start. {built}{words_of_matcher(data)}"


def _build_tiles(file: Path, data: Path) -> str:
    """Build tiles where Valhalla is installed; return in words why there are none: the net is there all the same."""
    valhalla = find_valhalla()
    if valhalla is None:
        return ""
    try:
        build_tiles(valhalla, file, roads_folder(data))
    except (OutsideFault, Refused) as fault:
        return f"Valhalla has no tiles: {fault}. "
    return ""


def load_net(data: Path) -> RoadNet:
    """Return the net of a data folder: the one imported, or the one that ships."""
    return load_roads(roads_folder(data)) or shipped_net()


def choose_matcher(data: Path, net: RoadNet) -> RoadMatcher:
    """Return what matches tracks: Valhalla where it is installed and has tiles, else the plain matcher."""
    valhalla = find_valhalla()
    if valhalla is not None and has_tiles(roads_folder(data)):
        return ValhallaMatcher(valhalla, roads_folder(data))
    return PlainMatcher(net)


def words_of_matcher(data: Path) -> str:
    """Return which matcher serves, and why it is not the other."""
    if not has_roads(roads_folder(data)):
        return "Tracks are not matched: the net that ships has straight lines; import an OpenStreetMap file."
    valhalla = find_valhalla()
    if valhalla is not None and has_tiles(roads_folder(data)):
        return f"Tracks are matched by Valhalla {valhalla.version}."
    todo = "import the file again as .osm.pbf" if valhalla is not None else why_not()
    return f"Tracks are matched by the plain matcher (for Valhalla: {todo})."


def words_of_roads(data: Path) -> str:
    """Return what the net of a data folder is, and what matches tracks to it."""
    return f"{words_of(load_net(data))} {words_of_matcher(data)}"


def words_of(net: RoadNet) -> str:
    """Return what a net is."""
    known = float((net.edge_speed_mps == net.edge_speed_mps).mean())
    return (
        f"Roads of {net.source}: {len(net.lat_deg):,} nodes, {len(net.edge_to):,} directed edges, "
        f"{float(net.edge_length_m.sum()) / 1000:,.0f} km by direction, {float(net.in_main.mean()):.1%} joined, "
        f"{known:.0%} with a speed."
    )
