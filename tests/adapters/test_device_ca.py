"""The authority for devices: what it signs, its stores, and real handshakes of devices with their server."""

import base64
import socket
import ssl
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from tapestry.adapters._device_ca import FileDeviceCa
from tapestry.model import Refused

NOW = datetime.now(UTC).replace(microsecond=0)  # a TLS handshake compares with the machine's clock
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys") / "devices"


@pytest.fixture(scope="module")
def ca(folder: Path) -> FileDeviceCa:
    return FileDeviceCa(folder, now=NOW)


def request_of(key: Key, name: str = "TRUCK-4") -> x509.CertificateSigningRequest:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())


def der(request: x509.CertificateSigningRequest) -> bytes:
    return request.public_bytes(serialization.Encoding.DER)


def pem_of(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def shake_hands(ca: FileDeviceCa, certificate: bytes, key: Key, folder: Path) -> tuple[bytes | None, str]:
    """Return what the server saw of the client's certificate, and the error of the handshake if any."""
    chain, key_file = ca.server_files(["hub.example"], now=NOW)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain, key_file)
    server.load_verify_locations(ca.authority_file)
    server.verify_mode = ssl.CERT_REQUIRED
    client = ssl.create_default_context(cafile=str(ca.authority_file))
    own = folder / "device.pem"
    pem = x509.load_der_x509_certificate(certificate).public_bytes(serialization.Encoding.PEM)
    own.write_bytes(pem + pem_of(key))
    client.load_cert_chain(own)
    ours, theirs = socket.socketpair()
    seen: list[bytes | None] = []
    faults: list[str] = []

    def serve() -> None:
        try:
            with server.wrap_socket(theirs, server_side=True) as connection:
                seen.append(connection.getpeercert(binary_form=True))
                connection.sendall(b"x")
        except ssl.SSLError as err:
            faults.append(err.reason)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        with client.wrap_socket(ours, server_hostname="hub.example") as connection:
            connection.recv(1)
    except (ssl.SSLError, OSError):
        pass
    thread.join()
    return (seen[0] if seen else None), (faults[0] if faults else "")


