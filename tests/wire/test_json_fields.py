"""Fields of JSON and XML that others write."""

from typing import Any

import pytest

from tapestry.model import DeviceFault
from tapestry.wire import (
    json_instant_us,
    json_number,
    json_objects,
    json_text,
    xml_named,
    xml_root,
    xml_texts,
)


def test_a_body_is_one_object_or_a_list_of_them() -> None:
    assert json_objects(b'{"a":1}', most=1) == [{"a": 1}]
    assert json_objects(b'[{"a":1},{}]', most=2) == [{"a": 1}, {}]


@pytest.mark.parametrize("body", [b"", b"hello", b"[1]", b"\xff", b"[" * 100_000, b"[{},{}]"])
def test_any_other_body_is_a_fault(body: bytes) -> None:
    with pytest.raises(DeviceFault):
        json_objects(body, most=1)


@pytest.mark.parametrize(
    ("value", "number"), [(None, None), ("", None), (1, 1.0), (-1.5, -1.5), ("2.5", 2.5)]
)
def test_a_number_may_be_written_as_text_and_may_be_absent(value: Any, number: float | None) -> None:
    assert json_number({"a": value}, "a") == number


@pytest.mark.parametrize("value", [True, "x", "1_0", "nan", [1], 1e16])
def test_what_is_no_number_of_a_usual_size_is_a_fault(value: Any) -> None:
    with pytest.raises(DeviceFault, match=r"^a is "):
        json_number({"a": value}, "a")


def test_seconds_and_milliseconds_are_told_apart() -> None:
    assert json_instant_us(1_760_000_000.25, "t") == 1_760_000_000_250_000
    assert json_instant_us(1_760_000_000_250, "t") == 1_760_000_000_250_000
    assert json_instant_us(None, "t") is None
    with pytest.raises(DeviceFault, match=r"^t -1"):
        json_instant_us(-1, "t")


def test_a_word_may_be_a_number_and_nothing_else() -> None:
    assert [json_text({"a": value}, "a") for value in ("x", 5, "", None, True, [])] == [
        "x",
        "5",
        None,
        None,
        None,
        None,
    ]


def test_elements_are_found_by_name_whatever_their_name_space() -> None:
    root = xml_root(b'<a xmlns="urn:x"><b><c> 1 </c><c>2</c><d/></b></a>')
    assert [xml_texts(one) for one in xml_named(root, "b")] == [{"c": "1"}]


@pytest.mark.parametrize(
    "body",
    [b"", b"hello", b"<a>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"<!DOCTYPE a><a/>", b"\xff\xfe<"],
)
def test_a_document_type_or_no_xml_is_a_fault(body: bytes) -> None:
    with pytest.raises(DeviceFault, match="no plain XML"):
        xml_root(body)
