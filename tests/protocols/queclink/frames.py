"""Reports of Queclink @Track.

[1] Queclink, "GL200 Series @Tracker Air Interface Protocol", the example of +RESP:GTFRI, its position moved.
The others are laid out by its field tables (chapter 3.3).
"""

from tests.protocols.session import Session, us

from tapestry.wire import Transport

CELL = "0418,0005,18d8,6141"
PLACE = "44.366100,33.315200"
HEARTBEAT = b"+ACK:GTHBD,1A0401,135790246811220,,20251009085300,11F0$"
FIXED = (  # [1]
    f"+RESP:GTFRI,1A0401,135790246811220,,0,0,1,1,36.0,92,34.0,{PLACE},20251009085320,{CELL},00,"
    "2000.0,20251009085325,11F1$"
).encode()
TWO = (
    f"+RESP:GTFRI,1A0401,135790246811220,,0,0,2,1,36.0,360,34.0,{PLACE},20251009085320,{CELL},00,"
    f"1,72.0,90,-5.0,44.366200,33.315300,20251009085330,{CELL},00,2000.0,20251009085335,11F2$"
).encode()
STORED = (
    f"+BUFF:GTRTL,1A0401,135790246811220,GL200,0,0,1,2,,,,{PLACE},20251009085310,{CELL},00,,20251009085335,11F3$"
).encode()
SOS = (
    f"+RESP:GTSOS,1A0401,135790246811220,,0,1,1,1,0.0,0,34.0,{PLACE},20251009085340,{CELL},00,,20251009085341,11F4$"
).encode()
NO_POSITION = f"+RESP:GTRTL,1A0401,135790246811220,,0,0,1,0,,,,,,,{CELL},00,,20251009085342,11F5$".encode()
INFORMATION = (
    b"+RESP:GTINF,1A0401,135790246811220,,16,898600810906F8048812,16,0,1,12000,,4.10,0,0,,,20251009085320,100,,,,,,"
    b"20251009085343,11F6$"
)


def report(time: str, place: str = PLACE) -> bytes:
    text = f"+RESP:GTFRI,1A0401,135790246811220,,0,0,1,1,0.0,0,0.0,{place},{time},{CELL},00,,20251009085325,11F1$"
    return text.encode()


TCP = Session(
    protocol="queclink",
    transport=Transport.TCP,
    opening=(HEARTBEAT,),
    frames=(FIXED, TWO, STORED, SOS, NO_POSITION, INFORMATION),
    broken={
        "no head": b"hello$",
        "a head and nothing more": b"+RESP:GTFRI,1A0401$",
        "an id of two letters": FIXED.replace(b"135790246811220", b"x"),
        "no count": FIXED.replace(b",11F1$", b",$"),
        "an accuracy of letters": FIXED.replace(b"1,36.0,92", b"abc,36.0,92"),
        "a speed that is no number": FIXED.replace(b"36.0", b"3e1"),
        "too long": b"+RESP:GTFRI," + b"x" * 9000 + b"$",
    },
    endless=b"+RESP:GTFRI,1",
    zero_place=report("20251009085320", "0.000000,0.000000"),
    off_earth=report("20251009085320", "44.366100,90.000001"),
    impossible_date=report("20251309085320"),
    far_dates={us(2000, 1, 1): report("20000101000000"), us(2080, 1, 1): report("20800101000000")},
)
UDP = Session(
    protocol="queclink",
    transport=Transport.UDP,
    opening=TCP.opening,
    frames=TCP.frames,
    broken=TCP.broken,
    endless=TCP.endless,
    zero_place=TCP.zero_place,
    off_earth=TCP.off_earth,
    impossible_date=TCP.impossible_date,
    far_dates=TCP.far_dates,
    needs_line_end=False,
)
SESSIONS = (TCP, UDP)
