"""Tree heads: what is signed, and what a forged one says."""

from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tapestry.ledger import head_bytes, verify_head
from tapestry.model import CustodyFault

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIELDS: dict[str, Any] = {"size": 3, "root_hash": bytes(32), "signed_at": AT}
HEAD: dict[str, Any] = FIELDS | {
    "signature": KEY.sign(head_bytes(**FIELDS)),
    "public_key": KEY.public_key().public_bytes_raw(),
}


def test_size_root_and_time_are_signed_as_canonical_json() -> None:
    assert head_bytes(**FIELDS) == (
        b'{"root_hash":"' + b"0" * 64 + b'","signed_at":"2026-03-01T12:00:00.000000Z","size":3}'
    )


def test_a_head_signed_by_its_key_holds() -> None:
    verify_head(**HEAD)
    verify_head(**HEAD, trusted_key=KEY.public_key().public_bytes_raw())


@pytest.mark.parametrize(
    "changed",
    [
        {"size": 4},
        {"root_hash": b"\x01" * 32},
        {"signed_at": datetime(2026, 3, 1, 13, tzinfo=UTC)},
        {"signature": bytes(64)},
        {"signature": b""},
    ],
    ids=["size", "root", "time", "signature", "no signature"],
)
def test_a_forged_head_fails(changed: dict[str, Any]) -> None:
    with pytest.raises(
        CustodyFault, match=r"^tree head of \d entries, step 3: the signature does not belong to"
    ):
        verify_head(**(HEAD | changed))


def test_a_head_signed_by_another_key_fails_when_the_key_is_known() -> None:
    forged = FIELDS | {
        "signature": OTHER_KEY.sign(head_bytes(**FIELDS)),
        "public_key": OTHER_KEY.public_key().public_bytes_raw(),
    }
    with pytest.raises(
        CustodyFault, match=r"^tree head of 3 entries, step 2: signed by key [0-9a-f]{64}, expected"
    ):
        verify_head(**forged, trusted_key=KEY.public_key().public_bytes_raw())


def test_a_head_with_a_short_root_fails() -> None:
    with pytest.raises(
        CustodyFault, match=r"^tree head of 3 entries, step 1: root of 31 bytes and key of 32, expected"
    ):
        verify_head(**(HEAD | {"root_hash": bytes(31)}))
