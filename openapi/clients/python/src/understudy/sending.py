"""Sends requests, and repeats those that cannot create or cost anything twice."""

from __future__ import annotations

import random
import time
from typing import Any

import anyio
import httpx

from .errors import ApiError, NoAnswerError, UnderstudyError

# In seconds.
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 10.0
# A caller who is told to wait longer decides that alone.
LONGEST_RETRY_AFTER = 30.0
PASSING_STATUSES = frozenset({429, 502, 503, 504})
# Said before the gateway does anything, so that any request may be repeated.
UNTOUCHED_CODES = frozenset({"overloaded", "rate_limited"})
#: An extension of a request that is not to be repeated here.
ONCE = {"understudy_once": True}


def backoff(tries: int) -> float:
    """Seconds before the next try, with jitter, so that callers do not return all at once."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0**tries) * random.uniform(0.5, 1)


def passes(failure: UnderstudyError) -> bool:
    """Whether it may be different the next time."""
    if isinstance(failure, ApiError):
        return failure.status in PASSING_STATUSES or failure.code == "idempotency_in_progress"
    return isinstance(failure, NoAnswerError)


def may_repeat(request: httpx.Request, failure: UnderstudyError) -> bool:
    """Whether repeating it changes nothing: it asks, it has an `Idempotency-Key`, or it was certainly not handled."""
    if isinstance(failure, NoAnswerError) and not failure.was_sent:
        return True
    if isinstance(failure, ApiError) and failure.code in UNTOUCHED_CODES:
        return True
    return passes(failure) and (request.method in ("GET", "HEAD") or "idempotency-key" in request.headers)


def pause_before_retry(request: httpx.Request, failure: UnderstudyError, tries: int, most: int) -> float | None:
    """Seconds to wait before the request is sent again; None if it is not."""
    if tries >= most or "understudy_once" in request.extensions or not may_repeat(request, failure):
        return None
    told = failure.retry_after if isinstance(failure, ApiError) else None
    pause = backoff(tries) if told is None else told
    return pause if pause <= LONGEST_RETRY_AFTER else None


class Sender(httpx.Client):
    """Raises `ApiError` for responses from 400 on, and `NoAnswerError` without one."""

    max_retries = 3

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        for tries in range(self.max_retries + 1):
            try:
                return self._send_once(request, options)
            except UnderstudyError as failure:
                pause = pause_before_retry(request, failure, tries, self.max_retries)
                if pause is None:
                    raise
            time.sleep(pause)
        raise AssertionError("the last try returns or raises")

    def _send_once(self, request: httpx.Request, options: dict[str, Any]) -> httpx.Response:
        try:
            response = super().send(request, **options)
            if response.is_error:
                response.read()
        except httpx.TransportError as error:
            raise NoAnswerError(error) from error
        if response.is_error:
            raise ApiError.of(response)
        return response


class AsyncSender(httpx.AsyncClient):
    """As `Sender`."""

    max_retries = 3

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        for tries in range(self.max_retries + 1):
            try:
                return await self._send_once(request, options)
            except UnderstudyError as failure:
                pause = pause_before_retry(request, failure, tries, self.max_retries)
                if pause is None:
                    raise
            await anyio.sleep(pause)
        raise AssertionError("the last try returns or raises")

    async def _send_once(self, request: httpx.Request, options: dict[str, Any]) -> httpx.Response:
        try:
            response = await super().send(request, **options)
            if response.is_error:
                await response.aread()
        except httpx.TransportError as error:
            raise NoAnswerError(error) from error
        if response.is_error:
            raise ApiError.of(response)
        return response
