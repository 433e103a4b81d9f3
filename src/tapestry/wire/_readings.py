"""What a device says of itself and of its vehicle beside the place."""

import msgspec


class Readings(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Readings of one frame, in SI units; what the frame does not say is None."""

    # --- the receiver
    satellites: int | None = None  # used for the fix
    hdop: float | None = None
    fix_age_s: float | None = None  # how old the place was when the frame was made
    # --- the device
    battery_ratio: float | None = None  # 0..1 of its own battery
    battery_v: float | None = None
    charging: bool | None = None
    signal_ratio: float | None = None  # 0..1 of the mobile network
    signal_dbm: float | None = None
    temperature_c: float | None = None
    # --- the vehicle
    power_v: float | None = None  # what it feeds the device with
    power_cut: bool | None = None
    ignition: bool | None = None
    moving: bool | None = None
    odometer_m: float | None = None
    engine_s: float | None = None  # time that the engine has run
    fuel_ratio: float | None = None  # 0..1 of the tank
    fuel_m3: float | None = None
    # --- what it calls attention to
    alarms: tuple[str, ...] = ()  # words of ALARMS; a call for help is a DistressCall too
    # --- what the protocol numbers or names and no field above means: {"io-66": 12}; values as the frame has them
    codes: dict[str, bool | int | float | str] | None = None


ALARMS = frozenset(
    {
        "sos",
        "power-cut",
        "power-restored",
        "low-power",
        "low-battery",
        "tamper",
        "removed",
        "vibration",
        "movement",
        "tow",
        "overspeed",
        "hard-acceleration",
        "hard-braking",
        "hard-cornering",
        "accident",
        "fall-down",
        "idle",
        "parking",
        "fence",
        "fence-enter",
        "fence-exit",
        "gps-antenna-cut",
        "gps-lost",
        "gps-regained",
        "jamming",
        "door",
        "bonnet",
        "ignition-on",
        "ignition-off",
        "temperature",
        "fuel-leak",
        "fatigue",
        "lane-change",
        "fault",
        "general",
    }
)
"""Every word that `Readings.alarms` may hold."""
