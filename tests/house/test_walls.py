"""The walls of the house: who may know whom, and what a room may touch."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src" / "tapestry"
ROOMS = (
    "model", "geo", "wire", "protocols", "track", "rules", "access", "ledger", "movement", "route", "distress",
    "dispatch", "watch",
)  # fmt: skip
OUTSIDE_MODULES = {
    "asyncio", "http", "io", "logging", "multiprocessing", "nats", "os", "pathlib", "psycopg", "random", "secrets",
    "select", "shutil", "socket", "sqlite3", "structlog", "subprocess", "tempfile", "threading", "time", "urllib",
}  # fmt: skip
PURE_PARTS = ("urllib.parse.",)  # of modules that otherwise reach outside
CLOCK_CALLS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
LONGEST_MODULE_LINES = 400
MODULES = sorted(path for path in SRC.rglob("*.py"))
ROOM_MODULES = [path for path in MODULES if path.relative_to(SRC).parts[0] in ROOMS]


def name_of(path: Path) -> str:
    return str(path.relative_to(SRC))


def imports_of(path: Path) -> list[tuple[str, int]]:
    """Return each imported dotted name of a module with its line; `from a import b` gives `a.b`."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found += [(f"{node.module}.{alias.name}", node.lineno) for alias in node.names]
    return found


def test_nothing_imports_upward_and_rooms_do_not_know_each_other() -> None:
    lint = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", ROOM_MODULES, ids=name_of)
def test_a_room_has_no_socket_disk_clock_randomness_log_or_environment(path: Path) -> None:
    touched = [
        f"line {line}: {name}"
        for name, line in imports_of(path)
        if name.split(".")[0] in OUTSIDE_MODULES and not name.startswith(PURE_PARTS)
    ]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
                if (function.value.id, function.attr) in CLOCK_CALLS:
                    touched.append(f"line {node.lineno}: {function.value.id}.{function.attr}()")
            elif isinstance(function, ast.Name) and function.id in {"open", "input", "print"}:
                touched.append(f"line {node.lineno}: {function.id}()")
    assert touched == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_behind_a_door_are_imported_only_from_behind_it(path: Path) -> None:
    own = ".".join(("tapestry", *path.relative_to(SRC).parts[:-1]))
    broken = []
    for name, line in imports_of(path):
        parts = name.split(".")
        if parts[0] != "tapestry":
            continue
        for depth, part in enumerate(parts[1:], start=1):
            if part.startswith("_") and not part.startswith("__"):
                house = ".".join(parts[:depth])
                if own != house and not own.startswith(house + "."):
                    broken.append(f"line {line}: {name}")
                break
    if path.relative_to(SRC).parts[0] == "wiring":
        broken = [entry for entry in broken if "tapestry.adapters" not in entry]
    assert broken == []


@pytest.mark.parametrize(
    "path", [p for p in MODULES if p.name == "__init__.py" and p.parent != SRC], ids=name_of
)
def test_every_door_says_what_comes_in_what_goes_out_and_what_it_never_does(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    missing = [word for word in ("In:", "Out:", "Never:") if word not in docstring]
    assert missing == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_has_a_name_of_the_field_and_a_size_that_can_be_read(path: Path) -> None:
    assert path.stem.strip("_") not in VAGUE_NAMES
    assert len(path.read_text().splitlines()) <= LONGEST_MODULE_LINES


def test_only_wiring_names_concrete_adapters() -> None:
    strangers = [
        f"{name_of(path)} line {line}: {name}"
        for path in MODULES
        for name, line in imports_of(path)
        if name.startswith("tapestry.adapters")
        and path.relative_to(SRC).parts[0] not in {"adapters", "wiring"}
    ]
    assert strangers == []


def test_no_file_names_a_package_registry_or_fetches_a_binary() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    hosts = ("pypi" + ".org", "files.python" + "hosted.org", "registry.npm" + "js.org", "deb.deb" + "ian.org")
    text_files = [ROOT / name for name in listed if (ROOT / name).suffix not in {".png", ".woff2"}]
    found = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in text_files
        if path.is_file()
        for host in hosts
        if host in path.read_text(errors="replace")
    ]
    assert found == []
