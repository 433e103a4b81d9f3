"""A careful JSON-lines device: keeps what is not acknowledged and sends it again."""

import json
import socket
import time
from collections.abc import Sequence

GIVE_UP_AFTER_S = 90.0
WINDOW = 500  # lines on their way


def send_all(port: int, lines: Sequence[bytes], *, pause_s: float = 0.0) -> None:
    """Send every line and return when the hub has acknowledged all, reconnecting as often as needed."""
    deadline_s = time.monotonic() + GIVE_UP_AFTER_S
    acknowledged = 0
    while acknowledged < len(lines):
        assert time.monotonic() < deadline_s, (
            f"{acknowledged} of {len(lines)} acknowledged after {GIVE_UP_AFTER_S} s"
        )
        try:
            acknowledged += _one_connection(port, lines[acknowledged:], deadline_s, pause_s)
        except OSError:
            time.sleep(0.1)


def _one_connection(port: int, lines: Sequence[bytes], deadline_s: float, pause_s: float) -> int:
    """Return how many lines were acknowledged before the connection ended or the hub refused some."""
    done = sent = 0
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        answers = connection.makefile("rb")
        while done < len(lines) and time.monotonic() < deadline_s:
            chunk = lines[sent : sent + 100]
            if chunk and sent - done < WINDOW:
                connection.sendall(b"".join(chunk))
                sent += len(chunk)
                time.sleep(pause_s)
                if sent < len(lines):
                    continue
            try:
                answer = json.loads(answers.readline() or b"{}")
            except TimeoutError:
                return done
            if "ack" not in answer:
                return done
            done = answer["ack"]
    return done


def line(
    identity: str, fixed_at_ms: int, lat_deg: float, lon_deg: float, speed_mps: float | None = None
) -> bytes:
    """Return one position line."""
    fields: dict[str, object] = {"id": identity.removeprefix("id:"), "t": fixed_at_ms}
    fields |= {"lat": round(lat_deg, 7), "lon": round(lon_deg, 7)}
    if speed_mps is not None:
        fields["v"] = round(speed_mps, 2)
    return json.dumps(fields, separators=(",", ":")).encode() + b"\n"


def sos(identity: str, raised_at_ms: int, lat_deg: float, lon_deg: float) -> bytes:
    """Return one distress line."""
    fields = {
        "id": identity.removeprefix("id:"),
        "sos": "sos",
        "t": raised_at_ms,
        "lat": lat_deg,
        "lon": lon_deg,
    }
    return json.dumps(fields, separators=(",", ":")).encode() + b"\n"
