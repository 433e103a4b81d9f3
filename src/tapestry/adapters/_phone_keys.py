"""Signatures of phones: ECDSA over P-256 with SHA-256, r and s side by side, as WebCrypto makes them."""

from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

KEY_SIZE_BYTES: Final = 65  # 04, then x and y (SEC 1 section 2.3.3)
HALF_SIZE_BYTES: Final = 32
MAX_KEYS: Final = 2_000


class P256Keys:
    """Implements `tapestry.app.ports.PhoneKeys`."""

    def is_key(self, public_key: bytes) -> bool:
        """Return whether these 65 bytes are a point of the curve."""
        if len(public_key) != KEY_SIZE_BYTES:
            return False
        try:
            _load(public_key)
        except ValueError:
            return False
        return True

    def signed(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        """Return whether the signature (r and s, 32 bytes each) is the key's over the message."""
        if len(signature) != 2 * HALF_SIZE_BYTES:
            return False
        r = int.from_bytes(signature[:HALF_SIZE_BYTES], "big")
        s = int.from_bytes(signature[HALF_SIZE_BYTES:], "big")
        try:
            _load(public_key).verify(encode_dss_signature(r, s), message, ECDSA(SHA256()))
        except (InvalidSignature, ValueError):
            return False
        return True


@lru_cache(MAX_KEYS)
def _load(public_key: bytes) -> EllipticCurvePublicKey:
    return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), public_key)
