"""The streams and buckets of the bus: names, subjects and limits in one table, and how they come to be."""

from typing import Any

import msgspec

from tapestry.adapters._nats_wire import ApiFault, Wire
from tapestry.model import Refused

DAY_S = 86_400.0
GB = 1_000_000_000
WINDOW_S = (
    600.0  # one Msg-Id is written once within it: longer than a checkpoint interval plus a usual outage
)
LONG_WINDOW_S = 1_200.0  # for what a replay writes again: the replay may begin a whole window late
NAME_IN_USE = 10_058  # error code of the server: the stream exists with another configuration
NANOSECONDS = 1_000_000_000


class StreamSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One stream. When it reaches a limit the oldest messages go."""

    name: str
    subjects: tuple[str, ...]
    max_age_s: float
    max_bytes: int
    window_s: float = WINDOW_S
    purpose: str


class StreamSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What people may choose of the streams."""

    track_age_s: float = 7 * DAY_S
    track_bytes: int = 20 * GB
    replicas: int = 1  # 3 on a cluster of three


STREAMS = (
    StreamSpec(
        name="TRACK",
        subjects=("track.*",),
        max_age_s=7 * DAY_S,
        max_bytes=20 * GB,
        purpose="everything that a partition's fold depends on, in order",
    ),
    StreamSpec(
        name="DISTRESS",
        subjects=("distress.*",),
        max_age_s=365 * DAY_S,
        max_bytes=1 * GB,
        purpose="calls for help, one message each",
    ),
    StreamSpec(
        name="EVENTS",
        subjects=("event.*",),
        max_age_s=90 * DAY_S,
        max_bytes=5 * GB,
        window_s=LONG_WINDOW_S,
        purpose="what the rules found",
    ),
    StreamSpec(
        name="QUALITY",
        subjects=("quality.*",),
        max_age_s=7 * DAY_S,
        max_bytes=5 * GB,
        window_s=LONG_WINDOW_S,
        purpose="rows judged duplicate, impossible, late or disputed",
    ),
    StreamSpec(
        name="PASSAGES",
        subjects=("passage.*",),
        max_age_s=90 * DAY_S,
        max_bytes=1 * GB,
        window_s=LONG_WINDOW_S,
        purpose="vehicles that passed a checkpoint",
    ),
    StreamSpec(
        name="CHANGES",
        subjects=("change.*",),
        max_age_s=90 * DAY_S,
        max_bytes=5 * GB,
        window_s=LONG_WINDOW_S,
        purpose="rows that people's deeds changed, for other centres",
    ),
    StreamSpec(
        name="QUARANTINE",
        subjects=("quarantine.*",),
        max_age_s=DAY_S,
        max_bytes=256_000_000,
        purpose="trackers that nobody has bound to a vehicle",
    ),
    StreamSpec(
        name="REJECTED",
        subjects=("rejected.*",),
        max_age_s=DAY_S,
        max_bytes=256_000_000,
        purpose="frames that broke their protocol",
    ),
    StreamSpec(
        name="DEAD",
        subjects=("dead.>",),
        max_age_s=90 * DAY_S,
        max_bytes=1 * GB,
        window_s=LONG_WINDOW_S,
        purpose="messages whose step failed",
    ),
)

BUCKETS = {
    "checkpoint": "sequence and state of each partition",
    "ref": "directory and fences, as the fold reads them",
}


def configs(settings: StreamSettings) -> list[dict[str, Any]]:
    """Return the configuration of every stream and bucket, as JetStream's API wants it."""
    return [_stream_config(spec, settings) for spec in STREAMS] + [
        _bucket_config(bucket, purpose, settings) for bucket, purpose in BUCKETS.items()
    ]


def _stream_config(spec: StreamSpec, settings: StreamSettings) -> dict[str, Any]:
    track = spec.name == "TRACK"
    age_s = settings.track_age_s if track else spec.max_age_s
    return {
        "name": spec.name,
        "description": spec.purpose,
        "subjects": list(spec.subjects),
        "storage": "file",
        "retention": "limits",
        "discard": "old",
        "num_replicas": settings.replicas,
        "max_age": int(age_s * NANOSECONDS),
        "max_bytes": settings.track_bytes if track else spec.max_bytes,
        "duplicate_window": int(min(spec.window_s, age_s) * NANOSECONDS),
        "allow_direct": True,
        "allow_atomic": track,
    }


def _bucket_config(bucket: str, purpose: str, settings: StreamSettings) -> dict[str, Any]:
    return {
        "name": f"KV_{bucket}",
        "description": purpose,
        "subjects": [f"$KV.{bucket}.>"],
        "storage": "file",
        "retention": "limits",
        "discard": "new",
        "max_msgs_per_subject": 1,
        "num_replicas": settings.replicas,
        "allow_rollup_hdrs": True,
        "deny_delete": True,
        "allow_direct": True,
    }


async def ensure_streams(wire: Wire, settings: StreamSettings | None) -> None:
    """Make what is missing of the streams and buckets.

    Args:
        wire: A connection.
        settings: None leaves existing streams as they are; else their limits are changed to these.

    Raises:
        Refused: The server keeps one of them in memory: what it acknowledges would be lost with its power.
        OutsideFault: The server does not answer.
    """
    for config in configs(settings or StreamSettings()):
        name = config["name"]
        try:
            answer = await wire.patient_api(f"STREAM.CREATE.{name}", config)
        except ApiFault as fault:
            if fault.err_code != NAME_IN_USE:
                raise
            verb = "STREAM.INFO" if settings is None else "STREAM.UPDATE"
            refuse_memory((await wire.patient_api(f"STREAM.INFO.{name}"))["config"])
            answer = await wire.patient_api(f"{verb}.{name}", None if settings is None else config)
        refuse_memory(answer["config"])


def refuse_memory(config: dict[str, Any]) -> None:
    """Check that a stream is on the disk.

    Raises:
        Refused: It is not.
    """
    if config.get("storage") != "file":
        raise Refused(
            f"stream {config.get('name')} of the bus is kept in {config.get('storage')}, expected file: a "
            f"restart would lose acknowledged data; delete it and start again: "
            f"nats stream rm {config.get('name')}"
        )


def stream_of(subject: str) -> str | None:
    """Return the stream or bucket stream that keeps a subject, None when nothing does."""
    first = subject.split(".", 1)[0]
    if first == "$KV":
        return f"KV_{subject.split('.')[1]}"
    for spec in STREAMS:
        if any(pattern.split(".", 1)[0] == first for pattern in spec.subjects):
            return spec.name
    return None
