"""Mail, text messages and webhooks over real sockets."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.system.mailbox import mailbox

from tapestry.adapters._messenger import OutsideMessenger
from tapestry.adapters._outside_keys import MailKeys, OutsideKeys, SmsKeys, WebhookKeys, load_outside_keys
from tapestry.app.desk import Letter, NotSent
from tapestry.model import Refused


def letter(means: str, address: str) -> Letter:
    return Letter(
        key="1/1/duty-phone/1/0/0",
        means=means,
        address=address,
        subject="نداء استغاثة: N-1 (#1)",
        text="نداء استغاثة: N-1 (#1)\n{to}\nhttp://hub.test/distress/1",
        facts={"case_id": 1},
    )


@asynccontextmanager
async def web(status: int = 200) -> AsyncIterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """Serve one address on loopback; yield it and what was posted to it."""
    posted: list[tuple[dict[str, str], bytes]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head)}
        posted.append((headers, await reader.readexactly(int(headers["content-length"]))))
        writer.write(f"HTTP/1.1 {status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/in", posted


async def send(keys: OutsideKeys, what: Letter) -> None:
    messenger = OutsideMessenger(keys)
    try:
        await messenger.send(what)
    finally:
        await messenger.close()


async def test_a_mail_arrives_with_its_words_and_an_id_that_stays_the_same() -> None:
    with mailbox() as box:
        keys = OutsideKeys(
            mail=MailKeys(host="127.0.0.1", port=box.port, tls="none", sender="hub@tapestry.test")
        )
        await send(keys, letter("mail", "rana@centre.test"))
    (mail,) = box.mails
    assert "To: rana@centre.test" in mail
    assert "Message-ID: <1.1.duty-phone.1.0.0@tapestry.test>" in mail


async def test_a_mail_server_that_is_down_is_said_to_be() -> None:
    with mailbox() as box:
        port = box.port
    keys = OutsideKeys(mail=MailKeys(host="127.0.0.1", port=port, tls="none", sender="hub@tapestry.test"))
    with pytest.raises(NotSent) as refused:
        await send(keys, letter("mail", "rana@centre.test"))
    assert refused.value.code == "not-reached"


async def test_a_mail_server_without_tls_is_given_nothing_unless_the_keys_say_so() -> None:
    with mailbox() as box:
        mail = MailKeys(host="127.0.0.1", port=box.port, sender="hub@tapestry.test")
        with pytest.raises(NotSent) as refused:
            await send(OutsideKeys(mail=mail), letter("mail", "rana@centre.test"))
    assert (refused.value.code, box.mails) == ("refused", [])


async def test_a_webhook_is_signed_with_the_shared_secret() -> None:
    async with web() as (url, posted):
        await send(OutsideKeys(webhook=WebhookKeys(secret="between us")), letter("webhook", url))
    ((headers, body),) = posted
    expected = hmac.new(b"between us", body, hashlib.sha256).hexdigest()
    assert headers["x-tapestry-signature"] == f"sha256={expected}"
    assert headers["idempotency-key"] == "1/1/duty-phone/1/0/0"
    assert json.loads(body)["case_id"] == 1


async def test_a_text_message_fills_the_gateways_own_form_and_nothing_that_was_filled_in_again() -> None:
    async with web() as (url, posted):
        sms = SmsKeys(
            url=url,
            headers={"Authorization": "Bearer {token}"},
            token="t-1",
            body={"recipient": "{to}", "message": "{text}", "ref": "{key}"},
        )
        await send(OutsideKeys(sms=sms), letter("sms", "+9647700000001"))
    ((headers, body),) = posted
    said = json.loads(body)
    assert headers["authorization"] == "Bearer t-1"
    assert (said["recipient"], said["ref"]) == ("+9647700000001", "1/1/duty-phone/1/0/0")
    assert "{to}" in said["message"]


async def test_an_answer_that_is_no_success_is_told_by_its_number() -> None:
    async with web(status=503) as (url, _):
        with pytest.raises(NotSent) as refused:
            await send(OutsideKeys(webhook=WebhookKeys(secret="s")), letter("webhook", url))
    assert refused.value.code == "status-503"


@pytest.mark.parametrize("means", ["mail", "sms", "webhook"])
async def test_a_means_that_is_not_set_up_is_said_to_be_not_set_up(means: str) -> None:
    with pytest.raises(NotSent) as refused:
        await send(OutsideKeys(webhook=WebhookKeys(secret="")), letter(means, "x"))
    assert refused.value.code == "not-set-up"


def write(folder: Path, what: Any, mode: int = 0o600) -> None:
    path = folder / "messages.json"
    path.touch(mode=mode)
    path.chmod(mode)
    path.write_text(json.dumps(what))


def test_keys_are_read_from_the_file_and_the_environment_comes_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_outside_keys(tmp_path) == OutsideKeys()
    write(tmp_path, {"webhook": {"secret": "file"}, "sms": {"inbound_secret": "in"}})
    monkeypatch.setenv("TAPESTRY_WEBHOOK_SECRET", "environment")
    keys = load_outside_keys(tmp_path)
    assert keys.webhook == WebhookKeys(secret="environment")
    assert OutsideMessenger(keys).is_gateway("in")
    assert not OutsideMessenger(keys).is_gateway("")
    assert OutsideMessenger(keys).means() == {"webhook"}


def test_a_keys_file_that_others_can_read_or_that_is_none_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {}, mode=0o644)
    with pytest.raises(Refused, match="chmod 600"):
        load_outside_keys(tmp_path)
    write(tmp_path, {"mial": {}})
    with pytest.raises(Refused, match=r"docs/distress\.md"):
        load_outside_keys(tmp_path)
