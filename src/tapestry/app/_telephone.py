"""Telephone numbers as they are compared."""


def plain_number(text: str) -> str:
    """Return a telephone number as + and digits; a sender that is a name stays as it is."""
    digits = "".join(it for it in text if it.isascii() and it.isdigit())
    if len(digits) < 6:
        return text.strip()[:40]
    return f"+{digits.removeprefix('00')}"
