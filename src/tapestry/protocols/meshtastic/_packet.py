"""Messages of a mesh as protobuf, and the seal of a channel.

Source: Meshtastic, "MQTT" and "Encryption" (AES in counter mode; nonce: packet number and sender), its published field
numbers of ServiceEnvelope, MeshPacket, Data and Position.
"""

from typing import Any, Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tapestry.wire import message_types

TYPES: Final = message_types(
    "tapestry.mesh",
    {
        "Data": {"portnum": (1, "uint32"), "payload": (2, "bytes")},
        "MeshPacket": {
            "sender": (1, "fixed32"),
            "to": (2, "fixed32"),
            "channel": (3, "uint32"),
            "decoded": (4, "Data"),
            "encrypted": (5, "bytes"),
            "id": (6, "fixed32"),
            "rx_time": (7, "fixed32"),
        },
        "ServiceEnvelope": {
            "packet": (1, "MeshPacket"),
            "channel_id": (2, "string"),
            "gateway_id": (3, "string"),
        },
        "Position": {
            "latitude_i": (1, "sfixed32?"),
            "longitude_i": (2, "sfixed32?"),
            "altitude": (3, "int32?"),
            "time": (4, "fixed32"),
            "timestamp": (7, "fixed32"),
            "PDOP": (11, "uint32"),
            "ground_speed": (15, "uint32?"),
            "ground_track": (16, "uint32?"),
            "sats_in_view": (19, "uint32"),
        },
    },
)
POSITION: Final = 3  # port numbers
TEXT: Final = 1
# The key that every device is sold with ("AQ=="), written out as the maker publishes it: it hides nothing.
DEFAULT_KEY: Final = bytes.fromhex("d4f1bb3a20290759f0bcffabcf4e6901")


def opened(packet: Any, key: bytes) -> bytes:
    """Return the Data of a sealed packet, as this key opens it; with another key it is noise."""
    nonce = packet.id.to_bytes(8, "little") + packet.sender.to_bytes(4, "little") + bytes(4)
    decryptor = Cipher(algorithms.AES(key), modes.CTR(nonce)).decryptor()
    return bytes(decryptor.update(packet.encrypted) + decryptor.finalize())
