"""One connection to NATS: questions and answers, JetStream's own API, and its faults turned into ours.

Theory of operation. Every answer, of a publish or of the API, comes to one wildcard inbox; its last token says
which question it answers. When the connection is lost every open question fails at once, for the caller knows
what to ask again; the client connects again for ever.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count
from typing import Any, TypeVar

import msgspec
import nats
import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from tapestry.model import OutsideFault, Refused

RECONNECT_EVERY_S = 0.2
CONNECT_WITHIN_S = 10.0
PING_EVERY_S = 15  # a connection whose far side vanished is given up after three of them
ANSWER_WITHIN_S = 5.0
PATIENCE_S = 30.0  # JetStream may need that long after a start or the loss of a leader
RETRY_EVERY_S = 0.2
HEADER_ROOM_BYTES = 4096  # of the server's payload limit, kept for headers
OLDEST_SERVER = (2, 14)  # the first with CONSUMER.RESET, which a new owner of a partition needs

T = TypeVar("T")

log = structlog.get_logger()


class ApiFault(OutsideFault):
    """JetStream answered with an error."""

    def __init__(self, message: str, *, err_code: int, retry_helps: bool) -> None:
        super().__init__(message, retry_helps=retry_helps)
        self.err_code = err_code


class _Error(msgspec.Struct):
    code: int = 0
    err_code: int = 0
    description: str = ""


class PubAck(msgspec.Struct):
    """JetStream's confirmation of one write."""

    seq: int = 0
    stream: str = ""
    duplicate: bool = False
    error: _Error | None = None


