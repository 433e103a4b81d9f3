"""A whole hub for a test: the real command, real children, real sockets, in a folder of its own."""

import contextlib
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

import httpx
import psutil

from tapestry.protocols import DOORS
from tapestry.wiring.roles import kernel_sources_sha256

KERNELS = Path(__file__).resolve().parents[2] / ".build" / f"kernels-{kernel_sources_sha256()[:16]}"
READY_WITHIN_S = 120.0
STOP_WITHIN_S = 30.0
ADMIN = "first-admin"
PASSWORD = "correct horse battery staple"


# Below what Linux hands to connections that go out (32,768 and up): a port chosen there could be gone when it is bound.
PORTS = range(20_000, 32_000)
_given: set[int] = set()


def free_port() -> int:
    """Return a port that is free on loopback for TCP and UDP, and that nobody was given before."""
    while True:
        port = random.choice(PORTS)
        if port in _given:
            continue
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            try:
                tcp.bind(("127.0.0.1", port))
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port


class Hub:
    """One `tapestry serve` and what a test asks of it."""

    def __init__(self, data: Path, *extra: str, scheme: str = "http") -> None:
        self.data = data
        self.scheme = scheme
        self.extra = extra
        self.port = free_port()
        self.device_ports = {name: free_port() for name in (*DOORS, "mqtt")}
        self.enrol_port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.setup_token: str | None = None
        self.ready_after_s = 0.0

    def start(self) -> Self:
        """Start and wait until it is ready."""
        started_s = time.monotonic()
        (self.data / "run" / "welcomed").unlink(missing_ok=True)
        self.output = self.data.parent / f"{self.data.name}.out"
        ports = [f"--device-port={name}={port}" for name, port in self.device_ports.items()]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tapestry.cli", "serve", f"--data={self.data}", f"--port={self.port}", *ports,
             f"--tak-enrol-port={self.enrol_port}", *self.extra],
            stdout=self.output.open("ab"),
            stderr=subprocess.STDOUT,
            env=os.environ | {"NUMBA_CACHE_DIR": os.environ.get("NUMBA_CACHE_DIR", str(KERNELS))},
        )  # fmt: skip
        while time.monotonic() - started_s < READY_WITHIN_S:
            if self.process.poll() is not None:
                raise AssertionError(f"the hub ended with {self.process.returncode}:\n{self.said()}")
            if (self.data / "run" / "welcomed").exists() and self.is_ready():
                self.ready_after_s = time.monotonic() - started_s
                self.setup_token = self._token()
                return self
            time.sleep(0.05)
        raise AssertionError(f"the hub was not ready within {READY_WITHIN_S} s:\n{self.said()}")

    def _token(self) -> str | None:
        found = re.search(r"#token=([\w-]+)", self.output.read_text())
        return None if found is None else found[1]

    def said(self) -> str:
        """Return what it printed so far, and its children's last words."""
        logs = (
            [self.output, *sorted((self.data / "logs").glob("*"))]
            if (self.data / "logs").exists()
            else [self.output]
        )
        return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-4000:]}" for log in logs)

    @property
    def url(self) -> str:
        """Address of its console."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def is_ready(self) -> bool:
        """Return whether /ready says so."""
        try:
            # whether its certificate is to be believed is another test's question
            return httpx.get(f"{self.url}/ready", timeout=2, verify=False).status_code == 200
        except httpx.TransportError:
            return False

    def children(self) -> dict[str, dict[str, Any]]:
        """Return the children's states by name, as `tapestry doctor` reads them."""
        listed = json.loads((self.data / "run" / "children.json").read_text())
        return (
            {child["name"]: child for child in listed.get("children", listed)}
            if isinstance(listed, dict)
            else {child["name"]: child for child in listed}
        )

    def kill_child(self, name: str) -> int:
        """kill -9 one child; return its pid."""
        pid = int(self.children()[name]["pid"])
        os.kill(pid, signal.SIGKILL)
        return pid

    def cut_power(self) -> None:
        """kill -9 the hub and everything it started, in one moment as far as they can tell."""
        assert self.process is not None
        hub = psutil.Process(self.process.pid)
        hub.suspend()  # so that it starts nothing while they die
        for process in [*hub.children(recursive=True), hub]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()

    def admin(self) -> httpx.Client:
        """Return a client that is logged in as the first administrator, made by the one-time link."""
        client = httpx.Client(base_url=self.url, timeout=10, headers={"origin": self.url})
        if self.setup_token is not None:
            answer = client.post(
                "/api/setup", json={"token": self.setup_token, "user_name": ADMIN, "password": PASSWORD}
            )
            assert answer.status_code in {200, 201, 204}, answer.text
            self.setup_token = None
        answer = client.post("/api/login", json={"user_name": ADMIN, "password": PASSWORD})
        assert answer.status_code in {200, 204}, answer.text
        client.headers["X-Tapestry-CSRF"] = client.get("/api/me").json()["csrf"]
        return client

    def stop(self) -> int:
        """Stop it as Ctrl-C does; return its exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise
        return self.process.returncode
