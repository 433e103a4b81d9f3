"""The hub's authority for devices: a root of their own, client certificates under it, and that of the doors they use.

Keys are RSA where the hub chooses, for that is what every TAK client is known to take; PKCS#12 is written the old way
(SHA-1 and triple DES), which Android and Windows read: what protects a package is who may load it, not its password.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tapestry.adapters._csr import read_signing_request
from tapestry.adapters._private_files import make_private_folder, write_private
from tapestry.adapters._tls import general_name, key_usage, serves
from tapestry.app.ports import Issued, SigningRequest
from tapestry.model import OutsideFault, Refused

ROOT_LIFETIME: Final = timedelta(days=3650)
CLIENT_LIFETIME: Final = timedelta(days=365)
SERVER_LIFETIME: Final = timedelta(days=397)  # iOS takes no longer-lived server certificates
CLOCK_SLACK: Final = timedelta(
    hours=1
)  # a device whose clock is a little behind still accepts a new certificate
ROOT_KEY_BITS: Final = 3072
LEAF_KEY_BITS: Final = 2048
PUBLIC_EXPONENT: Final = 65537
STORE_ROUNDS: Final = 20_000
ORGANISATION: Final = "Tapestry"

ClientKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


class FileDeviceCa:
    """Implements `tapestry.app.ports.DeviceCa`, with its key and certificates in a private folder."""

    def __init__(self, folder: Path, *, now: datetime) -> None:
        """Open the authority in `folder`, or make it there.

        Raises:
            Refused: Others may read its key, or the files hold none.
            OutsideFault: The folder cannot be read or written.
        """
        self.folder = make_private_folder(folder)
        try:
            with _only_one(folder):
                if not self.authority_file.exists():
                    _make_root(folder, now)
            self._root, self._key = _load_root(folder)
        except OSError as err:
            raise OutsideFault(
                f"device authority {folder}: {err.strerror}; see disk space and rights of that folder",
                retry_helps=False,
            ) from err

    @property
    def authority_file(self) -> Path:
        """Return where its own certificate lies, PEM: what a server trusts that asks devices for theirs."""
        return self.folder / "ca.crt"

    @property
    def authority(self) -> bytes:
        """Return its own certificate, DER."""
        return self._root.public_bytes(serialization.Encoding.DER)

    def server_files(self, names: list[str], *, now: datetime) -> tuple[Path, Path]:
        """Return (certificate chain, key) files for the doors that devices use, made or renewed where needed."""
        chain, key_file = self.folder / "server.crt", self.folder / "server.key"
        with _only_one(self.folder):
            if not serves(chain, names, now):
                key = _new_key(LEAF_KEY_BITS)
                subject = _name(names[0][:64])
                alternative = x509.SubjectAlternativeName([general_name(name) for name in names])
                leaf = self._leaf(
                    key.public_key(), subject, now + SERVER_LIFETIME, now, ExtendedKeyUsageOID.SERVER_AUTH
                ).add_extension(alternative, critical=False)
                write_private(key_file, _pem_of_key(key))
                write_private(chain, _pem(leaf.sign(self._key, hashes.SHA256())) + _pem(self._root))
        return chain, key_file

    def read_request(self, body: bytes) -> SigningRequest | None:
        """Return the PKCS#10 request in a body; None: it is none that is taken."""
        return read_signing_request(body)

    def public_key_of(self, certificate: bytes) -> bytes:
        """Return the public key of a certificate (DER), as in `SigningRequest`."""
        key = x509.load_der_x509_certificate(certificate).public_key()
        return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

    def sign(self, request: SigningRequest, *, name: str, unit: str, now: datetime) -> Issued:
        """Return a client certificate of a request's key, under the given name and unit: the request's are not used."""
        key = serialization.load_der_public_key(request.public_key)
        assert isinstance(key, ClientKey)
        certificate, issued = self._issue(key, name=name, unit=unit, now=now)
        del certificate
        return issued

    def issue_with_key(self, *, name: str, unit: str, password: str, now: datetime) -> tuple[Issued, bytes]:
        """Return a client certificate with a new key, and both with the authority as PKCS#12."""
        key = _new_key(LEAF_KEY_BITS)
        certificate, issued = self._issue(key.public_key(), name=name, unit=unit, now=now)
        store = pkcs12.serialize_key_and_certificates(
            name.encode(), key, certificate, [self._root], _old_encryption(password)
        )
        return issued, store

    def trust_store(self, password: str) -> bytes:
        """Return the authority's certificate as PKCS#12, as Java and Windows take it for one to trust."""
        kept = pkcs12.PKCS12Certificate(self._root, b"tapestry")
        return pkcs12.serialize_java_truststore([kept], _old_encryption(password))

    def _issue(
        self, key: ClientKey, *, name: str, unit: str, now: datetime
    ) -> tuple[x509.Certificate, Issued]:
        until = min(now + CLIENT_LIFETIME, self._root.not_valid_after_utc)
        leaf = self._leaf(key, _name(name, unit), until, now, ExtendedKeyUsageOID.CLIENT_AUTH)
        certificate = leaf.sign(self._key, hashes.SHA256())
        return certificate, Issued(
            certificate=certificate.public_bytes(serialization.Encoding.DER),
            serial=f"{certificate.serial_number:x}",
            fingerprint_sha256=certificate.fingerprint(hashes.SHA256()).hex(),
            issued_at=now,
            expires_at=certificate.not_valid_after_utc,
        )

    def _leaf(
        self,
        key: ClientKey,
        subject: x509.Name,
        until: datetime,
        now: datetime,
        purpose: x509.ObjectIdentifier,
    ) -> x509.CertificateBuilder:
        return (
            _builder(key, subject, self._root.subject, until, now)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
        )


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Hold the folder: two roles of a hub may need it for the first time at once."""
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _load_root(folder: Path) -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
    key_file = folder / "ca.key"
    mode = key_file.stat().st_mode & 0o777
    if mode & 0o077:
        raise Refused(
            f"device authority {key_file}: mode {mode:04o}, expected 0600; others may have read it: chmod 600 it, "
            "and think of making a new authority"
        )
    try:
        root = x509.load_pem_x509_certificate((folder / "ca.crt").read_bytes())
        key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
    except (ValueError, TypeError) as err:
        raise _no_pair(folder) from err
    if not isinstance(key, rsa.RSAPrivateKey) or key.public_key() != root.public_key():
        raise _no_pair(folder)
    return root, key


def _no_pair(folder: Path) -> Refused:
    return Refused(
        f"device authority {folder}: ca.crt and ca.key are no pair of a certificate and its RSA key; put the backup "
        "back. With a new authority every TAK device has to enrol again"
    )


def _make_root(folder: Path, now: datetime) -> None:
    key = _new_key(ROOT_KEY_BITS)
    subject = _name("Tapestry device authority")
    root = (
        _builder(key.public_key(), subject, subject, now + ROOT_LIFETIME, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(key_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    write_private(folder / "ca.key", _pem_of_key(key))
    write_private(folder / "ca.crt", _pem(root))  # last: with it, there is an authority


def _builder(
    key: ClientKey, subject: x509.Name, issuer: x509.Name, until: datetime, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SLACK)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(common_name: str, unit: str = "") -> x509.Name:
    parts = [
        x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
    ]
    if unit:
        parts.insert(1, x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit))
    return x509.Name(parts)


def _old_encryption(password: str) -> serialization.KeySerializationEncryption:
    return (
        serialization.PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(STORE_ROUNDS)
        .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
        .hmac_hash(hashes.SHA1())  # noqa: S303 - the format's own, see the module
        .build(password.encode())
    )


def _new_key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(PUBLIC_EXPONENT, bits)


def _pem_of_key(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
