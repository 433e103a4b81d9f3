"""A sealed stream opens whole and unchanged with its passphrase, and in no other way."""

import io

import pytest

from tapestry.adapters._backup_key import OpeningKey, RecipientKey
from tapestry.adapters._backup_seal import CHUNK_SIZE_BYTES, TAG_SIZE_BYTES, Sealing, Unsealing
from tapestry.model import Refused

PASSPHRASE = "seven green lorries"
KEY = OpeningKey.generate()
PLAIN = bytes(range(256)) * 640  # 163,840 bytes: two full chunks and a half


def sealed(plain: bytes = PLAIN, secret: str | RecipientKey = PASSPHRASE) -> bytes:
    file = io.BytesIO()
    sealing = Sealing(file, secret)
    sealing.write(plain)
    sealing.finish()
    return file.getvalue()


def opened(blob: bytes, secret: str | OpeningKey = PASSPHRASE) -> bytes:
    return Unsealing(io.BytesIO(blob), secret).read()


@pytest.mark.parametrize(
    "size", [0, 1, CHUNK_SIZE_BYTES - 1, CHUNK_SIZE_BYTES, CHUNK_SIZE_BYTES + 1, 2 * CHUNK_SIZE_BYTES]
)
def test_what_was_sealed_opens_again_at_every_size(size: int) -> None:
    assert opened(sealed(PLAIN[:size])) == PLAIN[:size]


def test_it_is_read_in_small_pieces_too() -> None:
    reader = Unsealing(io.BytesIO(sealed()), PASSPHRASE)
    assert b"".join(iter(lambda: reader.read(1_000), b"")) == PLAIN


def test_a_wrong_passphrase_is_refused() -> None:
    with pytest.raises(Refused, match="the passphrase is wrong"):
        opened(sealed(), "seven green lorrieS")


def test_a_short_passphrase_is_refused_before_anything_is_written() -> None:
    file = io.BytesIO()
    with pytest.raises(Refused, match="passphrase of 5 characters, expected 12 or more"):
        Sealing(file, "short")
    assert file.getvalue() == b""


def test_a_file_cut_between_two_chunks_is_refused() -> None:
    blob = sealed()
    rest = len(PLAIN) - 2 * CHUNK_SIZE_BYTES + TAG_SIZE_BYTES
    with pytest.raises(Refused, match="ends after chunk 1, expected more: it was cut"):
        opened(blob[:-rest])


def test_a_file_cut_inside_a_chunk_is_refused() -> None:
    with pytest.raises(Refused, match="chunk 2 does not open though those before it do"):
        opened(sealed()[:-1])


@pytest.mark.parametrize("place", [40, 200, 70_000, 140_000, -1])
def test_a_flipped_bit_anywhere_is_refused(place: int) -> None:
    blob = bytearray(sealed())
    blob[place] ^= 1
    with pytest.raises(Refused, match="backup: "):
        opened(bytes(blob))


def test_chunks_in_another_order_are_refused() -> None:
    blob = sealed()
    start = blob.index(b"\n", blob.index(b"\n") + 1) + 1
    size = CHUNK_SIZE_BYTES + TAG_SIZE_BYTES
    first, second, rest = (
        blob[start : start + size],
        blob[start + size : start + 2 * size],
        blob[start + 2 * size :],
    )
    with pytest.raises(Refused, match="first chunk does not open"):
        opened(blob[:start] + second + first + rest)


def test_what_is_no_backup_is_refused() -> None:
    with pytest.raises(Refused, match="this is no backup of a hub"):
        opened(b"PK\x03\x04 something else entirely")


def test_a_header_that_asks_for_all_memory_is_refused() -> None:
    with pytest.raises(Refused, match="asks for 99999999 KiB"):
        opened(sealed().replace(b'"memory_kib":65536', b'"memory_kib":99999999'))


@pytest.mark.parametrize("size", [0, 1, CHUNK_SIZE_BYTES, 2 * CHUNK_SIZE_BYTES + 1])
def test_what_was_sealed_to_a_key_opens_with_its_private_half(size: int) -> None:
    assert opened(sealed(PLAIN[:size], KEY.recipient), KEY) == PLAIN[:size]


def test_what_was_sealed_to_a_key_opens_with_no_other_and_with_no_passphrase() -> None:
    blob, other = sealed(PLAIN, KEY.recipient), OpeningKey.generate()
    with pytest.raises(
        Refused, match=f"sealed to the key {KEY.recipient}, the one given is of {other.recipient}"
    ):
        opened(blob, other)
    with pytest.raises(Refused, match="give the file of its private key: --key FILE"):
        opened(blob, PASSPHRASE)
    renamed = blob.replace(KEY.recipient.raw.hex().encode(), other.recipient.raw.hex().encode())
    with pytest.raises(Refused, match="first chunk does not open: the file was changed"):
        opened(renamed, other)


def test_a_key_is_not_tried_on_what_a_passphrase_opens() -> None:
    with pytest.raises(Refused, match="sealed with a passphrase, not to a key; leave --key out"):
        opened(sealed(), KEY)


@pytest.mark.parametrize("place", [5, 16, 40, 120, 180, 200, 70_000, 140_000, -1])
def test_a_flipped_bit_anywhere_is_refused_of_what_is_sealed_to_a_key(place: int) -> None:
    blob = bytearray(sealed(PLAIN, KEY.recipient))
    blob[place] ^= 1
    with pytest.raises(Refused, match="backup: "):
        opened(bytes(blob), KEY)


@pytest.mark.parametrize("size", [0, 10, 18, 100, 250, 65_000, 131_000, -1])
def test_what_is_sealed_to_a_key_and_was_cut_anywhere_is_refused(size: int) -> None:
    with pytest.raises(Refused, match="backup: "):
        opened(sealed(PLAIN, KEY.recipient)[:size], KEY)


def test_a_header_that_says_one_thing_and_a_first_line_that_says_another_are_refused() -> None:
    with pytest.raises(Refused, match="second line is damaged"):
        opened(sealed(PLAIN, KEY.recipient).replace(b"backup 2", b"backup 1", 1))
    with pytest.raises(Refused, match="second line is damaged"):
        opened(sealed().replace(b"backup 1", b"backup 2", 1), KEY)
