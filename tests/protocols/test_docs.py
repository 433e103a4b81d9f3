"""Every example of the protocol pages is accepted by the decoder it is for."""

import json
import re
from pathlib import Path

import pytest
from tests.protocols.osmand.frames import post
from tests.protocols.session import RECEIVED_AT_US

from tapestry.protocols import DECODERS
from tapestry.wire import Event, Rejected, Transport

PAGES = Path(__file__).resolve().parents[2] / "docs" / "protocols"


def blocks(page: str, language: str) -> list[str]:
    text = (PAGES / f"{page}.md").read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def accepted(name: str, data: bytes) -> bool:
    events: list[Event] = DECODERS[name].make(Transport.TCP).feed(data, received_at_us=RECEIVED_AT_US)
    return bool(events) and not any(isinstance(one, Rejected) for one in events)


@pytest.mark.parametrize("line", blocks("jsonlines", "json"))
def test_every_json_line_is_accepted(line: str) -> None:
    assert accepted("jsonlines", line.encode())


@pytest.mark.parametrize("body", blocks("osmand", "json"))
def test_every_json_body_is_accepted(body: str) -> None:
    json.loads(body)
    assert accepted("osmand", post(body.encode()))


@pytest.mark.parametrize("sentence", [one for one in blocks("nmea", "") if one.startswith("$")])
def test_every_sentence_is_accepted(sentence: str) -> None:
    assert accepted("nmea", sentence.encode())


def test_each_page_has_examples_to_test() -> None:
    assert len(blocks("jsonlines", "json")) == 4
    assert len(blocks("osmand", "json")) == 1
    assert len([one for one in blocks("nmea", "") if one.startswith("$")]) == 2


def test_the_overview_names_every_protocol_its_port_and_its_transports() -> None:
    text = (PAGES / "index.md").read_text()
    for name, spec in DECODERS.items():
        (row,) = re.findall(
            rf"^\| \[{re.escape(spec.title)}\]\({name}\.md\) \| {spec.port} \| (.*?) \|", text, re.MULTILINE
        )
        assert {one for one in Transport if one.value.upper() in row} == spec.transports
