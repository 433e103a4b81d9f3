"""What devices ask to have signed: PKCS#10 as TAK clients send it (DER, PEM, or base64 without PEM's lines)."""

import base64
import binascii
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from tapestry.app.ports import SigningRequest

MIN_RSA_BITS: Final = 2048
MAX_RSA_BITS: Final = 8192  # checking its signature stays cheap
CURVES: Final = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
DER_SEQUENCE: Final = 0x30


def read_signing_request(body: bytes) -> SigningRequest | None:
    """Return the request in a body.

    None: it is none, it was not signed with its own key, or its key is neither RSA of 2048 to 8192 bits nor on one
    of NIST's curves.
    """
    der = _der_of(body)
    if der is None:
        return None
    try:
        request = x509.load_der_x509_csr(der)
        key = request.public_key()
        names = request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        if not _is_taken(key) or not request.is_signature_valid:
            return None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return SigningRequest(
        der=der,
        common_name=str(names[0].value) if len(names) == 1 else "",
        public_key=key.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
    )


def _is_taken(key: object) -> bool:
    if isinstance(key, rsa.RSAPublicKey):
        return MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, CURVES)


def _der_of(body: bytes) -> bytes | None:
    if body[:1] == bytes([DER_SEQUENCE]):
        return body
    lines = [line.strip() for line in body.splitlines()]
    text = b"".join(line for line in lines if not line.startswith(b"-----"))
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
