"""What the house asks of its ways to people outside: mail, text messages, webhooks."""

from typing import Protocol

import msgspec

from tapestry.model import OutsideFault


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A message ready to go."""

    key: str  # the same letter sent twice has the same: the other side can tell
    means: str  # sms, mail, webhook
    address: str
    subject: str
    text: str
    facts: dict[str, str | float | None]  # for programs: what a webhook is given


class NotSent(OutsideFault):
    """The other side did not take it.

    Attributes:
        code: Kebab-case, shown to people; never the words of a server, they may hold anything.
    """

    def __init__(self, code: str) -> None:
        super().__init__(f"message not sent: {code}; it is tried again by itself", retry_helps=True)
        self.code = code


class Messenger(Protocol):
    """Sends letters."""

    def means(self) -> frozenset[str]:
        """Return the means that are set up."""
        ...

    async def send(self, letter: Letter) -> None:
        """Return when the other side took it.

        Raises:
            NotSent: It did not, or the means is not set up.
        """
        ...

    def is_gateway(self, secret: str) -> bool:
        """Return whether this is the secret of the gateway that text messages come in by; False when there is none."""
        ...


class NoMessenger:
    """Nothing is set up: for commands and tests that send nothing."""

    def means(self) -> frozenset[str]:
        """Return nothing."""
        return frozenset()

    async def send(self, letter: Letter) -> None:
        """Refuse it."""
        raise NotSent("not-set-up")

    def is_gateway(self, secret: str) -> bool:
        """Return False."""
        return False
