"""The door of the directory: who speaks for which vehicle, and where it belongs."""

from tapestry.app._directory import (
    DIRECTORY_KEY,
    REF_BUCKET,
    Directory,
    build_directory,
    decode_directory,
    encode_directory,
    partition_of_movement,
    partition_of_vehicle,
)

__all__ = [
    "DIRECTORY_KEY",
    "REF_BUCKET",
    "Directory",
    "build_directory",
    "decode_directory",
    "encode_directory",
    "partition_of_movement",
    "partition_of_vehicle",
]
