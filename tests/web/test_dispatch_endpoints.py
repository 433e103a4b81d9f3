"""Teams, taskings and evacuations over HTTP: from a place to a team on the scene, and everything that can go wrong."""

from typing import Any

import httpx
import msgspec
import pytest
from tests.fakes.handset import Handset
from tests.fakes.small_hub import NOON, SmallHub

from tapestry.app._messenger_port import Letter, NotSent
from tapestry.app._tasking_texts import MAX_TRIES, TaskingTexts
from tapestry.app.ports import alert_of_distress
from tapestry.model import AlertEvent, Distress, DistressKind, OutsideFault, Phase, Rule, VehicleId

NOON_MS = int(NOON.timestamp() * 1000)
PLACE = {"name": "Km 12", "lat_deg": 33.3, "lon_deg": 44.4}
NINE = {"lat_deg": 33.3, "lon_deg": 44.4, "precedence": {"urgent": 1}, "lying": 1}


def team_body(name: str = "QRF 1", **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "post": {"name": "Camp", "lat_deg": 33.31, "lon_deg": 44.36},
        "capabilities": ["security"],
        "contacts": [{"means": "radio", "value": "42.5"}],
        **changes,
    }


def order_body(**changes: Any) -> dict[str, Any]:
    return {
        "team_id": 1, "place": PLACE, "what": "secure the place", "recognition": "green smoke",
        "friendly": "two white trucks, east of the road", **changes,
    }  # fmt: skip


async def a_case(hub: SmallHub) -> int:
    """Let somebody call for help; return the case, acknowledged."""
    call = Distress(
        identity="imei:1", kind=DistressKind.SOS, raised_at=NOON, received_at=NOON, vehicle_id=VehicleId(1)
    )
    await hub.store.record_distress(alert_of_distress(call).alert_id, call)
    wafa = await hub.log_in("wafa")
    answer = await wafa.post("/api/cases/1/commands", json={"command": {"type": "acknowledge"}})
    assert answer.status_code == 200, answer.text
    return 1


class TeamDevice(Handset):
    """A team's page."""

    n = 0

    async def join(self, wafa: httpx.AsyncClient, team_id: int = 1) -> None:
        made = (await wafa.post(f"/api/teams/{team_id}/devices")).json()
        body = {"token": made["url"].partition("#e=")[2], "public_key": self.public_key, "name": "tablet"}
        answer = await self.browser.post("/api/team/enrol", json=body)
        assert answer.status_code == 201, answer.text
        self.phone_id = answer.json()["device_id"]

    def line(self, what: str, tasking_id: int = 0, rest: str = "", n: int | None = None) -> str:
        self.n = n or self.n + 1
        return self.sign(f"{self.n},{what},{NOON_MS},{tasking_id},{rest}")

    async def sync(self, *items: str) -> Any:
        sent = [*items, self.line("look")]
        answer = await self.browser.post("/api/team/sync", json={"device_id": self.phone_id, "items": sent})
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
async def wafa(hub: SmallHub) -> httpx.AsyncClient:
    browser = await hub.log_in("wafa")
    for name in ("QRF 1", "QRF 2"):
        answer = await browser.post("/api/teams", json=team_body(name))
        assert answer.status_code == 201, answer.text
    return browser


async def page_of(hub: SmallHub, wafa: httpx.AsyncClient, team_id: int = 1) -> TeamDevice:
    device = TeamDevice(hub.browser())
    await device.join(wafa, team_id)
    return device


async def test_a_tasking_goes_from_the_order_to_its_end_with_every_time(
    hub: SmallHub, wafa: httpx.AsyncClient
) -> None:
    device = await page_of(hub, wafa)
    ordered = (await wafa.post("/api/taskings", json=order_body(case_id=await a_case(hub)))).json()["tasking"]
    assert (ordered["ordered_by"], ordered["state"], ordered["case_id"]) == ("wafa", "requested", 1)
    (shown,) = (await device.sync())["taskings"]
    assert shown["tasking"]["state"] == "relayed"
    assert "green smoke" in shown["text"] and "two white trucks" in shown["text"]
    for command in ("accept", "launch", "arrive", "complete"):
        hub.clock.move(minutes=3)
        news = await device.sync(device.line(command, 1))
        assert news["taken"] == [{"n": device.n - 1, "refused": ""}]
    (view,) = (await wafa.get("/api/taskings?state=all")).json()
    steps = [(step["command"], step["at"][11:16]) for step in view["tasking"]["steps"]]
    assert steps == [
        ("relay", "12:00"), ("accept", "12:03"), ("launch", "12:06"), ("arrive", "12:09"), ("complete", "12:12"),
    ]  # fmt: skip
    assert (await wafa.get("/api/taskings")).json() == []
    assert ("team-device/1", "accept-tasking", "tasking/1") in await hub.logged()
    assert ("wafa", "order-tasking", "tasking/1") in await hub.logged()


