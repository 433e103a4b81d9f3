"""What may not be done to a tasking or an evacuation."""

from tapestry.model import Refused


class NotDone(Refused):
    """A command that the tables do not have, or that lacks something.

    Args:
        code: Kebab-case word.
        message: What was seen and what was expected.
        todo: What to do about it.
    """

    def __init__(self, code: str, message: str, todo: str) -> None:
        super().__init__(f"{message} {todo}")
        self.code = code
        self.message = message
        self.todo = todo
