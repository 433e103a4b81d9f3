"""Readers of recorded tracks, on small files of our own, good rows and bad."""

import gzip
from datetime import date
from pathlib import Path

import pytest

from tapestry.model import Refused
from tapestry.sim.recorded import CsvColumns, RecordedPoint, read_recording
from tapestry.sim.recorded._recording import BadRow, TimeFormat, instant_us
from tapestry.wire import Fix

AT_US = 1_577_934_245_000_000  # 2020-01-02T03:04:05Z


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_gives_positions_by_device_with_its_units_made_si(tmp_path: Path) -> None:
    file = write(
        tmp_path / "ships.csv",
        "vessel,when,latitude,longitude,knots,cog\n"
        "7,2020-01-02T03:04:05,33.5,44.25,36.0,90\n"
        "8,2020-01-02 03:04:06+00:00,-33.5,-44.25,,511\n",
    )
    columns = CsvColumns(
        time="when",
        lat="latitude",
        lon="longitude",
        id="vessel",
        speed="knots",
        speed_unit="kn",
        heading="cog",
    )
    recording = read_recording(file, columns=columns)
    assert recording.points == [
        RecordedPoint("7", Fix(AT_US, 33.5, 44.25, speed_mps=pytest.approx(18.52), heading_deg=90.0)),
        RecordedPoint("8", Fix(AT_US + 1_000_000, -33.5, -44.25)),
    ]
    assert recording.bad_rows == []


def test_bad_rows_of_a_table_are_told_by_line_and_reason_and_the_rest_is_read(tmp_path: Path) -> None:
    file = write(
        tmp_path / "bad.csv",
        "time,lat,lon,v\n"
        "1577934245,33.5,44.25,1\n"
        "1577934245,133.5,44.25,1\n"
        "1577934245,abc,44.25,1\n"
        "yesterday,33.5,44.25,1\n"
        "1577934245,33.5,,1\n"
        "1577934245,33.5,44.25,-2\n"
        "1577934245,33.5,nan,1\n"
        "1577934245,33.5\n"
        "1577934246,33.5,44.25,1\n",
    )
    recording = read_recording(file, columns=CsvColumns(speed="v"))
    assert [point.fix.fixed_at_us for point in recording.points] == [AT_US, AT_US + 1_000_000]
    assert recording.bad_rows == [
        BadRow(place="line 3", reason="latitude 133.500000, expected -90 to 90 degrees"),
        BadRow(place="line 4", reason="column lat holds 'abc', expected a number"),
        BadRow(place="line 5", reason="time 'yesterday', expected a date and time like 2020-01-02T03:04:05Z"),
        BadRow(place="line 6", reason="column lon is empty"),
        BadRow(place="line 7", reason="speed -2.0 m/s, expected 0 or more"),
        BadRow(place="line 8", reason="longitude nan, expected -180 to 180 degrees"),
        BadRow(place="line 9", reason="column lon is empty"),
    ]


def test_columns_together_name_a_device_and_other_rows_may_be_passed_over(tmp_path: Path) -> None:
    file = write(
        tmp_path / "runs.csv",
        "run,car,t,lat,lon\nA,1,10.5,33.5,44.25\nA,2,10.5,33.5,44.26\nB,1,10.5,33.5,44.27\n",
    )
    columns = CsvColumns(time="t", id="run,car", only={"run": "A"}, date=date(2020, 1, 2))
    recording = read_recording(file, columns=columns)
    assert [point.name for point in recording.points] == ["A/1", "A/2"]
    assert recording.points[0].fix.fixed_at_us == 1_577_923_210_500_000  # 2020-01-02T00:00:10.5Z


def test_a_packed_table_is_read_whatever_its_name_and_the_file_names_its_one_device(tmp_path: Path) -> None:
    file = tmp_path / "bus14.csv.gz"
    file.write_bytes(gzip.compress(b"time,lat,lon\n1577934245000,33.5,44.25\n"))
    assert read_recording(file).points == [RecordedPoint("bus14", Fix(AT_US, 33.5, 44.25))]


def test_a_column_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    file = write(tmp_path / "t.csv", "t,latitude,longitude\n")
    with pytest.raises(Refused) as caught:
        read_recording(file)
    assert str(caught.value) == (
        f"{file} has no column time, lat, lon; it has t, latitude, longitude. "
        "Name the columns with --time, --lat, --lon, --id-column, --speed-column, --heading-column"
    )


