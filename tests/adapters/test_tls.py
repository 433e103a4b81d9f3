"""The hub's own certificate authority and given certificates."""

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tapestry.adapters._tls import days_left, given_certificate, own_certificate
from tapestry.model import Refused

NOW = datetime.now(UTC)  # a TLS handshake compares with the machine's clock


def shake_hands(certificate: Path, key: Path, authority: Path, name: str) -> str | None:
    """Return the TLS version of a real handshake that trusts only `authority`."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    client = ssl.create_default_context(cafile=str(authority))
    ours, theirs = socket.socketpair()

    def serve() -> None:
        with server.wrap_socket(theirs, server_side=True):
            pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with client.wrap_socket(ours, server_hostname=name) as connection:
        version = connection.version()
    thread.join()
    return version


def test_a_browser_that_trusts_the_root_accepts_the_server_by_name_and_by_address(tmp_path: Path) -> None:
    certificate, key = own_certificate(tmp_path, ["hub.example", "192.0.2.7"], now=NOW)
    assert shake_hands(certificate, key, tmp_path / "ca.crt", "hub.example") == "TLSv1.3"
    assert shake_hands(certificate, key, tmp_path / "ca.crt", "192.0.2.7") == "TLSv1.3"


def test_keys_can_be_read_by_their_owner_alone(tmp_path: Path) -> None:
    own_certificate(tmp_path, ["hub.example"], now=NOW)
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in tmp_path.glob("*.key")}
    assert modes == {"ca.key": "0o600", "server.key": "0o600"}


def test_a_certificate_is_kept_until_a_month_before_its_end_and_renewed_under_the_same_root(
    tmp_path: Path,
) -> None:
    certificate, _ = own_certificate(tmp_path, ["hub.example"], now=NOW)
    first, root = certificate.read_bytes(), (tmp_path / "ca.crt").read_bytes()
    own_certificate(tmp_path, ["hub.example"], now=NOW + timedelta(days=366))
    assert certificate.read_bytes() == first
    own_certificate(tmp_path, ["hub.example"], now=NOW + timedelta(days=368))
    assert certificate.read_bytes() != first
    assert (tmp_path / "ca.crt").read_bytes() == root


def test_a_new_name_gets_a_new_certificate(tmp_path: Path) -> None:
    certificate, _ = own_certificate(tmp_path, ["hub.example"], now=NOW)
    first = certificate.read_bytes()
    own_certificate(tmp_path, ["hub.example", "other.example"], now=NOW)
    assert certificate.read_bytes() != first


def test_days_left_counts_to_the_end_of_the_certificate(tmp_path: Path) -> None:
    certificate, _ = own_certificate(tmp_path, ["hub.example"], now=NOW)
    assert days_left(certificate, now=NOW) == pytest.approx(397, abs=0.001)


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    certificate, _ = own_certificate(tmp_path / "one", ["hub.example"], now=NOW)
    _, key = own_certificate(tmp_path / "two", ["hub.example"], now=NOW)
    with pytest.raises(Refused, match=r"does not belong to the certificate.*expected a pair"):
        given_certificate(certificate, key, now=NOW)


def test_a_certificate_that_ended_is_refused_with_its_date(tmp_path: Path) -> None:
    certificate, key = own_certificate(tmp_path, ["hub.example"], now=NOW - timedelta(days=400))
    with pytest.raises(Refused, match=rf"ended on {NOW - timedelta(days=3):%Y-%m-%d}; renew it"):
        given_certificate(certificate, key, now=NOW)


def test_a_file_that_is_no_certificate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.pem").write_text("no certificate")
    with pytest.raises(Refused, match=r"could not be read \(ValueError\); expected a PEM certificate chain"):
        given_certificate(tmp_path / "x.pem", tmp_path / "x.pem", now=NOW)
