"""A public key seals and cannot open; its private half, in a file of its own, opens."""

import hashlib
import hmac
from pathlib import Path

import pytest

from tapestry.adapters._backup_key import OpeningKey, RecipientKey
from tapestry.model import OutsideFault, Refused

# RFC 7748, section 6.1: Bob's pair, Alice's public key, the secret of the two
PRIVATE = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"
PUBLIC = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
EPHEMERAL = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
SHARED = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"
WRITTEN = f"tapestry-to-{PUBLIC}{hashlib.sha256(b'tapestry-to-' + bytes.fromhex(PUBLIC)).hexdigest()[:8]}"


def bob(tmp_path: Path) -> OpeningKey:
    file = tmp_path / "bob.key"
    file.write_text(f"tapestry-backup-key 1\n{PRIVATE}\n{WRITTEN}\n")
    return OpeningKey.read(file)


def test_the_key_of_a_file_is_that_of_the_two_standards(tmp_path: Path) -> None:
    extracted = hmac.digest(bytes(32), bytes.fromhex(SHARED), "sha256")  # RFC 5869, section 2.2
    info = b"tapestry-backup 2 key" + bytes.fromhex(EPHEMERAL) + bytes.fromhex(PUBLIC)
    expected = hmac.digest(extracted, info + b"\x01", "sha256")  # section 2.3, one block
    assert bob(tmp_path).key_of_a_file(bytes.fromhex(EPHEMERAL)) == expected


def test_each_file_has_a_key_of_its_own_that_the_private_half_finds() -> None:
    key = OpeningKey.generate()
    (first, one), (second, other) = key.recipient.key_for_a_file(), key.recipient.key_for_a_file()
    assert first != second
    assert one != other
    assert (key.key_of_a_file(first), key.key_of_a_file(second)) == (one, other)


def test_a_key_is_written_for_our_user_alone_and_read_again(tmp_path: Path) -> None:
    file = tmp_path / "backups.key"
    key = OpeningKey.generate()
    key.write(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert str(OpeningKey.read(file).recipient) == str(key.recipient)


def test_an_older_key_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "backups.key").write_text("the only key of last year's backups")
    with pytest.raises(Refused, match="there is a file of that name"):
        OpeningKey.generate().write(tmp_path / "backups.key")
    assert (tmp_path / "backups.key").read_text() == "the only key of last year's backups"


def test_a_place_that_cannot_be_written_or_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutsideFault, match=r"no/backups\.key: No such file or directory; give a place"):
        OpeningKey.generate().write(tmp_path / "no" / "backups.key")
    with pytest.raises(OutsideFault, match=r"no\.key: No such file or directory; give the file of the key"):
        OpeningKey.read(tmp_path / "no.key")


def test_a_public_key_is_written_with_digits_that_find_a_slip(tmp_path: Path) -> None:
    assert str(bob(tmp_path).recipient) == WRITTEN
    assert RecipientKey.parse(f" {WRITTEN.upper()}\n").raw.hex() == PUBLIC
    with pytest.raises(Refused, match="a digit was copied wrongly"):
        RecipientKey.parse(WRITTEN.replace("de9edb", "de9eda"))


@pytest.mark.parametrize(
    "words", ["", "tapestry-to-", PUBLIC, WRITTEN[:-1], WRITTEN + "0", "tapestry-to-" + "z" * 72]
)
def test_what_is_no_public_key_is_refused(words: str) -> None:
    with pytest.raises(Refused, match="expected tapestry-to- and 72 hexadecimal digits"):
        RecipientKey.parse(words)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tapestry-backup-key 1",
        f"tapestry-backup-key 2\n{PRIVATE}\n{WRITTEN}\n",
        f"tapestry-backup-key 1\n{PRIVATE[:-2]}\n{WRITTEN}\n",
        f"tapestry-backup-key 1\nnot hexadecimal\n{WRITTEN}\n",
    ],
)
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.key").write_text(text)
    with pytest.raises(Refused, match="holds no key of a backup"):
        OpeningKey.read(tmp_path / "bad.key")


@pytest.mark.parametrize("text", [f"{PRIVATE}\n", f"5e{PRIVATE[2:]}\n{WRITTEN}\n".replace("5eab", "5eac")])
def test_a_damaged_key_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.key").write_text(f"tapestry-backup-key 1\n{text}")
    with pytest.raises(Refused, match="its two halves do not fit"):
        OpeningKey.read(tmp_path / "bad.key")


def test_a_point_that_makes_every_secret_zero_is_refused_on_both_sides() -> None:
    with pytest.raises(Refused, match="no point to seal to"):
        RecipientKey(bytes(32)).key_for_a_file()
    with pytest.raises(Refused, match="no point to seal to"):
        OpeningKey.generate().key_of_a_file(bytes(32))
