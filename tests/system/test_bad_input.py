"""Bad input through the sockets of a whole hub: a clear word to the right person, and the rest goes on."""

import json
import resource
import select
import socket
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from tests.system.hub import Hub
from tests.system.lines import line
from tests.system.roster import Convoy, add_convoy, done
from tests.system.rough import (
    LOCAL,
    Live,
    first_login,
    gateway_memory_bytes,
    hear,
    rejected_reason,
    serve_refuses,
    still_serves,
    talk,
    wait_until,
)

from tapestry.protocols import DOORS, ENCODERS
from tapestry.wire import Fix, Transport

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]

ROUTE = [(33.0, 44.0), (33.0, 45.0)]
NO_FIX, BAD_TIME = 1 << 0, 1 << 19
ENDLESS_SIZE_BYTES = 10_000_000
HUGE_SIZE_BYTES = 100_000_000
MEMORY_GROWTH_BYTES = 8_000_000  # an endless frame that was kept would take more
HALF_OPEN = 3_000
STEP_MS = 500
YEAR_1970_US = 86_400_000_000  # 1970-01-02
YEAR_2080_US = 3_471_379_200_000_000  # 2080-01-02


@pytest.fixture(scope="module")
def client(hub: Hub) -> httpx.Client:
    return first_login(hub)


@pytest.fixture(scope="module")
def convoy(client: httpx.Client) -> Convoy:
    """Two vehicles under way: the first is treated badly, the second drives on."""
    return add_convoy(client, "Heron", vehicles=2, route=ROUTE)


@pytest.fixture(scope="module")
def devices(client: httpx.Client, convoy: Convoy) -> dict[str, tuple[str, int]]:
    """A bound tracker for each protocol: its identity and its vehicle."""
    names = {
        "jsonlines": "id:crane",
        "osmand": "osmand:crane",
        "gt06": "imei:356307042441013",
        "teltonika": "imei:352093081452251",
        "nmea": "nmea:crane",
    }
    devices = {}
    for protocol, identity in names.items():
        vehicle = {
            "operator_id": convoy.operator_id,
            "callsign": f"Crane {protocol}",
            "always_tracked": True,
        }
        vehicle_id = done(client.post("/api/vehicles", json=vehicle))["vehicle_id"]
        done(client.post("/api/trackers", json={"identity": identity, "vehicle_id": vehicle_id}))
        devices[protocol] = (identity, vehicle_id)
    return devices


def frame(protocol: str, identity: str, lat_deg: float, fixed_at_us: int | None = None) -> bytes:
    """Return one position of a device, in its protocol, without login."""
    at_us = time.time_ns() // 1000 if fixed_at_us is None else fixed_at_us
    return ENCODERS[protocol].fix(Fix(at_us, lat_deg, 44.1, speed_mps=15.0), identity)


def login(protocol: str, identity: str) -> bytes:
    """Return what a device says first; JSON lines that name their sender need nothing."""
    return b"" if protocol == "jsonlines" else ENCODERS[protocol].login(identity)


def flags_stored(client: httpx.Client, vehicle_id: int, around_us: int) -> list[int]:
    """Return the flags of what is stored of a vehicle within a minute of a moment."""
    around = datetime.fromtimestamp(around_us / 1e6, UTC)
    span = {
        "from": (around - timedelta(minutes=1)).isoformat(),
        "until": (around + timedelta(minutes=1)).isoformat(),
    }
    rows = done(client.get(f"/api/vehicles/{vehicle_id}/track", params=span))["rows"]
    return [row[4] for row in rows]


# --- frames that break their protocol


def spoilt(protocol: str, good: bytes) -> bytes:
    """Return a frame with its checksum wrong; for the protocols that have none, a frame that is cut short."""
    match protocol:
        case "gt06":
            return good[:-4] + bytes([good[-4] ^ 0xFF]) + good[-3:]
        case "teltonika":
            return good[:-1] + bytes([good[-1] ^ 0xFF])
        case "nmea":
            return good.replace(b"GPRMC", b"GPRMD")
        case "jsonlines":
            return good.rstrip(b"}\n") + b"\n"
        case _:
            return good.replace(b"GET /?", b"GIT ?")


