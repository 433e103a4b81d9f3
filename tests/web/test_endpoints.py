"""Every endpoint: nobody logged in, the wrong role, not yours, no CSRF, a bad body."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from starlette.requests import Request
from tests.fakes.small_hub import NOON, PASSWORD, SmallHub, add_movement, add_sheet, plan_body

from tapestry.app._briefs import IssuedBrief
from tapestry.app._open_items import KeptLine
from tapestry.app.ports import Fence, NewPhone, NewTakRecord, Quarantined, TakForm, WordHashes
from tapestry.brief import Brief, BriefKind
from tapestry.model import (
    Alert,
    AlertEvent,
    AlertId,
    Distress,
    DistressKind,
    FileId,
    Medevac,
    MedevacId,
    MedevacState,
    MovementId,
    NineLine,
    OperatorId,
    Permit,
    Person,
    PersonId,
    Phase,
    Place,
    Rule,
    Severity,
    StoredFile,
    Tasking,
    TaskingId,
    TaskingState,
    Team,
    TeamId,
    VehicleId,
)
from tapestry.watch import CalledRoll, HandOver, OpenItem, OpenKind, RollLine, Shift, Task, Turn
from tapestry.web import ENDPOINTS
from tapestry.web._endpoint import Call

SPAN = "from=2026-03-01T11:00:00Z&until=2026-03-01T12:00:00Z"
A, W, OP, P = "adam", "wafa", "omar", "pia"  # administrator, watch officer, operator, partner

STATUS = {
    "name": "Highway 1",
    "line": [{"lat_deg": 33.0, "lon_deg": 44.0}, {"lat_deg": 33.5, "lon_deg": 44.5}],
    "control": "supervised",
    "threat": "amber",
    "reason": "works",
    "valid_until": "2026-03-01T18:00:00Z",
}

PERMIT = {
    "operator_id": 1,
    "subject": "operator",
    "kind": "insurance",
    "number": "7",
    "issued_by": "x",
    "valid_until": "2027-03-01T00:00:00Z",
}

TEAM = {"name": "QRF 1", "post": {"name": "Camp", "lat_deg": 33.3, "lon_deg": 44.4}}
TASKING = {
    "team_id": 1, "place": {"name": "Km 12", "lat_deg": 33.3, "lon_deg": 44.4}, "what": "secure",
    "recognition": "smoke", "friendly": "none known",
}  # fmt: skip
SHIFT = {"user_name": "adam", "begins_at": "2026-03-02T06:00:00Z", "ends_at": "2026-03-02T14:00:00Z"}
BRIEF = {
    "kind": "intsum",
    "since": "2026-02-22T12:00:00Z",
    "until": "2026-03-01T12:00:00Z",
    "assessment": "calm",
}
TASK = {"text": "call the ferry", "owner": "wafa", "due_at": "2026-03-01T14:00:00Z", "about": "movement/1"}
MEDEVAC = {"nine": {"lat_deg": 33.3, "lon_deg": 44.4, "lying": 1}}

# Good requests: method, path, body, who may.
GOOD: list[tuple[str, str, Any, str]] = [
    ("POST", "/api/logout", {}, f"{A} {W} {OP} {P}"),
    ("GET", "/api/me", None, f"{A} {W} {OP} {P}"),
    ("POST", "/api/me/totp/start", {}, f"{A} {W} {OP} {P}"),
    ("PUT", "/api/me/language", {"language": "ckb"}, f"{A} {W} {OP} {P}"),
    ("GET", "/api/users", None, A),
    ("POST", "/api/users", {"user_name": "new", "role": "partner", "password": PASSWORD + "!"}, A),
    ("PATCH", "/api/users/olga", {"disabled": True}, A),
    ("GET", "/api/log?limit=10", None, A),
    ("GET", "/api/log/head", None, f"{A} {W} {OP} {P}"),
    ("GET", "/api/operators", None, f"{A} {W} {OP} {P}"),
    ("POST", "/api/operators", {"name": "East"}, f"{A} {W}"),
    ("GET", "/api/vehicles", None, f"{A} {W} {OP} {P}"),
    ("POST", "/api/vehicles", {"operator_id": 1, "callsign": "N-3"}, f"{A} {W}"),
    ("GET", f"/api/vehicles/1/track?{SPAN}", None, f"{A} {W} {OP}"),
    ("GET", f"/api/vehicles/1/roads?{SPAN}", None, f"{A} {W} {OP}"),
    ("GET", "/api/vehicles/1/readings", None, f"{A} {W} {OP}"),
    ("GET", "/api/trackers", None, f"{A} {W}"),
    ("POST", "/api/trackers", {"identity": "imei:1", "vehicle_id": 1}, f"{A} {W}"),
    ("PATCH", "/api/trackers/1", {"vehicle_id": 2}, f"{A} {W}"),
    ("PATCH", "/api/vehicles/1", {"plate": "12"}, f"{A} {W} {OP}"),
    ("GET", "/api/people", None, f"{A} {W} {OP} {P}"),
    ("POST", "/api/people", {"operator_id": 1, "name": "Ali"}, f"{A} {W} {OP}"),
    ("PATCH", "/api/people/1", {"active": False}, f"{A} {W} {OP}"),
    ("GET", "/api/permits", None, f"{A} {W} {OP} {P}"),
    ("GET", "/api/permits/expiring?days=7", None, f"{A} {W} {OP} {P}"),
    ("POST", "/api/permits", PERMIT, f"{A} {W} {OP}"),
    ("PATCH", "/api/permits/1", {"number": "8"}, f"{A} {W} {OP}"),
    ("DELETE", "/api/permits/1", None, f"{A} {W} {OP}"),
    ("GET", "/api/files/1", None, f"{A} {W} {OP}"),
    ("GET", "/api/roster/export?kind=people&operator_id=1", None, f"{A} {W} {OP}"),
    ("GET", "/api/quarantine", None, f"{A} {W}"),
    ("POST", "/api/quarantine/bind", {"identity": "imei:9", "vehicle_id": 1}, f"{A} {W}"),
    ("GET", "/api/rejected?before=7&limit=2", None, f"{A} {W}"),
    ("GET", "/api/rejected/groups?protocol=gt06&text=CRC", None, f"{A} {W}"),
    ("GET", "/api/movements", None, f"{A} {W} {OP} {P}"),
    (
        "POST",
        "/api/movements",
        plan_body(operator_id=2, vehicles=[{"vehicle_id": 3, "order": 1}]),
        f"{A} {W}",
    ),
    ("GET", "/api/movements/1", None, f"{A} {W} {OP}"),
    ("PUT", "/api/movements/1", plan_body(callsign="BEAR"), f"{A} {W}"),
    ("POST", "/api/movements/1/cancel", {"reason": "storm"}, f"{A} {W}"),
    ("GET", "/api/movements/1/formation", None, f"{A} {W} {OP}"),
    ("GET", "/api/fences", None, f"{A} {W} {OP}"),
    (
        "POST",
        "/api/fences",
        {
            "name": "depot",
            "kind": "depot",
            "geometry": {"type": "Polygon", "coordinates": [[[44, 33], [45, 33], [45, 34], [44, 33]]]},
        },
        f"{A} {W}",
    ),
    ("DELETE", "/api/fences/1", None, f"{A} {W}"),
    (
        "POST",
        "/api/routes/plan",
        {"start": {"lat_deg": 33.3, "lon_deg": 44.4}, "end": {"lat_deg": 33.4, "lon_deg": 43.3}},
        f"{A} {W} {OP}",
    ),
    ("POST", "/api/posts/plan", {"teams": 1, "within_min": 20}, f"{A} {W}"),
    (
        "POST",
        "/api/routes/stretch",
        {"points": [{"lat_deg": 33.3, "lon_deg": 44.4}, {"lat_deg": 33.4, "lon_deg": 43.3}]},
        f"{A} {W} {OP}",
    ),
    ("GET", f"/api/history?{SPAN}&step_s=60", None, f"{A} {W} {OP} {P}"),
    ("GET", "/api/alerts?state=open&limit=10", None, f"{A} {W} {OP} {P}"),
    ("POST", "/api/alerts/a1/acknowledge", {}, f"{A} {W}"),
    ("POST", "/api/alerts/a1/take", {}, f"{A} {W}"),
    ("POST", "/api/alerts/a1/snooze", {"until": "2026-03-01T13:00:00Z", "reason": "seen"}, f"{A} {W}"),
    ("POST", "/api/alerts/a1/close", {"reason": "false alarm"}, f"{A} {W}"),
    ("GET", "/api/places", None, f"{A} {W} {OP} {P}"),
    ("GET", "/api/sheets?state=all&limit=10", None, f"{A} {W} {OP} {P}"),
    ("POST", "/api/sheets", {"request": {"operator_id": 1, "callsign": "BEAR"}}, f"{A} {W} {OP}"),
    ("POST", "/api/sheets/check", {"request": {"operator_id": 1, "callsign": "BEAR"}}, f"{A} {W} {OP}"),
    ("GET", f"/api/sheets/access-table?{SPAN}", None, f"{A} {W}"),
    ("GET", "/api/sheets/1", None, f"{A} {W} {OP}"),
    ("POST", "/api/sheets/1/commands", {"command": {"type": "dissent", "text": "no"}}, f"{A} {W} {OP}"),
    ("GET", "/api/sheets/1/history", None, f"{A} {W} {OP}"),
    ("GET", "/api/sheets/1/report", None, f"{A} {W} {OP}"),
    ("GET", "/api/sheets/1/card.pdf", None, f"{A} {W} {OP}"),
    ("POST", "/api/sheets/1/card.pdf", {"url": "http://hub.test/phone/#e=x"}, f"{A} {W} {OP}"),
    ("GET", "/api/sheets/1/report.pdf", None, f"{A} {W} {OP}"),
    ("GET", "/api/sheets/request-form.xlsx?operator_id=1", None, f"{A} {W} {OP}"),
    ("GET", "/api/sheets/1/phones", None, f"{A} {W} {OP}"),
    ("POST", "/api/sheets/1/phones", {"vehicle_id": None}, f"{A} {W} {OP}"),
    ("POST", "/api/phones/1/wipe", {}, f"{A} {W}"),
    ("POST", "/api/phones/1/challenges", {}, f"{A} {W}"),
    ("GET", "/api/sheets/1/challenges", None, f"{A} {W} {OP}"),
    ("PUT", "/api/people/1/words", {"well": "olive", "duress": "heron"}, f"{A} {W} {OP}"),
    ("GET", "/api/sheets/1/messages", None, f"{A} {W} {OP}"),
    ("POST", "/api/sheets/1/messages", {"text": "wait"}, f"{A} {W} {OP}"),
    ("GET", "/api/stop-orders", None, f"{A} {W} {OP}"),
    ("POST", "/api/stop-orders", {"scope": "everything", "reason": "mortars"}, f"{A} {W}"),
    ("POST", "/api/stop-orders/1/lift", {"reason": "over"}, f"{A} {W}"),
    ("GET", "/api/centres", None, f"{A} {W}"),
    ("GET", "/api/centres/aside", None, f"{A} {W}"),
    ("GET", "/api/route-statuses", None, f"{A} {W} {OP}"),
    ("POST", "/api/route-statuses", STATUS, f"{A} {W}"),
    ("POST", "/api/route-statuses/1/withdraw", {"reason": "gone"}, f"{A} {W}"),
    ("GET", "/api/settings/movement", None, f"{A} {W} {OP}"),
    ("PUT", "/api/settings/movement", {"settings": {}, "version": 0}, A),
    ("GET", "/api/cases?state=all&limit=10", None, f"{A} {W} {OP} {P}"),
    ("GET", f"/api/cases/rates?{SPAN}", None, f"{A} {W}"),
    ("GET", "/api/cases/1", None, f"{A} {W} {OP}"),
    ("GET", "/api/cases/1/calls", None, f"{A} {W} {OP}"),
    ("POST", "/api/cases/1/commands", {"command": {"type": "acknowledge"}}, f"{A} {W}"),
    ("POST", "/api/cases/1/shown", {}, f"{A} {W} {OP}"),
    ("POST", "/api/distress", {"callsign": "N-1", "kind": "sos"}, f"{A} {W}"),
    ("POST", "/api/voice-positions", {"vehicle_id": 1, "place": "33.2501, 44.2501"}, f"{A} {W}"),
    ("GET", "/api/sms/inbound", None, f"{A} {W}"),
    ("GET", "/api/settings/distress", None, A),
    ("PUT", "/api/settings/distress", {"settings": {}, "version": 0}, A),
    ("GET", "/api/teams", None, f"{A} {W}"),
    ("POST", "/api/teams", TEAM | {"name": "QRF 2"}, f"{A} {W}"),
    ("POST", "/api/teams/propose", {"place": {"lat_deg": 33.3, "lon_deg": 44.4}}, f"{A} {W}"),
    ("PUT", "/api/teams/1", {"team": TEAM, "version": 1}, f"{A} {W}"),
    ("GET", "/api/teams/1/devices", None, f"{A} {W}"),
    ("POST", "/api/teams/1/devices", {}, f"{A} {W}"),
    ("POST", "/api/team-devices/1/wipe", {}, f"{A} {W}"),
    ("GET", "/api/taskings", None, f"{A} {W}"),
    ("POST", "/api/taskings", TASKING, f"{A} {W}"),
    ("POST", "/api/taskings/1/commands", {"command": "relay"}, f"{A} {W}"),
    ("GET", "/api/medevacs", None, f"{A} {W}"),
    ("POST", "/api/medevacs", MEDEVAC, f"{A} {W}"),
    ("PUT", "/api/medevacs/1", {"medevac": MEDEVAC, "version": 1}, f"{A} {W}"),
    ("POST", "/api/medevacs/1/commands", {"command": "dispatch"}, f"{A} {W}"),
    ("POST", "/api/medevacs/1/why-late", {"reason": "fog"}, f"{A} {W}"),
    ("GET", "/api/watch", None, f"{A} {W}"),
    ("GET", "/api/watch/turn", None, f"{A} {W}"),
    ("POST", "/api/watch/take", {"reason": "fell ill"}, f"{A} {W}"),
    ("POST", "/api/watch/shifts", SHIFT, f"{A} {W}"),
    ("DELETE", "/api/watch/shifts/2", None, f"{A} {W}"),
    ("POST", "/api/watch/hand-overs", {"note": "quiet"}, f"{A} {W}"),
    ("GET", "/api/watch/hand-overs/3", None, f"{A} {W}"),
    ("POST", "/api/watch/hand-overs/3/ticks", {"key": "task:4"}, f"{A} {W}"),
    ("POST", "/api/watch/hand-overs/3/sign", None, f"{A} {W}"),
    ("GET", "/api/watch/log", None, f"{A} {W}"),
    ("GET", "/api/watch/log/0", None, f"{A} {W}"),
    ("POST", "/api/watch/log", {"text": "all quiet"}, f"{A} {W}"),
    ("POST", "/api/watch/log/0/corrections", {"text": "all quiet but one"}, f"{A} {W}"),
    ("GET", "/api/tasks", None, f"{A} {W}"),
    ("POST", "/api/tasks", TASK, f"{A} {W}"),
    ("POST", "/api/tasks/4/commands", {"command": "done"}, f"{A} {W}"),
    ("GET", "/api/contact", None, f"{A} {W}"),
    ("POST", "/api/contact", {"callsign": "PALM", "means": "148.5", "every_minutes": 30}, f"{A} {W}"),
    ("POST", "/api/contact/5/heard", {}, f"{A} {W}"),
    ("DELETE", "/api/contact/5", None, f"{A} {W}"),
    ("POST", "/api/roll-calls", {"scope": "teams"}, f"{A} {W}"),
    ("POST", "/api/roll-calls/6/answers", {"about": "team/1", "answer": "present"}, f"{A} {W}"),
    ("GET", "/api/readiness", None, f"{A} {W}"),
    ("GET", "/api/centre-orders", None, f"{A} {W}"),
    ("POST", "/api/centre-orders", {"level": "lock", "reason": "fire", "centre": "hub"}, f"{A} {W}"),
    ("DELETE", "/api/centre-orders/1", None, f"{A} {W}"),
    ("POST", "/api/centre-orders/1/confirm", {"password": PASSWORD}, f"{A} {W}"),
    ("POST", "/api/centre-orders/1/ask-unlock", None, f"{A} {W}"),
    ("POST", "/api/centre-orders/1/unlock", {"password": PASSWORD}, f"{A} {W}"),
    ("GET", "/api/briefs/draft?kind=sitrep", None, f"{A} {W}"),
    ("GET", "/api/briefs", None, f"{A} {W}"),
    ("POST", "/api/briefs", BRIEF, f"{A} {W}"),
    ("GET", "/api/briefs/7", None, f"{A} {W}"),
    ("GET", "/api/briefs/7/brief.pdf?language=ar", None, f"{A} {W}"),
    ("GET", "/api/tak-devices", None, f"{A} {W}"),
    ("POST", "/api/tak-devices", {"name": "TRUCK-9", "vehicle_id": 1}, f"{A} {W}"),
    ("GET", "/api/me/tak-devices", None, f"{A} {W}"),
    ("POST", "/api/me/tak-devices", {"name": "MINE"}, f"{A} {W}"),
    ("POST", "/api/tak-devices/1/package", {"token": "AAAA-BBBB-CCCC-DDDD"}, f"{A} {W}"),
    ("POST", "/api/tak-devices/1/revoke", {}, f"{A} {W}"),
    ("GET", "/api/chat?movement_id=1", None, f"{A} {W} {OP}"),
    ("GET", "/api/chat", None, f"{A} {W}"),
    ("POST", "/api/chat", {"movement_id": 1, "body": "Wait at the bridge."}, f"{A} {W}"),
    ("POST", "/api/chat/read", {"movement_id": 1, "up_to": 1}, f"{A} {W} {OP}"),
    ("GET", "/api/chat/unread", None, f"{A} {W} {OP} {P}"),
    ("GET", "/api/settings/dispatch", None, f"{A} {W}"),
    ("PUT", "/api/settings/dispatch", {"settings": {}, "version": 0}, A),
]
# What an operator may see of the first operator and the second operator's person must not know of.
NOT_YOURS = [
    ("GET", f"/api/vehicles/1/track?{SPAN}", None),
    ("GET", f"/api/vehicles/1/roads?{SPAN}", None),
    ("GET", "/api/vehicles/1/readings", None),
    ("GET", "/api/movements/1", None),
    ("PUT", "/api/movements/1", plan_body()),
    ("POST", "/api/movements/1/cancel", {"reason": "storm"}),
    ("GET", "/api/movements/1/formation", None),
    ("PATCH", "/api/vehicles/1", {"plate": "12"}),
    ("PATCH", "/api/people/1", {"active": False}),
    ("PATCH", "/api/permits/1", {"number": "8"}),
    ("DELETE", "/api/permits/1", None),
    ("GET", "/api/files/1", None),
    ("GET", "/api/sheets/1", None),
    ("POST", "/api/sheets/1/commands", {"command": {"type": "dissent", "text": "no"}}),
    ("GET", "/api/sheets/1/history", None),
    ("GET", "/api/sheets/1/report", None),
    ("GET", "/api/sheets/1/phones", None),
    ("POST", "/api/sheets/1/phones", {}),
    ("POST", "/api/phones/1/wipe", {}),
    ("POST", "/api/phones/1/challenges", {}),
    ("GET", "/api/sheets/1/challenges", None),
    ("PUT", "/api/people/1/words", {"well": "olive", "duress": "heron"}),
    ("GET", "/api/sheets/1/messages", None),
    ("POST", "/api/sheets/1/messages", {"text": "wait"}),
    ("GET", "/api/chat?movement_id=1", None),
    ("POST", "/api/chat", {"movement_id": 1, "body": "Wait."}),
    ("POST", "/api/chat/read", {"movement_id": 1, "up_to": 1}),
    ("GET", "/api/cases/1", None),
    ("GET", "/api/cases/1/calls", None),
    ("POST", "/api/cases/1/commands", {"command": {"type": "acknowledge"}}),
    ("POST", "/api/cases/1/shown", {}),
    ("POST", "/api/alerts/a1/acknowledge", {}),
    ("POST", "/api/alerts/a1/take", {}),
    ("POST", "/api/alerts/a1/snooze", {"until": "2026-03-01T13:00:00Z", "reason": "seen"}),
    ("POST", "/api/alerts/a1/close", {"reason": "mine now"}),
]
# The role allows it; who has the watch, or what is open, does not.
NOT_THE_ROLE = {"bad-token", "not-on-watch", "own-hand-over", "opened-meanwhile", "on-watch"}
# Of orders there is none here: what two people do is in tests/app/test_centre_orders.py.
NO_ORDER = {f"/api/centre-orders/1{it}" for it in ("", "/confirm", "/ask-unlock", "/unlock")}
NOT_THE_ROLE |= {"not-waiting"}
CHANGES = [row for row in GOOD if row[0] != "GET"]
SKELETON = {"GET": None, "POST": {}, "PUT": {}, "PATCH": {}, "DELETE": None}


def pattern_of(path: str) -> str:
    """Return the endpoint's pattern of a path used here."""
    path = path.partition("?")[0]
    for known in sorted((e.path for e in ENDPOINTS), key=lambda it: it.count("{")):
        parts, given = known.split("/"), path.split("/")
        if len(parts) == len(given) and all(
            p == g or p.startswith("{") for p, g in zip(parts, given, strict=True)
        ):
            return known
    raise AssertionError(path)


