"""A whole movement through the API: asked for, cleared, planned, briefed, tracked and seen home."""

from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest
from tests.fakes.small_hub import NOON, SmallHub

from tapestry.model import MovementId

CHECKPOINTS = [
    {"name": "Bridge", "lat_deg": 33.8, "lon_deg": 44.0, "planned_at": "2026-03-03T07:00:00Z"},
    {"name": "Depot", "lat_deg": 33.6, "lon_deg": 44.0, "planned_at": "2026-03-03T08:00:00Z"},
]


def request_body(**changes: Any) -> dict[str, Any]:
    """Return a request of operator 1 with vehicles 1 and 2, from 6:00 to 9:00 on the third of March."""
    return {
        "operator_id": 1,
        "callsign": "WOLF",
        "contacts": [{"means": "radio", "value": "41.2 MHz"}, {"means": "phone", "value": "07700 900001"}],
        "origin": {"name": "Samarra", "lat_deg": 34.0, "lon_deg": 44.0},
        "destination": {"name": "Baghdad", "lat_deg": 33.5, "lon_deg": 44.0},
        "depart_at": "2026-03-03T06:00:00Z",
        "arrive_at": "2026-03-03T09:00:00Z",
        "route": [{"lat_deg": 34.0 - step / 10, "lon_deg": 44.0} for step in range(6)],
        "checkpoints": CHECKPOINTS,
        "vehicles": [
            {"vehicle_id": 1, "callsign": "N-1", "order": 1},
            {"vehicle_id": 2, "callsign": "N-2", "order": 2},
        ],
        "emergency_plan": "back to Samarra",
        "releasable_to": ["pia"],
        **changes,
    }


