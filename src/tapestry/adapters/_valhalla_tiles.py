"""Valhalla's tiles in the data folder's `roads/valhalla/`: built from an extract where the extra is installed.

Valhalla's programs come in the wheel of `tapestry[valhalla]` (pyvalhalla, CPython 3.12 or newer). They are run as
children, never loaded: what fails in them ends a child and not a role of the hub, and its memory is not ours.
"""

import importlib.metadata
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import msgspec

from tapestry.adapters._private_files import make_private_folder
from tapestry.model import OutsideFault, Refused

TILES_FOLDER: Final = "valhalla"  # beside the net that was read from the same file
CONFIG_FILE: Final = "valhalla.json"
SOURCE_FILE: Final = "source"
EXTRA: Final = "tapestry[valhalla]"
PACKAGE: Final = "pyvalhalla"
ASK_CONFIG: Final = (
    "import json, valhalla; print(json.dumps(valhalla.get_config(tile_extract='', tile_dir='')))"
)
FIRST_PYTHON: Final = (3, 12)
LARGEST_TRACK_M: Final = 20_000_000.0  # of one question: half round the world
MOST_FIXES: Final = 100_000
BREAK_M: Final = 20_000.0
"""Fixes farther apart are not joined; Valhalla's own 2 km breaks a lorry that reports every two minutes."""
ELSEWHERE: Final = ("tile_extract", "traffic_extract", "admin", "landmarks", "timezone", "transit_dir",
                    "transit_feeds_dir")  # fmt: skip
"""Files outside the data folder that the package's configuration points at; we have none of them."""


class Valhalla(msgspec.Struct, frozen=True, kw_only=True):
    """An installed Valhalla."""

    version: str
    programs: Path  # folder of its programs


def find_valhalla() -> Valhalla | None:
    """Return the Valhalla that is installed beside us; None without the extra."""
    try:
        version = importlib.metadata.version(PACKAGE)
        found = importlib.util.find_spec("valhalla")
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return None
    places = found.submodule_search_locations if found is not None else None
    programs = Path(next(iter(places or ("",)))) / "bin"
    if not all((programs / name).is_file() for name in ("valhalla_build_tiles", "valhalla_service")):
        return None
    return Valhalla(version=version, programs=programs)


def why_not() -> str:
    """Return in words what has to be done to have Valhalla."""
    if sys.version_info[:2] < FIRST_PYTHON:
        return (
            f"{EXTRA} needs Python 3.12 or newer; this is {sys.version_info.major}.{sys.version_info.minor}"
        )
    return f"install {EXTRA} and import the file again"


def build_tiles(valhalla: Valhalla, file: Path, roads: Path) -> None:
    """Build the tiles of an extract; those that were there are replaced whole or not at all.

    Args:
        valhalla: What builds them.
        file: `.osm.pbf`; Valhalla reads nothing else.
        roads: The data folder's `roads/`.

    Raises:
        Refused: The file is of another kind.
        OutsideFault: The builder or the disk failed.
    """
    if file.suffix != ".pbf":
        raise Refused(f"{file.name}: Valhalla builds its tiles from .osm.pbf alone; give the extract as one")
    draft = roads / f"{TILES_FOLDER}.{os.getpid()}.draft"
    try:
        make_private_folder(draft)
        (draft / "tiles").mkdir()
        (draft / CONFIG_FILE).write_text(json.dumps(_config()))
        (draft / SOURCE_FILE).write_text(file.name)
        done = subprocess.run(
            [valhalla.programs / "valhalla_build_tiles", "--config", CONFIG_FILE, file.resolve()],
            cwd=draft,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode != 0 or not any((draft / "tiles").rglob("*.gph")):
            raise OutsideFault(
                f"{file.name}: Valhalla's builder ended with {done.returncode}: {_last_line(done)}; "
                "give more memory or disk, or a smaller extract",
                retry_helps=False,
            )
        shutil.rmtree(roads / TILES_FOLDER, ignore_errors=True)
        draft.replace(roads / TILES_FOLDER)
    except OSError as err:
        raise OutsideFault(
            f"{draft}: {err.strerror}; free some space or give another --data", retry_helps=False
        ) from err
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def drop_tiles(roads: Path) -> None:
    """Take the tiles away: what was read from another file is not to be matched with."""
    shutil.rmtree(roads / TILES_FOLDER, ignore_errors=True)


def has_tiles(roads: Path) -> bool:
    """Return whether there are tiles; they are of the same file as the net beside them."""
    return (roads / TILES_FOLDER / CONFIG_FILE).is_file()


def _config() -> dict[str, Any]:
    """Return the package's configuration, with paths inside the folder and limits that fit a day of fixes."""
    told = subprocess.run([sys.executable, "-c", ASK_CONFIG], capture_output=True, text=True, check=False)
    if told.returncode != 0:
        raise OutsideFault(
            f"Valhalla did not tell its configuration: {_last_line(told)}; install {EXTRA} again",
            retry_helps=False,
        )
    config: dict[str, Any] = json.loads(told.stdout)
    config["mjolnir"] = {k: v for k, v in config["mjolnir"].items() if k not in ELSEWHERE}
    config["mjolnir"]["tile_dir"] = "tiles"
    config["logging"] = {"type": "std_err", "color": False}
    config["service_limits"]["trace"] |= {"max_distance": LARGEST_TRACK_M, "max_shape": MOST_FIXES}
    config["meili"]["default"]["breakage_distance"] = BREAK_M
    return config


def _last_line(done: subprocess.CompletedProcess[str]) -> str:
    lines = (done.stderr or done.stdout).strip().splitlines()
    return lines[-1][-300:] if lines else "it said nothing"