async def test_a_decline_needs_a_reason_and_is_in_the_log(hub: SmallHub, wafa: httpx.AsyncClient) -> None:
    device = await page_of(hub, wafa)
    await wafa.post("/api/taskings", json=order_body())
    news = await device.sync(device.line("decline", 1))
    assert news["taken"] == [{"n": 1, "refused": "reason-needed"}]
    news = await device.sync(device.line("decline", 1, "no fuel, and it is late"))
    assert news["taken"] == [{"n": 3, "refused": ""}]
    (view,) = (await wafa.get("/api/taskings?state=all")).json()
    assert (view["tasking"]["state"], view["tasking"]["steps"][-1]["reason"]) == (
        "declined", "no fuel, and it is late",
    )  # fmt: skip
    entries = await hub.store.inner.log_entries(start=0, limit=1000)
    (entry,) = [it for it in entries if it.action == "decline-tasking"]
    assert entry.details["reason"] == "no fuel, and it is late"


async def test_what_is_sent_twice_is_done_once(hub: SmallHub, wafa: httpx.AsyncClient) -> None:
    device = await page_of(hub, wafa)
    await wafa.post("/api/taskings", json=order_body())
    accept = device.line("accept", 1)
    for _ in range(2):
        assert (await device.sync(accept))["taken"] == [{"n": 1, "refused": ""}]
    (view,) = (await wafa.get("/api/taskings")).json()
    assert [it["command"] for it in view["tasking"]["steps"]] == ["accept"]


async def test_a_step_that_was_done_before_a_crash_is_no_refusal(
    hub: SmallHub, wafa: httpx.AsyncClient
) -> None:
    device = await page_of(hub, wafa)
    await wafa.post("/api/taskings", json=order_body())
    await hub.desk.taskings.apply(1, "accept", by="team-device/1")  # done, and the number was not noted
    assert (await device.sync(device.line("accept", 1)))["taken"] == [{"n": 1, "refused": ""}]


@pytest.mark.parametrize("missing", ["what", "recognition", "friendly"])
async def test_recognition_and_friends_are_in_every_tasking_or_it_is_refused(
    wafa: httpx.AsyncClient, missing: str
) -> None:
    answer = await wafa.post("/api/taskings", json=order_body(**{missing: "  "}))
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, f"{missing}-needed")


async def test_a_team_that_does_not_answer_is_told_once_and_nobody_else_is_sent(
    hub: SmallHub, wafa: httpx.AsyncClient
) -> None:
    await wafa.post("/api/taskings", json=order_body())
    hub.clock.move(minutes=4.9)
    await hub.desk.taskings.look()
    assert (await wafa.get("/api/taskings")).json()[0]["unanswered"] is False
    hub.clock.move(minutes=0.1)
    for _ in range(2):
        await hub.desk.taskings.look()
    (view,) = (await wafa.get("/api/taskings")).json()
    assert (view["unanswered"], view["tasking"]["told_unanswered_at"]) == (True, "2026-03-01T12:05:00Z")
    assert [it for it in await hub.logged() if it[1] == "tasking-unanswered"] == [
        ("system", "tasking-unanswered", "tasking/1")
    ]
    await wafa.post("/api/taskings/1/commands", json={"command": "accept"})
    events = [msgspec.json.decode(it, type=AlertEvent) for _, it in hub.bus.published("EVENTS")]
    assert [(it.rule, it.phase, it.facts["team"]) for it in events] == [
        (Rule.TEAM_SILENT, Phase.STARTED, "QRF 1"),
        (Rule.TEAM_SILENT, Phase.ENDED, "QRF 1"),
    ]
    again = (await wafa.post("/api/teams/propose", json={"place": {"lat_deg": 33.3, "lon_deg": 44.4}})).json()
    assert [(it["team_id"], it["tier"]) for it in again["candidates"]] == [(2, 1), (1, 3)]


