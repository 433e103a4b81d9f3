"""Lines of GPS103, and where each comes from.

[1] Coban, "TK102/TK102B/TK103/… GPRS Data Protocol": the examples of its first table.
[2] Frames that owners posted: issues 149, 503, 972, 1205, 1632, 1672 and 1954 of the Traccar project, 114 of
    GPS-Tracker, and the read-me of nickfox/GpsTracker.
Those marked "built" follow the field tables of [1] and of Coban, "GPRS PROTOCOL" 2014-12-12.
"""

from dataclasses import replace

from tests.protocols.session import Session, us

from tapestry.wire import Transport

LOGIN = b"##,imei:359586015829802,A;"  # [1]
NOTHING = b"imei:359586015829802,help me,000000000,13554900601,L,;"  # [1]
HELP = b"imei:359586015829802,help me,0809231429,13554900601,F,062947.294,A,2234.4026,N,11354.3277,E,0.00,;"  # [1]
ALIVE = b"359710049095095;"  # [2] read-me
TRACKER = (
    b"imei:359710049095095,tracker,151006010036,,F,170036.000,A,5105.9768,N,11404.9571,W,0.00,322.56,,0,0,,,;"
)
FUEL = (
    b"imei:359710041961583,tracker,1312170400,,F,230030.000,A,2455.3288,N,06705.8537,E,0.00,0,,0,0,0.00%,,;"
)
POWER_CUT = b"imei:862106021237716,ac alarm,1611291645,,F,204457.000,A,1010.2783,N,06441.0274,W,0.00,,;"
BLANK_PHONE = b"imei:868683021509447,ac alarm,160718000158, ,F,040155.000,A,0819.5862,N,07205.0376,W,0.00,0;"
SLASHES = (
    b"imei:359710040656622,tracker,13/02/27 23:40,,F,125952.000,A,3450.9430,S,13828.6753,E,0.00,0;"  # [2] 149
)
OBD = b"imei:359710049064398,OBD,160101035156,17887,0.00,17.06,0,0,0.00%,0,0.00%,16383,10.82,,,,;"  # [2] 1632
OBD_EMPTY = b"imei:862106025096131,OBD,160120101248,13,,38823.5,,000,0.0%,+,0.0%,00000,12.9,,,,;"  # [2] 1672
SPEEDING = b"imei:868166054696190,speed,231226122138,,F,122138.000,A,3517.56899,N,04700.16955,E,44.31,353.47;"


def record(rest: str, *, word: str = "tracker", local: str = "251009115320") -> bytes:
    """Return a record with its UTC time and all after it, built."""
    return f"imei:359586015829802,{word},{local},,F,{rest};".encode()


PLACE = "3318.9120,S,04421.9660,W"
SOUTH_WEST = record(f"085320.000,A,{PLACE},10.00,360,34.5,1,1,12.50%,50.00%")
CELLS = b"imei:359586015829802,tracker,0809231429,,L,,,1a2b,,9f01,,,;"

TCP = Session(
    protocol="gps103",
    transport=Transport.TCP,
    opening=(LOGIN,),
    frames=(
        HELP, NOTHING, ALIVE, TRACKER, FUEL, POWER_CUT, BLANK_PHONE, OBD, OBD_EMPTY, SPEEDING, SOUTH_WEST, CELLS,
    ),
    broken={
        "no imei": b"hello;",
        "letters in the imei": b"imei:35958601582980x,tracker;",
        "60 minutes": record("085320.000,A,3360.0000,N,04421.9660,E,0.00,0"),
        "no side": record("085320.000,A,3318.9120,,04421.9660,E,0.00,0"),
        "hour 24": record(f"245320.000,A,{PLACE},0.00,0"),
        "a speed that is no number": record(f"085320.000,A,{PLACE},1e3,0"),
        "a byte outside ASCII in a coordinate": b"imei:1,tracker,2510091153,,F,085320,A,33\xb2\xb3.1,N,04421.9,E,0,;",
        "too long": b"imei:" + b"1" * 9000 + b";",
    },
    endless=b"imei:359586015829802,tracker,1",
    zero_place=record("085320.000,A,0000.0000,N,00000.0000,E,0.00,0"),
    off_earth=record("085320.000,A,9000.0001,N,04421.9660,E,0.00,0"),
    impossible_date=record(f"085320.000,A,{PLACE},0.00,0", local="251309115320"),
    far_dates={
        us(2000, 1, 1): record(f"000000.000,A,{PLACE},0.00,0", local="000101000000"),
        us(2099, 12, 31): record(f"000000.000,A,{PLACE},0.00,0", local="991231030000"),
    },
)  # fmt: skip
UDP = replace(TCP, transport=Transport.UDP, needs_line_end=False)
SESSIONS = (TCP, UDP)
