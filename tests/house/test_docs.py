"""The docs say what the code has: every command, protocol, rule and child."""

from pathlib import Path

import pytest
from typer.main import get_command

from tapestry.cli import app
from tapestry.model import Rule
from tapestry.protocols import DECODERS

DOCS = Path(__file__).resolve().parents[2] / "docs"
COMMANDS = get_command(app)


def commands() -> list[str]:
    """Return every command that is not hidden, as people type it."""
    found = []
    for name, command in COMMANDS.commands.items():  # type: ignore[attr-defined]
        if getattr(command, "commands", None):
            found += [f"{name} {sub}" for sub in command.commands]
        elif not command.hidden:
            found.append(name)
    return found


@pytest.mark.parametrize("command", commands())
def test_every_command_is_in_the_docs(command: str) -> None:
    assert f"`tapestry {command}" in (text := (DOCS / "cli.md").read_text()) or f"`{command}`" in text


def test_every_option_of_serve_is_in_the_docs() -> None:
    text = (DOCS / "cli.md").read_text()
    options = [name for param in COMMANDS.commands["serve"].params for name in param.opts]  # type: ignore[attr-defined]
    assert [option for option in options if option not in text] == []


@pytest.mark.parametrize("name", DECODERS)
def test_every_protocol_has_a_page_with_its_port(name: str) -> None:
    assert str(DECODERS[name].port) in (DOCS / "protocols" / f"{name}.md").read_text()


@pytest.mark.parametrize("rule", Rule)
def test_every_rule_is_in_the_docs(rule: Rule) -> None:
    words = (DOCS / "rules.md").read_text().lower()
    assert rule.value in words or rule.value.replace("-", " ") in words