async def test_a_proposal_hides_no_team_and_says_what_speaks_against_each(wafa: httpx.AsyncClient) -> None:
    resting = team_body("Resting", rest_until="2026-03-01T14:00:00Z", governorates=["Basra"])
    answer = await wafa.post("/api/teams", json=resting)
    assert answer.status_code == 201, answer.text
    question = {"place": {"lat_deg": 33.3, "lon_deg": 44.4}, "needs": ["security"]}
    made = (await wafa.post("/api/teams/propose", json=question)).json()
    assert [it["team_id"] for it in made["candidates"]] == [1, 2, 3]
    last = made["candidates"][2]
    assert {it["code"] for it in last["reasons_against"]} == {"resting", "outside-area", "position-unknown"}
    assert made["candidates"][0]["travel_basis"] == "road"


async def test_an_unknown_governorate_or_vehicle_is_refused(wafa: httpx.AsyncClient) -> None:
    for changes, code in (
        ({"governorates": ["Atlantis"]}, "unknown-governorate"),
        ({"vehicle_id": 99}, "unknown-vehicle"),
        ({"area": [[33.0, 44.0], [33.1, 44.0]]}, "bad-polygon"),
    ):
        answer = await wafa.post("/api/teams", json=team_body("X", **changes))
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)


async def test_a_team_is_seen_on_a_tasking_or_when_it_agreed(hub: SmallHub, wafa: httpx.AsyncClient) -> None:
    device = await page_of(hub, wafa)
    refused = await device.sync(device.line("position", 0, "33.5;44.5"))
    assert refused["taken"] == [{"n": 1, "refused": "not-shared"}]
    await wafa.post("/api/taskings", json=order_body())
    assert (await device.sync(device.line("position", 0, "33.5;44.5")))["taken"][0]["refused"] == ""
    hub.clock.move(minutes=16)
    view = (await wafa.get("/api/teams")).json()["teams"][0]
    assert (view["position"]["lat_deg"], view["position_age_s"], view["stale"]) == (33.5, 960.0, True)


async def test_operators_and_partners_see_and_order_nothing(hub: SmallHub, wafa: httpx.AsyncClient) -> None:
    for name in ("omar", "pia"):
        browser = await hub.log_in(name)
        for path in ("/api/teams", "/api/taskings", "/api/medevacs"):
            assert (await browser.get(path)).status_code == 403
        assert (await browser.post("/api/taskings", json=order_body())).status_code == 403
        assert (await browser.post("/api/medevacs", json={"nine": NINE})).status_code == 403


async def test_another_key_another_team_and_a_wiped_device_get_nothing(
    hub: SmallHub, wafa: httpx.AsyncClient
) -> None:
    mine, other = await page_of(hub, wafa), await page_of(hub, wafa, team_id=2)
    await wafa.post("/api/taskings", json=order_body())
    assert (await other.sync())["taskings"] == []
    assert (await other.sync(other.line("accept", 1)))["taken"][0]["refused"] == "not-found"
    body = {"device_id": mine.phone_id, "items": [other.line("look")]}
    assert (await mine.browser.post("/api/team/sync", json=body)).status_code == 404
    look = mine.line("look")
    body = {"device_id": mine.phone_id, "items": [look]}
    assert (await mine.browser.post("/api/team/sync", json=body)).status_code == 200
    assert (
        await mine.browser.post("/api/team/sync", json=body)
    ).status_code == 422  # overheard, and said again
    assert (await wafa.post("/api/team-devices/1/wipe")).status_code == 204
    assert (await mine.sync()) == {
        **(await mine.sync()), "wiped": True, "taskings": [], "team": "",
    }  # fmt: skip


async def test_an_officer_writes_down_what_was_said_over_the_radio(
    hub: SmallHub, wafa: httpx.AsyncClient
) -> None:
    await wafa.post("/api/taskings", json=order_body())
    for command, state in (("relay", "relayed"), ("accept", "accepted"), ("arrive", "on-scene")):
        answer = await wafa.post("/api/taskings/1/commands", json={"command": command})
        assert answer.json()["tasking"]["state"] == state
    early = await wafa.post("/api/taskings/1/commands", json={"command": "accept"})
    assert early.json()["error"]["code"] == "not-now"
    stale = await wafa.post("/api/taskings/1/commands", json={"command": "complete", "version": 1})
    assert stale.status_code == 409


