"""Check values of the catalogue, published frames, and a bit-by-bit reading of each definition."""

from hypothesis import given
from hypothesis import strategies as st

from tapestry.wire import crc16_arc, crc16_kermit, crc16_x25, xor8


def bit_by_bit(data: bytes, *, polynomial: int, start: int, end: int) -> int:
    crc = start
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ polynomial if crc & 1 else crc >> 1
    return crc ^ end


def test_the_check_values_of_the_catalogue_are_met() -> None:
    assert crc16_x25(b"123456789") == 0x906E
    assert crc16_arc(b"123456789") == 0xBB3D
    assert crc16_kermit(b"123456789") == 0x2189


def test_an_empty_input_has_the_checksum_of_nothing() -> None:
    assert (crc16_x25(b""), crc16_arc(b""), xor8(b"")) == (0x0000, 0x0000, 0x00)


def test_the_checksum_of_a_published_nmea_sentence_is_met() -> None:
    assert xor8(b"GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W") == 0x6A


@given(st.binary(max_size=200))
def test_fast_and_plain_ways_agree(data: bytes) -> None:
    assert crc16_x25(data) == bit_by_bit(data, polynomial=0x8408, start=0xFFFF, end=0xFFFF)
    assert crc16_kermit(data) == bit_by_bit(data, polynomial=0x8408, start=0, end=0)
    assert crc16_arc(data) == bit_by_bit(data, polynomial=0xA001, start=0, end=0)
    plain = 0
    for byte in data:
        plain ^= byte
    assert xor8(data) == plain
