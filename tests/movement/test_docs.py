"""The page of movements shows the table as it is."""

from pathlib import Path

from tapestry.movement import MovementSettings, diagram

PAGE = (Path(__file__).parents[2] / "docs" / "movements.md").read_text(encoding="utf-8")


def test_the_diagram_of_the_page_is_the_tables() -> None:
    assert f"```mermaid\n{diagram()}\n```" in PAGE


def test_the_timings_of_the_page_are_the_defaults() -> None:
    known = MovementSettings()
    assert f"less than {known.notice_hours:.0f} h before" in PAGE
    assert f"{known.notice_other_authority_hours:.0f} h where another authority clears" in PAGE
    assert f"more than {known.duty_hours:.0f} h at the wheel" in PAGE
    for minutes in (known.overdue.watch_minutes, known.overdue.region_minutes, known.overdue.lost_minutes):
        assert f"| {minutes:.0f} min |" in PAGE


def test_every_setting_is_on_the_page() -> None:
    assert [name for name in MovementSettings.__struct_fields__ if f"`{name}`" not in PAGE] == []
