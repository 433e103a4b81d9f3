"""TAK devices for tests: enrolled as ATAK does it, and sockets that read what they are told."""

import base64
import re
import socket
import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.system.hub import Hub
from tests.system.roster import done

READ_WITHIN_S = 15.0
NOTHING_WITHIN_S = 2.0  # long enough for what would be told within milliseconds
EVENT = re.compile(rb"<event .*?</event>", re.DOTALL)


class TakClient:
    """One connection of a TAK client that speaks XML."""

    def __init__(self, port: int, *, tls: ssl.SSLContext | None = None) -> None:
        plain = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket = plain if tls is None else tls.wrap_socket(plain, server_hostname="localhost")
        self.heard: list[bytes] = []
        self.rest = b""  # what came after the last whole event

    def say(self, event: bytes) -> None:
        """Send an event."""
        self.socket.sendall(event)

    def hear(self, *needles: str, within_s: float = READ_WITHIN_S) -> bytes | None:
        """Return the first event not asked for before that holds all of these; None when there is none in time."""
        until_s = time.monotonic() + within_s
        while True:
            for event in list(self.heard):
                if all(needle.encode() in event for needle in needles):
                    self.heard.remove(event)
                    return event
            left_s = until_s - time.monotonic()
            if left_s <= 0:
                return None
            self.socket.settimeout(left_s)
            try:
                data = self.socket.recv(65_536)
            except TimeoutError:
                return None
            if not data:
                return None
            self.rest += data
            found = EVENT.findall(self.rest)
            self.heard += found
            if found:
                self.rest = self.rest[self.rest.rindex(found[-1]) + len(found[-1]) :]

    def ended(self, *, within_s: float = READ_WITHIN_S) -> bool:
        """Return whether the hub ends the connection in time."""
        self.socket.settimeout(within_s)
        try:
            while self.socket.recv(65_536):
                pass
        except TimeoutError:
            return False
        except OSError:
            return True
        return True

    def close(self) -> None:
        """Hang up."""
        self.socket.close()


def enrolled(hub: Hub, client: httpx.Client, name: str, folder: Path, **owner: int | str) -> ssl.SSLContext:
    """Add a TAK device, enrol it, and return the TLS it connects with."""
    token = done(client.post("/api/tak-devices", json={"name": name, **owner}))["token"]
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    authority = hub.data / "keys" / "devices" / "ca.crt"
    answer = httpx.post(
        f"https://localhost:{hub.enrol_port}/Marti/api/tls/signClient/v2?clientUid={name}&version=5",
        content=request.public_bytes(serialization.Encoding.PEM),
        auth=(name, token),
        verify=ssl.create_default_context(cafile=str(authority)),
        timeout=20,
    )
    assert answer.status_code == 200, answer.text
    certificate = x509.load_der_x509_certificate(base64.b64decode(answer.json()["signedCert"]))
    file = folder / f"{name}.pem"
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + pem)
    tls = ssl.create_default_context(cafile=str(authority))
    tls.load_cert_chain(file)
    return tls


def position(
    uid: str, *, seconds_ago: float = 0.0, lat_deg: float = 33.3, kind: str = "a-f-G-U-C", detail: str = ""
) -> bytes:
    """Return an event of where somebody is."""
    at = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    now, stale = (
        f"{it:%Y-%m-%dT%H:%M:%S}.{it.microsecond // 1000:03d}Z" for it in (at, at + timedelta(minutes=1))
    )
    return (
        f'<event version="2.0" uid="{uid}" type="{kind}" how="m-g" time="{now}" start="{now}" stale="{stale}">'
        f'<point lat="{lat_deg}" lon="44.4" hae="34.0" ce="5.0" le="9999999.0"/>'
        f'<detail><contact callsign="{uid}"/>{detail}</detail></event>'
    ).encode()


def emergency(uid: str) -> bytes:
    """Return a call for help as ATAK sends it."""
    detail = (
        f'<link uid="{uid}" type="a-f-G-U-C" relation="p-p"/><emergency type="911 Alert">{uid}</emergency>'
    )
    return position(f"{uid}-9-1-1", kind="b-a-o-tbl", detail=detail)
