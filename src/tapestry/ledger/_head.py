"""Tree heads: the bytes that are signed, and the check of a signature."""

from datetime import datetime

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tapestry.ledger._entry import written_time
from tapestry.ledger._tree import HASH_SIZE_BYTES
from tapestry.model import CustodyFault

PUBLIC_KEY_SIZE_BYTES = 32  # Ed25519, RFC 8032


def head_bytes(*, size: int, root_hash: bytes, signed_at: datetime) -> bytes:
    """Return what is signed: canonical JSON of size, root hash (hexadecimal) and time."""
    head = {"root_hash": root_hash.hex(), "signed_at": written_time(signed_at), "size": size}
    return msgspec.json.encode(head, order="sorted")


def verify_head(
    *,
    size: int,
    root_hash: bytes,
    signed_at: datetime,
    signature: bytes,
    public_key: bytes,
    trusted_key: bytes | None = None,
) -> None:
    """Check that a tree head was signed by the hub's key.

    1. The head is whole: a size of 0 or more, a root of 32 bytes, a key of 32 bytes.
    2. The key is the trusted one, when the caller knows it. Without `trusted_key` anyone may have signed.
    3. The signature is the key's over these very fields (Ed25519, RFC 8032).

    Raises:
        CustodyFault: A step fails; the message names it.
    """
    name = f"tree head of {size} entries"
    if size < 0 or len(root_hash) != HASH_SIZE_BYTES or len(public_key) != PUBLIC_KEY_SIZE_BYTES:  # 1
        raise CustodyFault(
            f"{name}, step 1: root of {len(root_hash)} bytes and key of {len(public_key)}, expected 32 and 32"
        )
    if trusted_key is not None and public_key != trusted_key:  # 2
        raise CustodyFault(
            f"{name}, step 2: signed by key {public_key.hex()}, expected {trusted_key.hex()}; "
            "another hub or a forger signed it"
        )
    try:  # 3
        message = head_bytes(size=size, root_hash=root_hash, signed_at=signed_at)
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except InvalidSignature as err:
        raise CustodyFault(
            f"{name}, step 3: the signature does not belong to these fields; the head is forged"
        ) from err
