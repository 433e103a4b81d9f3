"""What people are refused, in words that may leave the house.

Each refusal has a code that programs and translations key on, a message and what to do about it. None of them
carries a position, a name or a key; numbers in them are counts and limits.
"""

from tapestry.model import Refused


class DeskRefusal(Refused):
    """A refusal whose words may be shown to whoever asked.

    Args:
        code: Kebab-case word, part of the API.
        message: What was seen and what was expected.
        todo: What to do about it.
    """

    def __init__(self, code: str, message: str, todo: str) -> None:
        super().__init__(f"{message} {todo}")
        self.code = code
        self.message = message
        self.todo = todo


class Missing(DeskRefusal):
    """What was asked for is not there, or not for whoever asked: the two read alike."""

    def __init__(self) -> None:
        super().__init__(
            "not-found",
            "There is nothing here under this address, or it is not for you to see.",
            "Check the address, or load the list again.",
        )


class Forbidden(DeskRefusal):
    """The role does not allow it."""

    def __init__(self) -> None:
        super().__init__(
            "forbidden",
            "Your role does not allow this.",
            "Ask an administrator if you need it for your work.",
        )


class Locked(DeskRefusal):
    """Two people locked this centre."""

    def __init__(self) -> None:
        super().__init__(
            "locked",
            "This centre is locked.",
            "Two people end the lock: one asks for it, another one confirms it.",
        )


class NotLoggedIn(DeskRefusal):
    """Nobody is logged in on this connection, or the session has ended."""

    def __init__(self) -> None:
        super().__init__("not-logged-in", "Nobody is logged in here, or the session has ended.", "Log in.")


class BadCsrf(DeskRefusal):
    """The request does not show that it comes from the console."""

    def __init__(self) -> None:
        super().__init__(
            "bad-csrf",
            "The header X-Tapestry-CSRF is missing or is not the one of this session.",
            "Read the token from /api/me and send it with every change.",
        )


class BadCredentials(DeskRefusal):
    """User name, password or one-time code is wrong; it is not said which."""

    def __init__(self) -> None:
        super().__init__(
            "bad-credentials",
            "The user name, the password or the one-time code is wrong.",
            "Try again; after 5 wrong tries an account is locked for 15 minutes.",
        )


class TotpNeeded(DeskRefusal):
    """The password is right and a one-time code is due."""

    def __init__(self) -> None:
        super().__init__(
            "totp-needed",
            "This account needs a one-time code as well.",
            "Send the code of your authenticator.",
        )


class LockedOut(DeskRefusal):
    """Too many wrong tries."""

    def __init__(self) -> None:
        super().__init__(
            "locked-out",
            "Too many tries from this address or for this account.",
            "Wait 15 minutes, or ask an administrator to set a new password.",
        )


class Changed(DeskRefusal):
    """Somebody else changed it in between."""

    def __init__(self) -> None:
        super().__init__(
            "changed-meanwhile",
            "Somebody else changed this after you loaded it.",
            "Load it again and repeat your change.",
        )


class Invalid(DeskRefusal):
    """The request does not hold together; `code` says where."""
