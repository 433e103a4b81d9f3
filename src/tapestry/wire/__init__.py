"""What every protocol shares: the decoder contract, its events, buffers, checksums.

In: nothing. Out: types and small pure tools for `protocols`.
Never: a socket, a clock, one protocol's own fields.
"""

from tapestry.wire._call import call_at
from tapestry.wire._checksum import crc16_arc, crc16_kermit, crc16_x25, xor8
from tapestry.wire._decoder import MAX_BUFFER_SIZE_BYTES, Decoder, DecoderSpec, Transport
from tapestry.wire._encoder import EncoderSpec
from tapestry.wire._events import (
    MAX_REJECTED_SIZE_BYTES,
    Close,
    DistressCall,
    Event,
    Fix,
    Heartbeat,
    Login,
    Rejected,
    Reply,
)
from tapestry.wire._fields import (
    DAY_US,
    arc_deg,
    arc_text,
    clock_us,
    date_us,
    day_us,
    decimal,
    decimal_or_none,
    nearest_day_us,
    whole,
)
from tapestry.wire._http_decoder import HttpDecoder, HttpReport
from tapestry.wire._http_request import MAX_BODY_SIZE_BYTES, MAX_HEAD_SIZE_BYTES, Request
from tapestry.wire._json_fields import json_instant_us, json_number, json_objects, json_text
from tapestry.wire._kept import KeptBytes, conceal_request, kept_datagram
from tapestry.wire._lines import LineDecoder
from tapestry.wire._measure import (
    HDOP_ACCURACY_M,
    KMH_MPS,
    KNOT_MPS,
    MAX_FIXED_AT_US,
    heading_deg,
    position_flags,
    utc_us,
    verify_fixed_at_us,
    verify_position,
)
from tapestry.wire._mqtt import MqttReport, MqttSpec, Seals
from tapestry.wire._mqtt_decoder import NOT_STORED, STORED, MqttDecoder
from tapestry.wire._packets import PacketDecoder
from tapestry.wire._protobuf import message_types
from tapestry.wire._readings import ALARMS, Readings
from tapestry.wire._rejections import MAX_REJECTED_FRAMES, Rejections
from tapestry.wire._text_place import place_in
from tapestry.wire._whole import WholeDecoder
from tapestry.wire._xml_fields import xml_named, xml_root, xml_texts

__all__ = [
    "ALARMS",
    "DAY_US",
    "HDOP_ACCURACY_M",
    "KMH_MPS",
    "KNOT_MPS",
    "MAX_BODY_SIZE_BYTES",
    "MAX_BUFFER_SIZE_BYTES",
    "MAX_FIXED_AT_US",
    "MAX_HEAD_SIZE_BYTES",
    "MAX_REJECTED_FRAMES",
    "MAX_REJECTED_SIZE_BYTES",
    "NOT_STORED",
    "STORED",
    "Close",
    "Decoder",
    "DecoderSpec",
    "DistressCall",
    "EncoderSpec",
    "Event",
    "Fix",
    "Heartbeat",
    "HttpDecoder",
    "HttpReport",
    "KeptBytes",
    "LineDecoder",
    "Login",
    "MqttDecoder",
    "MqttReport",
    "MqttSpec",
    "PacketDecoder",
    "Readings",
    "Rejected",
    "Rejections",
    "Reply",
    "Request",
    "Seals",
    "Transport",
    "WholeDecoder",
    "arc_deg",
    "arc_text",
    "call_at",
    "clock_us",
    "conceal_request",
    "crc16_arc",
    "crc16_kermit",
    "crc16_x25",
    "date_us",
    "day_us",
    "decimal",
    "decimal_or_none",
    "heading_deg",
    "json_instant_us",
    "json_number",
    "json_objects",
    "json_text",
    "kept_datagram",
    "message_types",
    "nearest_day_us",
    "place_in",
    "position_flags",
    "utc_us",
    "verify_fixed_at_us",
    "verify_position",
    "whole",
    "xml_named",
    "xml_root",
    "xml_texts",
    "xor8",
]
