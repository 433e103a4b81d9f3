"""A refusal of this room."""


class NotAllowed(Exception):
    """The command does not fit.

    Attributes:
        code: Kebab-case; words in the UI are keyed by it.
        message: What was seen and what was expected.
        todo: What to do.
    """

    def __init__(self, code: str, message: str, todo: str) -> None:
        super().__init__(f"{message} {todo}")
        self.code = code
        self.message = message
        self.todo = todo
