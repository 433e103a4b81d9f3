"""Which certificate the console is served with."""

import socket
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from tapestry.adapters._device_ca import FileDeviceCa
from tapestry.adapters._tls import given_certificate, own_certificate
from tapestry.app.settings import Settings, is_loopback


def certificate_files(settings: Settings) -> tuple[Path, Path]:
    """Return (chain, key) files to serve TLS with."""
    now = datetime.now(UTC)
    if settings.tls_certificate is not None and settings.tls_key is not None:
        return given_certificate(Path(settings.tls_certificate), Path(settings.tls_key), now=now)
    names = [*settings.names, socket.gethostname(), "localhost", "127.0.0.1"]
    if settings.host not in {"0.0.0.0", "::", *names}:  # noqa: S104 - compared, not bound
        names.insert(0, settings.host)
    return own_certificate(Path(settings.data) / "keys" / "tls", names, now=now)


def leaf_certificate(data: Path, address: str) -> Path:
    """See that the hub's own authority vouches for the address that regional centres use; return the authority."""
    folder = data / "keys" / "tls"
    own_certificate(folder, [address, socket.gethostname(), "localhost", "127.0.0.1"], now=datetime.now(UTC))
    return folder / "ca.crt"


def device_authority(settings: Settings) -> FileDeviceCa:
    """Return the hub's authority for devices, made at first need."""
    return FileDeviceCa(Path(settings.data) / "keys" / "devices", now=datetime.now(UTC))


def device_door_files(settings: Settings) -> tuple[Path, Path, Path]:
    """Return (chain, key, authority) files of the doors that TAK devices use; devices' certificates are under the
    authority.
    """
    authority = device_authority(settings)
    names = [device_host_name(settings), *settings.names, socket.gethostname(), "localhost", "127.0.0.1"]
    chain, key = authority.server_files(list(dict.fromkeys(names)), now=datetime.now(UTC))
    return chain, key, authority.authority_file


def device_host_name(settings: Settings) -> str:
    """Return how TAK devices call the hub: as people do, but by its name where people use loopback."""
    host = urlsplit(settings.address).hostname or settings.host
    return settings.names[0] if settings.names and is_loopback(host) else host
