"""The SQL of the store, kept in named `.sql` files beside the code."""

import functools
import re
from importlib import resources

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


@functools.cache
def load_queries(file_name: str) -> dict[str, bytes]:
    """Return the statements of `sql/<file_name>.sql` by the names in their `-- name: x` lines."""
    text = (resources.files("tapestry.adapters") / "sql" / f"{file_name}.sql").read_text(encoding="utf-8")
    parts = _NAME.split(text)[1:]
    return {
        name: body.strip().removesuffix(";").encode()
        for name, body in zip(parts[::2], parts[1::2], strict=True)
    }