class Wire:
    """A connection that mends itself."""

    def __init__(self, name: str) -> None:
        """Use `open`."""
        self.name = name
        self.nc = Client()
        self.on_reconnect: set[Callable[[], None]] = set()
        self.last_error = ""
        self._connected = asyncio.Event()
        self._prefix = ""
        self._tokens = count(1)
        self._questions: dict[str, asyncio.Future[Msg]] = {}

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        user: str | None,
        password: str | None,
        name: str,
        within_s: float = CONNECT_WITHIN_S,
    ) -> "Wire":
        """Return a connection to the server or servers (comma-separated) at `url`.

        Raises:
            OutsideFault: Nobody answers there within `within_s`.
            Refused: The server lets us not in, or is too old.
        """
        wire = cls(name)
        try:
            async with asyncio.timeout(within_s):
                await wire.nc.connect(
                    url.split(","),
                    user=user,
                    password=password,
                    name=name,
                    error_cb=wire._on_error,
                    disconnected_cb=wire._on_disconnect,
                    reconnected_cb=wire._on_reconnect,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=RECONNECT_EVERY_S,  # type: ignore[arg-type]  # slept as it is
                    ping_interval=PING_EVERY_S,
                    max_outstanding_pings=2,
                    connect_timeout=2,
                    skip_subject_validation=True,
                )
        except (TimeoutError, nats.errors.Error, OSError) as err:
            await wire._abandon()
            raise wire._connect_fault(url, err) from err
        try:
            refuse_old_server(wire.nc.connected_server_version)
            await wire._open_inbox()
        except BaseException:
            await wire.close()
            raise
        wire._connected.set()
        return wire

    def _connect_fault(self, url: str, err: Exception) -> OutsideFault | Refused:
        where = ",".join(part.rsplit("@", 1)[-1] for part in url.split(","))  # without credentials
        reason = self.last_error or str(err) or type(err).__name__
        if "authorization" in reason.lower():
            return Refused(f"the bus at {where} does not accept our user and password; check --nats-url")
        return OutsideFault(
            f"the bus at {where} does not answer ({reason}); check that it runs and --nats-url",
            retry_helps=True,
        )

    async def _abandon(self) -> None:
        with suppress(nats.errors.Error, OSError, TimeoutError):
            async with asyncio.timeout(1):
                await self.nc.close()

    async def _open_inbox(self) -> None:
        self._prefix = self.nc.new_inbox() + "."
        await self.nc.subscribe(
            self._prefix + "*", cb=self._route, pending_msgs_limit=0, pending_bytes_limit=0
        )

    async def _route(self, msg: Msg) -> None:
        question = self._questions.get(msg.subject[len(self._prefix) :])
        if question is not None and not question.done():
            question.set_result(msg)

    @property
    def is_connected(self) -> bool:
        """True while there is a connection."""
        return self._connected.is_set() and bool(self.nc.is_connected)

    async def request(
        self,
        subject: str,
        payload: bytes = b"",
        *,
        headers: dict[str, str] | None = None,
        timeout_s: float = ANSWER_WITHIN_S,
    ) -> Msg:
        """Return the answer to one question; waits for the connection first.

        Raises:
            OutsideFault: No connection, nobody there, or no answer in time; the question may have arrived.
        """
        answer: asyncio.Future[Msg] = asyncio.get_running_loop().create_future()
        token = str(next(self._tokens))
        self._questions[token] = answer
        try:
            async with asyncio.timeout(timeout_s):
                if not self.is_connected:
                    await self._connected.wait()
                await self.nc.publish(subject, payload, reply=self._prefix + token, headers=headers)
                msg = await answer
        except TimeoutError as err:
            raise OutsideFault(
                f"{subject}: no answer of the bus in {timeout_s:g} s", retry_helps=True
            ) from err
        except nats.errors.Error as err:
            raise OutsideFault(f"{subject}: the bus cannot be asked: {err}", retry_helps=True) from err
        finally:
            del self._questions[token]
        if status_of(msg) == 503:
            raise OutsideFault(
                f"{subject}: nobody there takes it (the bus may be starting)", retry_helps=True
            )
        return msg

    async def send(
        self, subject: str, payload: bytes, *, reply: str = "", headers: dict[str, str] | None = None
    ) -> None:
        """Send without an answer; dropped while there is no connection."""
        if self.is_connected:
            with suppress(nats.errors.Error):
                await self.nc.publish(subject, payload, reply=reply, headers=headers)

    async def publish(self, subject: str, payload: bytes, *, headers: dict[str, str] | None = None) -> PubAck:
        """Return JetStream's confirmation that a message is on the disk.

        Raises:
            ApiFault: It refused to write.
            OutsideFault: It did not confirm.
            Refused: The message is larger than the bus takes.
        """
        if len(payload) + HEADER_ROOM_BYTES > self.nc.max_payload:
            raise Refused(
                f"message for {subject} has {len(payload)} bytes, the bus takes "
                f"{self.nc.max_payload - HEADER_ROOM_BYTES}; raise max_payload of the server, or "
                "send less at once"
            )
        msg = await self.request(subject, payload, headers=headers)
        ack = msgspec.json.decode(msg.data, type=PubAck)
        if ack.error is not None:
            raise _api_fault(subject, ack.error)
        return ack

    async def api(
        self,
        verb: str,
        body: dict[str, Any] | None = None,
        *,
        timeout_s: float = ANSWER_WITHIN_S,
        domain: str | None = None,
    ) -> Any:
        """Return JetStream's answer to one call of its API, as JSON.

        A stream's configuration goes bare, as `STREAM.CREATE` and `STREAM.UPDATE` want it. A domain asks the
        JetStream behind a leaf node.

        Raises:
            ApiFault: It answered with an error.
            OutsideFault: It did not answer.
        """
        payload = b"" if body is None else json.dumps(body).encode()
        prefix = "$JS.API" if domain is None else f"$JS.{domain}.API"
        msg = await self.request(f"{prefix}.{verb}", payload, timeout_s=timeout_s)
        answer = json.loads(msg.data)
        if "error" in answer:
            raise _api_fault(verb, msgspec.convert(answer["error"], _Error))
        return answer

    async def patient_api(
        self,
        verb: str,
        body: dict[str, Any] | None = None,
        *,
        within_s: float = PATIENCE_S,
        domain: str | None = None,
    ) -> Any:
        """Return what `api` returns, asking again while that helps, at most `within_s` long."""
        return await patiently(lambda: self.api(verb, body, domain=domain), within_s=within_s)

    async def close(self) -> None:
        """Send what is written and let go."""
        self._connected.clear()
        with suppress(nats.errors.Error, TimeoutError, OSError):
            await self.nc.flush(timeout=1)
        await self._abandon()
        self._fail_questions("the connection was closed")

    async def _on_disconnect(self) -> None:
        self._connected.clear()
        if not self.nc.is_closed:
            log.warning("bus.disconnected", name=self.name)
        self._fail_questions("the connection was lost")

    async def _on_reconnect(self) -> None:
        self._connected.set()
        log.info("bus.reconnected", name=self.name)
        for callback in list(self.on_reconnect):
            callback()

    async def _on_error(self, err: Exception) -> None:
        said = str(err) or type(err).__name__
        if (
            "authorization" not in self.last_error.lower()
        ):  # a server that lets nobody in may just hang up next time
            self.last_error = said
        log.debug("bus.error", name=self.name, error=said)

    def _fail_questions(self, why: str) -> None:
        for question in self._questions.values():
            if not question.done():
                question.set_exception(OutsideFault(f"the bus did not answer: {why}", retry_helps=True))


async def patiently(ask: Callable[[], Awaitable[T]], *, within_s: float = PATIENCE_S) -> T:
    """Return what `ask` returns, asking again while that helps, at most `within_s` long."""
    deadline_s = time.monotonic() + within_s
    while True:
        try:
            return await ask()
        except OutsideFault as fault:
            if not fault.retry_helps or time.monotonic() > deadline_s:
                raise
        await asyncio.sleep(RETRY_EVERY_S)


def status_of(msg: Msg) -> int | None:
    """Return the status code of a message that is a status, None for one with content."""
    if msg.headers is None or "Status" not in msg.headers:
        return None
    return int(msg.headers["Status"])


def refuse_old_server(version: Any) -> None:
    """Check the server's version.

    Raises:
        Refused: It lacks what we need.
    """
    if (version.major, version.minor) < OLDEST_SERVER:
        oldest = ".".join(str(part) for part in OLDEST_SERVER)
        raise Refused(
            f"the bus is nats-server {version}, expected {oldest} or newer; upgrade it, "
            "or use the embedded one"
        )


def _api_fault(what: str, error: _Error) -> ApiFault:
    # 4xx: the request is at fault, save 408 and 429; 5xx: the server is, for now.
    retry_helps = error.code >= 500 or error.code in (408, 429) or error.code == 0
    return ApiFault(
        f"{what}: the bus answered {error.description} (code {error.err_code})",
        err_code=error.err_code,
        retry_helps=retry_helps,
    )
