"""How much nonsense a connection may send."""

from tapestry.wire import MAX_REJECTED_FRAMES, MAX_REJECTED_SIZE_BYTES, Close, Event, Rejected, Rejections


def test_the_last_rejection_that_is_borne_closes_and_nothing_is_added_after_it() -> None:
    rejections = Rejections()
    events: list[Event] = []
    for _ in range(MAX_REJECTED_FRAMES - 1):
        rejections.reject(events, b"x", "no x")
    assert not rejections.closed
    rejections.reject(events, b"x", "no x")
    assert rejections.closed
    assert events == [
        *[Rejected(b"x", "no x")] * 64,
        Close("64 frames rejected on this connection; check the device's protocol and port"),
    ]
    rejections.reject(events, b"x", "no x")
    assert len(events) == 65


def test_only_the_beginning_of_what_was_received_is_kept() -> None:
    events: list[Event] = []
    Rejections().reject(events, b"x" * 5000, "too long")
    assert events == [Rejected(b"x" * MAX_REJECTED_SIZE_BYTES, "too long")]


def test_a_connection_can_be_closed_for_another_reason() -> None:
    rejections = Rejections()
    events: list[Event] = []
    rejections.close(events, "lost its place")
    assert rejections.closed
    assert events == [Close("lost its place")]
