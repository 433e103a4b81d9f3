"""How long the console's pages wait for the hub, with its sheets under way and its fleet live."""

import asyncio
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
from tests.system.hub import Hub

from bench.figures import Figure, Grid, Part, quantile
from bench.hubs import connections, running_hub, under_load
from bench.load import load_scene
from bench.scale import Scale
from tapestry.app.provision import provision
from tapestry.model import MovementPlan

OFFICER = "officer"
OFFICERS_PASSWORD = "another correct horse battery"
ASKS = 40  # times that each page is asked for
TARGET_MS = 200.0
WAIT_S = 30.0


def measure(scale: Scale) -> Part:
    """Measure every page that a watch officer opens, under load."""
    with running_hub("pages") as hub:
        scene = load_scene(scale.live_vehicles, "jsonlines", now=datetime.now(UTC))
        asyncio.run(_roster(hub, scene))
        with closing(hub.admin()) as admin:
            officer = _officer(hub, admin)
            begun_s = time.perf_counter()
            numbers = [_under_way(admin, officer, plan) for plan in scene.plans]
            sheets_s = time.perf_counter() - begun_s
            with under_load(hub, protocol="jsonlines", vehicles=scale.live_vehicles, seconds=scale.live_s,
                            rate_per_s=scale.live_vehicles / 10) as load:  # fmt: skip
                took_ms = _ask(officer, numbers, lambda: load.running)
            officer.close()
    rows = [(path, [1000 * s for s in took]) for path, took in took_ms.items()]
    worst = max(rows, key=lambda row: quantile(row[1], 0.95))
    return Part(
        load=f"{len(numbers)} movements under way, each from its own sheet, with {scale.live_vehicles:,} vehicles at "
        f"one position every 10 s; each page asked for up to {ASKS} times, one after the other, on one connection.",
        figures=(
            Figure(name="the slowest page p95", value=quantile(worst[1], 0.95), unit="ms", target=TARGET_MS,
                   lower_is_better=True, note=worst[0]),
            Figure(name="a sheet from draft to departure, seven commands", unit="ms",
                   value=1000 * sheets_s / max(1, len(numbers))),
        ),
        grids=(
            Grid(
                title="Each page",
                columns=("page", "p50 ms", "p95 ms", "asked"),
                rows=tuple(
                    (path, f"{quantile(took, 0.5):.1f}", f"{quantile(took, 0.95):.1f}", str(len(took)))
                    for path, took in rows
                ),
            ),
        ),
    )  # fmt: skip


async def _roster(hub: Hub, scene: Any) -> None:
    async with connections(hub) as (store, bus):
        await provision(
            store, bus, operators=scene.operators, vehicles=scene.vehicles, trackers=scene.trackers, plans=[],
            actor="bench", now=datetime.now(UTC),
        )  # fmt: skip


def _officer(hub: Hub, admin: httpx.Client) -> httpx.Client:
    """Return a second person: who asks does not decide. Nobody has to name a commander here."""
    settings = _done(admin.get("/api/settings/movement"))
    changed = settings["settings"] | {
        "required_fields": ["callsign", "route", "vehicles"],
        "least_contact_means": 0,
    }
    _done(admin.put("/api/settings/movement", json={"settings": changed, "version": settings["version"]}))
    new = {"user_name": OFFICER, "role": "watch_officer", "password": OFFICERS_PASSWORD}
    _done(admin.post("/api/users", json=new))
    officer = httpx.Client(base_url=hub.url, timeout=WAIT_S, headers={"origin": hub.url})
    _done(officer.post("/api/login", json={"user_name": OFFICER, "password": OFFICERS_PASSWORD}))
    officer.headers["X-Tapestry-CSRF"] = _done(officer.get("/api/me"))["csrf"]
    return officer


def _under_way(admin: httpx.Client, officer: httpx.Client, plan: MovementPlan) -> int:
    leaves_at = datetime.now(UTC) + timedelta(minutes=5)
    request = {
        "operator_id": plan.operator_id,
        "callsign": plan.callsign,
        "route": msgspec.to_builtins(plan.route),
        "checkpoints": msgspec.to_builtins(plan.checkpoints),
        "vehicles": msgspec.to_builtins(plan.vehicles),
        "depart_at": leaves_at.isoformat(),
        "arrive_at": (leaves_at + timedelta(hours=8)).isoformat(),
    }
    for checkpoint in request["checkpoints"]:
        checkpoint["planned_at"] = None
    sheet = _done(admin.post("/api/sheets", json={"request": request}))
    steps: tuple[tuple[httpx.Client, dict[str, Any]], ...] = (
        (admin, {"type": "submit"}),
        (officer, {"type": "review"}),
        (officer, {"type": "deconflict", "note": "bench"}),
        (officer, {"type": "decide", "go": True, "reason": "bench"}),
        (officer, {"type": "brief", "read_back_by": "bench"}),
        (officer, {"type": "depart"}),
    )
    for client, command in steps:
        body = {"command": command, "version": sheet["version"]}
        sheet = _done(client.post(f"/api/sheets/{sheet['movement_id']}/commands", json=body))
    return int(sheet["movement_id"])


def _ask(officer: httpx.Client, numbers: list[int], go_on: Callable[[], bool]) -> dict[str, list[float]]:
    """Return how long each page took, in seconds."""
    took: dict[str, list[float]] = {}
    request = _done(officer.get(f"/api/sheets/{numbers[0]}"))["sheet"]["request"]
    for turn in range(ASKS):
        number = numbers[turn * 7 % len(numbers)]
        pages = {
            "/api/sheets?state=open&limit=500": "/api/sheets?state=open&limit=500",
            "/api/sheets/{movement_id}": f"/api/sheets/{number}",
            "/api/sheets/{movement_id}/report": f"/api/sheets/{number}/report",
            "/api/movements": "/api/movements",
            "/api/movements/{movement_id}": f"/api/movements/{number}",
            "/api/movements/{movement_id}/formation": f"/api/movements/{number}/formation",
            "/api/vehicles": "/api/vehicles",
            "/api/alerts?state=open": "/api/alerts?state=open",
            "/api/route-statuses": "/api/route-statuses",
            "/api/stop-orders?state=standing": "/api/stop-orders?state=standing",
            "/api/fences": "/api/fences",
            "/api/people": "/api/people",
            "/api/permits": "/api/permits",
            "/api/sheets/check, other words": "",
            "/api/sheets/check, another time": "",
        }
        for name, path in pages.items():
            begun_s = time.perf_counter()
            if path:
                _done(officer.get(path))
            else:
                later = timedelta(minutes=turn + 1 if name.endswith("another time") else 0)
                leaves_at = datetime.fromisoformat(request["depart_at"]) + later
                draft = request | {"callsign": f"DRAFT-{turn}", "depart_at": leaves_at.isoformat()}
                _done(officer.post("/api/sheets/check", json={"request": draft}))
            took.setdefault(name, []).append(time.perf_counter() - begun_s)
        if not go_on():
            break
    return took


def _done(answer: httpx.Response) -> Any:
    if not answer.is_success:
        raise RuntimeError(
            f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
        )
    return answer.json() if answer.content else None
