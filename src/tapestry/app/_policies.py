"""The policies that ship with the package, read from it."""

from importlib.resources import files

from tapestry.access import Monitor, make_monitor


def load_monitor(policies: str | None = None) -> Monitor:
    """Return a reference monitor.

    Args:
        policies: Cedar policy text of the installation's own; None for those of the package.

    Raises:
        PolicyFault: The text does not parse, or does not fit the schema.
    """
    package = files("tapestry.access")
    text = package.joinpath("policies.cedar").read_text("utf-8") if policies is None else policies
    return make_monitor(text, package.joinpath("schema.cedarschema").read_text("utf-8"))