async def test_five_lines_are_enough_and_the_clocks_run_from_them(
    hub: SmallHub, wafa: httpx.AsyncClient
) -> None:
    made = (await wafa.post("/api/medevacs", json={"nine": NINE, "case_id": await a_case(hub)})).json()
    assert made["medevac"]["due_at"] == "2026-03-01T13:30:00Z"
    assert "Line 6, security of the site: unknown" in made["texts"]["en"]
    hub.clock.move(minutes=91)
    (view,) = (await wafa.get("/api/medevacs")).json()
    assert [clock["missed"] for clock in view["clocks"]] == [True, False]
    for command in ("at-patient", "depart", "hand-over"):
        answer = await wafa.post("/api/medevacs/1/commands", json={"command": command})
        assert answer.status_code == 200, answer.text
    refused = await wafa.post("/api/medevacs/1/commands", json={"command": "close"})
    assert refused.json()["error"]["code"] == "reason-needed"
    closed = {"command": "close", "reason": "the bridge was down"}
    done = (await wafa.post("/api/medevacs/1/commands", json=closed)).json()
    assert (done["medevac"]["state"], done["medevac"]["why_late"]) == ("closed", "the bridge was down")


async def test_more_lines_come_later_and_a_moment_before_the_last_is_refused(
    hub: SmallHub, wafa: httpx.AsyncClient
) -> None:
    await wafa.post("/api/medevacs", json={"nine": NINE})
    nine = NINE | {"security": "no-enemy", "terrain": "flat field", "precedence": {"priority": 1}}
    body = {"medevac": {"nine": nine, "mist": [{"mechanism": "blast"}]}, "version": 1}
    view = (await wafa.put("/api/medevacs/1", json=body)).json()
    assert view["medevac"]["due_at"] == "2026-03-01T16:00:00Z"
    assert "M mechanism: blast" in view["texts"]["en"]
    assert (await wafa.put("/api/medevacs/1", json=body)).status_code == 409
    early = {"command": "at-patient", "at": "2026-03-01T11:00:00Z"}
    answer = await wafa.post("/api/medevacs/1/commands", json=early)
    assert answer.json()["error"]["code"] == "bad-moment"


async def test_the_clock_of_an_evacuation_follows_the_team_that_fetches(
    hub: SmallHub, wafa: httpx.AsyncClient
) -> None:
    await wafa.post("/api/teams", json=team_body("Ambulance", capabilities=["ambulance"]))
    await wafa.post("/api/medevacs", json={"nine": NINE})
    await wafa.post("/api/taskings", json=order_body(team_id=3, medevac_id=1))
    for command in ("accept", "launch", "arrive"):
        await wafa.post("/api/taskings/1/commands", json={"command": command})
    (view,) = (await wafa.get("/api/medevacs")).json()
    assert [it["command"] for it in view["medevac"]["steps"]] == ["dispatch", "at-patient"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"lat_deg": 133.0}, "bad-field"), ({"precedence": {}, "lying": 0}, "bad-patients"),
     ({"lying": -1}, "bad-patients"), ({"callsign": "x" * 501}, "bad-field")],
)  # fmt: skip
async def test_lines_that_cannot_be_are_refused(
    wafa: httpx.AsyncClient, changes: dict[str, Any], code: str
) -> None:
    answer = await wafa.post("/api/medevacs", json={"nine": NINE | changes})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)


async def test_settings_of_dispatch_are_versioned_and_an_administrators(
    hub: SmallHub, wafa: httpx.AsyncClient
) -> None:
    known = (await wafa.get("/api/settings/dispatch")).json()
    assert (known["version"], known["settings"]["unanswered_min"]) == (0, 5.0)
    body = {"settings": {"unanswered_min": 3}, "version": 0}
    assert (await wafa.put("/api/settings/dispatch", json=body)).status_code == 403
    adam = await hub.log_in("adam")
    assert (await adam.put("/api/settings/dispatch", json=body)).json()["settings"]["unanswered_min"] == 3.0
    assert (await adam.put("/api/settings/dispatch", json=body)).status_code == 409


