"""The 32 bits at the end of a frame, in negative logic: a bit that is 0 is the alarm or the state.

Bits are counted from the last hexadecimal digit: FFFFFBFF has bit 10 at 0, "ACC off".

Source: the tables of "H02 protocol EN", "LKGPS protocol" and "document", side by side in issue 2920 of the Traccar
project. Left out are bits whose meaning differs from maker to maker: door, armed, engine, custom alarm, receiver
fault, and all above 19 but those below.
"""

from typing import Final

from tapestry.model import DistressKind
from tapestry.wire import Readings

_ALARMS: Final = (
    (0, "vibration"),  # "thief alarm": the vehicle was touched while armed
    (1, "sos"),  # "robbery alarm" is the SOS key
    (2, "overspeed"),
    (4, "fence-enter"),
    (5, "gps-antenna-cut"),
    (7, "fence-exit"),
    (18, "sos"),  # the SOS key of portable models; of others "tilt", or nothing, and then often 0 for ever
    (19, "power-cut"),
)
_ALARM_BITS: Final = sum(1 << bit for bit, _ in _ALARMS)
_ACC_ON: Final = 1 << 10
_POWERED: Final = 1 << 19
_SOS: Final = 1 << 1
# What is a call for help only when it begins: on many devices these are 0 all their life (issues 746 and 2131 of
# the Traccar project show bit 18 so; a portable device has no vehicle that feeds it).
_BEGINNING: Final = ((1 << 18, DistressKind.SOS), (_POWERED, DistressKind.TAMPER))


class Calls:
    """Tells which frames of one connection call for help."""

    def __init__(self) -> None:
        self._before: int | None = None  # the status of the last frame that had one

    def of(self, status: int | None) -> list[DistressKind]:
        """Return the calls that a status is: every SOS of bit 1; others when their bit becomes 0."""
        if not status:
            return []
        before, self._before = self._before, status
        kinds = [] if status & _SOS else [DistressKind.SOS]
        for bit, kind in _BEGINNING:
            if before is not None and before & bit and not status & bit and kind not in kinds:
                kinds.append(kind)
        return kinds


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