ANSWERS = {  # to a spoilt frame, and then to a good one
    "jsonlines": (b'"line":1}', b'{"ack":1}'),
    "teltonika": (b"\x00\x00\x00\x00", b"\x00\x00\x00\x01"),
    "osmand": (b"HTTP/1.1 400", b""),
    "gt06": (b"", b""),
    "nmea": (b"", b""),
}
WORDS = {
    "jsonlines": "line 1",
    "teltonika": "CRC",
    "osmand": "",
    "gt06": "0x",
    "nmea": "checksum",
}


@pytest.mark.parametrize("protocol", ANSWERS)
def test_a_frame_that_breaks_its_protocol_is_told_to_people_and_the_next_good_one_is_stored(
    hub: Hub, client: httpx.Client, convoy: Convoy, devices: dict[str, tuple[str, int]], protocol: str
) -> None:
    identity, vehicle_id = devices[protocol]
    at_us = time.time_ns() // 1000
    good = frame(protocol, identity, 33.01, at_us)
    to_spoilt, to_good = ANSWERS[protocol]
    with socket.create_connection((LOCAL, hub.device_ports[protocol]), timeout=10) as connection:
        connection.sendall(login(protocol, identity) + spoilt(protocol, good))
        if to_spoilt:
            assert to_spoilt in hear(connection, until=to_spoilt)[0]
        if protocol == "osmand":  # bytes that are no HTTP: the connection ends, the device asks anew
            assert hear(connection)[1]
        else:
            connection.sendall(good)
        if to_good:
            assert to_good in hear(connection, until=to_good)[0]
        reason = rejected_reason(client, protocol, WORDS[protocol])
        if protocol == "osmand":
            assert talk(hub.device_ports[protocol], good, until=b"200 OK")[0].startswith(b"HTTP/1.1 200")
        assert wait_until(lambda: flags_stored(client, vehicle_id, at_us))
    assert "expected" in reason or protocol in {"jsonlines", "osmand"}, reason
    still_serves(hub, convoy.identities[1])


