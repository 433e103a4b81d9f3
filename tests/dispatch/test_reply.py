"""A team's text message is read in three languages, with the digits of every phone."""

import pytest

from tapestry.dispatch import LANGUAGES, TextReply, read_reply, reply_text


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("1", TextReply(command="accept")),
        ("OK", TextReply(command="accept")),
        (" 2 engine broken ", TextReply(command="decline", reason="engine broken")),
        ("2 12 engine broken", TextReply(command="decline", tasking_id=12, reason="engine broken")),
        ("#12 3", TextReply(command="launch", tasking_id=12)),
        ("4 #12", TextReply(command="arrive", tasking_id=12)),
        ("Done.", TextReply(command="complete")),
        ("١", TextReply(command="accept")),
        ("۲ ۱۲ الطريق مغلق", TextReply(command="decline", tasking_id=12, reason="الطريق مغلق")),
        ("نَعَم", TextReply(command="accept")),
        ("لا، العجلة معطلة", TextReply(command="decline", reason="العجلة معطلة")),
        ("انطلقنا", TextReply(command="launch")),
        ("گەیشتین ١٢", TextReply(command="arrive", tasking_id=12)),
    ],
)
def test_an_answer_is_read(text: str, reply: TextReply) -> None:
    assert read_reply(text) == reply


@pytest.mark.parametrize("text", ["", "   ", "#12", "12", "where are you", "نجدة", "11 accept", "²"])
def test_what_is_no_answer_is_none(text: str) -> None:
    assert read_reply(text) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_message_says_to_write_is_read_back(language: str) -> None:
    told = reply_text("reply-unclear", language, [3, 4])
    assert "#3, #4" in told
    assert read_reply(told.rpartition(": ")[2]) == TextReply(command="accept", tasking_id=12)
    assert reply_text("no-such-word", language, []) == reply_text("reply-unclear", language, [])
