"""docs/api.md and docs/people.md say what the code does."""

import re
from pathlib import Path

from tapestry.access import Action, Role
from tapestry.web import ENDPOINTS

DOCS = Path(__file__).resolve().parents[2] / "docs"
ROW = re.compile(r"^\| (GET|POST|PUT|PATCH|DELETE) \| `([^`]+)` \|", re.MULTILINE)


def test_the_api_page_lists_every_endpoint_and_no_other() -> None:
    listed = ROW.findall((DOCS / "api.md").read_text("utf-8"))
    assert sorted(listed) == sorted((endpoint.method, endpoint.path) for endpoint in ENDPOINTS)


def test_the_api_page_names_every_field_of_every_body() -> None:
    text = (DOCS / "api.md").read_text("utf-8")
    fields = {
        (endpoint.path, name)
        for endpoint in ENDPOINTS
        if endpoint.body is not None
        for name in endpoint.body.__struct_fields__
    }
    unnamed = {(path, name) for path, name in fields if not re.search(rf"\b{name}\b", text)}
    # what a console sends back of a plan; not looked at
    assert unnamed <= {("/api/movements", "cancelled"), ("/api/movements/{movement_id}", "cancelled")}


def test_the_people_page_names_every_role_and_every_action() -> None:
    text = (DOCS / "people.md").read_text("utf-8")
    missing = [word.value for word in (*Role, *Action) if word.value not in text]
    assert missing == []


def test_open_endpoints_say_so() -> None:
    lines = (DOCS / "api.md").read_text("utf-8").splitlines()
    for endpoint in ENDPOINTS:
        (line,) = [it for it in lines if it.startswith(f"| {endpoint.method} | `{endpoint.path}` |")]
        assert ("No login." in line) is endpoint.open, line