@pytest.mark.parametrize("protocol", ANSWERS)
def test_an_endless_frame_is_cut_off_and_takes_no_memory(
    hub: Hub, client: httpx.Client, convoy: Convoy, devices: dict[str, tuple[str, int]], protocol: str
) -> None:
    start = {
        "jsonlines": b'{"id":"',
        "nmea": b"$GPRMC,",
        "gt06": b"\x79\x79\xff\xff\x94",
        "teltonika": bytes(4) + b"\x7f\xff\xff\xff\x8e",
        "osmand": b"GET /?id=",
    }[protocol]
    before_bytes = gateway_memory_bytes(hub)
    identity, _ = devices[protocol]
    first = login(protocol, identity) if protocol in {"gt06", "teltonika"} else b""
    with socket.create_connection((LOCAL, hub.device_ports[protocol]), timeout=10) as connection:
        closed = False
        try:
            connection.sendall(first + start)
            for _ in range(ENDLESS_SIZE_BYTES // 100_000):
                connection.sendall(b"A" * 100_000)
        except ConnectionError:
            closed = True
        if protocol == "jsonlines":
            heard, _ = hear(connection, until=b"\n")
            assert json.loads(heard) == {
                "error": "longer than 4096 bytes, expected one JSON object per line",
                "line": 1,
            }
            connection.sendall(b"\n" + frame(protocol, identity, 33.01))
            assert hear(connection, until=b"\n")[0] == b'{"ack":1}\n'
        elif protocol == "osmand":
            assert closed or b"HTTP/1.1 431" in hear(connection, within_s=5)[0]
        elif protocol == "teltonika":
            assert closed or hear(connection, within_s=5)[1]
    assert rejected_reason(client, protocol, "")
    assert gateway_memory_bytes(hub) - before_bytes < MEMORY_GROWTH_BYTES
    still_serves(hub, convoy.identities[1])


# --- times and places that cannot be true


@pytest.mark.parametrize(
    ("protocol", "fixed_at_us"),
    [
        ("jsonlines", YEAR_1970_US),
        ("jsonlines", YEAR_2080_US),
        ("osmand", YEAR_1970_US),
        ("osmand", YEAR_2080_US),
        ("teltonika", YEAR_1970_US),
        ("teltonika", YEAR_2080_US),
        ("gt06", YEAR_2080_US),
    ],
)
def test_a_date_that_cannot_be_true_is_stored_flagged_and_does_not_move_the_vehicle(
    hub: Hub, client: httpx.Client, convoy: Convoy, devices: dict[str, tuple[str, int]], protocol: str,
    fixed_at_us: int,
) -> None:  # fmt: skip
    identity, vehicle_id = devices[protocol]
    at_us = time.time_ns() // 1_000_000 * 1_000
    frames = [frame(protocol, identity, lat, at) for lat, at in ((33.0101, at_us), (33.5, fixed_at_us))]
    with Live(hub, client) as live:
        with socket.create_connection((LOCAL, hub.device_ports[protocol]), timeout=10) as connection:
            connection.sendall(login(protocol, identity) + b"".join(frames))
            flags = wait_until(lambda: flags_stored(client, vehicle_id, fixed_at_us))
            assert [flag & BAD_TIME for flag in flags] == [BAD_TIME] * len(flags), flags
            assert flags
        later_us = at_us + 2_000_000  # GT06 counts whole seconds; 2 s ahead is no wrong clock
        talk_to(hub, protocol, identity, 33.0102, later_us)
        row = live.row_with(vehicle_id, lambda row: row["lat_deg"] == pytest.approx(33.0102, abs=1e-5))
    assert row is not None, live.rows.get(vehicle_id)
    assert row["fixed_at"].startswith(f"{datetime.now(UTC):%Y-%m-%d}")
    assert not row["flags"] & BAD_TIME
    still_serves(hub, convoy.identities[1])


def talk_to(hub: Hub, protocol: str, identity: str, lat_deg: float, fixed_at_us: int) -> None:
    """Send one more position on a connection of its own and wait a little for an answer."""
    data = login(protocol, identity) + frame(protocol, identity, lat_deg, fixed_at_us)
    talk(hub.device_ports[protocol], data, within_s=1.0)


def nowhere(protocol: str, identity: str, lat_deg: float) -> bytes:
    """Return a position whose latitude is beyond the pole."""
    if protocol == "jsonlines":
        return line(identity, int(time.time() * 1000), lat_deg, 44.1)
    return frame(protocol, identity, lat_deg)


@pytest.mark.parametrize("protocol", ANSWERS)
def test_a_latitude_beyond_the_pole_is_rejected_in_words(
    hub: Hub, client: httpx.Client, convoy: Convoy, devices: dict[str, tuple[str, int]], protocol: str
) -> None:
    identity, _ = devices[protocol]
    until = {"jsonlines": b"\n", "osmand": b"90", "teltonika": b"\x00\x00\x00\x01"}.get(protocol, b"")
    data = login(protocol, identity) + nowhere(protocol, identity, 91.5)
    heard, _ = talk(hub.device_ports[protocol], data, until=until, within_s=15 if until else 1)
    if protocol == "jsonlines":
        assert b"error" in heard
        assert b"90" in heard
    if protocol == "osmand":
        assert heard.startswith(b"HTTP/1.1 400")
    if protocol == "teltonika":  # counted: it would come again for ever
        assert heard.endswith(b"\x00\x00\x00\x01")
    assert rejected_reason(client, protocol, "90")
    still_serves(hub, convoy.identities[1])


@pytest.mark.parametrize("protocol", ["jsonlines", "osmand", "gt06", "teltonika", "nmea"])
def test_the_place_zero_zero_is_no_fix_and_does_not_move_the_vehicle(
    hub: Hub, client: httpx.Client, convoy: Convoy, devices: dict[str, tuple[str, int]], protocol: str
) -> None:
    identity, vehicle_id = devices[protocol]
    at_us = time.time_ns() // 1_000_000 * 1_000 + 4_000_000  # newer than what other tests sent
    zero = ENCODERS[protocol].fix(Fix(at_us - 1_000_000, 0.0, 0.0), identity)
    with Live(hub, client) as live:
        with socket.create_connection((LOCAL, hub.device_ports[protocol]), timeout=10) as connection:
            connection.sendall(login(protocol, identity) + frame(protocol, identity, 33.0103, at_us) + zero)
            wait_until(lambda: any(flag & NO_FIX for flag in flags_stored(client, vehicle_id, at_us)))
        assert any(flag & NO_FIX for flag in flags_stored(client, vehicle_id, at_us))
        row = live.row_with(vehicle_id, lambda row: row["lat_deg"] == pytest.approx(33.0103, abs=1e-5))
        assert row is not None
        moved = live.row_with(vehicle_id, lambda row: abs(row["lat_deg"]) < 1, within_s=1.0)
    assert moved is None
    still_serves(hub, convoy.identities[1])


# --- too much


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "chunked"])
def test_a_body_of_100_mb_is_refused_before_it_is_read(
    hub: Hub, client: httpx.Client, convoy: Convoy, announced: bool
) -> None:
    how = f"Content-Length: {HUGE_SIZE_BYTES}" if announced else "Transfer-Encoding: chunked"
    head = f"POST /?id=crane HTTP/1.1\r\nHost: hub\r\n{how}\r\n\r\n".encode()
    body = b"" if announced else b"10000\r\n" + b"a" * 65_536 + b"\r\n"
    before_bytes = gateway_memory_bytes(hub)
    heard, closed = talk(hub.device_ports["osmand"], head + body)
    assert heard.startswith(b"HTTP/1.1 413")
    assert closed
    assert gateway_memory_bytes(hub) - before_bytes < MEMORY_GROWTH_BYTES
    still_serves(hub, convoy.identities[1])


