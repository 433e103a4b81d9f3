"""Sentences of NMEA 0183, and where each comes from.

[1] G. Baddeley, "GPS - NMEA sentence information": the pair of 1994-03-23, the commonest example there is.
[2] NOAA Physical Sciences Laboratory, cruise PISTON 2019, R/V Sally Ride, file gps01925920_raw.txt.
[3] "V" sentences as receivers send them before their first fix.
Those made by `line` follow the field tables; its checksum is a plain loop.
"""

from tests.protocols.session import Session, us

from tapestry.wire import Transport


def line(body: str) -> bytes:
    """Return a sentence with its checksum and line end."""
    checksum = 0
    for character in body.encode():
        checksum ^= character
    return f"${body}*{checksum:02X}\r\n".encode()


IDENTITY = line("PTAP,ID,truck-7,s3cret")
GGA_1994 = b"$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n"  # [1]
RMC_1994 = b"$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A\r\n"  # [1]
GGA_2019 = b"$GPGGA,195959.00,1813.38282955,N,12606.12767097,E,2,07,1.4,17.2,M,36.5,M,4.0,0129*78\r\n"  # [2]
GSV_2019 = b"$GPGSV,3,2,12,11,58,229,44,16,27,073,,18,66,167,47,22,11,171,34*73\r\n"  # [2]
RMC_2019 = b"$GPRMC,195959.00,A,1813.38282955,N,12606.12767097,E,1.31,262.13,160919,3.0,W,D*21\r\n"  # [2]
RMC_NOTHING = b"$GPRMC,,V,,,,,,,,,,N*53\r\n"  # [3]
RMC_VOID = line("GNRMC,085320.250,V,3318.9120,S,04421.9660,W,,,091025,,")
DISTRESS = line("PTAP,SOS,help,1760000000250,33.3,44.4")
LONE_RMC = line("GNRMC,085321.00,A,3318.9120,N,04421.9660,E,10.0,360.0,091025,,")


def rmc(date: str, place: str = "3318.9120,N,04421.9660,E") -> bytes:
    return line(f"GPRMC,000000,A,{place},0.0,0.0,{date},,")


TCP = Session(
    protocol="nmea",
    transport=Transport.TCP,
    opening=(IDENTITY,),
    frames=(GGA_1994, RMC_1994, GGA_2019, GSV_2019, RMC_2019, RMC_NOTHING, RMC_VOID, DISTRESS, LONE_RMC),
    broken={
        "wrong checksum": RMC_1994.replace(b"*6A", b"*6B"),
        "no checksum": b"$GPGSV,3,2,12\r\n",
        "no dollar sign": b"hello\r\n",
        "a byte outside ASCII": b"$GPGS\xd6*9E\r\n",
        "too few fields": line("GPRMC,123519,A"),
        "latitude on side E": rmc("091025", "3318.9120,E,04421.9660,E"),
        "60 minutes": rmc("091025", "3360.0000,N,04421.9660,E"),
        "hour 24": line("GPRMC,240000,A,3318.9120,N,04421.9660,E,0.0,0.0,091025,,"),
        "a speed that is no number": line("GPRMC,000000,A,3318.9120,N,04421.9660,E,1e3,0.0,091025,,"),
        "an unknown kind of distress": line("PTAP,SOS,fire,,,"),
        "an empty identity": line("PTAP,ID,"),
        "too long": b"$" + b"x" * 600 + b"\r\n",
    },
    endless=b"$GPRMC,1",
    zero_place=rmc("091025", "0000.0000,N,00000.0000,E"),
    off_earth=rmc("091025", "9000.0001,N,04421.9660,E"),
    impossible_date=rmc("011325"),
    secret_marks=(b"PTAP,ID",),
    far_dates={us(1980, 1, 6): rmc("060180"), us(2079, 12, 31): rmc("311279")},
)
UDP = Session(
    protocol="nmea",
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
    needs_line_end=False,
)
SESSIONS = (TCP, UDP)
