"""The parts without a hub: decoding and rules on one core, and the floor that the disk sets."""

import os
import tempfile
import time
import zlib
from pathlib import Path

import numpy as np

from bench import decode, rules
from bench.figures import Figure, Part
from bench.scale import Scale
from tapestry.model import POSITION
from tapestry.protocols import DECODERS

BATCH_POSITIONS = 2_000


def measure_decode(scale: Scale) -> Part:
    """Measure each protocol's decoder on one core."""
    rates = decode.measure(scale.kernel_s)
    return Part(
        load=f"Reads of {decode.CHUNK_SIZE_BYTES // 1024} KiB full of positions of {decode.VEHICLES} senders, bytes "
        "to events on one core, no hub.",
        figures=tuple(
            Figure(name=f"decode {DECODERS[name].title}", value=rate, unit="positions/s")
            for name, rate in rates.items()
        ),
    )


def measure_rules(scale: Scale) -> Part:
    """Measure the rules on one core."""
    figures = []
    for name, value in rules.measure(scale.kernel_s).items():
        words, _, unit = name.removesuffix("_per_s").rpartition("_")
        per_s = name.endswith("_per_s")
        unit = f"{unit}/s" if per_s else {"us": "µs"}.get(unit, unit)
        figures.append(
            Figure(name=words.replace("_", " "), value=value, unit=unit, lower_is_better=not per_s)
        )
    return Part(
        load=f"{rules.FENCES:,} fences of {rules.FENCE_VERTICES} vertices and a corridor on every fix, "
        f"{rules.VEHICLES:,} vehicles, one core, no hub. Crowded: every point lies in about five fences; country: one "
        "in twenty does.",
        figures=tuple(figures),
    )


def measure_floor(scale: Scale) -> Part:
    """Measure what the disk and the checksum allow: a plain file, one sync a batch."""
    rows = np.zeros(BATCH_POSITIONS, POSITION).tobytes()
    written = 0
    # not in /tmp, which is memory on many machines
    with tempfile.TemporaryDirectory(prefix="tapestry-bench-", dir=_disk_folder()) as folder:
        file = os.open(Path(folder) / "log", os.O_WRONLY | os.O_CREAT)
        begun_s = time.perf_counter()
        while (took_s := time.perf_counter() - begun_s) < scale.kernel_s:
            os.write(file, zlib.crc32(rows).to_bytes(4, "little") + rows)
            os.fsync(file)
            written += 1
        os.close(file)
    return Part(
        load=f"A plain file: {BATCH_POSITIONS:,} rows of {POSITION.itemsize} bytes with a CRC-32, then fsync.",
        figures=(
            Figure(name="raw log", value=written * BATCH_POSITIONS / took_s, unit="positions/s"),
            Figure(name="fsync of one batch", value=1000 * took_s / written, unit="ms"),
        ),
    )


def _disk_folder() -> str:
    return tempfile.gettempdir()
