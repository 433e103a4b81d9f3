"""The page of dispatch shows the tables and defaults as they are."""

from pathlib import Path

from tapestry.dispatch import DispatchSettings, medevac_diagram, tasking_diagram
from tapestry.model import Capability, Precedence, Readiness

PAGE = (Path(__file__).parents[2] / "docs" / "dispatch.md").read_text(encoding="utf-8")


def test_the_diagrams_of_the_page_are_the_tables() -> None:
    for diagram in (tasking_diagram(), medevac_diagram()):
        assert f"```mermaid\n{diagram}\n```" in PAGE


def test_every_setting_and_word_is_on_the_page() -> None:
    words = [*DispatchSettings.__struct_fields__, *Capability, *Readiness]
    assert [word for word in words if f"`{word}`" not in PAGE] == []


def test_the_targets_of_the_page_are_the_defaults() -> None:
    known = DispatchSettings()
    for precedence, words in (
        (Precedence.URGENT, "urgent, urgent surgical"),
        (Precedence.PRIORITY, "priority"),
    ):
        target = known.target(precedence)
        assert f"| {words} | {target.at_patient_min:.0f} min | {target.handed_over_min:.0f} min |" in PAGE
    assert known.target(Precedence.URGENT) == known.target(Precedence.URGENT_SURGICAL)
    assert (known.target(Precedence.ROUTINE).at_patient_min, known.unanswered_min, known.stale_min) == (
        1_440,
        5,
        15,
    )
