"""Two hubs as centres: a region whose link with the national one is cut, works on alone and joins again."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.system.hub import Hub, free_port
from tests.system.lines import line
from tests.system.link import Link
from tests.system.namespace import OURS, Namespace, missing
from tests.system.roster import done

from tapestry.model import IDS_PER_CENTRE

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]
WITHIN_S = 30.0  # both centres are equal after a link returned


def centre(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "tapestry.cli", "centre", *words], check=True)


class Pair:
    """A national and a regional centre with a link that can be cut."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        nat, reg, file = folder / "national", folder / "basra", folder / "basra.json"
        centre(
            "national",
            "baghdad",
            "--address=localhost",
            "--host=127.0.0.1",
            f"--port={port}",
            f"--data={nat}",
        )
        centre("invite", "basra", f"--out={file}", f"--data={nat}")
        self.link = Link(port)
        invitation = json.loads(file.read_text())
        invitation["upstream"]["port"] = self.link.port
        file.write_text(json.dumps(invitation))
        centre("join", str(file), f"--data={reg}")
        self.national, self.basra = Hub(nat), Hub(reg)

    def start(self) -> "Pair":
        self.at_national = self.national.start().admin()
        self.at_basra = self.basra.start().admin()
        return self

    def stop(self) -> None:
        for hub in (self.basra, self.national):
            if hub.process is not None:
                hub.stop()


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    pair = Pair(tmp_path)
    try:
        yield pair.start()
    finally:
        pair.stop()


def until(true: Callable[[], Any], *, within_s: float = WITHIN_S) -> Any:
    """Return what `true` returns once it is something, asking again."""
    ends_s = time.monotonic() + within_s
    while True:
        found = true()
        if found or time.monotonic() > ends_s:
            return found
        time.sleep(0.2)


def up(client: httpx.Client) -> bool:
    (link,) = done(client.get("/api/centres"))["links"]
    return bool(link["up"])


def furnish(client: httpx.Client) -> int:
    """Put a convoy of two vehicles under way; return its number."""
    operator_id = done(client.post("/api/operators", json={"name": "Date Palm Haulage"}))["operator_id"]
    vehicles = []
    for number in (1, 2):
        new = {"operator_id": operator_id, "callsign": f"PALM {number}"}
        vehicles.append(done(client.post("/api/vehicles", json=new))["vehicle_id"])
        tracker = {"identity": f"id:palm-{number}", "vehicle_id": vehicles[-1]}
        done(client.post("/api/trackers", json=tracker))
    now = datetime.now(UTC)
    plan = {
        "operator_id": operator_id,
        "callsign": "PALM",
        "route": [{"lat_deg": 30.5, "lon_deg": 47.8}, {"lat_deg": 31.0, "lon_deg": 47.4}],
        "vehicles": [
            {"vehicle_id": it, "callsign": f"PALM {n}", "order": n} for n, it in enumerate(vehicles, 1)
        ],
        "active_from": (now - timedelta(hours=1)).isoformat(),
        "active_until": (now + timedelta(hours=3)).isoformat(),
    }
    return int(done(client.post("/api/movements", json=plan))["movement_id"])


def drive(hub: Hub, first: int, count: int, *, sos: bool = False) -> None:
    """Send fixes of both vehicles, one a second of the past, and an SOS with the last."""
    began_ms = int(time.time() * 1000) - 600_000
    with socket.create_connection(("127.0.0.1", hub.device_ports["jsonlines"]), timeout=5) as device:
        for n in range(first, first + count):
            for vehicle in (1, 2):
                fix = line(f"id:palm-{vehicle}", began_ms + 1_000 * n, 30.5 + 1e-4 * n, 47.8 - 1e-4 * n, 15.0)
                device.sendall(fix)
        if sos:
            call = {"sos": "sos", "id": "palm-1", "t": int(time.time() * 1000)}
            device.sendall(json.dumps(call).encode() + b"\n")
        time.sleep(1)
        assert b"refused" not in device.recv(65_536)