def acknowledged_of(hub: Hub, lines: list[bytes]) -> int:
    """Send lines in one go; return how many were acknowledged before the hub refused some or was done."""
    with socket.create_connection((LOCAL, hub.device_ports["jsonlines"]), timeout=10) as connection:
        sender = threading.Thread(target=send_quietly, args=(connection, b"".join(lines)))
        sender.start()
        heard, _ = hear(connection, until=b'"ack":%d}' % len(lines), within_s=5)
        if b'"refused"' in heard:
            time.sleep(0.2)
    sender.join()
    answers = [json.loads(answer) for answer in heard.splitlines()]
    return max((answer["ack"] for answer in answers if "ack" in answer), default=0)


def send_quietly(connection: socket.socket, data: bytes) -> None:
    """Send what the hub takes before it hangs up."""
    with suppress(OSError):
        connection.sendall(data)


def test_what_comes_faster_than_a_device_may_send_is_acknowledged_only_if_it_is_stored(
    hub: Hub, client: httpx.Client, convoy: Convoy
) -> None:
    """A tracker hands over its memory at once, a broken one never stops: 5,000 fixes in one go."""
    count = 5_000
    start_ms = int(time.time() * 1000) - count * STEP_MS
    lines = [line(convoy.identities[0], start_ms + n * STEP_MS, 33.0, 44.0 + n * 1e-4) for n in range(count)]
    acknowledged = 0
    deadline_s = time.monotonic() + 40.0
    while acknowledged < count and time.monotonic() < deadline_s:
        acknowledged += acknowledged_of(hub, lines[acknowledged:])
    assert acknowledged == count
    span = {
        "from": datetime.fromtimestamp(start_ms / 1000, UTC).isoformat(),
        "until": datetime.fromtimestamp((start_ms + acknowledged * STEP_MS) / 1000, UTC).isoformat(),
        "limit": 50_000,
    }
    address = f"/api/vehicles/{convoy.vehicle_ids[0]}/track"

    def stored() -> set[str]:
        return {row[0] for row in done(client.get(address, params=span))["rows"]}

    wait_until(lambda: len(stored()) >= acknowledged)
    assert len(stored()) == acknowledged
    still_serves(hub, convoy.identities[1])


