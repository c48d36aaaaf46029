"""Writes a video to a file that appears only when it is complete, and continues where a connection broke."""

from __future__ import annotations

import os
import uuid
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import httpx

from .core.models.video import Video
from .errors import ChecksumError, NoAnswerError
from .sending import backoff

# Breaks in a row without a new byte in between.
MOST_BREAKS = 5


class TargetFile:
    """A hidden file beside the target, which takes its place in `finish`, and is removed if that is not reached."""

    def __init__(self, path: str | os.PathLike[str], video: Video | None) -> None:
        self.path = Path(path)
        self._part = self.path.with_name(f".{self.path.name}.{uuid.uuid4().hex[:12]}.part")
        self._video = video
        self._received = 0
        self._breaks = 0
        self._hash = sha256()
        self._file: BinaryIO | None = None

    def __enter__(self) -> TargetFile:
        self._file = self._part.open("xb")
        return self

    def __exit__(self, *_error: object) -> None:
        self._opened().close()
        self._part.unlink(missing_ok=True)

    def is_complete(self) -> bool:
        """Whether nothing is left to ask for, although the connection broke."""
        return self._video is not None and self._received == self._video.bytes_

    def headers(self) -> dict[str, str]:
        """Of the next request. The checksum tells whether both parts are of one file."""
        resumed = {"range": f"bytes={self._received}-"} if self._received > 0 else {}
        return {"accept-encoding": "identity", **resumed}

    def begin(self, response: httpx.Response) -> None:
        """A response that is not the rest of the file starts it anew."""
        is_rest = response.headers.get("content-range", "").startswith(f"bytes {self._received}-")
        if response.status_code == 206 and is_rest:
            return
        self._received = 0
        self._hash = sha256()
        self._opened().seek(0)
        self._opened().truncate()

    def write(self, chunk: bytes) -> None:
        self._opened().write(chunk)
        self._hash.update(chunk)
        self._received += len(chunk)
        self._breaks = 0

    def pause_after(self, error: httpx.TransportError) -> float:
        """Seconds until the rest is asked for; raises `NoAnswerError` after too many breaks without a new byte."""
        self._breaks += 1
        if self._breaks > MOST_BREAKS:
            raise NoAnswerError(error) from error
        return backoff(self._breaks - 1)

    def finish(self) -> Path:
        """Checks what was received, and puts it in the place of the target."""
        video = self._video
        if video is not None and (self._received, self._hash.hexdigest()) != (video.bytes_, video.sha256):
            raise ChecksumError(f"{self._received} bytes were received, which are not the video. Download it again.")
        self._opened().close()
        os.replace(self._part, self.path)
        return self.path

    def _opened(self) -> BinaryIO:
        if self._file is None:
            raise RuntimeError("The file is not open.")
        return self._file
