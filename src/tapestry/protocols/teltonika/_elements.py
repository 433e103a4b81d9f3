"""What the elements of a record say: the permanent and eventual ones that FMB, FMC and FMM devices share by id.

Source: Teltonika wiki, "FMB AVL ID" (permanent I/O and eventual I/O elements).
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from tapestry.wire import Readings

Elements = Mapping[int, int | bytes]

_READ: Final[dict[int, tuple[str, Callable[[int], bool | int | float]]]] = {
    16: ("odometer_m", float),
    21: ("signal_ratio", lambda bars: min(bars, 5) / 5),
    66: ("power_v", lambda millivolts: millivolts / 1000),
    67: ("battery_v", lambda millivolts: millivolts / 1000),
    113: ("battery_ratio", lambda percent: min(percent, 100) / 100),
    182: ("hdop", lambda tenths: tenths / 10),
    239: ("ignition", bool),
    240: ("moving", bool),
}
_EVENTS: Final[dict[int, dict[int, str]]] = {
    236: {1: "sos"},
    246: {1: "tow"},
    247: dict.fromkeys(range(1, 7), "accident"),
    249: {1: "jamming", 2: "jamming"},
    251: {1: "idle"},
    252: {1: "power-cut"},
    253: {1: "hard-acceleration", 2: "hard-braking", 3: "hard-cornering"},
}
_OVERSPEED: Final = 255  # its value is the speed
_IGNITION: Final = 239


def readings_of(elements: Elements, *, event_id: int, satellites: int) -> Readings:
    """Return the readings of a record; elements that have no name here are told by their number.

    Args:
        elements: By id.
        event_id: Of the element that caused the record: only that one is an alarm.
        satellites: In use; 0 without a fix.
    """
    named: dict[str, Any] = {}
    codes: dict[str, bool | int | float | str] = {}
    for number, value in elements.items():
        known = _READ.get(number)
        if known is not None and isinstance(value, int):
            named[known[0]] = known[1](value)
        else:
            codes[f"io-{number}"] = value if isinstance(value, int) else value.hex()
    return Readings(satellites=satellites, alarms=_alarms(elements, event_id), codes=codes or None, **named)


def _alarms(elements: Elements, event_id: int) -> tuple[str, ...]:
    value = elements.get(event_id) if event_id else None
    if not isinstance(value, int):
        return ()
    if event_id == _OVERSPEED:
        return ("overspeed",) if value else ()
    if event_id == _IGNITION:
        return ("ignition-on",) if value else ("ignition-off",)
    word = _EVENTS.get(event_id, {}).get(value)
    return () if word is None else (word,)
