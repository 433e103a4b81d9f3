"""Carrying out a wipe that two people ordered, from inside the hub: marker, keys, then the hub is told to end.

The hub's own process removes the folder once its children are gone (`tapestry.wiring.serve`); when it is killed before
that, the marker makes the next start finish it.
"""

import asyncio
import os
import signal
from pathlib import Path

from tapestry.adapters._wipe import destroy_keys, order_wipe


class HubLastResort:
    """Implements `LastResort` for the hub of a data folder.

    Args:
        data: The data folder.
        hub_pid: Process that supervises this one.
    """

    def __init__(self, data: Path, *, hub_pid: int) -> None:
        self._data = data
        self._hub_pid = hub_pid

    async def wipe(self, words: str) -> None:
        """Leave the marker, destroy the keys, have the hub end."""
        await asyncio.to_thread(self._wipe, words)

    def _wipe(self, words: str) -> None:
        order_wipe(self._data, words)
        destroy_keys(self._data)
        os.kill(self._hub_pid, signal.SIGTERM)
