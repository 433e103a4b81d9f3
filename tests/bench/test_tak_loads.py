"""What the loads of TAK work out themselves: pictures, when one was whole, and delays within a span."""

from bench.cot_load import event
from bench.figures import Figure
from bench.tak_clients import Picture, Reader, Seen, differences, fleet_event, read_event, whole_after_s
from bench.tak_crowd import storm_figure
from bench.tak_fleet import share_of, window_ms
from bench.tak_storm import StormReport, since

HUB = (
    b'<event version="2.0" uid="tapestry-vehicle-7" type="a-f-G-E-V-C" how="m-g" time="2026-01-02T03:04:05.678Z" '
    b'start="2026-01-02T03:04:05.678Z" stale="2026-01-02T03:06:05.678Z"><point lat="33.5" lon="44.25" hae="9999999.0" '
    b'ce="5.0" le="9999999.0"/><detail><contact callsign="FLEET-7"/></detail></event>'
)
OLDER = HUB.replace(b"03:04:05.678Z", b"03:04:04.678Z").replace(b"33.5", b"33.4")
SEEN = Seen("2026-01-02T03:04:05.678Z", 33.5, 44.25)


def test_an_event_is_read_by_its_callsign_with_time_and_place() -> None:
    assert read_event(HUB) == ("FLEET-7", SEEN, 0)


def test_an_event_of_the_load_tells_when_it_was_due() -> None:
    read = read_event(fleet_event(3, 20, 12_345))
    assert read is not None
    assert (read[0], read[1].lat_deg, read[1].lon_deg, read[2]) == ("FLEET-3", 33.005, 44.0, 12_345)


def test_a_picture_keeps_the_newest_whatever_the_bytes_were_cut_like() -> None:
    reader = Reader()
    for byte in HUB + OLDER:
        reader.feed(bytes([byte]))
    assert reader.picture == {"FLEET-7": SEEN}


def test_an_absent_vehicle_and_one_at_another_place_differ() -> None:
    truth: Picture = {"a": SEEN, "b": SEEN, "c": SEEN}
    picture = {"a": SEEN, "b": Seen(SEEN.time, 33.4, SEEN.lon_deg), "own": SEEN}
    assert differences(picture, truth) == 2


def test_a_client_is_whole_with_the_chunk_that_brought_the_last_of_the_truth() -> None:
    truth: Picture = {"FLEET-7": SEEN}
    assert whole_after_s([(1.0, OLDER), (2.0, HUB[:100]), (3.0, HUB[100:]), (4.0, HUB)], truth) == 3.0
    assert whole_after_s([(1.0, OLDER), (2.0, HUB[:-1])], truth) is None


def test_delays_are_of_what_was_due_within_the_span() -> None:
    span = share_of((0.2, 0.4), 1_000_000_000, 10.0)
    assert span == (3_000_000_000, 5_000_000_000)
    dues_ns = [2_999_999_999, 3_000_000_000, 4_000_000_000, 5_000_000_000]
    assert window_ms(dues_ns, [9_000, 1_000, 3_000, 9_000], span) == (3.0, 3.0)


def test_a_storm_in_which_one_was_never_whole_has_no_time_and_misses() -> None:
    report = StormReport(whole_s=[1.0, None, 3.0], first_s=[], began_at_s=0.0)
    figure = storm_figure("3 clients", report)
    assert (figure.value, figure.verdict, figure.note) == (None, "missed", "2 of 3; half of them after 3.0 s")
    assert since([5.0, None], [1.0, 2.0]) == [4.0, None]


def test_a_storm_takes_as_long_as_its_last() -> None:
    figure = storm_figure("2 clients", StormReport(whole_s=[1.0, 4.0], first_s=[], began_at_s=0.0))
    assert figure == Figure(
        name="2 clients: all whole again", value=4.0, unit="s", target=10.0, lower_is_better=True,
        note="2 of 2; half of them after 4.0 s",
    )  # fmt: skip


def test_an_event_is_as_long_as_an_ordinary_one() -> None:
    assert 580 <= len(event("BENCH-1", 1_234, 86_000_000_000_000)) <= 620