async def fill(hub: SmallHub) -> None:
    """Add a movement, a fence, a tracker, a quarantined identity and an alert, all of operator 1."""
    await add_movement(hub)
    await add_sheet(hub)
    await hub.store.add_fence(
        Fence(fence_id=0, name="yard", kind="depot", rings=(((33, 44), (33, 45), (34, 45), (33, 44)),))
    )
    await hub.store.put_tracker(identity="imei:5", vehicle_id=VehicleId(1))
    await hub.store.record_quarantined(
        Quarantined(identity="imei:9", protocol="gt06", remote="x", first_at=NOON, last_at=NOON, count=1)
    )
    await hub.store.record_event(alert_event())
    call = Distress(
        identity="imei:5", kind=DistressKind.SOS, raised_at=NOON, received_at=NOON, vehicle_id=VehicleId(1),
        lat_deg=33.3, lon_deg=44.4,
    )  # fmt: skip
    await hub.store.record_distress(AlertId("distress-1"), call)
    await hub.store.put_people([Person(person_id=PersonId(0), operator_id=OperatorId(1), name="Omar")])
    await hub.store.put_permits([msgspec.convert(PERMIT | {"permit_id": 0}, Permit)])
    scan = StoredFile(
        file_id=FileId(0), operator_id=OperatorId(1), name="scan", media_type="application/pdf", size_bytes=5,
        sha256=bytes(32), added_at=NOON, added_by="wafa",
    )  # fmt: skip
    await hub.store.add_file(scan, b"%PDF-")

    await hub.store.add_phone(
        NewPhone(
            movement_id=MovementId(1), vehicle_id=None, person_id=PersonId(1), token_hash=bytes(32),
            token_expires_at=NOON + timedelta(hours=1), created_at=NOON, created_by="wafa",
        )
    )  # fmt: skip

    await hub.store.enrol_phone(bytes(32), public_key=b"\x04" * 65, name="Omar", at=NOON)
    words = WordHashes(person_id=PersonId(1), well_hash="w", duress_hash="d", set_at=NOON, set_by="adam")
    await hub.store.put_words(words)

    await hub.store.add_tak_device(
        NewTakRecord(
            name="TRUCK-4", form=TakForm.ENROL, user_name=None, token_hash=bytes(32),
            token_expires_at=NOON + timedelta(hours=1), created_at=NOON, created_by="wafa",
        )
    )  # fmt: skip

    await add_tasking(hub)

    async def no_formations(_: bytes) -> bytes:
        return b""

    await hub.bus.answer("live.formations", no_formations)

    async def no_readings(_: bytes) -> bytes:
        return b"[]"

    await hub.bus.answer("readings", no_readings)


