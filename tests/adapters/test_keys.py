"""The signing key: made once, kept private, never made over another."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tapestry.adapters._keys import load_or_create_signing_key
from tapestry.model import OutsideFault, Refused

# RFC 8032, section 7.1, test 2: secret key, public key, signature of the byte 0x72
SEED_HEX = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
PUBLIC_HEX = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
SIGNATURE_HEX = (
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def test_a_key_is_made_once_for_our_eyes_only_and_then_kept(tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    made = load_or_create_signing_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_or_create_signing_key(path).public_key == made.public_key
    assert [file.name for file in tmp_path.iterdir()] == ["log.key"]
    Ed25519PublicKey.from_public_bytes(made.public_key).verify(made.sign(b"head"), b"head")


def test_a_kept_key_signs_as_the_standard_says(tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    path.write_text(SEED_HEX + "\n")
    path.chmod(0o600)
    key = load_or_create_signing_key(path)
    assert key.public_key.hex() == PUBLIC_HEX
    assert key.sign(b"\x72").hex() == SIGNATURE_HEX


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    path.write_text(SEED_HEX)
    path.chmod(0o640)
    with pytest.raises(
        Refused, match=r"^signing key .*log.key: mode 0640, expected 0600; others may have read it"
    ):
        load_or_create_signing_key(path)


@pytest.mark.parametrize("text", ["", "no key", SEED_HEX[:-2]])
def test_a_file_that_holds_no_key_is_refused_and_not_replaced(tmp_path: Path, text: str) -> None:
    path = tmp_path / "log.key"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(
        Refused, match=rf"log.key: {len(text)} characters that are no key, expected 64 hexadecimal"
    ):
        load_or_create_signing_key(path)
    assert path.read_text() == text


def test_a_folder_that_is_not_there_is_an_outside_fault(tmp_path: Path) -> None:
    with pytest.raises(
        OutsideFault, match=r"^signing key .*: No such file or directory; see disk space"
    ) as caught:
        load_or_create_signing_key(tmp_path / "absent" / "log.key")
    assert not caught.value.retry_helps
