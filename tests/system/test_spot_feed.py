"""A feed of SPOT asked by a real hub: its messages are in the track, once, also after a restart."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from tests.system.hub import Hub
from tests.system.roster import add_convoy, done
from tests.system.test_distress import until
from tests.system.test_told_positions import track

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]
ROUTE = [(33.0, 44.0), (33.4, 44.4)]


class Feed(BaseHTTPRequestHandler):
    """Two messages of one messenger, made a minute and two minutes before the test."""

    asked: ClassVar[list[str]] = []
    now_s = 0

    def do_GET(self) -> None:
        self.asked.append(self.path)
        messages = [
            {
                "id": number, "messengerId": "0-77", "unixTime": self.now_s - 60 * number, "messageType": "TRACK",
                "latitude": 33.0 + number / 10, "longitude": 44.0 + number / 10,
            }
            for number in (1, 2)
        ]  # fmt: skip
        told = {"response": {"feedMessageResponse": {"messages": {"message": messages}}}}
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *said: object) -> None:
        pass


@pytest.fixture
def feed() -> Iterator[str]:
    Feed.asked.clear()
    Feed.now_s = int(time.time())
    server = ThreadingHTTPServer(("127.0.0.1", 0), Feed)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/feed/ID/message.json"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_feed_that_an_administrator_set_up_is_in_the_track_once(feed: str, tmp_path: Path) -> None:
    hub = Hub(tmp_path / "data")
    try:
        client = hub.start().admin()
        convoy = add_convoy(client, "PALM", vehicles=1, route=ROUTE)
        (vehicle_id,) = convoy.vehicle_ids
        done(client.post("/api/trackers", json={"identity": "spot:0-77", "vehicle_id": vehicle_id}))
        hub.stop()
        assert Feed.asked == []  # off unless set up
        keys = hub.data / "keys" / "messages.json"
        keys.touch(mode=0o600)
        keys.write_text(json.dumps({"spot": [{"url": feed, "password": "of the feed"}]}))
        hub.start()
        until(lambda: len(track(client, vehicle_id)) == 2)
        hub.stop()
        hub.start()
        until(lambda: len(Feed.asked) >= 2)
        time.sleep(2.0)
        assert [round(it["lat_deg"], 1) for it in track(client, vehicle_id)] == [33.2, 33.1]
        assert set(Feed.asked) == {"/feed/ID/message.json?feedPassword=of+the+feed"}
    finally:
        if hub.process is not None:
            hub.stop()
