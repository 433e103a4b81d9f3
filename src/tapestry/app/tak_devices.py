"""The door of TAK devices: which certificate speaks for which tracker or person, read from the bus."""

from tapestry.app._tak_devices import (
    TAK_DEVICES_KEY,
    TakDevice,
    TakDevices,
    decode_tak_devices,
    encode_tak_devices,
    identity_of_tak,
    publish_tak_devices,
)

__all__ = [
    "TAK_DEVICES_KEY",
    "TakDevice",
    "TakDevices",
    "decode_tak_devices",
    "encode_tak_devices",
    "identity_of_tak",
    "publish_tak_devices",
]