class FakeGateway:
    """A gateway for text messages that can be down."""

    def __init__(self) -> None:
        self.down = False
        self.sent: list[Letter] = []

    def means(self) -> frozenset[str]:
        return frozenset({"sms"})

    async def send(self, letter: Letter) -> None:
        if self.down:
            raise NotSent("refused")
        self.sent.append(letter)

    def is_gateway(self, secret: str) -> bool:
        return bool(not secret)


async def texted(hub: SmallHub, wafa: httpx.AsyncClient) -> tuple[FakeGateway, TaskingTexts]:
    """Order a team with a number and Arabic as its language."""
    team = team_body("Texted", contacts=[{"means": "sms", "value": "+9647700000000"}], language="ar")
    await wafa.post("/api/teams", json=team)
    await wafa.post("/api/taskings", json=order_body(team_id=3))
    gateway = FakeGateway()
    return gateway, TaskingTexts(hub.desk.ports, gateway)


async def text_of(wafa: httpx.AsyncClient) -> Any:
    (text,) = (await wafa.get("/api/taskings?state=all")).json()[0]["tasking"]["texts"]
    return text


async def test_a_text_message_goes_out_once_with_recognition_and_friends_in_it(
    hub: SmallHub, wafa: httpx.AsyncClient
) -> None:
    gateway, texts = await texted(hub, wafa)
    for _ in range(2):
        await texts.send_due()
    (letter,) = gateway.sent
    assert (letter.address, letter.key) == ("+9647700000000", "tasking-1-+9647700000000")
    assert "green smoke" in letter.text and "two white trucks" in letter.text and "تكليف" in letter.text
    text = await text_of(wafa)
    assert (text["state"], text["sent_at"]) == ("sent", "2026-03-01T12:00:00Z")
    (view,) = (await wafa.get("/api/taskings")).json()
    assert view["tasking"]["state"] == "requested"  # that it arrived nobody said


async def test_with_the_gateway_down_it_is_tried_again_and_at_last_given_up(
    hub: SmallHub, wafa: httpx.AsyncClient
) -> None:
    gateway, texts = await texted(hub, wafa)
    gateway.down = True
    await texts.send_due()
    await texts.send_due()
    text = await text_of(wafa)
    assert (text["state"], text["tries"], text["error"]) == ("waiting", 1, "refused")
    gateway.down = False
    hub.clock.move(seconds=5)
    await texts.send_due()
    assert (await text_of(wafa))["state"] == "sent"

    await wafa.post("/api/taskings", json=order_body(team_id=3))
    gateway.down = True
    for _ in range(MAX_TRIES):
        hub.clock.move(minutes=2)
        await texts.send_due()
    assert (await text_of(wafa))["state"] == "given-up"


async def test_a_team_that_answered_is_sent_no_text_any_more(hub: SmallHub, wafa: httpx.AsyncClient) -> None:
    gateway, texts = await texted(hub, wafa)
    await wafa.post("/api/taskings/1/commands", json={"command": "accept"})
    await texts.send_due()
    assert gateway.sent == []


async def test_with_the_bus_away_the_officer_is_told_as_soon_as_it_is_back(
    hub: SmallHub, wafa: httpx.AsyncClient
) -> None:
    await wafa.post("/api/taskings", json=order_body())
    hub.clock.move(minutes=5)
    hub.bus.down = True
    with pytest.raises(OutsideFault):
        await hub.desk.taskings.look()
    hub.bus.down = False
    await hub.desk.taskings.look()
    assert len(hub.bus.published("EVENTS")) == 1
    hub.bus.down = True
    answer = await wafa.post("/api/taskings/1/commands", json={"command": "accept"})
    assert (answer.status_code, answer.json()["tasking"]["state"]) == (200, "accepted")


async def test_a_case_learns_of_its_tasking_and_an_unknown_case_gets_none(
    hub: SmallHub, wafa: httpx.AsyncClient
) -> None:
    for path, body in (("taskings", order_body(case_id=9)), ("medevacs", {"nine": NINE, "case_id": 9})):
        assert (await wafa.post(f"/api/{path}", json=body)).status_code == 404
    number = await a_case(hub)
    assert (await wafa.post("/api/taskings", json=order_body(case_id=number))).status_code == 201
    case = (await wafa.get(f"/api/cases/{number}")).json()["case"]
    assert (case["state"], case["entries"][-1]["note"]) == ("responding", "tasking 1: QRF 1")
