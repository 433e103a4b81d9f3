"""Frames of H02, and where each comes from.

[1] Issues of the Traccar project with frames that owners of devices posted: 586, 746, 981, 1173, 2010, 2131, 2145,
    2780.
[2] "Protocol" (TH, DC, XY, HQ): the layout of V1 and V4 in its chapters 2 and 3.
[3] "H02 protocol EN": the table of the binary frame; "LKGPS protocol" and issue 2920 for the status.
Those marked "built" are laid out by these documents; ids in them are not those of a device.
"""

from tests.protocols.session import Session, us

from tapestry.wire import Transport

# [1] 746
V1_WORDS = (
    b"*HQ,356823036945777,V1,111416,A,2828.1347,N,07703.8008,E,0.00,0,110614,FFFBFFFF,194,65,  96,b78f#"
)
# [1] 2145
V1_CELL = b"*HQ,8160522977,V1,115637,A,4831.0453,N,03502.3833,E,000.21,000,230716,FBFFBBFF,255,06,30453,1853#"
V1_NO_MARK = (
    b"*HQ,355488020793974,V1,093300,,1647.35374,N,09607.41785,E,0.00,0,200716,FEFBFFFF#\r\n"  # [1] 2131
)
V1_VOID = (
    b"*HQ,355488020793974,V1,000333,V,1647.35374,N,09607.41785,E,0.00,0,010914,FEFBFFFF#\r\n"  # [1] 2131
)
XT = b"*HQ,355488020793974,XT,V,0,0#\r\n"  # [1] 2131
LINK = b"*HQ,7310028651,LINK,073351,100,0,86,0,0,020815,FFFFFFFF#"  # [1] 1173
# [1] 981: 32 bytes
BINARY_32 = bytes.fromhex("2443002492110858591811142346858600090247544e000000ffe7fbffff0000")
# [1] 2780: 45 bytes, one from Zealand, one beside it
BINARY_A = bytes.fromhex(
    "2442061142901031531101175539205006012226580e000000ffffdfffff001c06000016ab00ee010000000003"
)
BINARY_B = bytes.fromhex(
    "2442061016641031541101175544274006012272310c000182ffffdfffff0016000000059700f01800000000e6"
)
# [1] 586 and 2010
NO_CLOCK = (
    b"*HQ,356823036777600,V1,000000,V,2833.1376,N,07714.6012,E,0.00,0,000000,FFFFFFFF,195,32,13ed,f2d2# \r\n"
)
NO_PLACE = b"*HQ,353506050551016,V1,,V,,N,,E,0.00,0,,FFFFFFFF,2e4,0,5209,273d#\r\n"


def v1(rest: str, *, number: str = "4209951296", maker: str = "HQ") -> bytes:
    """Return a text frame, built."""
    return f"*{maker},{number},V1,{rest}#".encode()


# Built after [2]: south and west, 26.46 kn
SOUTH_WEST = v1("085320,A,3318.9120,S,04421.9660,W,26.46,181,091025,FFFFFBFF")
V4 = b"*TH,4209951296,V4,S17,130305,050316,A,2212.8745,N,11346.6574,E,14.28,028,220902,FFFFFBFF#"
# Built: id 4209951296, 08:53:20 on 2025-10-09, 33 18.9120 N, 044 21.9660 E, valid, 26 kn, 181 degrees, battery level 5
BINARY = bytes.fromhex("24 4209951296 085320 091025 33189120 05 044219660E 026181 FFFFFBFF 000A01")
LONG_ID = bytes.fromhex(
    "24 1234567890123450 085320 091025 33189120 05 0442196602 026181 FFFFFBFF 00000000000000000000"
)
X_BINARY = b"X" + BINARY[1:]
# Built after [3]: 13 bytes more, with a mileage; in them a "$" that begins no frame
BINARY_45 = BINARY + bytes.fromhex("00024D24 01CC 00 287D 00001F71")
BINARY_47 = BINARY_45 + bytes.fromhex("04D2")
SOS = v1("085321,A,3318.9120,N,04421.9660,E,0.00,0,091025,FFFFFBFD")

TCP = Session(
    protocol="h02",
    transport=Transport.TCP,
    opening=(),
    frames=(
        V1_WORDS,
        V1_CELL,
        LINK,
        V1_NO_MARK.strip(),
        V1_VOID.strip(),
        XT.strip(),
        SOUTH_WEST,
        V4,
        BINARY,
        SOUTH_WEST,
        X_BINARY,
        SOS,
        NO_CLOCK.strip(),
        NO_PLACE.strip(),
        BINARY_32,
        SOS,
    ),
    broken={
        "no command": b"*HQ,4209951296#",
        "an id that is no name": b"*HQ,4209 51296,HTBT#",
        "60 minutes": v1("085320,A,3360.0000,N,04421.9660,E,0.00,0,091025,FFFFFBFF"),
        "decimal degrees": v1("085320,A,33.3152,N,44.3661,E,0.00,0,091025,FFFFFBFF"),
        "hour 24": v1("245320,A,3318.9120,N,04421.9660,E,0.00,0,091025,FFFFFBFF"),
        "month 13": v1("085320,A,3318.9120,N,04421.9660,E,0.00,0,091325,FFFFFBFF"),
        "a speed that is no number": v1("085320,A,3318.9120,N,04421.9660,E,1e3,0,091025,FFFFFBFF"),
        "a byte outside ASCII in a coordinate": b"*HQ,4209951296,V1,085320,A,33\xb2\xb3.1,N,04421.9,E,0,0,091025#",
        "binary with a hexadecimal digit in its latitude": BINARY[:12] + b"\x3a" + BINARY[13:],
        "binary of 30 February": BINARY[:9] + b"\x30\x02" + BINARY[11:],
        "text before a frame": b"hello!",
        "a frame that ends where the next begins": b"*HQ,4209951296,V1,0853",
    },
    endless=b"*HQ,4209951296,V1",
    zero_place=v1("085320,A,0000.0000,N,00000.0000,E,0.00,0,091025,FFFFFBFF"),
    off_earth=v1("085320,A,9000.0001,N,04421.9660,E,0.00,0,091025,FFFFFBFF"),
    impossible_date=v1("085320,A,3318.9120,N,04421.9660,E,0.00,0,300225,FFFFFBFF"),
    far_dates={
        us(2000, 1, 1): v1("000000,A,3318.9120,N,04421.9660,E,0.00,0,010100,FFFFFBFF"),
        us(2099, 12, 31): v1("000000,A,3318.9120,N,04421.9660,E,0.00,0,311299,FFFFFBFF"),
    },
)
UDP = Session(
    protocol="h02",
    transport=Transport.UDP,
    opening=TCP.opening,
    frames=TCP.frames,
    broken=TCP.broken,
    endless=TCP.endless,
    zero_place=TCP.zero_place,
    off_earth=TCP.off_earth,
    impossible_date=TCP.impossible_date,
    far_dates=TCP.far_dates,
)
SESSIONS = (TCP, UDP)
