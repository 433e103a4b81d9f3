"""From flespi's messages to events.

Source: flespi, "Messages" (parameters of messages and their units): a message is a flat object of dotted names.
"""

import re
from typing import Any, Final

from tapestry.model import DeviceFault, DistressKind, Flag
from tapestry.wire import (
    HDOP_ACCURACY_M,
    KMH_MPS,
    DistressCall,
    Event,
    Fix,
    Heartbeat,
    HttpDecoder,
    HttpReport,
    Readings,
    Request,
    Transport,
    call_at,
    heading_deg,
    json_instant_us,
    json_number,
    json_objects,
    json_text,
    position_flags,
    verify_position,
)

MAX_MESSAGES: Final = 2_000  # of one body
_IMEI: Final = re.compile(r"\d{15}", re.ASCII)
_NAME: Final = re.compile(r"[\x21-\x7e]{1,64}", re.ASCII)
# Every other alarm has a name of its own there: "alarm.event" is the button, "alarm.event.trigger" an older name.
_SOS: Final = (
    "alarm.event", "alarm.event.trigger", "alarm.button.pressed.event", "alarm.sos.status", "sos.status",
    "alarm.panic.status", "panic.status", "sos.button.status",
)  # fmt: skip
_WORDS: Final = {
    "power-cut": ("external.powersource.disconnected.status", "alarm.power.cut.status"),
    "low-battery": ("battery.low.status", "alarm.battery.low.status"),
    "tow": ("towing.alarm.status", "alarm.towing.status"),
    "jamming": ("gsm.jamming.status", "gnss.jamming.status", "gsm.jamming.alarm.status"),
    "accident": ("crash.event", "crash.status", "alarm.crash.status"),
    "overspeed": ("overspeeding.status", "alarm.overspeeding.status"),
    "tamper": ("case.status.tamper", "tamper.alarm.status"),
}


class FlespiDecoder(HttpDecoder):
    """One HTTP connection of a flespi stream. See wire.Decoder."""

    def __init__(self, transport: Transport = Transport.TCP) -> None:
        del transport  # HTTP runs over TCP only
        super().__init__(self._report, methods=("POST", "PUT"))

    @staticmethod
    def _report(request: Request, received_at_us: int) -> HttpReport:
        events, faults = read_messages(request.body, received_at_us)
        return HttpReport(events=events, faults=faults)


def read_messages(body: bytes, received_at_us: int) -> tuple[list[Event], list[str]]:
    """Return what one message or a list of them says, and the faults of those that were left out.

    Raises:
        DeviceFault: It is no JSON, or none of the messages can be read.
    """
    events: list[Event] = []
    faults: list[str] = []
    for message in json_objects(body, most=MAX_MESSAGES):
        try:
            events += _events(message, received_at_us)
        except DeviceFault as fault:
            faults.append(str(fault))
            identity = _identity_of(message, required=False)
            if identity is not None and _calls(message):
                events.append(DistressCall(DistressKind.SOS, received_at_us, identity=identity))
    if faults and not events:
        raise DeviceFault(faults[0])
    return events, faults


def _events(message: dict[str, Any], received_at_us: int) -> list[Event]:
    identity = _identity_of(message, required=True)
    at_us = json_instant_us(json_number(message, "timestamp"), "timestamp")
    if at_us is None:
        at_us = (
            json_instant_us(json_number(message, "server.timestamp"), "server.timestamp") or received_at_us
        )
    lat_deg, lon_deg = json_number(message, "position.latitude"), json_number(message, "position.longitude")
    readings = _readings(message)
    events: list[Event] = []
    fix: Fix | None = None
    if lat_deg is None or lon_deg is None:
        events.append(Heartbeat(identity, readings))
    else:
        verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
        valid = message.get("position.valid") is not False
        flags = position_flags(lat_deg=lat_deg, lon_deg=lon_deg, valid=valid)
        speed_kmh, course = json_number(message, "position.speed"), json_number(message, "position.direction")
        accuracy_m = json_number(message, "position.accuracy")
        if accuracy_m is None and readings.hdop:
            accuracy_m = readings.hdop * HDOP_ACCURACY_M
        stored = message.get("message.buffered.status") is True
        fix = Fix(
            at_us,
            lat_deg,
            lon_deg,
            speed_mps=speed_kmh * KMH_MPS if speed_kmh is not None and speed_kmh >= 0 else None,
            heading_deg=None if course is None else heading_deg(course),
            alt_m=json_number(message, "position.altitude"),
            accuracy_m=accuracy_m if accuracy_m is not None and accuracy_m >= 0 else None,
            flags=flags | (int(Flag.BUFFERED) if stored else 0),
            identity=identity,
            readings=readings,
        )
        events.append(fix)
    if _calls(message):
        events.append(
            DistressCall(DistressKind.SOS, at_us, identity=identity)
            if fix is None
            else call_at(DistressKind.SOS, fix, received_at_us=at_us)
        )
    return events


def _identity_of(message: dict[str, Any], *, required: bool) -> str | None:
    name = json_text(message, "ident")
    if name is None or _NAME.fullmatch(name) is None:
        if required:
            raise DeviceFault(f"ident {str(name)[:64]!r}, expected 1 to 64 visible signs of ASCII")
        return None
    return f"imei:{name}" if _IMEI.fullmatch(name) else f"flespi:{name}"


def _calls(message: dict[str, Any]) -> bool:
    said = json_text(message, "alarm.event.trigger") or ""
    return any(message.get(name) is True for name in _SOS) or said.lower() in ("sos", "panic")


def _readings(message: dict[str, Any]) -> Readings:
    words = [word for word, names in _WORDS.items() if any(message.get(name) is True for name in names)]
    battery, signal = json_number(message, "battery.level"), json_number(message, "gsm.signal.level")
    satellites, mileage_km = (
        json_number(message, "position.satellites"),
        json_number(message, "vehicle.mileage"),
    )
    fuel = json_number(message, "can.fuel.level")
    codes: dict[str, bool | int | float | str] = {
        name: value
        for name in ("event.enum", "event.priority.enum", "device.name", "device.type.id", "din", "dout")
        if isinstance(value := message.get(name), bool | int | float | str)
    }
    return Readings(
        satellites=None if satellites is None else int(satellites),
        hdop=json_number(message, "position.hdop"),
        battery_ratio=battery / 100 if battery is not None and 0 <= battery <= 100 else None,
        battery_v=json_number(message, "battery.voltage"),
        power_v=json_number(message, "external.powersource.voltage"),
        signal_ratio=signal / 100 if signal is not None and 0 <= signal <= 100 else None,
        charging=_truth(message, "battery.charging.status"),
        ignition=_truth(message, "engine.ignition.status"),
        moving=_truth(message, "movement.status"),
        odometer_m=None if mileage_km is None else mileage_km * 1000,
        fuel_ratio=fuel / 100 if fuel is not None and 0 <= fuel <= 100 else None,
        alarms=(("sos",) if _calls(message) else ()) + tuple(words),
        codes=codes or None,
    )


def _truth(message: dict[str, Any], name: str) -> bool | None:
    value = message.get(name)
    return value if isinstance(value, bool) else None
