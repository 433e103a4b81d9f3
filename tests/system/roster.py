"""Puts vehicles, trackers and a movement on a hub through its API, as an administrator would."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec


class Convoy(msgspec.Struct, frozen=True, kw_only=True):
    """What was put on the roster."""

    operator_id: int
    movement_id: int
    vehicle_ids: list[int]
    identities: list[str]


def done(answer: httpx.Response) -> Any:
    """Return the body of an answer that must be a success."""
    assert answer.is_success, (
        f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
    )
    return answer.json() if answer.content else None


def add_convoy(
    client: httpx.Client,
    name: str,
    *,
    vehicles: int,
    route: list[tuple[float, float]],
    start: datetime | None = None,
    hours: float = 12.0,
    scheme: str = "id",
    **limits: float,
) -> Convoy:
    """Add an operator, its vehicles, one tracker each, and an active movement along `route` of (lat, lon)."""
    start = start or datetime.now(UTC) - timedelta(hours=1)
    operator_id = done(client.post("/api/operators", json={"name": name}))["operator_id"]
    vehicle_ids, identities = [], []
    for number in range(1, vehicles + 1):
        vehicle = {"operator_id": operator_id, "callsign": f"{name} {number}", "role": "cargo"}
        vehicle_ids.append(done(client.post("/api/vehicles", json=vehicle))["vehicle_id"])
        identities.append(f"{scheme}:{name}-{number}".lower().replace(" ", "-"))
        done(client.post("/api/trackers", json={"identity": identities[-1], "vehicle_id": vehicle_ids[-1]}))
    plan = {
        "operator_id": operator_id,
        "callsign": name,
        "route": [{"lat_deg": lat_deg, "lon_deg": lon_deg} for lat_deg, lon_deg in route],
        "vehicles": [
            {"vehicle_id": vehicle_id, "callsign": f"{name} {order}", "order": order, "role": "cargo"}
            for order, vehicle_id in enumerate(vehicle_ids, start=1)
        ],
        "active_from": start.isoformat().replace("+00:00", "Z"),
        "active_until": (start + timedelta(hours=hours)).isoformat().replace("+00:00", "Z"),
        **limits,
    }
    movement_id = done(client.post("/api/movements", json=plan))["movement_id"]
    return Convoy(
        operator_id=operator_id, movement_id=movement_id, vehicle_ids=vehicle_ids, identities=identities
    )
