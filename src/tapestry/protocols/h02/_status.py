"""The 32 bits at the end of a frame, in negative logic: a bit that is 0 is the alarm or the state.

Bits are counted from the last hexadecimal digit: FFFFFBFF has bit 10 at 0, "ACC off".

Source: the tables of "H02 protocol EN", "LKGPS protocol" and "document", side by side in issue 2920 of the Traccar
project. Left out are bits whose meaning differs from maker to maker: door, armed, engine, custom alarm, receiver
fault, and all above 19 but those below.
"""

from typing import Final

from tapestry.wire import Readings

_ALARMS: Final = (
    (0, "vibration"),  # "thief alarm": the vehicle was touched while armed
    (1, "sos"),  # "robbery alarm" is the SOS key
    (2, "overspeed"),
    (4, "fence-enter"),
    (5, "gps-antenna-cut"),
    (7, "fence-exit"),
    (18, "sos"),  # the SOS key of the portable models
    (19, "power-cut"),
)
_ALARM_BITS: Final = sum(1 << bit for bit, _ in _ALARMS)
_ACC_ON: Final = 1 << 10
_POWERED: Final = 1 << 19


def status_readings(status: int | None, **others: object) -> Readings:
    """Return readings with what the status says; 0 (all alarms at once) is a device that does not fill it in."""
    if not status:
        return Readings(**others)  # type: ignore[arg-type]
    alarms: tuple[str, ...] = ()
    if status & _ALARM_BITS != _ALARM_BITS:
        alarms = tuple(dict.fromkeys(word for bit, word in _ALARMS if not status >> bit & 1))
    return Readings(
        ignition=bool(status & _ACC_ON),
        power_cut=not status & _POWERED,
        alarms=alarms,
        **others,  # type: ignore[arg-type]
    )