def test_a_unit_and_a_time_format_that_nobody_knows_are_refused(tmp_path: Path) -> None:
    file = write(tmp_path / "t.csv", "time,lat,lon\n")
    with pytest.raises(Refused, match="speed unit 'furlongs', expected one of m/s, km/h, kn, mph"):
        read_recording(file, columns=CsvColumns(speed_unit="furlongs"))
    with pytest.raises(
        Refused, match="time format 'tea', expected auto, iso, s, ms, day-s or a strptime pat"
    ):
        read_recording(file, columns=CsvColumns(time_format="tea"))


def test_a_table_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(b"time,lat,lon\n\xff\n")
    with pytest.raises(Refused, match=r"t.csv is not UTF-8 text \(invalid start byte at byte 13\); convert"):
        read_recording(file)


@pytest.mark.parametrize(
    ("text", "form", "us"),
    [
        ("2020-01-02T03:04:05Z", TimeFormat.AUTO, AT_US),
        ("2020-01-02T06:04:05+03:00", TimeFormat.AUTO, AT_US),
        ("2020-01-02 03:04:05.25", TimeFormat.ISO, AT_US + 250_000),
        ("1577934245", TimeFormat.AUTO, AT_US),
        ("1577934245.25", TimeFormat.EPOCH_S, AT_US + 250_000),
        ("1577934245000", TimeFormat.AUTO, AT_US),
        ("1577934245000", TimeFormat.EPOCH_MS, AT_US),
        ("11045", TimeFormat.AUTO, AT_US),  # 3 h 4 min 5 s
        ("02/01/2020 03:04:05", "%d/%m/%Y %H:%M:%S", AT_US),
        ("97445", TimeFormat.SECONDS_OF_DAY, AT_US + 86_400_000_000),  # past midnight
    ],
)
def test_a_time_is_understood_in_every_form(text: str, form: str, us: int) -> None:
    assert instant_us(text, form=form, day=date(2020, 1, 2)) == us


@pytest.mark.parametrize(
    ("text", "form", "message"),
    [
        ("noon", TimeFormat.EPOCH_S, "time 'noon', expected a number (s)"),
        ("inf", TimeFormat.EPOCH_S, "time 'inf', expected a number (s)"),
        ("noon", "%H:%M", "time data 'noon' does not match format '%H:%M'"),
        ("49039.0", TimeFormat.AUTO, "time '49039.0' is seconds of a day; give the date"),
    ],
)
def test_a_time_that_is_none_says_what_was_expected(text: str, form: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        instant_us(text, form=form, day=None)
    assert str(caught.value) == message


GPX = """<?xml version="1.0"?>
<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1"><trk><name>Truck</name><trkseg>
<trkpt lat="33.5" lon="44.25"><ele>34.5</ele><time>2020-01-02T03:04:05Z</time></trkpt>
<trkpt lat="33.6" lon="44.25"></trkpt>
</trkseg><trkseg><trkpt lat="33.7" lon="44.25"><time>2020-01-02T06:04:06+03:00</time></trkpt></trkseg></trk>
<trk><trkseg><trkpt lat="33.8" lon="44.25"><time>2020-01-02T03:04:05Z</time></trkpt></trkseg></trk></gpx>
"""


def test_each_track_of_a_gpx_file_is_a_device_and_a_point_without_time_is_told(tmp_path: Path) -> None:
    recording = read_recording(write(tmp_path / "t.gpx", GPX))
    assert recording.points == [
        RecordedPoint("Truck", Fix(AT_US, 33.5, 44.25, alt_m=34.5)),
        RecordedPoint("Truck", Fix(AT_US + 1_000_000, 33.7, 44.25)),
        RecordedPoint("track 2", Fix(AT_US, 33.8, 44.25)),
    ]
    assert recording.bad_rows == [BadRow(place="track 1 point 2", reason="no time, expected <time>")]


def test_a_file_that_is_not_gpx_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"t.gpx is not GPX: .*; expected an XML file with <gpx> at its root"):
        read_recording(write(tmp_path / "t.gpx", "not xml"))


def test_nmea_sentences_are_read_by_the_hubs_own_decoder(tmp_path: Path) -> None:
    # 3323.4567 N = 33 + 23.4567 / 60; 22.4 knots; checksums by hand: XOR of the characters between $ and *
    good = _sentence("GPRMC,030405.00,A,3323.4567,N,04415.0000,E,22.4,084.4,020120,,")
    later = _sentence("GPRMC,030406.00,A,3323.5000,N,04415.0000,E,22.4,084.4,020120,,")
    wrong = "$GPRMC,030405.50,A,3323.4567,N,04415.0000,E,22.4,084.4,020120,,*00"
    recording = read_recording(write(tmp_path / "van.nmea", f"{good}\r\n{wrong}\r\n{later}\r\n"))
    assert [point.name for point in recording.points] == ["van", "van"]
    first = recording.points[0].fix
    assert (first.fixed_at_us, first.lon_deg) == (AT_US, 44.25)
    assert first.lat_deg == pytest.approx(33.390945, abs=1e-9)
    assert first.speed_mps == pytest.approx(22.4 * 1852 / 3600)
    assert [bad.place for bad in recording.bad_rows] == ["line 2"]