class Desk:
    """People at their browsers, and one movement that they work on."""

    def __init__(self, hub: SmallHub) -> None:
        self.hub = hub
        self.browsers: dict[str, httpx.AsyncClient] = {}

    def to_departure(self) -> None:
        """Let it be 6:00 on the third of March; nobody stays logged in for so long."""
        self.hub.clock.now = NOON + timedelta(hours=42)
        self.browsers = {}

    async def ask(self, who: str, method: str, path: str, body: Any = None) -> httpx.Response:
        if who not in self.browsers:
            self.browsers[who] = await self.hub.log_in(who)
        return await self.browsers[who].request(method, path, json=body)

    async def get(self, who: str, path: str) -> Any:
        answer = await self.ask(who, "GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, who: str, path: str, body: Any) -> Any:
        answer = await self.ask(who, "POST", path, body)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    async def settle(self, **changes: Any) -> None:
        """Let the settings ask for no commander: people of the roster are not what is tested here."""
        known = await self.get("adam", "/api/settings/movement")
        fields = [it for it in known["settings"]["required_fields"] if it != "commander_id"]
        settings = known["settings"] | {"required_fields": fields, **changes}
        body = {"settings": settings, "version": known["version"]}
        answer = await self.ask("adam", "PUT", "/api/settings/movement", body)
        assert answer.status_code == 200, answer.text

    async def do(self, who: str, number: int, command: str, **given: Any) -> Any:
        """Give a command on the newest version; return the sheet after it."""
        sheet = await self.get(who, f"/api/sheets/{number}")
        assert command in sheet["allowed"], (command, sheet["allowed"])
        body = {"command": {"type": command, **given}, "version": sheet["sheet"]["version"]}
        after = await self.post(who, f"/api/sheets/{number}/commands", body)
        assert after["version"] == sheet["sheet"]["version"] + 1
        return after

    async def approved(self, **changes: Any) -> int:
        """Return the number of a movement that omar asked for and wafa let go."""
        added = await self.post("omar", "/api/sheets", {"request": request_body(**changes)})
        number: int = added["movement_id"]
        await self.do("omar", number, "submit")
        await self.do("wafa", number, "review")
        await self.do("wafa", number, "deconflict", note="alone")
        await self.do("wafa", number, "decide", go=True, reason="clear")
        return number

    async def under_way(self, **changes: Any) -> int:
        """Return the number of a movement that departed at its time."""
        number = await self.approved(**changes)
        await self.do("omar", number, "brief", read_back_by="the commander")
        self.to_departure()
        await self.do("omar", number, "depart")
        return number


@pytest.fixture
async def desk(hub: SmallHub) -> Desk:
    made = Desk(hub)
    await made.settle()
    return made


async def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_a_movement_from_the_request_to_the_report(desk: Desk) -> None:
    # Asked for: checked while typed, saved, submitted.
    check = await desk.post("omar", "/api/sheets/check", {"request": request_body(emergency_plan="")})
    assert {"code": "field-missing", "blocks": True, "field": "emergency_plan", "facts": {}} in check[
        "findings"
    ]
    draft = await desk.post("omar", "/api/sheets", {"request": request_body(emergency_plan="")})
    number = draft["movement_id"]
    assert (draft["state"], draft["version"], draft["created_by"]) == ("draft", 1, "omar")
    stuck = await desk.ask(
        "omar", "POST", f"/api/sheets/{number}/commands", {"command": {"type": "submit"}, "version": 1}
    )
    assert await refused(stuck) == (422, "request-incomplete")
    await desk.do("omar", number, "edit", request=request_body())
    submitted = await desk.do("omar", number, "submit")
    assert submitted["state"] == "submitted"
    assert {finding["code"] for finding in submitted["findings"]} == {"no-tracker"}
    # Cleared and let go, by somebody else.
    await desk.do("wafa", number, "review")
    await desk.do("wafa", number, "request-clearance", authority="Salah al-Din", note="by phone")
    await desk.do("wafa", number, "acknowledge-clearance", authority="Salah al-Din", receipt="112")
    await desk.do("wafa", number, "grant-clearance", authority="Salah al-Din", receipt="113")
    await desk.do("wafa", number, "deconflict")
    approved = await desk.do("wafa", number, "decide", go=True, reason="road is clear")
    assert (approved["state"], approved["plan_version"]) == ("approved", 1)
    plan = await desk.get("wafa", f"/api/movements/{number}")
    assert (plan["active_from"], plan["active_until"]) == ("2026-03-03T04:00:00Z", "2026-03-03T11:00:00Z")
    assert [vehicle["vehicle_id"] for vehicle in plan["vehicles"]] == [1, 2]
    # Briefed, counted, under way.
    await desk.do("omar", number, "brief", read_back_by="the commander")
    await desk.do("omar", number, "roll-call", present=[1, 2], people=4)
    desk.to_departure()
    await desk.do("omar", number, "depart")
    desk.hub.clock.move(minutes=58)
    passed = await desk.do("wafa", number, "pass-checkpoint", checkpoint=0, means="radio")
    assert passed["state"] == "en-route"
    # Contact lost and regained.
    desk.hub.clock.move(minutes=75)
    lost = await desk.do("wafa", number, "lose-contact", reason="no answer on any means")
    assert lost["state"] == "lost-contact"
    (line,) = await desk.get("wafa", "/api/sheets")
    assert (line["late"], line["state"], line["operator_name"], line["vehicles"]) == (
        True, "lost-contact", "North", 2
    )  # fmt: skip
    await desk.do("wafa", number, "regain-contact", means="satellite-phone")
    await desk.do("wafa", number, "pass-checkpoint", checkpoint=1, means="satellite-phone")
    # Seen home, closed.
    desk.hub.clock.move(minutes=45)
    arrived = await desk.do("omar", number, "arrive", confirmed_by="the depot's guard")
    assert arrived["arrived_by"] == "the depot's guard"
    closed = await desk.do("wafa", number, "close", outcome="delayed", reason="search", authority="Salah al-Din",
                           hours_lost=0.5)  # fmt: skip
    assert closed["state"] == "closed"
    ended = await desk.get("wafa", f"/api/movements/{number}")
    assert (ended["version"], ended["active_until"]) == (2, "2026-03-03T08:58:00Z")
    assert closed["plan_version"] == 2
    assert await desk.get("wafa", "/api/sheets") == []
    assert len(await desk.get("wafa", "/api/sheets?state=all")) == 1
    # What is made of it.
    report = await desk.get("omar", f"/api/sheets/{number}/report")
    assert [row["late_minutes"] for row in report["checkpoints"]] == [-2.0, 13.0]
    (row,) = await desk.get(
        "wafa", "/api/sheets/access-table?from=2026-03-01T00:00:00Z&until=2026-04-01T00:00:00Z"
    )
    assert (row["month"], row["authority"], row["delayed"], row["hours_lost"]) == (
        "2026-03", "Salah al-Din", 1, 0.5
    )  # fmt: skip
    history = await desk.get("omar", f"/api/sheets/{number}/history")
    assert [line["command"] for line in history] == [
        "add", "edit", "submit", "review", "request-clearance", "acknowledge-clearance", "grant-clearance",
        "deconflict", "decide", "brief", "roll-call", "depart", "pass-checkpoint", "lose-contact",
        "regain-contact", "pass-checkpoint", "arrive", "close",
    ]  # fmt: skip
    old = await desk.get("omar", f"/api/sheets/{number}?version=1")
    assert (old["sheet"], old["allowed"]) == (draft, [])


async def test_every_command_and_every_look_is_in_the_log(desk: Desk) -> None:
    number = await desk.approved()
    await desk.get("wafa", "/api/sheets")
    subject = f"movement/{number}"
    logged = [it for it in await desk.hub.logged() if it[2] == subject or it[1] == "view-sheets"]
    assert [it for it in logged if it[1] != "view-sheet"] == [
        ("omar", "add-sheet", subject),
        ("omar", "submit-movement", subject),
        ("wafa", "review-movement", subject),
        ("wafa", "deconflict-movement", subject),
        ("wafa", "decide-movement", subject),
        ("wafa", "view-sheets", "movements"),
    ]
    assert len([it for it in logged if it[1] == "view-sheet"]) == 4


async def test_nobody_lets_go_what_they_asked_for(desk: Desk) -> None:
    added = await desk.post("wafa", "/api/sheets", {"request": request_body()})
    number = added["movement_id"]
    for command in ("submit", "review"):
        await desk.do("wafa", number, command)
    await desk.do("wafa", number, "deconflict", note="alone")
    sheet = await desk.get("wafa", f"/api/sheets/{number}")
    assert "decide" not in sheet["allowed"]
    body = {"command": {"type": "decide", "go": True, "reason": "mine"}, "version": sheet["sheet"]["version"]}
    answer = await desk.ask("wafa", "POST", f"/api/sheets/{number}/commands", body)
    assert await refused(answer) == (403, "four-eyes")
    await desk.settle(four_eyes=False)
    assert (await desk.do("wafa", number, "decide", go=True, reason="mine"))["state"] == "approved"


async def test_who_read_an_old_version_has_to_look_again(desk: Desk) -> None:
    number = (await desk.post("omar", "/api/sheets", {"request": request_body()}))["movement_id"]
    await desk.do("omar", number, "submit")
    path = f"/api/sheets/{number}/commands"
    late = await desk.ask("wafa", "POST", path, {"command": {"type": "review"}, "version": 1})
    assert await refused(late) == (409, "changed-meanwhile")
    blind = await desk.ask("wafa", "POST", path, {"command": {"type": "review"}})
    assert await refused(blind) == (422, "version-needed")


async def test_what_happens_under_way_is_noted_without_a_version(desk: Desk) -> None:
    number = await desk.under_way()
    body = {"command": {"type": "try-contact", "means": "radio", "answered": True}}
    after = await desk.post("omar", f"/api/sheets/{number}/commands", body)
    assert after["contacts"][0]["by"] == "omar"


@pytest.mark.parametrize("command", ["review", "decide", "lose-contact", "stop", "close"])
async def test_an_operator_decides_nothing_of_the_watch(desk: Desk, command: str) -> None:
    number = await desk.under_way()
    given = {"decide": {"go": True, "reason": "x"}, "lose-contact": {"reason": "x"}, "stop": {"reason": "x"},
             "close": {"outcome": "facilitated"}}.get(command, {})  # fmt: skip
    version = (await desk.get("omar", f"/api/sheets/{number}"))["sheet"]["version"]
    body = {"command": {"type": command, **given}, "version": version}
    answer = await desk.ask("omar", "POST", f"/api/sheets/{number}/commands", body)
    assert await refused(answer) == (403, "forbidden")


async def test_another_operators_sheet_reads_like_none(desk: Desk) -> None:
    number = await desk.approved()
    assert await desk.get("olga", "/api/sheets") == []
    body = {"command": {"type": "cancel", "reason": "x"}, "version": 5}
    for method, path, given in (
        ("GET", f"/api/sheets/{number}", None),
        ("GET", f"/api/sheets/{number}/history", None),
        ("GET", f"/api/sheets/{number}/report", None),
        ("POST", f"/api/sheets/{number}/commands", body),
        ("POST", "/api/stop-orders", {"scope": "movement", "movement_id": number, "reason": "x"}),
    ):
        answer = await desk.ask("olga", method, path, given)
        assert await refused(answer) == (404, "not-found"), path
    foreign = await desk.ask("olga", "POST", "/api/sheets", {"request": request_body()})
    assert await refused(foreign) == (403, "forbidden")


async def test_a_partner_sees_a_released_sheet_coarsely_and_only_once_it_is_approved(desk: Desk) -> None:
    draft = (await desk.post("omar", "/api/sheets", {"request": request_body()}))["movement_id"]
    assert (await desk.ask("pia", "GET", f"/api/sheets/{draft}")).status_code == 404
    await desk.do("omar", draft, "cancel", reason="twice")
    number = await desk.approved(origin={"name": "Samarra", "lat_deg": 34.04, "lon_deg": 44.01})
    assert [line["movement_id"] for line in await desk.get("pia", "/api/sheets?state=all")] == [number]
    seen = await desk.get("pia", f"/api/sheets/{number}")
    assert (seen["allowed"], seen["findings"], seen["sheet"]["created_by"]) == ([], [], "")
    request = seen["sheet"]["request"]
    assert request["origin"] == {"name": "Samarra", "lat_deg": 34.0, "lon_deg": 44.0}
    hidden = ("contacts", "route", "crew", "frequencies", "recognition_signal", "emergency_plan", "permits")
    assert [name for name in hidden if request[name]] == []
    assert (await desk.ask("pia", "GET", f"/api/sheets/{number}/report")).status_code == 403


async def test_a_partner_sees_a_sheet_as_it_was_an_hour_ago(desk: Desk) -> None:
    number = await desk.under_way()
    (line,) = await desk.get("pia", "/api/sheets")
    assert (line["state"], line["late"], line["flags"]) == ("en-route", False, 0)
    assert (await desk.get("pia", f"/api/sheets/{number}"))["sheet"]["state"] == "briefed"
    desk.hub.clock.move(minutes=60)
    assert (await desk.get("pia", f"/api/sheets/{number}"))["sheet"]["state"] == "departed"


async def test_an_approval_of_a_vehicle_that_moves_elsewhere_is_refused_and_stores_nothing(
    desk: Desk,
) -> None:
    await desk.approved()
    added = await desk.post("omar", "/api/sheets", {"request": request_body()})
    number = added["movement_id"]
    submitted = await desk.do("omar", number, "submit")
    assert "double-booked" in {finding["code"] for finding in submitted["findings"]}
    await desk.do("wafa", number, "review")
    await desk.do("wafa", number, "deconflict", note="the first will be cancelled")
    version = (await desk.get("wafa", f"/api/sheets/{number}"))["sheet"]["version"]
    body = {"command": {"type": "decide", "go": True, "reason": "x"}, "version": version}
    answer = await desk.ask("wafa", "POST", f"/api/sheets/{number}/commands", body)
    assert await refused(answer) == (422, "double-booked")
    assert await desk.hub.store.movement(MovementId(number)) is None


async def test_a_diversion_publishes_another_plan(desk: Desk) -> None:
    number = await desk.under_way()
    route = [{"lat_deg": 34.0, "lon_deg": 44.0}, {"lat_deg": 33.5, "lon_deg": 44.0}]
    after = await desk.do("wafa", number, "divert", route=route, reason="bridge is down")
    assert (after["state"], after["plan_version"]) == ("diverted", 2)
    assert (await desk.get("wafa", f"/api/movements/{number}"))["route"] == route


async def test_settings_follow_version_by_version(desk: Desk) -> None:
    known = await desk.get("omar", "/api/settings/movement")
    assert (known["version"], known["set_by"]) == (1, "adam")
    body = {"settings": known["settings"] | {"notice_hours": 12}, "version": 0}
    assert await refused(await desk.ask("adam", "PUT", "/api/settings/movement", body)) == (
        409,
        "changed-meanwhile",
    )
    falling = body | {"settings": {"overdue": {"watch_minutes": 90}}, "version": 1}
    assert await refused(await desk.ask("adam", "PUT", "/api/settings/movement", falling)) == (
        422,
        "bad-settings",
    )
    assert (await desk.ask("wafa", "PUT", "/api/settings/movement", body)).status_code == 403
    answer = await desk.ask("adam", "PUT", "/api/settings/movement", body | {"version": 1})
    assert (answer.json()["version"], answer.json()["settings"]["notice_hours"]) == (2, 12.0)
    entry = (await desk.hub.store.inner.log_entries(start=0, limit=999))[-1]
    assert (entry.action, entry.details["version"]) == ("change-settings", 2)


async def test_a_field_out_of_range_is_named(desk: Desk) -> None:
    request = request_body(destination={"name": "Baghdad", "lat_deg": 91.0, "lon_deg": 44.0})
    answer = await desk.ask("omar", "POST", "/api/sheets", {"request": request})
    assert await refused(answer) == (422, "bad-field")
    assert "destination.lat_deg" in answer.json()["error"]["message"]
    assert msgspec.json.decode(answer.content)["error"]["message"].count("91") == 0
