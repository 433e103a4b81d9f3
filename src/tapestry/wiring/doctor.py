"""`tapestry doctor`: what is wrong with a hub, and what to do."""

import json
import os
import resource
import shutil
import socket
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from tapestry.adapters._data_folder import REFUSE_FREE_BYTES, WARN_FREE_BYTES
from tapestry.adapters._nats_server import store_is_encrypted
from tapestry.adapters._tls import days_left
from tapestry.app.settings import Settings
from tapestry.model import Refused
from tapestry.protocols import DOORS
from tapestry.wire import Transport
from tapestry.wiring.connect import load_settings
from tapestry.wiring.roads import words_of_matcher

RENEW_WITHIN_DAYS = 30.0
MANY_RESTARTS = 3  # of one child since the hub was started


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at."""

    name: str
    state: Literal["good", "warning", "bad"]
    seen: str
    todo: str = ""


def doctor(data: Path) -> list[Check]:
    """Return every check of the hub on a data folder, running or not."""
    try:
        settings = load_settings(data)
    except Refused as refused:
        return [
            Check(name="data folder", state="bad", seen=str(refused), todo="start a hub"),
            *_machine(data),
        ]
    running = _running_pid(data)
    checks = [
        Check(name="data folder", state="good", seen=str(data))
        if not _mode(data) & 0o066
        else Check(
            name="data folder",
            state="warning",
            seen=f"{data} has mode {_mode(data):o}",
            todo=f"others can read it: chmod 700 {data}",
        ),
        Check(name="hub", state="good", seen=f"runs as process {running}")
        if running
        else Check(name="hub", state="bad", seen="does not run", todo=f"tapestry serve --data {data}"),
    ]
    checks += _machine(data)
    checks += _ports(settings, running=running is not None)
    checks += _children(data, running=running is not None)
    checks += _certificates(settings)
    if settings.nats_url is None:
        checks.append(_bus_at_rest(data))
    return [*checks, _roads(data)]


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def _running_pid(data: Path) -> int | None:
    try:
        pid = int((data / "lock").read_text().strip())
        os.kill(pid, 0)
    except (OSError, ValueError):
        return None
    return pid


def _machine(data: Path) -> list[Check]:
    return [_disk(data), _clock(), _files()]


def _disk(data: Path) -> Check:
    place = data if data.exists() else data.parent if data.parent.exists() else Path("/")
    free_bytes = shutil.disk_usage(place).free
    seen = f"{free_bytes / 1e9:.1f} GB free"
    if free_bytes < REFUSE_FREE_BYTES:
        return Check(name="disk", state="bad", seen=seen, todo="free some space: the hub refuses to start")
    if free_bytes < WARN_FREE_BYTES:
        return Check(
            name="disk", state="warning", seen=seen, todo="free some space, or lower --retention-days"
        )
    return Check(name="disk", state="good", seen=seen)


def _clock() -> Check:
    now = datetime.now(UTC)
    timedatectl = shutil.which("timedatectl")
    answer = ""
    if timedatectl is not None:
        done = subprocess.run(
            [timedatectl, "show", "--property=NTPSynchronized", "--value"],
            capture_output=True,
            text=True,
            check=False,
        )
        answer = done.stdout.strip()
    seen = f"{now:%Y-%m-%d %H:%M:%S}Z"
    if answer == "yes":
        return Check(name="clock", state="good", seen=f"{seen}, synchronised")
    if answer == "no":
        return Check(
            name="clock",
            state="warning",
            seen=f"{seen}, not synchronised",
            todo="fix ages and late points depend on it: enable NTP (timedatectl set-ntp true)",
        )
    return Check(
        name="clock", state="warning", seen=f"{seen}, synchronisation unknown", todo="compare it by hand"
    )


def _files() -> Check:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = hard == resource.RLIM_INFINITY or hard >= 16_384
    return Check(
        name="open files",
        state="good" if enough else "warning",
        seen=f"at most {'any number' if hard == resource.RLIM_INFINITY else hard}",
        todo="" if enough else "each tracker needs one: raise LimitNOFILE to 65536",
    )


def _ports(settings: Settings, *, running: bool) -> list[Check]:
    wanted = [("console", settings.host, settings.port, Transport.TCP)]
    for spec in DOORS.values():
        port = settings.device_ports.get(spec.name, spec.port)
        wanted += [
            (spec.title, settings.device_host, port, transport) for transport in sorted(spec.transports)
        ]
    if settings.mqtt_port:
        wanted.append(("MQTT", settings.device_host, settings.mqtt_port, Transport.TCP))
    checks = []
    for what, host, port, transport in wanted:
        taken = _is_taken(host, port, transport)
        name = f"port {port}/{transport}"
        if taken == running:
            checks.append(Check(name=name, state="good", seen=f"{what}: {'open' if taken else 'free'}"))
        elif running:
            checks.append(
                Check(
                    name=name,
                    state="bad",
                    seen=f"{what}: nobody listens",
                    todo="look into logs/gateway.log and logs/web.log",
                )
            )
        else:
            checks.append(
                Check(
                    name=name,
                    state="bad",
                    seen=f"{what}: another program has it",
                    todo=f"stop it: ss -lp | grep {port}",
                )
            )
    return checks


def _is_taken(host: str, port: int, transport: Transport) -> bool:
    kind = socket.SOCK_STREAM if transport is Transport.TCP else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind) as probe:
        if transport is Transport.TCP:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def _bus_at_rest(data: Path) -> Check:
    try:
        encrypted = store_is_encrypted(data)
    except Refused as refused:
        return Check(name="bus on the disk", state="bad", seen=str(refused), todo="see docs/backup.md")
    if encrypted:
        return Check(name="bus on the disk", state="good", seen="encrypted")
    return Check(
        name="bus on the disk",
        state="warning",
        seen="not encrypted: it was made by an older version",
        todo="tapestry backup create, then restore it into a new folder",
    )


def _roads(data: Path) -> Check:
    return Check(name="roads", state="good", seen=words_of_matcher(data))


def _children(data: Path, *, running: bool) -> list[Check]:
    if not running:
        return []
    try:
        children = json.loads((data / "run" / "children.json").read_text())["children"]
    except (OSError, ValueError, KeyError):
        return [
            Check(
                name="children", state="bad", seen="run/children.json cannot be read", todo="restart the hub"
            )
        ]
    checks = []
    for child in children:
        name = f"child {child['name']}"
        seen = f"{child['state']}, process {child['pid']}, {(child.get('rss_bytes') or 0) / 1e6:.0f} MB"
        if child["state"] != "ready":
            todo = f"look into logs/{child['name']}.log; last exit: {child.get('last_exit')}"
            checks.append(Check(name=name, state="bad", seen=seen, todo=todo))
        elif child["restarts"] >= MANY_RESTARTS:
            seen += f", restarted {child['restarts']} times"
            checks.append(
                Check(name=name, state="warning", seen=seen, todo=f"look into logs/{child['name']}.log")
            )
        else:
            checks.append(Check(name=name, state="good", seen=seen))
    return checks


def _certificates(settings: Settings) -> list[Check]:
    if settings.plain_http:
        return [Check(name="TLS", state="good", seen="plain HTTP on loopback")]
    given = settings.tls_certificate
    file = Path(given) if given is not None else Path(settings.data) / "keys" / "tls" / "server.crt"
    try:
        days = days_left(file, now=datetime.now(UTC))
    except (OSError, ValueError, IndexError):
        return [
            Check(name="TLS", state="bad", seen=f"{file} cannot be read", todo="give a PEM certificate chain")
        ]
    seen = f"certificate ends in {days:.0f} days"
    if days < 0:
        return [Check(name="TLS", state="bad", seen=seen, todo="renew it and restart the hub")]
    if days < RENEW_WITHIN_DAYS:
        todo = "renew it" if given is not None else "restart the hub: it renews its own"
        return [Check(name="TLS", state="warning", seen=seen, todo=todo)]
    return [Check(name="TLS", state="good", seen=seen)]
