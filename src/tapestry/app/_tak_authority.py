"""The device authority at the desk: made or opened when it is first needed, in a thread, for that takes a while."""

import asyncio
from collections.abc import Callable

from tapestry.app._refusals import Invalid
from tapestry.app.ports import DeviceCa


class LazyCa:
    """The authority, opened once.

    Args:
        load: Opens or makes it; None: this hub has none.
    """

    def __init__(self, load: Callable[[], DeviceCa] | None) -> None:
        self._load = load
        self._opened: DeviceCa | None = None
        self._opening = asyncio.Lock()

    async def get(self) -> DeviceCa:
        """Return the authority.

        Raises:
            Invalid: This hub has none.
            Refused, OutsideFault: Its files cannot be used.
        """
        async with self._opening:
            if self._opened is None:
                if self._load is None:
                    raise Invalid(
                        "no-tak", "TAK devices do not enrol at this hub.", "Start it with --tak-enrol-port."
                    )
                self._opened = await asyncio.to_thread(self._load)
            return self._opened
