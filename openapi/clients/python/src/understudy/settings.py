"""Which gateway, and with which key."""

import os
from importlib.metadata import version

import httpx

from .errors import UnderstudyError

DEFAULT_URL = "http://127.0.0.1:8787"
# A long poll is answered within 60 s, so that more time without a byte means that nothing will come.
TIMEOUT = httpx.Timeout(90, connect=10, pool=30)


def base_url_of(said: str | None) -> str:
    """An empty variable counts as not set."""
    url = said or os.environ.get("UNDERSTUDY_URL") or DEFAULT_URL
    if not url.startswith(("http://", "https://")):
        raise UnderstudyError(f"{url} is not an http or https URL.")
    return url.rstrip("/")


def headers_of(said: str | None) -> dict[str, str]:
    key = said or os.environ.get("UNDERSTUDY_API_KEY")
    if not key:
        raise UnderstudyError("No API key found. Set UNDERSTUDY_API_KEY, or pass api_key.")
    return {"authorization": f"Bearer {key}", "user-agent": f"understudy-client/{version('understudy-client')}"}
