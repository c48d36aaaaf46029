"""What is sent: the fields of a request, and files."""

from __future__ import annotations

import io
import json
import os
import uuid
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TypedDict


class Model(Protocol):
    """A data model of `understudy.core.models`."""

    def to_dict(self) -> dict[str, Any]: ...


#: A part of a request, as in the API reference or as a data model.
Json = Mapping[str, Any] | Model
#: A path, the bytes themselves, or a file that is open for reading bytes.
File = str | os.PathLike[str] | bytes | BinaryIO


class GenerateFields(TypedDict, total=False):
    """The fields of `POST /generate` beside the prompt. Files may stand for what has an address there."""

    model: str
    duration: float
    size: str
    resolution: str
    aspect_ratio: str
    audio: bool
    seed: int
    negative_prompt: str
    options: Mapping[str, Any] | Model
    routing: Json
    webhook_url: str
    webhook_events: Sequence[str]
    webhook_format: str
    metadata: Mapping[str, str] | Model
    first_frame: Json | File
    last_frame: Json | File
    reference: Json | File
    references: Sequence[Json]
    #: With a file as `reference`: how closely to follow it, from 0 to 1.
    reference_influence: float
    #: The files that `references` name by their filenames.
    files: Sequence[File]


FILE_FIELDS = ("first_frame", "last_frame", "reference")
# Fields of a form are text. These are not JSON there.
PLAIN = (str, int, float)

Part = tuple[str, tuple[str | None, bytes | BinaryIO]]


def new_key() -> str:
    """An `Idempotency-Key`: made once for each call, so that its repetitions pay once."""
    return f"py-{uuid.uuid4()}"


def plain(value: Any) -> Any:
    """Data models as what JSON has."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


def is_file(value: object) -> bool:
    return isinstance(value, str | os.PathLike | bytes) or hasattr(value, "read")


class Body:
    """The arguments of httpx for a request of these fields: JSON, or a form if there is a file. Opens and closes it."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields
        self._files = ExitStack()

    def __enter__(self) -> dict[str, Any]:
        fields = self._fields
        if "files" in fields or any(is_file(fields.get(name)) for name in FILE_FIELDS):
            return {"files": self._form(fields)}
        return {"json": plain(fields)}

    def __exit__(self, *_error: object) -> None:
        self._files.close()

    def _form(self, fields: Mapping[str, Any]) -> list[Part]:
        parts: list[Part] = []
        for name, value in fields.items():
            if name == "files":
                parts.extend(self._file_part("files", each) for each in value)
            elif name in FILE_FIELDS and is_file(value):
                parts.append(self._file_part(name, value))
            elif name in FILE_FIELDS:
                # A form has addresses in fields of their own, such as `first_frame_image_url`.
                parts.extend(text_part(f"{name}_{key}", each) for key, each in plain(value).items())
            else:
                parts.append(text_part(name, plain(value)))
        return parts

    def _file_part(self, name: str, file: File) -> Part:
        return file_part(name, file, self._files)


def text_part(name: str, value: Any) -> Part:
    is_plain = isinstance(value, PLAIN) and not isinstance(value, bool)
    return name, (None, (str(value) if is_plain else json.dumps(value)).encode())


def file_part(name: str, file: Any, files: ExitStack, fallback_name: str = "file") -> Part:
    """A part with a file; the gateway expects a filename with it."""
    if isinstance(file, bytes):
        return name, (fallback_name, file)
    if isinstance(file, str | os.PathLike):
        path = Path(file)
        return name, (path.name, files.enter_context(path.open("rb")))
    if not file.seekable():
        raise io.UnsupportedOperation("A file that cannot be rewound cannot be sent again. Pass its bytes.")
    return name, (Path(str(getattr(file, "name", fallback_name))).name, file)


class CharacterForm:
    """The form of `POST /characters`; a context manager as `Body`."""

    def __init__(
        self,
        name: str,
        *,
        video: File | None,
        pictures: Sequence[File],
        voice: File | None,
        description: str | None,
        clip: tuple[float, float] | None,
    ) -> None:
        if (video is None) == (len(pictures) == 0):
            raise ValueError("Pass either a video or pictures.")
        self._named = [("video", video), *(("pictures", each) for each in pictures), ("voice", voice)]
        span = {} if clip is None else {"clip_start": clip[0], "clip_end": clip[1]}
        self._texts = {"name": name, **({} if description is None else {"description": description}), **span}
        self._files = ExitStack()

    def __enter__(self) -> dict[str, Any]:
        texts = [text_part(name, value) for name, value in self._texts.items()]
        files = [
            file_part(name, each, self._files, f"{name}-{number}")
            for number, (name, each) in enumerate(self._named)
            if each is not None
        ]
        return {"files": [*texts, *files]}

    def __exit__(self, *_error: object) -> None:
        self._files.close()
