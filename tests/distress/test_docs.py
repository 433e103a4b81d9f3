"""The page of distress shows the table and the settings as they are."""

from pathlib import Path

from tapestry.distress import CaseDesk, DistressSettings, Ladder, diagram

PAGE = (Path(__file__).parents[2] / "docs" / "distress.md").read_text(encoding="utf-8")


def test_the_diagram_of_the_page_is_the_tables() -> None:
    assert f"```mermaid\n{diagram()}\n```" in PAGE


def test_the_timings_of_the_page_are_the_defaults() -> None:
    known = DistressSettings()
    for name in Ladder.__struct_fields__:
        grave, lesser = getattr(known.ladder, name), getattr(known.lesser_ladder, name)
        every = "every " if name == "again_s" else ""
        assert f"| `{name}` | {every}{grave:.0f} s | {every}{lesser:.0f} s |" in PAGE


def test_every_setting_is_on_the_page() -> None:
    names = [*DistressSettings.__struct_fields__, *CaseDesk.__struct_fields__]
    assert [name for name in names if f"`{name}`" not in PAGE] == []
