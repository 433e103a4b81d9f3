"""`tapestry decode`: lines of JSON in, lines of JSON out."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tapestry.app.decode import NAMES, Frames, spec_of
from tapestry.model import Refused
from tapestry.protocols import DECODERS

AT_US = 1_760_000_100_000_000
LOGIN = "78780d01012345678901234500018cdd0d0a"


def told(protocol: str, *lines: dict[str, Any]) -> list[dict[str, Any]]:
    reader = Frames(spec_of(protocol), received_at_us=AT_US)
    return [json.loads(json.dumps(_plain(line))) for line in reader.lines(json.dumps(line) for line in lines)]


def _plain(line: Any) -> dict[str, Any]:
    return {name: getattr(line, name) for name in line.__struct_fields__}


def test_a_login_holds_for_the_frames_after_it_until_a_new_session() -> None:
    lines = told("gt06", {"hex": LOGIN}, {"hex": LOGIN}, {"new_session": True}, {"hex": LOGIN})
    assert [(line["line"], line["kind"]) for line in lines] == [
        (1, "login"), (1, "reply"), (2, "login"), (2, "reply"), (4, "login"), (4, "reply"),
    ]  # fmt: skip
    assert lines[0]["tracker"] == "imei:123456789012345"


def test_a_missing_line_end_is_put_in_place() -> None:
    line = {"text": '{"id":"truck-7","t":1760000000250,"lat":33.3152,"lon":44.3661,"v":22.5}'}
    fix, *_ = told("jsonlines", line)
    assert fix["kind"] == "fix"
    assert fix["fixed_at"] == "2025-10-09T08:53:20.250000Z"
    assert (fix["lat_deg"], fix["lon_deg"], fix["speed_mps"]) == (33.3152, 44.3661, 22.5)
    assert (fix["valid"], fix["stored"], fix["alt_m"], fix["alarms"]) == (True, False, None, [])


def test_a_call_for_help_is_an_alarm_of_its_fix_too() -> None:
    request = {"method": "GET", "url": "/?id=1&lat=1.5&lon=2&timestamp=1700000000&alarm=sos"}
    fix, distress, reply = told("osmand", {"http": request})
    assert (fix["kind"], fix["alarms"]) == ("fix", ["sos"])
    assert (distress["kind"], distress["alarms"]) == ("distress", ["sos"])
    assert reply["kind"] == "reply"
    assert bytes.fromhex(reply["hex"]).startswith(b"HTTP/1.1 200")


def test_a_body_alone_is_taken_as_a_request() -> None:
    fix, _ = told("osmand", {"text": "id=1&lat=1.5&lon=2&timestamp=1700000000"})
    assert fix["kind"] == "fix"


def test_a_frame_that_is_not_whole_is_rejected_and_the_next_is_read() -> None:
    cut, login, _ = told("gt06", {"hex": LOGIN[:20]}, {"hex": LOGIN})
    assert (cut["line"], cut["kind"]) == (1, "rejected")
    assert cut["reason"]
    assert (login["line"], login["kind"]) == (2, "login")


@pytest.mark.parametrize("line", ["zz", '{"hex": "0g"}', "[]", '{"hex": 5}'])
def test_a_line_that_is_no_input_is_rejected_and_the_next_is_read(line: str) -> None:
    reader = Frames(spec_of("gt06"), received_at_us=AT_US)
    first, *rest = reader.lines(iter([line, json.dumps({"hex": LOGIN})]))
    assert (first.line, first.kind) == (1, "rejected")
    assert [one.kind for one in rest] == ["login", "reply"]


def test_a_protocol_is_found_by_its_other_names_and_an_unknown_one_is_refused() -> None:
    for spec in DECODERS.values():
        for alias in spec.aliases:
            assert spec_of(alias.upper()) is spec
    with pytest.raises(Refused, match="expected one of"):
        spec_of("no-such")


def test_no_two_protocols_share_a_name_or_a_port() -> None:
    assert {spec.name for spec in NAMES.values()} == set(DECODERS)
    for spec in DECODERS.values():
        assert all(spec_of(name) is spec for name in (spec.name, *spec.aliases))
    ports = [(spec.port, transport) for spec in DECODERS.values() for transport in spec.transports]
    assert len(set(ports)) == len(ports)


def test_the_command_reads_standard_input_and_prints_a_table_of_frames() -> None:
    command = [sys.executable, "-m", "tapestry.cli", "decode", "gt06"]
    lines = subprocess.run(
        [*command, "--json"],
        input=json.dumps({"hex": LOGIN}) + "\n",
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert [json.loads(line)["kind"] for line in lines.splitlines()] == ["login", "reply"]
    table = subprocess.run([*command, LOGIN], capture_output=True, text=True, check=True).stdout
    assert "imei:123456789012345" in table
