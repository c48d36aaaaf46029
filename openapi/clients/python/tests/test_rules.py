"""Rules without a gateway."""

from __future__ import annotations

import io
from typing import Any

import attrs
import httpx
import pytest

from understudy import ApiError, GenerateFields, NoAnswerError, Understudy, UnderstudyError
from understudy.core.models.generate_request import GenerateRequest
from understudy.core.models.generation_status import GenerationStatus
from understudy.requests import Body
from understudy.sending import ONCE, pause_before_retry
from understudy.settings import base_url_of

REQUESTS = {
    "GET": httpx.Request("GET", "http://gateway/generations/1"),
    "GET, once": httpx.Request("GET", "http://gateway/generations/1", extensions=ONCE),
    "POST": httpx.Request("POST", "http://gateway/characters"),
    "POST, key": httpx.Request("POST", "http://gateway/generate", headers={"idempotency-key": "1"}),
    "DELETE": httpx.Request("DELETE", "http://gateway/generations/1"),
}


def problem(status: int, code: str, headers: dict[str, str] | None = None) -> ApiError:
    body = {"code": code, "detail": "…", "errors": [{"pointer": "/prompt", "detail": "…"}]}
    return ApiError.of(httpx.Response(status, json=body, headers=headers))


FAILURES: dict[str, UnderstudyError] = {
    "never sent": NoAnswerError(httpx.ConnectError("refused")),
    "lost": NoAnswerError(httpx.ReadError("reset")),
    "502 of a proxy": ApiError.of(httpx.Response(502, text="<html>")),
    "503 overloaded": problem(503, "overloaded"),
    "503 storage": problem(503, "storage_unavailable"),
    "still running": problem(409, "idempotency_in_progress"),
    "name taken": problem(409, "name_taken"),
    "internal": problem(500, "internal"),
}
REPEATED = {
    "GET": {"never sent", "lost", "502 of a proxy", "503 overloaded", "503 storage", "still running"},
    "GET, once": set[str](),
    "POST": {"never sent", "503 overloaded"},
    "POST, key": {"never sent", "lost", "502 of a proxy", "503 overloaded", "503 storage", "still running"},
    "DELETE": {"never sent", "503 overloaded"},
}


@pytest.mark.parametrize("request_name", REQUESTS)
def test_only_what_is_safe_is_repeated(request_name: str) -> None:
    request = REQUESTS[request_name]
    repeated = {name for name, each in FAILURES.items() if pause_before_retry(request, each, 0, 3) is not None}
    assert repeated == REPEATED[request_name]
    assert all(pause_before_retry(request, each, 3, 3) is None for each in FAILURES.values())


def test_a_pause_is_what_the_gateway_says_up_to_half_a_minute() -> None:
    for told, pause in [("7", 7), ("0", 0), ("31", None)]:
        failure = problem(429, "rate_limited", {"retry-after": told})
        assert pause_before_retry(REQUESTS["GET"], failure, 0, 3) == pause


def test_the_fields_of_a_request_are_those_of_the_document() -> None:
    of_the_form = {"files", "reference_influence"}
    names = {each.name for each in attrs.fields(GenerateRequest)} - {"prompt", "additional_properties"}
    assert set(GenerateFields.__annotations__) - of_the_form == names


def test_a_form_has_text_json_and_addresses_in_fields_of_their_own() -> None:
    fields: dict[str, Any] = {
        "prompt": "a boat",
        "duration": 5,
        "audio": True,
        "routing": {"upstreams": ["a"]},
        "first_frame": {"image_url": "https://a.example/b.png"},
        "reference": b"clip",
    }
    with Body(fields) as arguments:
        parts = dict(arguments["files"])
    assert parts == {
        "prompt": (None, b"a boat"),
        "duration": (None, b"5"),
        "audio": (None, b"true"),
        "routing": (None, b'{"upstreams": ["a"]}'),
        "first_frame_image_url": (None, b"https://a.example/b.png"),
        "reference": ("file", b"clip"),
    }


def test_a_file_that_cannot_be_sent_again_is_refused() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    with pytest.raises(io.UnsupportedOperation, match="Pass its bytes"), Body({"prompt": "a", "reference": Pipe()}):
        pass


def test_a_word_of_a_newer_gateway_is_kept() -> None:
    assert GenerationStatus("completed") is GenerationStatus.COMPLETED
    assert GenerationStatus("resting") == "resting"


def test_without_a_key_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERSTUDY_API_KEY", "")
    with pytest.raises(UnderstudyError, match="UNDERSTUDY_API_KEY"):
        Understudy()
    monkeypatch.setenv("UNDERSTUDY_URL", "http://gateway:1/")
    assert base_url_of(None) == "http://gateway:1"
    assert base_url_of("https://other/sub/") == "https://other/sub"