async def add_tasking(hub: SmallHub) -> None:
    """Add a team, a device of it, a tasking and an evacuation."""
    place = msgspec.convert(TASKING["place"], Place)
    team = await hub.store.add_team(Team(team_id=TeamId(0), name="QRF 1", post=place))
    await hub.store.add_team_device(
        team.team_id, token_hash=bytes(32), token_expires_at=NOON + timedelta(hours=1), at=NOON, by="wafa"
    )
    await hub.store.add_tasking(
        Tasking(
            tasking_id=TaskingId(0), version=1, team_id=team.team_id, state=TaskingState.REQUESTED, place=place,
            what="secure", recognition="smoke", friendly="none", ordered_by="wafa", ordered_at=NOON, unanswered_at=NOON,
        ),
        is_open=True,
    )  # fmt: skip
    medevac = Medevac(
        medevac_id=MedevacId(0), version=1, state=MedevacState.NOTIFIED, nine=NineLine(lat_deg=33.3, lon_deg=44.4),
        notified_at=NOON, notified_by="wafa",
    )  # fmt: skip
    await hub.store.add_medevac(medevac, is_open=True)
    await fill_watch(hub)


async def fill_watch(hub: SmallHub) -> None:
    """Let wafa have the watch, with a shift (2), a sheet (3), a task (4), a contact line (5), a roll call (6)."""
    hour = timedelta(hours=1)
    item = OpenItem(kind=OpenKind.TASK, item_id="4", text="call the ferry")
    line = KeptLine(
        line_id="PALM",
        callsign="PALM",
        net="",
        means="148.5",
        first_check_at=NOON,
        every=hour,
        grace=hour / 10,
    )
    called = CalledRoll(
        scope="teams", called_at=NOON, called_by="wafa", lines=(RollLine(about="team/1", name="QRF 1"),)
    )
    made = Brief(kind=BriefKind.SITREP, since=NOON - hour, until=NOON, as_at=NOON, sections=())
    issued = IssuedBrief(
        brief=made, assessment="", remarks="", issued_by="wafa", issued_at=NOON, sha256="00" * 32
    )
    for kind, value in (
        ("turn", Turn(user_name="wafa", taken_at=NOON - hour)),
        ("shift", Shift(user_name="wafa", begins_at=NOON - hour, ends_at=NOON + hour)),
        ("hand-over", HandOver(outgoing="wafa", closed_at=NOON, items=(item,))),
        ("task", Task(text="call the ferry", owner="wafa", due_at=NOON)),
        ("contact-line", line),
        ("roll-call", called),
        ("brief", issued),
    ):
        await hub.store.add_watch_record(kind, msgspec.json.encode(value), is_open=True)
    await hub.store.inner.append_log(
        at=NOON, actor="wafa", action="note-watch", subject="watch", details={"text": "quiet"}
    )


