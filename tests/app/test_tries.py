"""Tries per address, one-time codes, and the directory's partitions: small pure parts of the desk."""

import zlib

import msgspec
import pyotp
import pytest
from tests.fakes.small_hub import NOON, SmallHub, add_movement

from tapestry.app._one_time import used_step
from tapestry.app._tries import Tries
from tapestry.app.directory import (
    build_directory,
    decode_directory,
    encode_directory,
    partition_of_movement,
    partition_of_vehicle,
)
from tapestry.model import MovementId, VehicleId

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238 appendix B: "12345678901234567890" in base32


@pytest.mark.parametrize(
    ("now_s", "code"),  # RFC 6238 appendix B, SHA-1, the last six of its eight digits
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924")],
)
def test_one_time_codes_are_those_of_the_standard(now_s: int, code: str) -> None:
    assert used_step(SECRET, code, now_s=now_s, after_step=0) == now_s // 30


@pytest.mark.parametrize(("late_s", "good"), [(-31, False), (-30, True), (0, True), (59, True), (60, False)])
def test_a_clock_may_be_one_step_wrong(late_s: int, good: bool) -> None:
    code = pyotp.TOTP(SECRET).at(1_111_111_110)  # first second of its step
    step = used_step(SECRET, code, now_s=1_111_111_110 + late_s, after_step=0)
    assert (step is not None) is good


@pytest.mark.parametrize("typed", ["", "28708", "2870822", "²87082", "abcdef", "287 083"])
def test_what_is_no_code_of_now_is_refused(typed: str) -> None:
    assert used_step(SECRET, typed, now_s=59, after_step=0) is None


def test_a_code_may_be_typed_with_a_blank() -> None:
    assert used_step(SECRET, "287 082", now_s=59, after_step=0) == 1


def test_an_older_code_is_refused_after_a_newer_one() -> None:
    code = pyotp.TOTP(SECRET).generate_otp(99)
    assert used_step(SECRET, code, now_s=100 * 30, after_step=98) == 99
    assert used_step(SECRET, code, now_s=100 * 30, after_step=99) is None


def test_so_many_addresses_are_remembered_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tapestry.app._tries.MAX_ADDRESSES", 2)
    tries = Tries()
    for address in ("a", "b", "c", "c"):
        assert tries.take(address, now_s=0.0)
    assert list(tries._buckets) == ["b", "c"]


def test_partitions_are_those_of_the_contract() -> None:
    assert partition_of_movement(MovementId(12)) == zlib.crc32(b"12") % 64 == 13
    assert partition_of_vehicle(VehicleId(12)) == zlib.crc32(b"v12") % 64


async def test_a_directory_comes_back_as_it_went_in(hub: SmallHub) -> None:
    await add_movement(hub, releasable_to=["pia"])
    await hub.store.put_tracker(identity="id:7", vehicle_id=VehicleId(1), secret_sha256=b"\x00" * 32)
    directory = await build_directory(hub.store.inner)
    assert decode_directory(encode_directory(directory)) == directory
    assert directory.trackers["id:7"].secret_sha256 == b"\x00" * 32
    window = directory.vehicles[2].windows[0]
    noon_us = int(NOON.timestamp()) * 1_000_000
    assert (window.from_us, window.until_us) == (noon_us - 3_600_000_000, noon_us + 3 * 3_600_000_000)


async def test_a_cancelled_movement_has_no_window_and_one_long_over_is_left_out(hub: SmallHub) -> None:
    plan = await add_movement(hub)
    assert (await build_directory(hub.store.inner, keep_after=plan.active_until)).vehicles[1].windows
    await hub.store.put_movement(msgspec.structs.replace(plan, cancelled=True))
    assert (await build_directory(hub.store.inner)).vehicles[1].windows == ()
    hub.clock.move(days=1)
    later = await build_directory(hub.store.inner, keep_after=hub.clock.now)
    assert (later.vehicles[1].windows, later.movements) == ((), {})
