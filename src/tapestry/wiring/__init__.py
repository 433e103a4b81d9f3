"""The only room that names concrete adapters: it puts the house together and runs it.

In: settings from the command line. Out: a running hub, or the answer to one command. Never: a rule of the field.
"""

from tapestry.protocols import DECODERS
from tapestry.sim.recorded import CsvColumns
from tapestry.wiring._commands import (
    add_device,
    add_user,
    list_devices,
    list_users,
    setup_link,
    verify_log,
)
from tapestry.wiring._doctor import doctor
from tapestry.wiring._drive import demo, replay, simulate
from tapestry.wiring._roles import run_role
from tapestry.wiring._serve import serve


def protocol_names() -> list[str]:
    """Return the names of the device protocols."""
    return list(DECODERS)


__all__ = [
    "CsvColumns",
    "add_device",
    "add_user",
    "demo",
    "doctor",
    "list_devices",
    "list_users",
    "protocol_names",
    "replay",
    "run_role",
    "serve",
    "setup_link",
    "simulate",
    "verify_log",
]