def alert_event() -> AlertEvent:
    return AlertEvent(
        alert_id=AlertId("a1"),
        rule=Rule.SILENT,
        phase=Phase.STARTED,
        severity=Severity.WARNING,
        occurred_at=NOON,
        received_at=NOON,
        late=False,
        vehicle_id=VehicleId(1),
    )


def name_of(row: tuple[Any, ...]) -> str:
    return f"{row[0]} {row[1].partition('?')[0]}"


def test_every_endpoint_that_needs_a_login_is_tried_here() -> None:
    tried = {(method, pattern_of(path)) for method, path, _, _ in GOOD}
    raw = {
        (e.method, e.path) for e in ENDPOINTS if e.raw_types
    }  # in test_document_… and test_roster_endpoints
    wanted = {(e.method, e.path) for e in ENDPOINTS if not e.open} - raw
    assert wanted - tried == {("POST", "/api/me/totp/confirm")}  # in test_login


@pytest.mark.parametrize("row", GOOD, ids=name_of)
async def test_nobody_is_let_in_without_a_login(hub: SmallHub, row: tuple[str, str, Any, str]) -> None:
    method, path, body, _ = row
    answer = await hub.browser().request(method, path, json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not-logged-in")


@pytest.mark.parametrize("row", GOOD, ids=name_of)
async def test_each_role_may_what_the_policies_say_and_nothing_else(
    hub: SmallHub, row: tuple[str, str, Any, str]
) -> None:
    method, path, body, may = row
    for name in (P, OP, W, A):
        await fill(fresh := await _fresh(hub))
        answer = await (await fresh.log_in(name)).request(method, path, json=body)
        if name in may.split():
            done = answer.status_code in {200, 201, 204} or (path in NO_ORDER and answer.status_code == 404)
            assert done or answer.json()["error"]["code"] in NOT_THE_ROLE, (name, answer.text)
        else:
            assert answer.status_code in {403, 404}, (name, answer.text)


async def _fresh(hub: SmallHub) -> SmallHub:
    fresh = SmallHub(hub.services.settings.static)
    await fresh.fill()
    return fresh


@pytest.mark.parametrize("row", NOT_YOURS, ids=name_of)
async def test_not_yours_reads_exactly_like_does_not_exist(hub: SmallHub, row: tuple[str, str, Any]) -> None:
    method, path, body = row
    await fill(hub)
    olga = await hub.log_in("olga")
    not_hers = await olga.request(method, path, json=body)
    nothing = await olga.request(method, path.replace("/1", "/77").replace("/a1", "/a77"), json=body)
    assert (not_hers.status_code, not_hers.content) == (nothing.status_code, nothing.content)
    assert not_hers.status_code == 404


@pytest.mark.parametrize("row", CHANGES, ids=name_of)
@pytest.mark.parametrize("token", [None, "", "x" * 43])
async def test_a_change_without_the_sessions_csrf_token_is_refused(
    hub: SmallHub, row: tuple[str, str, Any, str], token: str | None
) -> None:
    await fill(hub)
    browser = await hub.log_in("adam")
    del browser.headers["X-Tapestry-CSRF"]
    headers = {} if token is None else {"X-Tapestry-CSRF": token}
    answer = await browser.request(row[0], row[1], json=row[2], headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "bad-csrf")


BODIES = [endpoint for endpoint in ENDPOINTS if endpoint.body is not None]


@pytest.mark.parametrize("endpoint", BODIES, ids=lambda e: f"{e.method} {e.path}")
@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"", "application/json", 400, "bad-body"),
        (b"{", "application/json", 400, "bad-body"),
        (b"\xff\xfe", "application/json", 400, "bad-body"),
        (b"[]", "application/json", 400, "bad-body"),
        (b"null", "application/json", 400, "bad-body"),
        (b'{"no_such_field": 1}', "application/json", 400, "bad-body"),
        (b"{}", "text/plain", 400, "bad-content-type"),
        (b'{"a":"' + b"x" * 1_100_000 + b'"}', "application/json", 413, "too-large"),
    ],
    ids=["empty", "cut", "not-utf8", "array", "null", "unknown-field", "text", "huge"],
)
async def test_a_bad_body_is_refused_in_the_one_error_shape(
    hub: SmallHub, endpoint: Any, content: bytes, kind: str, status: int, code: str
) -> None:
    browser = await hub.log_in("adam")
    path = endpoint.path.format(
        user_name="olga", tracker_id=1, movement_id=1, case_id=1, alert_id="a1", stop_id=1, status_id=1, vehicle_id=1,
        person_id=1, permit_id=1, phone_id=1, team_id=1, tasking_id=1, medevac_id=1, device_id=1,
        record_id=4, seq=0, order_id=1,
    )  # fmt: skip
    answer = await browser.request(endpoint.method, path, content=content, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert set(answer.json()) == {"error"}
    assert set(answer.json()["error"]) == {"code", "message", "todo"}


async def test_a_bad_field_is_named_and_its_value_is_not(hub: SmallHub) -> None:
    browser = await hub.log_in("wafa")
    body = plan_body(route=[{"lat_deg": 91.25, "lon_deg": 44}])
    answer = await browser.post("/api/movements", json=body)
    assert answer.status_code == 400
    assert "$.route[0].lat_deg" in answer.json()["error"]["message"]
    assert "91.25" not in answer.text


@pytest.mark.parametrize("row", CHANGES, ids=name_of)
async def test_with_the_database_down_a_change_is_refused_and_nothing_is_half_done(
    hub: SmallHub, row: tuple[str, str, Any, str]
) -> None:
    if row[1] in ("/api/me/totp/start", "/api/routes/stretch"):
        return  # writes nothing
    if row[1] == "/api/distress":
        return  # goes to the bus: a call for help does not wait for the database
    await fill(hub)
    browser = await hub.log_in("adam")
    before = snapshot(hub)
    hub.store.down = True
    answer = await browser.request(row[0], row[1], json=row[2])
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "5"
    assert snapshot(hub) == before
    assert hub.bus.published() == []


def snapshot(hub: SmallHub) -> str:
    return repr({name: value for name, value in vars(hub.store.inner).items() if "session" not in name})


async def test_an_alert_that_a_person_decided_on_carries_who_and_when(hub: SmallHub) -> None:
    await fill(hub)
    browser = await hub.log_in("wafa")
    answer = await browser.post("/api/alerts/a1/acknowledge", json={})
    alert = msgspec.json.decode(answer.content, type=Alert)
    assert (alert.acknowledged_by, alert.acknowledged_at) == ("wafa", NOON)
    assert ("wafa", "acknowledge-alert", "alert/a1") in await hub.logged()
    assert hub.bus.sent[-1] == ("desk.changed", b'{"kind":"alert","alert_id":"a1"}')
    assert hub.live.alert(AlertId("a1")) == alert


async def test_every_look_is_in_the_log(hub: SmallHub) -> None:
    await fill(hub)
    browser = await hub.log_in("omar")
    before = len(await hub.logged())
    roads = f"/api/vehicles/1/roads?{SPAN}"
    for path in (f"/api/vehicles/1/track?{SPAN}", roads, "/api/movements/1", "/api/movements", "/api/alerts"):
        assert (await browser.get(path)).status_code == 200
    assert (await hub.logged())[before:] == [
        ("omar", "view-track", "vehicle/1"),
        ("omar", "view-roads-taken", "vehicle/1"),
        ("omar", "view-movement", "movement/1"),
        ("omar", "view-movements", "movements"),
        ("omar", "view-alerts", "alerts"),
    ]


async def test_lists_hold_only_what_is_ones_own(hub: SmallHub) -> None:
    await fill(hub)
    olga, omar = await hub.log_in("olga"), await hub.log_in("omar")
    for path, count in (("vehicles", 2), ("movements", 1), ("alerts", 2), ("cases", 1), ("operators", 1)):
        assert len((await omar.get(f"/api/{path}")).json()) == count, path
    lists = ("vehicles", "movements", "alerts", "cases")
    assert [len((await olga.get(f"/api/{path}")).json()) for path in lists] == [1, 0, 0, 0]


async def test_the_last_administrator_stays(hub: SmallHub) -> None:
    adam = await hub.log_in("adam")
    for change in ({"disabled": True}, {"role": "partner"}):
        answer = await adam.patch("/api/users/adam", json=change)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "last-administrator")


