"""Whose fault it was: the four kinds of error that anything here may raise on purpose."""


class TapestryError(Exception):
    """Base of every error raised on purpose. Anything else is a bug and is not caught.

    A message says what was seen, what was expected, where, and what to do about it.
    """


class DeviceFault(TapestryError):
    """A device sent something that its protocol does not allow."""


class Refused(TapestryError):
    """A person or a program asked for something that is not allowed or not valid."""


class CustodyFault(TapestryError):
    """A proof fails: a hash, a signature or a chain does not hold."""


class OutsideFault(TapestryError):
    """The network, the disk or another program failed.

    Args:
        retry_helps: True when the same call may succeed later without anybody's doing.
    """

    def __init__(self, message: str, *, retry_helps: bool) -> None:
        super().__init__(message)
        self.retry_helps = retry_helps
