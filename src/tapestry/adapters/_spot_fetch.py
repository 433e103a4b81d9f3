"""Asks feeds of SPOT over HTTPS."""

from typing import Final
from urllib.parse import urlsplit

import httpx

from tapestry.adapters._outside_keys import SpotKeys
from tapestry.app.intake import FeedAnswer, SpotFeed
from tapestry.app.settings import is_loopback
from tapestry.model import OutsideFault, Refused

ANSWER_WITHIN_S: Final = 30.0
MAX_ANSWER_SIZE_BYTES: Final = 1_048_576  # fifty messages have some 40 kB


def spot_feeds(keys: tuple[SpotKeys, ...]) -> list[SpotFeed]:
    """Return the feeds that an administrator set up.

    Raises:
        Refused: An address that is none, or one that a password would travel to in the clear.
    """
    for one in keys:
        try:
            parts = urlsplit(one.url)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
            raise Refused(
                "messages.json: the address of a SPOT feed begins otherwise than with https://; "
                "expected the one that SPOT shows for the feed"
            )
    return [SpotFeed(url=one.url, password=one.password) for one in keys]


class SpotFetch:
    """Implements the asking of `tapestry.app.intake.SpotFeeds`."""

    def __init__(self) -> None:
        self._client = httpx.AsyncClient(timeout=ANSWER_WITHIN_S, follow_redirects=False, trust_env=False)

    async def __call__(self, feed: SpotFeed, start: int) -> FeedAnswer:
        """Return what a feed answers.

        Raises:
            OutsideFault: It cannot be reached, or answers without an end. Its address is not in the words.
        """
        params = {"start": str(start)} if start > 1 else {}
        if feed.password:
            params["feedPassword"] = feed.password
        body = b""
        try:
            url = httpx.URL(feed.url).copy_merge_params(params)
            async with self._client.stream("GET", url) as answer:
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > MAX_ANSWER_SIZE_BYTES:
                        raise OutsideFault(
                            f"the feed answers with more than {MAX_ANSWER_SIZE_BYTES} bytes", retry_helps=True
                        )
        except (httpx.HTTPError, httpx.InvalidURL) as err:
            raise OutsideFault(
                f"the feed cannot be reached ({type(err).__name__})", retry_helps=True
            ) from err
        return FeedAnswer(status=answer.status_code, body=body)

    async def close(self) -> None:
        """Close what is open."""
        await self._client.aclose()