async def test_an_account_change_is_in_the_log_without_its_password(hub: SmallHub) -> None:
    adam = await hub.log_in("adam")
    answer = await adam.patch("/api/users/omar", json={"password": "a new long password"})
    assert answer.status_code == 200
    entries = (await adam.get("/api/log?limit=1")).json()
    assert [(e["action"], e["details"]) for e in entries] == [("change-account", {"password": "changed"})]


async def test_the_log_is_read_in_pages_newest_first(hub: SmallHub) -> None:
    adam = await hub.log_in("adam")
    await adam.get("/api/users")
    await adam.get("/api/users")
    first = (await adam.get("/api/log?limit=2")).json()
    assert [entry["seq"] for entry in first] == [2, 1]
    second = (await adam.get(f"/api/log?limit=2&before={first[-1]['seq']}")).json()
    assert [(entry["seq"], entry["action"]) for entry in second] == [(0, "log-in")]


@pytest.mark.parametrize(
    ("text", "number"), [("2009999999", 2_009_999_999), ("2147483648", 0), ("1" * 20, 0), ("-1", 0), ("x", 0)]
)
def test_a_number_of_a_path_is_read_up_to_31_bits(text: str, number: int) -> None:
    request = Request({"type": "http", "path_params": {"movement_id": text}})
    call = Call(None, request, None, None)  # type: ignore[arg-type]
    assert call.number("movement_id") == number
