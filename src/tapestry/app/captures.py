"""The door of captures: which raw bytes of devices are kept, and the form they are kept in."""

from tapestry.app._capture_format import (
    FIRST_CHAIN,
    CaptureKind,
    CaptureLine,
    chained,
    line_of,
    verify_lines,
)
from tapestry.app._capture_orders import (
    AT_START,
    CAPTURES_KEY,
    MAX_LIMIT_SIZE_BYTES,
    NAME,
    CaptureOrder,
    orders_of,
    running_captures,
    start_capture,
    stop_capture,
)

__all__ = [
    "AT_START",
    "CAPTURES_KEY",
    "FIRST_CHAIN",
    "MAX_LIMIT_SIZE_BYTES",
    "NAME",
    "CaptureKind",
    "CaptureLine",
    "CaptureOrder",
    "chained",
    "line_of",
    "orders_of",
    "running_captures",
    "start_capture",
    "stop_capture",
    "verify_lines",
]
