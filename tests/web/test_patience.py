"""A request does not wait for ever for a database that is there and does not answer."""

import asyncio

import pytest

from tapestry.web._patience import within


async def test_what_is_done_in_time_is_returned() -> None:
    async def quick() -> int:
        return 7

    assert await within(quick(), within_s=1.0) == 7


async def test_what_is_not_done_in_time_is_told_and_left_to_end_by_itself() -> None:
    released, ended = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        await released.wait()
        ended.set()

    with pytest.raises(TimeoutError, match=r"no answer within 0\.01 s"):
        await within(slow(), within_s=0.01)
    released.set()
    await asyncio.wait_for(ended.wait(), 1.0)


async def test_a_fault_of_the_work_comes_through() -> None:
    async def broken() -> None:
        raise ValueError("seen")

    with pytest.raises(ValueError, match="seen"):
        await within(broken(), within_s=1.0)
