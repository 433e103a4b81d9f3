"""The one spelling of an entry."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapestry.ledger import canonical_details, canonical_entry, entry_leaf_hash, leaf_hash
from tapestry.model import Refused

AT = datetime(2026, 3, 1, 12, 30, 5, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def entry(**changed: Any) -> bytes:
    given_ = {"at": AT, "actor": "amal", "action": "close-alert", "subject": "alert/7", "details": {}}
    return canonical_entry(**(given_ | changed))


def test_an_entry_is_spelled_with_sorted_keys_no_spaces_and_time_in_utc() -> None:
    assert entry(details={"reason": "false", "by_m": 2.5, "a": {"z": 1, "b": None}}) == (
        b'{"action":"close-alert","actor":"amal","at":"2026-03-01T12:30:05.000000Z",'
        b'"details":{"a":{"b":null,"z":1},"by_m":2.5,"reason":"false"},"subject":"alert/7"}'
    )


def test_the_same_moment_in_another_zone_is_the_same_entry() -> None:
    baghdad = timezone(timedelta(hours=3))
    assert entry(at=datetime(2026, 3, 1, 15, 30, 5, tzinfo=baghdad)) == entry()


def test_the_leaf_is_the_hash_of_that_spelling() -> None:
    assert entry_leaf_hash(
        at=AT, actor="amal", action="close-alert", subject="alert/7", details={}
    ) == leaf_hash(
        b'{"action":"close-alert","actor":"amal","at":"2026-03-01T12:30:05.000000Z",'
        b'"details":{},"subject":"alert/7"}'
    )


def test_number_keys_are_sorted_as_the_text_that_they_become() -> None:
    assert canonical_details({10: "a", 9: "b"}) == b'{"10":"a","9":"b"}'  # type: ignore[dict-item]


@given(details=st.dictionaries(st.text(), JSON, max_size=5))
@settings(max_examples=100, deadline=None)
def test_details_read_back_and_written_again_are_the_same_bytes(details: dict[str, Any]) -> None:
    try:
        written = canonical_details(details)
    except Refused:  # text that is not UTF-8
        return
    assert canonical_details(msgspec.json.decode(written)) == written


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(Refused, match=r"^log entry: time 2026-03-01T12:30:05 has no zone; give UTC$"):
        entry(at=datetime(2026, 3, 1, 12, 30, 5))


@pytest.mark.parametrize("value", [object(), "\ud800"], ids=["object", "half a letter"])
def test_details_that_are_not_json_are_refused(value: object) -> None:
    with pytest.raises(
        Refused, match=r"^log entry: details cannot be written as JSON \(.*use text, numbers, lists"
    ):
        canonical_details({"value": value})


def test_a_field_that_is_not_text_is_refused() -> None:
    with pytest.raises(Refused, match=r"^log entry: a field is not text"):
        entry(actor="\ud800")
