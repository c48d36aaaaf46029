"""The tests run against a gateway with simulated upstreams.

UNDERSTUDY_URL and UNDERSTUDY_API_KEY name it, UNDERSTUDY_CLIP_URL a clip, and UNDERSTUDY_SLOW_MODEL a model that takes
an hour. At least one upstream takes a file as `reference`, and another one does not.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import httpx
import pytest
from anyio import to_thread
from faulty_proxy import FaultyProxy

from understudy import AsyncUnderstudy, Generation, Understudy


class InThreads:
    """The synchronous client, called as the other one is, so that each test is written once."""

    def __init__(self, client: Understudy) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def call(*arguments: Any, **options: Any) -> Any:
            return await to_thread.run_sync(partial(getattr(self._client, name), *arguments, **options))

        return call


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=["sync", "async"])
async def connect(request: pytest.FixtureRequest) -> AsyncIterator[Callable[..., Any]]:
    """Makes a client of either kind, which is closed at the end of the test."""
    async with AsyncExitStack() as opened:

        def make(url: str | None = None) -> Any:
            # A machine that is busy makes the gateway shed load for a while.
            if request.param == "sync":
                return InThreads(opened.enter_context(Understudy(url, max_retries=20)))
            client = AsyncUnderstudy(url, max_retries=20)
            opened.push_async_callback(client.close)
            return client

        yield make


@pytest.fixture
def proxy() -> Iterator[FaultyProxy]:
    with FaultyProxy(os.environ["UNDERSTUDY_URL"]) as running:
        yield running


@pytest.fixture
def slow_model() -> str:
    return os.environ["UNDERSTUDY_SLOW_MODEL"]


@pytest.fixture
def label() -> str:
    """Tells the generations of one test from all others."""
    return uuid.uuid4().hex


@pytest.fixture(scope="session")
def clip() -> bytes:
    return httpx.get(os.environ["UNDERSTUDY_CLIP_URL"]).raise_for_status().content


@pytest.fixture(scope="session")
def video() -> Generation:
    """A finished one."""
    with Understudy(max_retries=20) as understudy:
        return understudy.generate_and_wait("a boat", duration=5)
