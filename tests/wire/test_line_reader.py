"""Lines with several ends."""

from tapestry.wire import MAX_REJECTED_FRAMES, Event, LineReader, Rejected, Rejections


def reader(*, datagram: bool = False) -> tuple[LineReader, list[Event], Rejections]:
    rejections = Rejections()
    return LineReader(rejections, ends=b";\n", max_size_bytes=8, datagram=datagram), [], rejections


def test_a_line_ends_with_any_of_its_ends_and_empty_ones_are_passed_over() -> None:
    lines, events, _ = reader()
    assert list(lines.lines(b"one;two\n;\n  ;thr", events)) == [b"one", b"two"]
    assert list(lines.lines(b"ee;", events)) == [b"three"]
    assert events == []


def test_a_long_line_is_rejected_once_and_skipped_to_its_end() -> None:
    lines, events, _ = reader()
    assert list(lines.lines(b"12345678;123456789", events)) == [b"12345678"]
    assert list(lines.lines(b"more", events)) == []
    assert list(lines.lines(b"more;next;123456789;last;", events)) == [b"next", b"last"]
    reason = "longer than 8 bytes, expected the end of a line before that"
    assert events == [Rejected(b"12345678", reason), Rejected(b"12345678", reason)]


def test_the_last_line_of_a_datagram_needs_no_end_and_that_of_a_connection_does() -> None:
    lines, events, _ = reader(datagram=True)
    assert list(lines.lines(b"one", events)) == []
    assert list(lines.end(events)) == [b"one"]
    assert events == []
    lines, events, _ = reader()
    assert [*lines.lines(b"one", events), *lines.end(events)] == []
    assert events == [Rejected(b"one", "the connection ended inside a line, after 3 bytes of it")]


def test_nothing_is_read_once_too_much_was_rejected() -> None:
    lines, events, rejections = reader()
    found = list(lines.lines(b"123456789;" * (MAX_REJECTED_FRAMES + 1) + b"one;two", events))
    assert found == []
    assert rejections.closed
    assert len([one for one in events if isinstance(one, Rejected)]) == MAX_REJECTED_FRAMES
