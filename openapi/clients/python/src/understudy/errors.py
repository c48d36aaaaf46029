"""What goes wrong, as exceptions. All are `UnderstudyError`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx

from .core.models.generation import Generation


class UnderstudyError(Exception):
    """Anything that this package raises about the gateway or about a video."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with one field: a JSON pointer into the body, or below `#/query` or `#/headers`."""

    pointer: str
    detail: str


class ApiError(UnderstudyError):
    """The gateway did not do what was asked: a problem document (RFC 9457).

    `code` is stable: match on it. It is `unreadable` for a response that is not the gateway's own.
    """

    def __init__(
        self, status: int, code: str, detail: str, response: httpx.Response, faults: tuple[Fault, ...]
    ) -> None:
        super().__init__(f"{detail} ({code})")
        self.status = status
        self.code = code
        self.detail = detail
        self.faults = faults
        #: The field of the first fault, if any.
        self.pointer = faults[0].pointer if faults else None
        #: Seconds after which to try again, if the response says so.
        self.retry_after = _seconds(response.headers.get("retry-after"))
        #: To find the request in the gateway's log.
        self.request_id = response.headers.get("x-request-id")
        #: The whole document, with members of this problem alone, such as `excluded` of `no_upstream`.
        self.problem = _object(response.content)

    @classmethod
    def of(cls, response: httpx.Response) -> ApiError:
        """From a response whose body has been read."""
        problem = _object(response.content)
        code, detail = problem.get("code"), problem.get("detail")
        if not isinstance(code, str) or not isinstance(detail, str):
            return cls.unreadable(response)
        listed = problem.get("errors")
        faults = (each for each in (listed if isinstance(listed, list) else []) if isinstance(each, dict))
        read = tuple(Fault(str(each.get("pointer", "")), str(each.get("detail", ""))) for each in faults)
        return cls(response.status_code, code, detail, response, read)

    @classmethod
    def unreadable(cls, response: httpx.Response) -> ApiError:
        detail = f"The response with status {response.status_code} is not one of Understudy. Check the base URL."
        return cls(response.status_code, "unreadable", detail, response, ())


class NoAnswerError(UnderstudyError):
    """There was no response. `was_sent` is False if the request certainly did not reach the gateway."""

    def __init__(self, error: httpx.TransportError) -> None:
        super().__init__(f"The gateway did not answer: {error or type(error).__name__}")
        self.was_sent = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)


class GenerationFailedError(UnderstudyError):
    """A generation ended without a video, such as with the code `content_refused`."""

    def __init__(self, generation: Generation) -> None:
        error = generation.error
        message = error.message if error else None
        super().__init__(message or f"The generation ended as {generation.status}.")
        self.generation = generation
        self.code = str(error.code) if error else str(generation.status)


class WaitTimeoutError(UnderstudyError, TimeoutError):
    """The time for waiting is over. The generation goes on: wait again, or cancel it."""

    def __init__(self, generation_id: str) -> None:
        super().__init__(f"{generation_id} is not finished yet. Wait for it again, or cancel it.")
        self.generation_id = generation_id


class ChecksumError(UnderstudyError):
    """What was downloaded is not the file of the archive. Nothing was kept: download it again."""


def _seconds(value: str | None) -> float | None:
    try:
        return None if value is None else max(0.0, float(value))
    except ValueError:
        return None


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
