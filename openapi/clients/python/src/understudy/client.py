"""The synchronous client."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar, Unpack

import httpx

from .core.client import AuthenticatedClient
from .core.models.character import Character
from .core.models.generation import Generation
from .downloading import TargetFile
from .errors import ApiError, UnderstudyError
from .requests import Body, CharacterForm, File, GenerateFields, new_key
from .sending import ONCE, Sender
from .settings import TIMEOUT, base_url_of, headers_of
from .waiting import DEFAULT_TIMEOUT, OnProgress, Waiting

T = TypeVar("T")


def read_as(read: Callable[[Mapping[str, Any]], T], response: httpx.Response) -> T:
    try:
        return read(response.json())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ApiError.unreadable(response) from error


def id_of(generation: str | Generation) -> str:
    return generation if isinstance(generation, str) else generation.id


class Understudy:
    """A client of one gateway. Use it as a context manager, or call `close`.

    Without arguments, the address is UNDERSTUDY_URL or http://127.0.0.1:8787, and the key is UNDERSTUDY_API_KEY.
    `max_retries` is the number of repetitions of a request that cannot create or cost anything twice. `core` calls
    every other operation: `list_models.sync(client=understudy.core)`. All methods raise `ApiError` and `NoAnswerError`.
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        max_retries: int = 3,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        url, headers = base_url_of(base_url), headers_of(api_key)
        self._sender = Sender(base_url=url, headers=headers, timeout=TIMEOUT, transport=transport)
        self._sender.max_retries = max_retries
        self.core = AuthenticatedClient(base_url=url, token="").set_httpx_client(self._sender)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes all connections."""
        self._sender.close()

    def generate(
        self, prompt: str, *, idempotency_key: str | None = None, **fields: Unpack[GenerateFields]
    ) -> Generation:
        """Asks for a video, and returns once the gateway has stored the request.

        A lost response is asked for again with the same `Idempotency-Key`, which never pays twice. Pass your own key
        to get the same generation from another call or process, within 24 hours.
        """
        headers = {"idempotency-key": idempotency_key or new_key()}
        with Body({"prompt": prompt, **fields}) as body:
            return read_as(Generation.from_dict, self._sender.post("/generate", headers=headers, **body))

    def get(self, generation: str | Generation) -> Generation:
        """The generation as it is now."""
        return read_as(Generation.from_dict, self._sender.get(f"/generations/{id_of(generation)}"))

    def wait(
        self,
        generation: str | Generation,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        on_progress: OnProgress | None = None,
    ) -> Generation:
        """Waits up to `timeout` seconds for the completed generation.

        Outages are waited out. `on_progress` is called with each new state.

        Raises:
            GenerationFailedError: It ended without a video; `code` says why, such as `content_refused`.
            WaitTimeoutError: The time is over. The generation goes on.
        """
        path = f"/generations/{id_of(generation)}"
        waiting = Waiting(id_of(generation), timeout, on_progress)
        while True:
            question = waiting.next_question()
            try:
                response = self._sender.get(
                    path, params={"wait": question.wait}, timeout=question.timeout, extensions=ONCE
                )
                found = read_as(Generation.from_dict, response)
            except UnderstudyError as failure:
                time.sleep(waiting.pause_after(failure))
                continue
            done = waiting.answered(found)
            if done is not None:
                return done

    def generate_and_wait(
        self,
        prompt: str,
        *,
        idempotency_key: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        on_progress: OnProgress | None = None,
        **fields: Unpack[GenerateFields],
    ) -> Generation:
        """`generate`, then `wait`."""
        accepted = self.generate(prompt, idempotency_key=idempotency_key, **fields)
        return self.wait(accepted, timeout=timeout, on_progress=on_progress)

    def upload_character(
        self,
        name: str,
        *,
        video: File | None = None,
        pictures: Sequence[File] = (),
        voice: File | None = None,
        description: str | None = None,
        clip: tuple[float, float] | None = None,
    ) -> Character:
        """Makes a character from a clip or up to 8 pictures, to be mentioned as `@name`.

        `clip` is the part of the video to use, in seconds.
        """
        form = CharacterForm(name, video=video, pictures=pictures, voice=voice, description=description, clip=clip)
        with form as body:
            return read_as(Character.from_dict, self._sender.post("/characters", **body))

    def download(self, generation: str | Generation, path: str | os.PathLike[str]) -> Path:
        """Downloads a video to a file, which appears or is replaced only when it is complete and its checksum is right.

        Raises:
            ApiError: The video is not ready (`video_not_ready`), or is there no longer (`video_gone`).
            ChecksumError: What was received is not the video.
        """
        found = self.get(generation)
        with TargetFile(path, found.video) as target:
            while True:
                try:
                    with self._sender.stream(
                        "GET", f"/generations/{found.id}/video", headers=target.headers(), follow_redirects=True
                    ) as response:
                        target.begin(response)
                        for chunk in response.iter_raw():
                            target.write(chunk)
                    return target.finish()
                except httpx.TransportError as error:
                    if target.is_complete():
                        return target.finish()
                    time.sleep(target.pause_after(error))
