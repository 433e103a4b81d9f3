"""A TAK device that enrols: it makes its key, asks with its code, and keeps what it gets."""

import base64

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

SIGN = "/Marti/api/tls/signClient/v2"
DER = serialization.Encoding.DER
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class TakHandset:
    """One device; `name` and `token` are as the QR code says."""

    def __init__(self, name: str, token: str, *, key: Key | None = None) -> None:
        self.name = name
        self.token = token
        self.key = key or ec.generate_private_key(ec.SECP256R1())

    @property
    def headers(self) -> dict[str, str]:
        """Return what it shows with every request."""
        return {"Authorization": "Basic " + base64.b64encode(f"{self.name}:{self.token}".encode()).decode()}

    def request(self, *, name: str | None = None) -> x509.CertificateSigningRequest:
        """Return what it asks to have signed; its O and OU are those of tls/config."""
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COMMON_NAME, self.name if name is None else name),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Tapestry"),
                x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "TAK"),
            ]
        )
        return x509.CertificateSigningRequestBuilder().subject_name(subject).sign(self.key, hashes.SHA256())

    async def enrol(
        self, browser: httpx.AsyncClient, *, accept: str = "application/json", name: str | None = None
    ) -> httpx.Response:
        """Ask for a certificate, as ATAK does."""
        return await browser.post(
            SIGN,
            params={"clientUid": "ANDROID-0123456789abcdef", "version": "5.2.0"},
            content=base64.b64encode(self.request(name=name).public_bytes(DER)),
            headers={**self.headers, "Accept": accept, "Content-Type": "application/octet-stream"},
        )


def certificate_of(text: str) -> x509.Certificate:
    """Return a certificate of an answer: PEM without its first and last line."""
    pem = f"-----BEGIN CERTIFICATE-----\n{text}-----END CERTIFICATE-----\n"
    return x509.load_pem_x509_certificate(pem.encode())