def fixes(client: httpx.Client, vehicle_id: int) -> list[Any]:
    now = datetime.now(UTC)
    span = {"from": (now - timedelta(hours=1)).isoformat(), "until": (now + timedelta(hours=1)).isoformat()}
    answer = client.get(f"/api/vehicles/{vehicle_id}/track", params=span)
    return [] if answer.status_code == 404 else list(done(answer)["rows"])


def test_a_region_that_is_cut_off_works_on_alone_and_both_are_equal_when_the_link_returns(pair: Pair) -> None:
    assert until(lambda: up(pair.at_national) and up(pair.at_basra))
    movement_id = furnish(pair.at_basra)
    assert movement_id > IDS_PER_CENTRE
    first, second = IDS_PER_CENTRE + 1, IDS_PER_CENTRE + 2
    drive(pair.basra, 0, 20)
    assert until(lambda: len(fixes(pair.at_national, second)) == 20)
    assert [it["callsign"] for it in done(pair.at_national.get("/api/vehicles"))] == ["PALM 1", "PALM 2"]

    pair.link.cut()
    assert until(lambda: not up(pair.at_basra) and not up(pair.at_national))
    drive(pair.basra, 20, 30, sos=True)
    call = until(
        lambda: [it for it in done(pair.at_basra.get("/api/alerts?state=open")) if it["rule"] == "distress"]
    )[0]
    done(pair.at_basra.post(f"/api/alerts/{call['alert_id']}/acknowledge", json={}))
    assert until(lambda: len(fixes(pair.at_basra, first)) >= 50)
    assert not [it for it in done(pair.at_national.get("/api/alerts?state=open")) if it["rule"] == "distress"]

    pair.link.restore()
    assert until(lambda: fixes(pair.at_national, first) == fixes(pair.at_basra, first))
    assert until(lambda: fixes(pair.at_national, second) == fixes(pair.at_basra, second))

    def acknowledged() -> list[Any]:
        calls = [
            it for it in done(pair.at_national.get("/api/alerts?state=open")) if it["rule"] == "distress"
        ]
        return [it["acknowledged_by"] for it in calls if it["acknowledged_by"]]

    assert until(acknowledged) == ["first-admin"]
    cases = [done(client.get("/api/cases")) for client in (pair.at_basra, pair.at_national)]
    assert [it["case"]["case_id"] for it in cases[1]] == [IDS_PER_CENTRE + 1] == [it["case"]["case_id"] for it in cases[0]]
    assert until(lambda: up(pair.at_basra) and up(pair.at_national))


def test_a_cable_that_is_pulled_is_noticed_on_both_sides_and_nothing_is_lost_or_twice(tmp_path: Path) -> None:
    if (why := missing()) is not None:
        pytest.skip(why)
    national, basra, file = tmp_path / "national", tmp_path / "basra", tmp_path / "basra.json"
    port = free_port()
    with Namespace("tap-basra") as space:
        centre(
            "national",
            "baghdad",
            f"--address={OURS}",
            f"--host={OURS}",
            f"--port={port}",
            f"--data={national}",
        )
        centre("invite", "basra", f"--out={file}", f"--data={national}")
        centre("join", str(file), f"--data={basra}")
        hubs = Hub(national), Hub(basra)
        try:
            at_national = hubs[0].start().admin()
            with space.inside():
                at_basra = hubs[1].start().admin()
            assert until(lambda: up(at_national))
            with space.inside():
                furnish(at_basra)
                drive(hubs[1], 0, 10)
            vehicle_id = IDS_PER_CENTRE + 1
            assert until(lambda: len(fixes(at_national, vehicle_id)) == 10)

            space.pull()
            with space.inside():
                drive(hubs[1], 10, 20)
                assert until(lambda: not up(at_basra))
                here = fixes(at_basra, vehicle_id)
            assert until(lambda: not up(at_national))
            assert len(fixes(at_national, vehicle_id)) == 10 and len(here) == 30

            space.plug()
            assert until(lambda: fixes(at_national, vehicle_id) == here)
            assert until(lambda: up(at_national))
        finally:
            with space.inside():
                if hubs[1].process is not None:
                    hubs[1].stop()
            if hubs[0].process is not None:
                hubs[0].stop()
