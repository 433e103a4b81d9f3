"""Carrying out a wipe that two people ordered, from inside the hub: marker; keys; then the hub is told to end.

The hub's own process removes the folder once its children are gone (`tapestry.wiring.serve`); when it is killed before
that, the marker makes the next start finish it.
"""

import asyncio
import os
import signal
from pathlib import Path

from tapestry.adapters._wipe import destroy_keys, order_wipe
from tapestry.model import OutsideFault


class HubLastResort:
    """Implements `LastResort` for the hub of a data folder.

    Args:
        data: The data folder.
        hub_pid: Process that supervises this one.
    """

    def __init__(self, data: Path, *, hub_pid: int) -> None:
        self._data = data
        self._hub_pid = hub_pid

    async def mark(self, words: str) -> None:
        """Leave the marker; the next start of a hub on this folder finishes the wipe and does not serve."""
        try:
            await asyncio.to_thread(order_wipe, self._data, words)
        except OSError as err:
            raise OutsideFault(
                f"{self._data.parent}: {err.strerror}; a wipe needs to write there. Wipe at the machine: tapestry wipe",
                retry_helps=False,
            ) from err

    async def wipe(self) -> None:
        """Destroy the keys, have the hub end; whether or not the keys could be destroyed, its next start goes on."""
        try:
            await asyncio.to_thread(destroy_keys, self._data)
        except OSError as err:
            raise OutsideFault(
                f"{err.filename}: {err.strerror}; the hub ends and its next start goes on", retry_helps=False
            ) from err
        finally:
            os.kill(self._hub_pid, signal.SIGTERM)
