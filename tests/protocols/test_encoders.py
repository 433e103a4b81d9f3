"""What the simulator sends is what the decoders read, to the protocol's own precision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.protocols.session import RECEIVED_AT_US

from tapestry.model import DistressKind, Flag, Refused
from tapestry.protocols import DECODERS, ENCODERS
from tapestry.wire import DistressCall, Event, Fix, Login, Rejected, Transport

each_protocol = pytest.mark.parametrize("name", ENCODERS)
VALUE = "123456789012345"


@dataclass(frozen=True)
class Precision:
    """Half of the smallest step of each quantity; None: the protocol cannot say it."""

    time_us: int  # the whole step: times are cut, not rounded
    place_deg: float
    speed_mps: float | None
    heading_deg: float | None
    alt_m: float | None
    accuracy_m: float | None
    most: Mapping[str, float] = field(
        default_factory=dict
    )  # of what a field can hold: beyond it nothing is said
    void: frozenset[str] = frozenset()  # what is not said without a fix; "flags": that there is none


PRECISION = {
    "jsonlines": Precision(1000, 0.0, 0.0, 0.0, 0.0, 0.0),
    "osmand": Precision(1000, 0.0, 1e-9, 0.0, 0.0, 0.0),
    "gt06": Precision(1_000_000, 0.5 / 1_800_000, 0.5 / 3.6, 0.5, None, None),
    "teltonika": Precision(1000, 0.5e-7, 0.5 / 3.6, 0.5, 0.5, None, void=frozenset({"speed_mps"})),
    "jt808": Precision(1_000_000, 0.5e-6, 0.05 / 3.6, 0.5, 0.5, None),
    "ruptela": Precision(
        1_000_000, 0.5e-7, 0.5 / 3.6, 0.005, 0.05, 0.5, {"alt_m": 3276.7, "accuracy_m": 127.0}
    ),
    "calamp": Precision(1_000_000, 0.5e-7, 0.005, 0.5, 0.005, 0.5, {"accuracy_m": 127.5}),
    "queclink": Precision(
        1_000_000, 0.5e-6, 0.05 / 3.6, 0.5, 0.05, 0.5, {"accuracy_m": 495.0}, frozenset({"accuracy_m"})
    ),
    "meitrack": Precision(1_000_000, 0.5e-6, 0.05 / 3.6, 0.5, 0.5, 0.5),
    "owntracks": Precision(1_000_000, 0.0, 1e-9, 0.0, 0.0, 0.0, void=frozenset({"flags"})),
    "flespi": Precision(1001, 0.0, 1e-9, 0.0, 0.0, 0.0),
    "globalstar": Precision(1_000_000, 1.1e-5, None, None, None, None),
    "spot": Precision(1_000_000, 0.5e-5, None, None, 0.0005, None, void=frozenset({"flags"})),
    "inreach": Precision(1000, 0.0, 1e-9, 0.0, 0.0, None),
    "rockblock": Precision(1_000_000, 0.5e-6, None, None, None, None, void=frozenset({"flags"})),
    "iridium": Precision(1_000_000, 0.5 / 60_000, None, None, None, 500.0, void=frozenset({"flags"})),
    "meshtastic": Precision(1_000_000, 0.5e-7, 0.5, 0.005, 0.5, None, void=frozenset({"flags"})),
    "cot": Precision(1000, 0.0, 0.0, 0.0, 0.0, 0.0),
    "wialon": Precision(1, 0.5e-6 / 60, 0.0005 / 3.6, 0.0005, 0.0005, 0.0005 * 5),
    "gps103": Precision(1000, 0.5e-5 / 60, 0.005 * 1852 / 3600, 0.005, 0.005, None),
    "h02": Precision(1_000_000, 0.5e-5 / 60, 0.005 * 1852 / 3600, 0.005, None, None),
    "xexun": Precision(1000, 0.5e-5 / 60, 0.005 * 1852 / 3600, 0.005, 0.005, None),
    "tk103": Precision(1_000_000, 0.5e-4 / 60, 0.05 / 3.6, 0.005, None, None),
    "nmea": Precision(1000, 0.5e-6 / 60, 0.0005 * 1852 / 3600, 0.05, 0.05, 0.005 * 5),
}
ROUNDING = 1e-9  # of double precision on top of a protocol's own step

# never so near to 0,0 that a protocol rounds it there: that place says "no fix"
places = {"lat_deg": st.floats(-89.9, 89.9), "lon_deg": st.floats(0.001, 179.9) | st.floats(-179.9, -0.001)}
instants = st.integers(1_000_000_000_000_000, 2_000_000_000_000_000)  # 2001 to 2033
fixes = st.builds(
    Fix,
    fixed_at_us=instants,
    **places,
    speed_mps=st.floats(0, 70),
    heading_deg=st.floats(0, 360, exclude_max=True),
    alt_m=st.floats(-400, 8000),
    accuracy_m=st.floats(0, 500),
    flags=st.sampled_from([0, int(Flag.NO_FIX)]),
)


def decoded(name: str, data: bytes) -> list[Event]:
    decoder = DECODERS[name].make(Transport.TCP)
    return decoder.feed(data, received_at_us=RECEIVED_AT_US) + decoder.end(received_at_us=RECEIVED_AT_US)


def turned_deg(one: float, other: float) -> float:
    return abs((one - other + 180) % 360 - 180)


def test_every_decoder_has_an_encoder() -> None:
    assert list(ENCODERS) == list(DECODERS)


@each_protocol
def test_a_login_comes_back_as_the_identity(name: str) -> None:
    identity = f"{ENCODERS[name].scheme}:{VALUE}"
    logins = [one for one in decoded(name, ENCODERS[name].login(identity)) if isinstance(one, Login)]
    # without a login each request or datagram names its sender
    assert logins == ([Login(identity)] if ENCODERS[name].login(identity) else [])


@each_protocol
@given(fix=fixes)
@settings(max_examples=100, deadline=None)
def test_a_fix_comes_back_within_the_protocols_precision(name: str, fix: Fix) -> None:
    encoder, precision = ENCODERS[name], PRECISION[name]
    identity = f"{encoder.scheme}:{VALUE}"
    events = decoded(name, encoder.login(identity) + encoder.fix(fix, identity))
    (back,) = [one for one in events if isinstance(one, Fix)]
    assert not any(isinstance(one, Rejected) for one in events)
    assert 0 <= fix.fixed_at_us - back.fixed_at_us < precision.time_us
    assert abs(back.lat_deg - fix.lat_deg) <= precision.place_deg + ROUNDING
    assert abs(back.lon_deg - fix.lon_deg) <= precision.place_deg + ROUNDING
    assert back.flags == (0 if "flags" in precision.void else fix.flags)
    if precision.heading_deg is None:
        assert back.heading_deg is None
    else:
        assert back.heading_deg is not None
        assert fix.heading_deg is not None
        assert turned_deg(back.heading_deg, fix.heading_deg) <= precision.heading_deg + ROUNDING
    for quantity in ("speed_mps", "alt_m", "accuracy_m"):
        step = getattr(precision, quantity)
        if getattr(fix, quantity) > precision.most.get(quantity, inf):
            continue
        if fix.flags and quantity in precision.void:
            continue
        if step is None:
            assert getattr(back, quantity) is None
        else:
            assert getattr(back, quantity) == pytest.approx(getattr(fix, quantity), abs=step + ROUNDING)


@each_protocol
@given(at_us=instants, lat_deg=places["lat_deg"], lon_deg=places["lon_deg"], placed=st.booleans())
@settings(max_examples=50, deadline=None)
def test_every_kind_of_distress_a_protocol_has_comes_back(
    name: str, at_us: int, lat_deg: float, lon_deg: float, placed: bool
) -> None:
    encoder, precision = ENCODERS[name], PRECISION[name]
    identity = f"{encoder.scheme}:{VALUE}"
    place = (lat_deg, lon_deg) if placed else (None, None)
    for kind in encoder.distress_kinds:
        data = encoder.login(identity) + encoder.distress(DistressCall(kind, at_us, *place), identity)
        (back,) = [one for one in decoded(name, data) if isinstance(one, DistressCall)]
        assert back.kind is kind
        assert 0 <= at_us - back.raised_at_us < precision.time_us
        if placed:
            assert back.lat_deg == pytest.approx(lat_deg, abs=precision.place_deg + 1e-7)
            assert back.lon_deg == pytest.approx(lon_deg, abs=precision.place_deg + 1e-7)
        else:
            assert (back.lat_deg, back.lon_deg) == (None, None)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gt06", "GT06 cannot say distress delay; it has sos and tamper"),
        ("teltonika", "Teltonika cannot say distress delay; it has sos and tamper"),
    ],
)
def test_a_kind_of_distress_that_a_protocol_does_not_have_is_refused(name: str, message: str) -> None:
    with pytest.raises(Refused, match=f"^{message}$"):
        ENCODERS[name].distress(DistressCall(DistressKind.DELAY, 0), f"imei:{VALUE}")


@pytest.mark.parametrize("name", ["jsonlines", "gt06"])
def test_a_stored_position_comes_back_as_stored_where_the_protocol_can_say_so(name: str) -> None:
    encoder = ENCODERS[name]
    identity = f"{encoder.scheme}:{VALUE}"
    fix = Fix(1_760_000_000_000_000, 1.5, 2.5, flags=Flag.BUFFERED)
    events = decoded(name, encoder.login(identity) + encoder.fix(fix, identity))
    assert [one.flags for one in events if isinstance(one, Fix)] == [Flag.BUFFERED]


def test_a_silent_call_stays_silent_in_our_own_protocol() -> None:
    data = ENCODERS["jsonlines"].distress(DistressCall(DistressKind.SOS, 0, silent=True), "id:a")
    assert [one.silent for one in decoded("jsonlines", data) if isinstance(one, DistressCall)] == [True]