def test_a_thousand_bad_sentences_do_not_hide_the_good_one_after_them(tmp_path: Path) -> None:
    good = _sentence("GPRMC,030405.00,A,3323.4567,N,04415.0000,E,22.4,084.4,020120,,")
    recording = read_recording(write(tmp_path / "van.nmea", "$GPRMC,junk*00\n" * 1000 + good + "\n"))
    assert len(recording.bad_rows) == 1000
    assert [point.fix.fixed_at_us for point in recording.points] == [AT_US]


def _sentence(body: str) -> str:
    checksum = 0
    for letter in body.encode():
        checksum ^= letter
    return f"${body}*{checksum:02X}"


GEOJSON = """{"type": "FeatureCollection", "features": [
 {"type": "Feature", "id": "lead", "properties": {"coordTimes": ["2020-01-02T03:04:05Z", 1577934246, "x"]},
  "geometry": {"type": "LineString", "coordinates": [[44.25, 33.5], [44.26, 33.5, 40.0], [44.27, 33.5]]}},
 {"type": "Feature", "properties": {"name": "tail", "time": 1577934245000},
  "geometry": {"type": "Point", "coordinates": [44.2, 33.5]}},
 {"type": "Feature", "properties": {"time": 1577934245},
  "geometry": {"type": "Polygon", "coordinates": [[[44, 33], [45, 33], [45, 34], [44, 33]]]}},
 {"type": "Feature", "properties": {"times": [1577934245]},
  "geometry": {"type": "LineString", "coordinates": [[44.25, 33.5], [44.26, 33.5]]}},
 {"type": "Feature", "properties": null, "geometry": {"type": "Point", "coordinates": [44.2, 33.5]}}]}"""


def test_geojson_gives_points_and_lines_that_carry_times(tmp_path: Path) -> None:
    recording = read_recording(write(tmp_path / "t.geojson", GEOJSON))
    assert recording.points == [
        RecordedPoint("lead", Fix(AT_US, 33.5, 44.25)),
        RecordedPoint("lead", Fix(AT_US + 1_000_000, 33.5, 44.26, alt_m=40.0)),
        RecordedPoint("tail", Fix(AT_US, 33.5, 44.2)),
    ]
    assert recording.bad_rows == [
        BadRow(
            place="feature 1 position 3",
            reason="time 'x', expected a date and time like 2020-01-02T03:04:05Z",
        ),
        BadRow(place="feature 3", reason="Polygon, expected Point or LineString"),
        BadRow(place="feature 4", reason="1 times for 2 positions, expected as many"),
        BadRow(
            place="feature 5",
            reason="no time, expected one of the properties time, timestamp, fixed_at, datetime",
        ),
    ]


def test_a_file_that_is_not_geojson_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        Refused, match=r"t.json is not GeoJSON: .*; expected a Feature or a FeatureCollection"
    ):
        read_recording(write(tmp_path / "t.json", "{"))


def test_a_file_of_unknown_form_is_refused_with_the_forms_there_are(tmp_path: Path) -> None:
    with pytest.raises(
        Refused, match=r"cannot tell what t\.xyz is; give its format: csv, gpx, nmea, geojson"
    ):
        read_recording(write(tmp_path / "t.xyz", ""))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"cannot read .*none.csv: .*; expected a file, plain or gzip"):
        read_recording(tmp_path / "none.csv")


def test_a_broken_gzip_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "cut.csv.gz"
    file.write_bytes(gzip.compress(b"time,lat,lon\n" * 100)[:40])
    with pytest.raises(Refused, match=r"cannot read .*cut.csv.gz: .*; expected a file, plain or gzip"):
        read_recording(file)


def test_a_speed_below_zero_is_an_unknown_speed_and_the_row_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "run.csv"
    file.write_text("time,lat,lon,v\n2020-01-02T03:04:05Z,33.1,44.1,-0.02\n")
    recording = read_recording(file, columns=CsvColumns(speed="v"))
    assert [point.fix.speed_mps for point in recording.points] == [None]
