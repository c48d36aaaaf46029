"""The client for asyncio and trio."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Self, Unpack

import anyio
import httpx
from anyio import to_thread

from .client import id_of, read_as
from .core.client import AuthenticatedClient
from .core.models.character import Character
from .core.models.generation import Generation
from .downloading import TargetFile
from .errors import UnderstudyError
from .requests import Body, CharacterForm, File, GenerateFields, new_key
from .sending import ONCE, AsyncSender
from .settings import TIMEOUT, base_url_of, headers_of
from .waiting import DEFAULT_TIMEOUT, OnProgress, Waiting


class AsyncUnderstudy:
    """The client of one gateway for asyncio and trio: the methods of `Understudy`, awaited.

    `core` calls every other operation: `await list_models.asyncio(client=understudy.core)`.
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        max_retries: int = 3,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        url, headers = base_url_of(base_url), headers_of(api_key)
        self._sender = AsyncSender(base_url=url, headers=headers, timeout=TIMEOUT, transport=transport)
        self._sender.max_retries = max_retries
        self.core = AuthenticatedClient(base_url=url, token="").set_async_httpx_client(self._sender)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()

    async def close(self) -> None:
        """As `Understudy.close`."""
        await self._sender.aclose()

    async def generate(
        self, prompt: str, *, idempotency_key: str | None = None, **fields: Unpack[GenerateFields]
    ) -> Generation:
        """As `Understudy.generate`."""
        headers = {"idempotency-key": idempotency_key or new_key()}
        with Body({"prompt": prompt, **fields}) as body:
            return read_as(Generation.from_dict, await self._sender.post("/generate", headers=headers, **body))

    async def get(self, generation: str | Generation) -> Generation:
        """As `Understudy.get`."""
        return read_as(Generation.from_dict, await self._sender.get(f"/generations/{id_of(generation)}"))

    async def wait(
        self,
        generation: str | Generation,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        on_progress: OnProgress | None = None,
    ) -> Generation:
        """As `Understudy.wait`."""
        path = f"/generations/{id_of(generation)}"
        waiting = Waiting(id_of(generation), timeout, on_progress)
        while True:
            question = waiting.next_question()
            try:
                response = await self._sender.get(
                    path, params={"wait": question.wait}, timeout=question.timeout, extensions=ONCE
                )
                found = read_as(Generation.from_dict, response)
            except UnderstudyError as failure:
                await anyio.sleep(waiting.pause_after(failure))
                continue
            done = waiting.answered(found)
            if done is not None:
                return done

    async def generate_and_wait(
        self,
        prompt: str,
        *,
        idempotency_key: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        on_progress: OnProgress | None = None,
        **fields: Unpack[GenerateFields],
    ) -> Generation:
        """As `Understudy.generate_and_wait`."""
        accepted = await self.generate(prompt, idempotency_key=idempotency_key, **fields)
        return await self.wait(accepted, timeout=timeout, on_progress=on_progress)

    async def upload_character(
        self,
        name: str,
        *,
        video: File | None = None,
        pictures: Sequence[File] = (),
        voice: File | None = None,
        description: str | None = None,
        clip: tuple[float, float] | None = None,
    ) -> Character:
        """As `Understudy.upload_character`."""
        form = CharacterForm(name, video=video, pictures=pictures, voice=voice, description=description, clip=clip)
        with form as body:
            return read_as(Character.from_dict, await self._sender.post("/characters", **body))

    async def download(self, generation: str | Generation, path: str | os.PathLike[str]) -> Path:
        """As `Understudy.download`."""
        found = await self.get(generation)
        with TargetFile(path, found.video) as target:
            while True:
                try:
                    async with self._sender.stream(
                        "GET", f"/generations/{found.id}/video", headers=target.headers(), follow_redirects=True
                    ) as response:
                        target.begin(response)
                        async for chunk in response.aiter_raw():
                            await to_thread.run_sync(target.write, chunk)
                    return await to_thread.run_sync(target.finish)
                except httpx.TransportError as error:
                    if target.is_complete():
                        return await to_thread.run_sync(target.finish)
                    await anyio.sleep(target.pause_after(error))
