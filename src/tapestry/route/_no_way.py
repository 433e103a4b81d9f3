"""A refusal of this room."""


class NoWay(Exception):
    """No road leads there.

    Attributes:
        code: Kebab-case: "off-net" (a place is far from every road) or "no-road".
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