def test_the_key_is_private_and_the_authority_stays_the_same(ca: FileDeviceCa, folder: Path) -> None:
    assert stat.S_IMODE((folder / "ca.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert FileDeviceCa(folder, now=NOW).authority == ca.authority


def test_two_roles_that_need_it_at_once_make_one_authority(tmp_path: Path) -> None:
    made: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: made.append(FileDeviceCa(tmp_path / "d", now=NOW).authority))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 1
    assert len(made) == 3


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    FileDeviceCa(tmp_path, now=NOW)
    (tmp_path / "ca.key").chmod(0o644)
    with pytest.raises(Refused, match=r"ca.key: mode 0644, expected 0600; others may have read it"):
        FileDeviceCa(tmp_path, now=NOW)
    (tmp_path / "ca.key").chmod(0o600)
    (tmp_path / "ca.key").write_bytes(pem_of(ec.generate_private_key(ec.SECP256R1())))
    with pytest.raises(Refused, match=r"ca.crt and ca.key are no pair .* put the backup back"):
        FileDeviceCa(tmp_path, now=NOW)


@pytest.mark.parametrize("kind", ["rsa", "p256"])
def test_a_device_with_the_certificate_it_was_given_is_let_in(
    ca: FileDeviceCa, tmp_path: Path, kind: str
) -> None:
    key: Key = (
        rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
    )
    request = ca.read_request(der(request_of(key)))
    assert request is not None
    issued = ca.sign(request, name="TRUCK-4", unit="tracker/12", now=NOW)
    seen, fault = shake_hands(ca, issued.certificate, key, tmp_path)
    assert (seen, fault) == (issued.certificate, "")
    certificate = x509.load_der_x509_certificate(issued.certificate)
    assert certificate.subject.rfc4514_string() == "O=Tapestry,OU=tracker/12,CN=TRUCK-4"
    assert (issued.issued_at, issued.expires_at) == (NOW, NOW + timedelta(days=365))
    assert issued.serial == f"{certificate.serial_number:x}"
    assert issued.fingerprint_sha256 == certificate.fingerprint(hashes.SHA256()).hex()


def test_a_device_with_another_authoritys_certificate_is_not(ca: FileDeviceCa, tmp_path: Path) -> None:
    foreign = FileDeviceCa(tmp_path / "foreign", now=NOW)
    key = ec.generate_private_key(ec.SECP256R1())
    request = foreign.read_request(der(request_of(key)))
    assert request is not None
    issued = foreign.sign(request, name="TRUCK-4", unit="tracker/12", now=NOW)
    seen, fault = shake_hands(ca, issued.certificate, key, tmp_path)
    assert (seen, fault) == (None, "CERTIFICATE_VERIFY_FAILED")


def test_a_request_is_read_as_der_as_pem_and_as_bare_base64(ca: FileDeviceCa) -> None:
    request = request_of(ec.generate_private_key(ec.SECP256R1()))
    pem = request.public_bytes(serialization.Encoding.PEM)
    bare = base64.b64encode(der(request))
    forms = [
        der(request),
        pem,
        pem.replace(b"\n", b"\r\n"),
        pem.replace(b"BEGIN CERT", b"BEGIN NEW CERT"),
        bare,
    ]
    forms.append(base64.encodebytes(der(request)))
    read = [ca.read_request(form) for form in forms]
    assert all(it is not None and it.der == der(request) for it in read)
    assert all(it is not None and it.common_name == "TRUCK-4" for it in read)


def test_what_is_no_request_or_has_a_weak_or_foreign_key_is_not_read(ca: FileDeviceCa) -> None:
    good = der(request_of(ec.generate_private_key(ec.SECP256R1())))
    assert ca.read_request(b"") is None
    assert ca.read_request(b"not a request") is None
    assert ca.read_request(good[:-5]) is None
    assert ca.read_request(good[:-3] + bytes([good[-3] ^ 1]) + good[-2:]) is None  # its signature is wrong
    assert ca.read_request(der(request_of(rsa.generate_private_key(65537, 1024)))) is None
    assert ca.read_request(der(request_of(ec.generate_private_key(ec.SECP256K1())))) is None


def test_a_package_holds_key_certificate_and_authority_behind_its_password(
    ca: FileDeviceCa, tmp_path: Path
) -> None:
    issued, store = ca.issue_with_key(name="OMAR", unit="person/omar", password="p4ss", now=NOW)
    key, certificate, more = pkcs12.load_key_and_certificates(store, b"p4ss")
    assert certificate is not None
    assert certificate.public_bytes(serialization.Encoding.DER) == issued.certificate
    assert [it.public_bytes(serialization.Encoding.DER) for it in more] == [ca.authority]
    assert isinstance(key, rsa.RSAPrivateKey)
    assert shake_hands(ca, issued.certificate, key, tmp_path) == (issued.certificate, "")
    with pytest.raises(ValueError, match="password"):
        pkcs12.load_key_and_certificates(store, b"other")


def test_the_trust_store_holds_the_authority_alone(ca: FileDeviceCa) -> None:
    store = pkcs12.load_pkcs12(ca.trust_store("p4ss"), b"p4ss")
    assert store.key is None
    kept = [it.certificate.public_bytes(serialization.Encoding.DER) for it in store.additional_certs]
    assert kept == [ca.authority]


def test_the_servers_certificate_is_made_again_for_a_new_name_and_before_it_ends(tmp_path: Path) -> None:
    ca = FileDeviceCa(tmp_path, now=NOW)
    first = ca.server_files(["a.example"], now=NOW)[0].read_bytes()
    assert ca.server_files(["a.example"], now=NOW)[0].read_bytes() == first
    second = ca.server_files(["a.example", "192.0.2.7"], now=NOW)[0].read_bytes()
    assert second != first
    assert ca.server_files(["192.0.2.7"], now=NOW + timedelta(days=366))[0].read_bytes() == second
    assert ca.server_files(["192.0.2.7"], now=NOW + timedelta(days=368))[0].read_bytes() != second
