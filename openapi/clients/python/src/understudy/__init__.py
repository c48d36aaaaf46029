"""A typed client of Understudy, a self-hosted gateway for video generation."""

from .async_client import AsyncUnderstudy
from .client import Understudy
from .core.models.character import Character
from .core.models.generation import Generation
from .errors import (
    ApiError,
    ChecksumError,
    Fault,
    GenerationFailedError,
    NoAnswerError,
    UnderstudyError,
    WaitTimeoutError,
)
from .requests import GenerateFields

__all__ = [
    "ApiError",
    "AsyncUnderstudy",
    "Character",
    "ChecksumError",
    "Fault",
    "GenerateFields",
    "Generation",
    "GenerationFailedError",
    "NoAnswerError",
    "Understudy",
    "UnderstudyError",
    "WaitTimeoutError",
]