def test_lines_of_a_tracker_that_nobody_bound_are_not_acknowledged_beside_those_of_a_bound_one(
    hub: Hub, convoy: Convoy
) -> None:
    now_ms = int(time.time() * 1000)
    lines = [
        line(identity, now_ms + number, 33.0, 44.1)
        for number, identity in enumerate((convoy.identities[1], "id:stranger", convoy.identities[1]))
    ]
    heard, _ = talk(hub.device_ports["jsonlines"], b"".join(lines), within_s=2.0)
    answers = [json.loads(answer) for answer in heard.splitlines()]
    # "the first n accepted lines of this connection are on disk": the second line is not
    assert all(answer.get("ack", 0) <= 1 for answer in answers), answers
    still_serves(hub, convoy.identities[1])


def test_three_thousand_half_open_connections_disturb_nobody_and_are_closed(hub: Hub, convoy: Convoy) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < HALF_OPEN + 500:
        pytest.skip(f"this machine lets a process open {hard} files, {HALF_OPEN + 500} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, HALF_OPEN + 500), hard))
    ports = [
        port
        for name, port in hub.device_ports.items()
        if name in DOORS and Transport.TCP in DOORS[name].transports
    ]
    sockets = []
    try:
        for number in range(HALF_OPEN):
            sockets.append(socket.create_connection((LOCAL, ports[number % len(ports)]), timeout=10))
            if number % 2:
                sockets[-1].sendall(b"{")  # half a frame; the others say nothing at all
        still_serves(hub, convoy.identities[1])
        closed = 0
        poll = select.poll()
        by_number = {one.fileno(): one for one in sockets}
        for number in by_number:
            poll.register(number, select.POLLIN)
        deadline_s = time.monotonic() + 50.0
        while by_number and time.monotonic() < deadline_s:
            for number, _ in poll.poll(1000):
                try:
                    heard = by_number[number].recv(4096)
                except ConnectionError:
                    heard = b""
                if not heard:
                    poll.unregister(number)
                    del by_number[number]
                    closed += 1
        assert closed == HALF_OPEN
    finally:
        for one in sockets:
            one.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    still_serves(hub, convoy.identities[1])


# --- started wrongly


@pytest.mark.parametrize("protocol", [None, "jsonlines", "osmand"])
@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM], ids=["tcp", "udp"])
def test_a_taken_port_is_named_with_the_option_that_moves_it(
    tmp_path: Any, protocol: str | None, kind: socket.SocketKind
) -> None:
    if kind is socket.SOCK_DGRAM and protocol != "jsonlines":
        pytest.skip("this door is TCP only")
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind((LOCAL, 0))
        if kind is socket.SOCK_STREAM:
            taken.listen()
        port = taken.getsockname()[1]
        fresh = Hub(tmp_path / "data")
        options = [f"--data={fresh.data}"]
        if protocol is None:
            fresh.port = port
        else:
            fresh.device_ports[protocol] = port
        options += [f"--port={fresh.port}"]
        options += [f"--device-port={name}={number}" for name, number in fresh.device_ports.items()]
        said = serve_refuses(*options)
    assert f"port {port}/{'tcp' if kind is socket.SOCK_STREAM else 'udp'} on 127.0.0.1" in said
    assert "is in use by another program; stop that program, or choose another port with" in said
    assert said.endswith("--port" if protocol is None else f"--device-port {protocol}=")


def test_a_second_hub_on_one_data_folder_is_refused_and_the_first_goes_on(hub: Hub, convoy: Convoy) -> None:
    second = Hub(hub.data)
    ports = [f"--device-port={name}={port}" for name, port in second.device_ports.items()]
    said = serve_refuses(f"--data={hub.data}", f"--port={second.port}", *ports)
    assert hub.process is not None
    assert f"data folder {hub.data} is in use by process {hub.process.pid}" in said
    assert said.endswith("stop that hub, or give another --data")
    still_serves(hub, convoy.identities[1])
