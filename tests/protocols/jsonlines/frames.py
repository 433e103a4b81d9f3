"""Lines after docs/protocols/jsonlines.md, the specification of this protocol."""

from tests.protocols.session import Session, last_acknowledgement_only

from tapestry.wire import Transport

LOGIN = b'{"login":"gate-4","key":"correct horse"}\n'
POSITION = (
    b'{"id":"truck-7","t":1760000000250,"lat":33.3152,"lon":44.3661,"v":22.5,"h":181.5,"alt":34,"acc":4.5}\n'
)
STORED = b'{"t":"2025-10-09T08:53:20.5Z","lat":-1.5,"lon":-2.5,"h":360,"buf":true}\r\n'
NO_FIX = b'{"t":1760000001000,"lat":33.3152,"lon":44.3661,"nofix":true}\n'
DISTRESS = b'{"sos":"contact","id":"truck-7","t":1760000002000,"lat":33.3,"lon":44.4,"silent":true}\n'
HEARTBEAT = b'{"hb":true}\n'

BROKEN = {
    "not JSON": b"hello\n",
    "not an object": b"[1,2]\n",
    "no latitude": b'{"t":1760000000250,"lon":44.3661}\n',
    "a misspelt key": b'{"t":1760000000250,"lat":33.3,"lon":44.4,"speed":3}\n',
    "speed below zero": b'{"t":1760000000250,"lat":33.3,"lon":44.4,"v":-1}\n',
    "heading above 360": b'{"t":1760000000250,"lat":33.3,"lon":44.4,"h":361}\n',
    "a space in the id": b'{"id":"a b","t":1760000000250,"lat":33.3,"lon":44.4}\n',
    "a time without offset": b'{"t":"2025-10-09T08:53:20","lat":33.3,"lon":44.4}\n',
    "an unknown kind of distress": b'{"sos":"fire"}\n',
    "not UTF-8": b'{"id":"\xff","t":1760000000250,"lat":33.3,"lon":44.4}\n',
    "nested too deep": b'{"a":' + b"[" * 3000 + b"\n",
    "too long": b'{"id":"' + b"x" * 5000 + b'"}\n',
}

TCP = Session(
    protocol="jsonlines",
    transport=Transport.TCP,
    opening=(LOGIN,),
    frames=(POSITION, STORED, b"\n", NO_FIX, DISTRESS, HEARTBEAT),
    broken=BROKEN,
    endless=b'{"id":"x',
    zero_place=b'{"t":1760000000250,"lat":0,"lon":0.0}\n',
    off_earth=b'{"t":1760000000250,"lat":90.001,"lon":44.4}\n',
    impossible_date=b'{"t":"2025-13-09T08:53:20Z","lat":33.3,"lon":44.4}\n',
    secret_marks=(b'"key"',),
    far_dates={
        0: b'{"t":0,"lat":33.3,"lon":44.4}\n',
        3_471_292_800_000_000: b'{"t":"2080-01-01T00:00:00Z","lat":33.3,"lon":44.4}\n',
    },
    settled=last_acknowledgement_only,
)
UDP = Session(
    protocol="jsonlines",
    transport=Transport.UDP,
    opening=TCP.opening,
    frames=TCP.frames,
    broken=TCP.broken,
    endless=TCP.endless,
    zero_place=TCP.zero_place,
    off_earth=TCP.off_earth,
    impossible_date=TCP.impossible_date,
    far_dates=TCP.far_dates,
    secret_marks=TCP.secret_marks,
    settled=last_acknowledgement_only,
    needs_line_end=False,
)
SESSIONS = (TCP, UDP)
