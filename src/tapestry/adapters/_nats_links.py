"""The link between two centres on NATS: leaf nodes, reading far streams, writing changes across.

Theory of operation. A regional centre's server connects to the national one as a leaf node, into an account of its
own there. The national centre reads the region's streams through the region's JetStream domain and writes its own
changes into a stream of the region. So the national side drives both directions, a region can ask nothing of the
national bus, and what waits while the link is cut waits in the streams of whoever wrote it. (Mirrors of NATS would
copy as well; after a cut they wait for up to 40 s before they try again.)
"""

import base64
from typing import Any, Final

from tapestry.adapters._nats_bus import NatsBus
from tapestry.adapters._nats_streams import DAY_S, GB, NAME_IN_USE, NANOSECONDS, WINDOW_S
from tapestry.adapters._nats_wire import ApiFault, Wire
from tapestry.model import Centre, OutsideFault

FAR_WITHIN_S: Final = 3.0
PUSHED: Final = "PUSHED"  # stream of a region that the national centre writes its changes into
N_HEADER: Final = "Tapestry-N"
NO_MESSAGE: Final = 10_037  # error code of the server


def domain_of(centre: Centre) -> str:
    """Return the JetStream domain of a centre; also a part of its subjects."""
    return f"c{centre.number}"


class NatsLinks:
    """Implements `tapestry.app.link.CentreBus`."""

    def __init__(self, wire: Wire) -> None:
        """Use a connection."""
        self._wire = wire

    @classmethod
    def beside(cls, bus: NatsBus) -> "NatsLinks":
        """Return the links over a bus' own connection."""
        return cls(bus.wire)

    async def receive(self) -> str:
        """Have the stream that the national centre writes into; return its name."""
        config = {
            "name": PUSHED,
            "description": "changes of the national centre",
            "subjects": ["peer.*.change"],
            "storage": "file",
            "retention": "limits",
            "discard": "old",
            "max_age": int(90 * DAY_S * NANOSECONDS),
            "max_bytes": 5 * GB,
            "duplicate_window": int(WINDOW_S * NANOSECONDS),
            "allow_direct": True,
        }
        await self._ensure(config)
        return PUSHED

    async def _ensure(self, config: dict[str, Any]) -> None:
        try:
            await self._wire.patient_api(f"STREAM.CREATE.{config['name']}", config)
        except ApiFault as fault:
            if fault.err_code != NAME_IN_USE:
                raise

    async def far_last_seq(self, stream: str, *, of: Centre) -> int:
        """Return the newest sequence of a far stream; see the port."""
        info = await self._wire.api(f"STREAM.INFO.{stream}", timeout_s=FAR_WITHIN_S, domain=domain_of(of))
        return int(info["state"]["last_seq"])

    async def push(self, change: bytes, *, to: Centre, n: int) -> None:
        """Write a change into a far centre's stream; see the port."""
        headers = {"Nats-Msg-Id": f"n-{n}", N_HEADER: str(n)}
        subject = f"peer.{domain_of(to)}.change"
        answer = await self._wire.request(subject, change, headers=headers, timeout_s=FAR_WITHIN_S)
        if b'"error"' in answer.data or b'"seq"' not in answer.data:
            raise OutsideFault(
                f"centre {to.name} did not take change {n}: its disk may be full", retry_helps=True
            )

    async def pushed(self, *, to: Centre) -> int:
        """Return the highest number that a far centre holds; see the port."""
        verb, asked = f"STREAM.MSG.GET.{PUSHED}", {"last_by_subj": f"peer.{domain_of(to)}.change"}
        try:
            found = await self._wire.api(verb, asked, timeout_s=FAR_WITHIN_S, domain=domain_of(to))
        except ApiFault as fault:
            if fault.err_code == NO_MESSAGE:
                return 0
            raise
        return number_in(found["message"].get("hdrs", ""))

    async def beat(self, body: bytes, *, to: Centre) -> None:
        """Send a sign of life; see the port."""
        await self._wire.send(f"peer.{domain_of(to)}.beat", body)


def number_in(headers_base64: str) -> int:
    """Return the change's number in a message's headers as JetStream's API gives them."""
    for line in base64.b64decode(headers_base64).decode().splitlines():
        name, _, value = line.partition(":")
        if name == N_HEADER:
            return int(value)
    return 0
