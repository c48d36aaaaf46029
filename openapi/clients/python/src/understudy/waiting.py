"""How to wait for the end of a generation, without I/O: which question to ask next, and what an answer means."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from .core.models.generation import Generation
from .errors import ApiError, GenerationFailedError, UnderstudyError, WaitTimeoutError
from .sending import backoff, passes

#: In seconds; what the gateway gives a generation unless it is told otherwise.
DEFAULT_TIMEOUT = 30 * 60.0
# Proxies commonly cut at 60 s.
LONGEST_POLL = 30.0
# What an answer may take on its way, beside the time that the gateway waits.
MARGIN = 1.0

OnProgress = Callable[[Generation], object]


@dataclass(frozen=True)
class Question:
    """One long poll: how many seconds the gateway is to wait, and how long to wait for the gateway."""

    wait: float
    timeout: httpx.Timeout


class Waiting:
    """Raises `WaitTimeoutError` at its deadline, a second early at most. After a failure that passes it asks again."""

    def __init__(
        self,
        generation_id: str,
        timeout: float,
        on_progress: OnProgress | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._id = generation_id
        self._clock = clock
        self._deadline = clock() + timeout
        self._on_progress = on_progress
        self._is_last = False
        self._tries = 0
        self._shown: tuple[object, ...] = ()

    def next_question(self) -> Question:
        left = self._deadline - self._clock()
        if self._is_last or left <= 0:
            raise WaitTimeoutError(self._id)
        self._is_last = left <= LONGEST_POLL + MARGIN
        wait = max(0.0, min(LONGEST_POLL, left - MARGIN))
        read = left if self._is_last else LONGEST_POLL + 10 * MARGIN
        return Question(wait, httpx.Timeout(min(left, read), connect=min(left, 10)))

    def answered(self, generation: Generation) -> Generation | None:
        """The generation if it is completed, None if it goes on."""
        self._tries = 0
        shown = (generation.status, generation.progress, len(generation.attempts))
        if shown != self._shown and self._on_progress is not None:
            self._on_progress(generation)
        self._shown = shown
        if generation.status == "completed":
            return generation
        if generation.status in ("failed", "cancelled"):
            raise GenerationFailedError(generation)
        return None

    def pause_after(self, failure: UnderstudyError) -> float:
        """Seconds until the next question; raises the failure if it does not pass."""
        if not passes(failure):
            raise failure
        told = failure.retry_after if isinstance(failure, ApiError) else None
        pause = backoff(self._tries) if told is None else told
        self._tries += 1
        if self._clock() + pause >= self._deadline:
            raise WaitTimeoutError(self._id) from failure
        self._is_last = False
        return pause
