"""Whether a server of one's own writes to the disk before it acknowledges, as far as it lets us see."""

import asyncio
import json
import urllib.request
from typing import Any

from tapestry.model import OutsideFault, Refused

ANSWER_WITHIN_S = 5.0


async def check_sync(monitoring_url: str) -> None:
    """Ask a server's monitoring port for its settings and check them.

    Raises:
        OutsideFault: The port does not answer.
        Refused: JetStream is off, or does not sync on every write.
    """
    url = monitoring_url.rstrip("/") + "/varz"
    if not url.startswith(("http://", "https://")):
        raise Refused(f"monitoring address {monitoring_url}: expected http://host:8222")
    try:
        varz = json.loads(await asyncio.to_thread(_read, url))
    except (OSError, ValueError) as err:
        raise OutsideFault(
            f"{url} does not answer ({err}); check http_port of the server, or leave the address out",
            retry_helps=True,
        ) from err
    refuse_late_sync(varz, url)


def _read(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=ANSWER_WITHIN_S) as answer:  # noqa: S310 - scheme checked above
        return bytes(answer.read())


def refuse_late_sync(varz: dict[str, Any], url: str) -> None:
    """Check the settings of a server.

    Raises:
        Refused: JetStream is off, or does not sync on every write.
    """
    config = varz.get("jetstream", {}).get("config")
    if not config or not config.get("store_dir"):
        raise Refused(f"the server at {url} has no JetStream on disk; set jetstream {{ store_dir: ... }}")
    if not config.get("sync_always"):
        raise Refused(
            f"the server at {url} syncs every {config.get('sync_interval', 0) / 1e9:g} s, expected "
            "sync_interval: always; a loss of power would take acknowledged data with it. Set it in "
            "the jetstream block"
        )
