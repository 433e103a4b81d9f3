"""The one vocabulary of metrics; names end in their unit, labels are few and bounded."""

from collections.abc import Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY: Final = CollectorRegistry()

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

CONNECTIONS: Final = Gauge(
    "tapestry_connections", "Device connections open now", ["protocol"], registry=REGISTRY
)
FIXES: Final = Counter(
    "tapestry_fixes_total", "Fixes decoded, by what became of them", ["protocol", "fate"], registry=REGISTRY
)
REJECTED: Final = Counter(
    "tapestry_rejected_frames_total", "Frames that broke their protocol", ["protocol"], registry=REGISTRY
)
DISTRESS: Final = Counter(
    "tapestry_distress_calls_total", "Distress calls taken in", ["kind"], registry=REGISTRY
)
REFUSED_CONNECTIONS: Final = Counter(
    "tapestry_refused_connections_total", "Connections turned away at a limit", ["reason"], registry=REGISTRY
)
ACK_SECONDS: Final = Histogram(
    "tapestry_ack_seconds", "From a fix read to its batch on the bus", buckets=_SECONDS, registry=REGISTRY
)
INTAKE_WAITING: Final = Gauge(
    "tapestry_intake_waiting_positions", "Positions not yet on the bus", registry=REGISTRY
)
STEP_POSITIONS: Final = Counter(
    "tapestry_step_positions_total", "Positions through track and rules", registry=REGISTRY
)
STEP_SECONDS: Final = Histogram(
    "tapestry_step_seconds", "Time of one step of track and rules", buckets=_SECONDS, registry=REGISTRY
)
FINDINGS: Final = Counter(
    "tapestry_findings_total", "Findings of the rules", ["rule", "phase"], registry=REGISTRY
)
PASSAGES: Final = Counter("tapestry_passages_total", "Passages of checkpoints told", registry=REGISTRY)
DEAD_LETTERS: Final = Counter("tapestry_dead_letters_total", "Messages whose step failed", registry=REGISTRY)
PARTITIONS_OWNED: Final = Gauge("tapestry_partitions_owned", "Partitions this worker owns", registry=REGISTRY)
PROJECTED_POSITIONS: Final = Counter(
    "tapestry_projected_positions_total", "Positions written to the store", registry=REGISTRY
)
PROJECTION_LAG: Final = Gauge(
    "tapestry_projection_lag_messages", "Messages of TRACK not yet in the store", registry=REGISTRY
)
PROJECTION_DEAD_LETTERS: Final = Counter(
    "tapestry_projection_dead_letters_total", "Messages that the store refused", registry=REGISTRY
)
LIVE_CLIENTS: Final = Gauge("tapestry_live_clients", "Consoles connected to the live feed", registry=REGISTRY)
HTTP_REQUESTS: Final = Counter(
    "tapestry_http_requests_total", "API requests by status class", ["status_class"], registry=REGISTRY
)
HTTP_SECONDS: Final = Histogram(
    "tapestry_http_seconds", "Time of one API request", buckets=_SECONDS, registry=REGISTRY
)

OF_ROLE: Final[Mapping[str, tuple[Counter | Gauge | Histogram, ...]]] = {
    "gateway": (
        CONNECTIONS,
        FIXES,
        REJECTED,
        DISTRESS,
        REFUSED_CONNECTIONS,
        ACK_SECONDS,
        INTAKE_WAITING,
    ),
    "worker": (STEP_POSITIONS, STEP_SECONDS, FINDINGS, PASSAGES, DEAD_LETTERS, PARTITIONS_OWNED),
    "projector": (PROJECTED_POSITIONS, PROJECTION_LAG, PROJECTION_DEAD_LETTERS),
    "web": (LIVE_CLIENTS, HTTP_REQUESTS, HTTP_SECONDS),
}
"""Which role counts what; each metric is told by one role alone, so that their texts can be put together."""


def metrics_text(role: str) -> bytes:
    """Return what a role counted, in Prometheus' text format."""
    registry = CollectorRegistry()
    for metric in OF_ROLE[role]:
        registry.register(metric)
    return generate_latest(registry)
