"""`tapestry wipe`: stops the hub of a data folder, destroys its keys, removes the folder; ends a broken wipe."""

import asyncio
import contextlib
import os
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

from tapestry.adapters._child_status import end_leftovers
from tapestry.adapters._data_folder import is_in_use
from tapestry.adapters._wipe import finish_wipe, order_wipe, wipe_is_due
from tapestry.model import OutsideFault, Refused, TapestryError
from tapestry.wiring.commands import ACTOR, now
from tapestry.wiring.connect import connect_store, load_settings

STOP_WITHIN_S = 40.0  # the database may take 30 s for its last checkpoint; then kill -9
LOOK_EVERY_S = 0.1
LOG_WITHIN_S = 5.0  # an emergency does not wait for a database that hangs


def wipe(data: Path, *, typed: str, reason: str) -> None:
    """Destroy the keys of a data folder and leave nothing of it.

    Steps:
        1. The typed words are the folder's name, whole.
        2. A running hub writes the order into its Log.
        3. The marker is left, the hub is stopped; by force when it does not stop.
        4. Keys, folder, marker go, in this order.

    Raises:
        Refused: The words are others, or there is no data folder.
        OutsideFault: Something could not be removed.
    """
    if not wipe_is_due(data):
        if not (data / "tapestry.json").is_file():
            raise Refused(f"{data} is no data folder of a hub; nothing was removed")
        if typed != data.name:  # 1
            raise Refused(f"typed {typed}, expected {data.name}; nothing was removed")
        _note(data, reason)  # 2
        order_wipe(
            data, f"ordered on this machine by user {os.getuid()} at {datetime.now(UTC).isoformat()}"
        )  # 3
    _stop(data)
    _finish(data)  # 4


def finish_before_serving(data: Path) -> None:
    """Return None when no wipe is due.

    Raises:
        Refused: One was due; it was finished now, and no hub is started in its place.
    """
    if wipe_is_due(data):
        _finish(data)
        raise Refused(
            f"{data}: a wipe was ordered here and broken off; it is finished now (keys destroyed, the "
            "folder is gone). To start a new, empty hub run the command again"
        )


def _finish(data: Path) -> None:
    end_leftovers(data / "run" / "children.json")  # children that a killed hub left
    finish_wipe(data)


def _note(data: Path, reason: str) -> None:
    if not is_in_use(data):
        return
    try:
        asyncio.run(_append(data, reason))
    except (TapestryError, TimeoutError):
        return  # the Log goes with the folder; its being away must not stop an emergency


async def _append(data: Path, reason: str) -> None:
    async with asyncio.timeout(LOG_WITHIN_S):
        store = await connect_store(load_settings(data))
        try:
            await store.append_log(
                at=now(), actor=ACTOR, action="wipe", subject="hub", details={"reason": reason}
            )
        finally:
            await store.close()


def _stop(data: Path) -> None:
    if not is_in_use(data):
        return
    try:
        pid = int((data / "lock").read_text().strip())
    except FileNotFoundError:
        return  # it ended by itself meanwhile, and took its folder along
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline_s = time.monotonic() + STOP_WITHIN_S
        while time.monotonic() < deadline_s:
            if not is_in_use(data):
                return
            time.sleep(LOOK_EVERY_S)
    raise OutsideFault(
        f"the hub (process {pid}) does not end; its keys stay until it does: end it, then run this again",
        retry_helps=True,
    )
