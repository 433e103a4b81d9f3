"""The hub's own certificate authority: a root that people install once, and a server certificate under it."""

import ipaddress
import os
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tapestry.model import Refused

ROOT_LIFETIME = timedelta(days=3650)
SERVER_LIFETIME = timedelta(days=397)  # browsers accept no longer-lived server certificates
RENEW_BEFORE = timedelta(days=30)
CLOCK_SLACK = timedelta(hours=1)  # a device whose clock is a little behind still accepts a new certificate


def own_certificate(folder: Path, names: list[str], *, now: datetime) -> tuple[Path, Path]:
    """Return (certificate chain, key) files for `names`, making or renewing what is missing or soon ends.

    Args:
        folder: Where ca.crt, ca.key, server.crt and server.key lie; keys get mode 0600.
        names: Host names and addresses that browsers will use.
        now: UTC.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    root_file, root_key_file = folder / "ca.crt", folder / "ca.key"
    if not root_file.exists():
        _make_root(root_file, root_key_file, now)
    server_file, server_key_file = folder / "server.crt", folder / "server.key"
    if not serves(server_file, names, now):
        _make_server(folder, names, now)
    return server_file, server_key_file


def given_certificate(certificate: Path, key: Path, *, now: datetime) -> tuple[Path, Path]:
    """Return the given files after checking that they can be used.

    Raises:
        Refused: A file is missing, is no certificate or key, does not fit the other, or has ended.
    """
    try:
        leaf = x509.load_pem_x509_certificates(certificate.read_bytes())[0]
        private = serialization.load_pem_private_key(key.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, IndexError) as err:
        raise Refused(
            f"TLS: {certificate} and {key} could not be read ({type(err).__name__}); expected a PEM certificate "
            "chain and its PEM key without a password. Check the paths and who may read them"
        ) from err
    public = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    if leaf.public_key().public_bytes(*public) != private.public_key().public_bytes(*public):
        raise Refused(
            f"TLS: the key in {key} does not belong to the certificate in {certificate}; expected a pair"
        )
    if leaf.not_valid_after_utc <= now:
        raise Refused(
            f"TLS: the certificate in {certificate} ended on {leaf.not_valid_after_utc:%Y-%m-%d}; renew it, or start "
            "without --tls-cert to use the hub's own authority"
        )
    return certificate, key


def days_left(certificate: Path, *, now: datetime) -> float:
    """Return the days until a certificate ends; negative when it has ended."""
    leaf = x509.load_pem_x509_certificates(certificate.read_bytes())[0]
    return (leaf.not_valid_after_utc - now) / timedelta(days=1)


def fingerprint_sha256(certificate: Path) -> str:
    """Return the SHA-256 fingerprint of a certificate as colon-separated hex, as browsers show it."""
    digest = x509.load_pem_x509_certificates(certificate.read_bytes())[0].fingerprint(hashes.SHA256())
    return ":".join(f"{byte:02X}" for byte in digest)


def serves(certificate: Path, names: list[str], now: datetime) -> bool:
    """Return whether a certificate is there for all these names and does not end soon."""
    if not certificate.exists():
        return False
    leaf = x509.load_pem_x509_certificates(certificate.read_bytes())[0]
    alternative = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    known = {str(name.value) for name in alternative}
    return set(names) <= known and leaf.not_valid_after_utc - now > RENEW_BEFORE


def _make_root(certificate: Path, key_file: Path, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tapestry hub authority")])
    root = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SLACK)
        .not_valid_after(now + ROOT_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write_private(key_file, key)
    certificate.write_bytes(root.public_bytes(serialization.Encoding.PEM))


def _make_server(folder: Path, names: list[str], now: datetime) -> None:
    root = x509.load_pem_x509_certificate((folder / "ca.crt").read_bytes())
    root_key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), password=None)
    assert isinstance(root_key, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])]))
        .issuer_name(root.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SLACK)
        .not_valid_after(now + SERVER_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([general_name(name) for name in names]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False
        )
        .sign(root_key, hashes.SHA256())
    )
    _write_private(folder / "server.key", key)
    pem = serialization.Encoding.PEM
    (folder / "server.crt").write_bytes(leaf.public_bytes(pem) + root.public_bytes(pem))


def general_name(name: str) -> x509.GeneralName:
    """Return a host name or an address as certificates write it."""
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    """Return what the key of an authority, or of somebody under it, is for."""
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _write_private(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
