"""What the helpers do with a gateway, for both clients."""

from __future__ import annotations

import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from faulty_proxy import FaultyProxy

from understudy import (
    ApiError,
    ChecksumError,
    Generation,
    GenerationFailedError,
    NoAnswerError,
    Understudy,
    WaitTimeoutError,
)
from understudy.core.api.generations import cancel_generation, list_generations
from understudy.core.api.models import list_models

pytestmark = pytest.mark.anyio


def ids_with(label: str) -> set[str]:
    with Understudy(max_retries=20) as understudy:
        page = list_generations.sync(client=understudy.core, limit=100)
        assert page is not None
        return {each.id for each in page.data if each.metadata.to_dict().get("label") == label}


async def test_a_video_is_made_waited_for_and_downloaded_with_its_checksum(connect: Any, tmp_path: Path) -> None:
    understudy = connect()
    states: list[str] = []
    video = await understudy.generate_and_wait(
        "a boat", duration=5, routing={"priority": "cost"}, on_progress=lambda each: states.append(each.status)
    )
    assert states[-1] == "completed"
    target = tmp_path / "boat.mp4"
    target.write_text("what was there before")
    assert await understudy.download(video, target) == target
    assert sha256(target.read_bytes()).hexdigest() == video.video.sha256
    assert [each.name for each in tmp_path.iterdir()] == ["boat.mp4"]


async def test_a_character_is_uploaded_and_mentioned(connect: Any, clip: bytes, label: str, tmp_path: Path) -> None:
    understudy = connect()
    file = tmp_path / "troll.mp4"
    file.write_bytes(clip)
    name = f"troll_{label[:8]}"
    character = await understudy.upload_character(name, video=file, description="a moss troll", clip=(0, 2))
    assert round(character.clip.duration) == 2
    video = await understudy.generate_and_wait(f"@{name} walks", duration=5)
    assert [each.id for each in video.characters] == [character.id]


async def test_a_file_is_sent_with_a_request_also_when_it_is_repeated(
    connect: Any, proxy: FaultyProxy, clip: bytes, label: str, tmp_path: Path
) -> None:
    file = tmp_path / "walk.mp4"
    file.write_bytes(clip)
    proxy.break_next("POST", "/generate", "lost")
    with file.open("rb") as opened:
        made = await connect(proxy.url).generate(
            "a boat",
            reference=opened,
            reference_influence=0.5,
            routing={"duration": "nearest"},
            metadata={"label": label},
        )
    assert len(proxy.of("POST", "/generate")) >= 2
    assert ids_with(label) == {made.id}
    # Not every upstream takes a file.
    assert "reference_unsupported" in {each.code for each in made.route.excluded}


async def test_a_create_whose_answer_is_lost_is_repeated_with_its_key_and_makes_one_job(
    connect: Any, proxy: FaultyProxy, label: str
) -> None:
    proxy.break_next("POST", "/generate", "lost")
    made = await connect(proxy.url).generate("a boat", duration=5, metadata={"label": label})
    calls = proxy.of("POST", "/generate")
    assert len(calls) >= 2
    assert len({call.headers["idempotency-key"] for call in calls}) == 1
    assert ids_with(label) == {made.id}


async def test_two_calls_have_two_keys(connect: Any, proxy: FaultyProxy, label: str) -> None:
    understudy = connect(proxy.url)
    first = await understudy.generate("a boat", metadata={"label": label})
    second = await understudy.generate("a boat", metadata={"label": label})
    assert first.id != second.id
    third = await understudy.generate("a boat", metadata={"label": label}, idempotency_key=label)
    assert (await understudy.generate("a boat", metadata={"label": label}, idempotency_key=label)).id == third.id


async def test_an_upload_without_a_key_is_not_repeated_when_its_answer_is_lost(
    connect: Any, proxy: FaultyProxy, clip: bytes, label: str
) -> None:
    proxy.break_next("POST", "/characters", "lost")
    name = f"troll_{label[:8]}"
    with pytest.raises(NoAnswerError) as caught:
        await connect(proxy.url).upload_character(name, video=clip)
    assert caught.value.was_sent
    # Its name is taken: the gateway has it, and a repetition would have been refused.
    with pytest.raises(ApiError) as taken:
        await connect().upload_character(name, video=clip)
    assert (taken.value.status, taken.value.code) == (409, "name_taken")


async def test_a_refusal_is_an_exception_with_its_code(connect: Any) -> None:
    with pytest.raises(GenerationFailedError) as caught:
        await connect().generate_and_wait("something forbidden", duration=5)
    assert caught.value.code == "content_refused"
    assert caught.value.generation.video is None


async def test_a_problem_is_an_exception_that_names_the_field(connect: Any) -> None:
    with pytest.raises(ApiError) as caught:
        await connect().generate("")
    error = caught.value
    assert (error.status, error.code, error.pointer) == (400, "validation_failed", "/prompt")
    assert error.request_id is not None and error.request_id.startswith("req_")
    with pytest.raises(ApiError) as missing:
        await connect().wait("gen_00000000000000000000000000")
    assert (missing.value.status, missing.value.code) == (404, "not_found")


async def test_waiting_ends_at_its_deadline_and_the_generation_goes_on(connect: Any, slow_model: str) -> None:
    understudy = connect()
    made = await understudy.generate("a boat", model=slow_model)
    start = time.monotonic()
    with pytest.raises(WaitTimeoutError) as caught:
        await understudy.wait(made, timeout=2)
    assert time.monotonic() - start < 120
    assert caught.value.generation_id == made.id
    assert (await understudy.get(made)).status in ("queued", "in_progress")
    with Understudy(max_retries=20) as operator:
        assert cancel_generation.sync(made.id, client=operator.core) is not None


async def test_waiting_ends_at_its_deadline_without_a_gateway(connect: Any) -> None:
    with pytest.raises(WaitTimeoutError):
        await connect("http://127.0.0.1:9").wait("gen_00000000000000000000000000", timeout=1)


async def test_waiting_goes_on_after_a_lost_answer(connect: Any, proxy: FaultyProxy) -> None:
    understudy = connect(proxy.url)
    made = await understudy.generate("a boat", duration=5)
    for _ in range(2):
        proxy.break_next("GET", "", "lost")
    assert (await understudy.wait(made)).id == made.id


async def test_a_download_that_breaks_is_continued(
    connect: Any, proxy: FaultyProxy, video: Generation, tmp_path: Path
) -> None:
    assert video.video is not None
    understudy = connect(proxy.url)
    proxy.break_next("GET", "/video", "cut")
    path = await understudy.download(video.id, tmp_path / "boat.mp4")
    assert sha256(path.read_bytes()).hexdigest() == video.video.sha256
    ranges = [call.headers["range"] for call in proxy.of("GET", "/video")]
    assert f"bytes={video.video.bytes_ // 2}-" in ranges


async def test_a_spoiled_download_leaves_the_file_that_was_there(
    connect: Any, proxy: FaultyProxy, video: Generation, tmp_path: Path
) -> None:
    understudy = connect(proxy.url)
    proxy.break_next("GET", "/video", "spoiled")
    target = tmp_path / "boat.mp4"
    target.write_text("what was there before")
    with pytest.raises(ChecksumError):
        await understudy.download(video, target)
    assert target.read_text() == "what was there before"
    assert [each.name for each in tmp_path.iterdir()] == ["boat.mp4"]


async def test_a_video_that_is_not_ready_is_an_exception_and_no_file(
    connect: Any, slow_model: str, tmp_path: Path
) -> None:
    understudy = connect()
    made = await understudy.generate("a boat", model=slow_model)
    with pytest.raises(ApiError) as caught:
        await understudy.download(made, tmp_path / "boat.mp4")
    assert (caught.value.code, caught.value.retry_after) == ("video_not_ready", 5)
    assert list(tmp_path.iterdir()) == []


async def test_every_other_operation_goes_through_the_core_with_the_same_exceptions() -> None:
    with Understudy(max_retries=20) as understudy:
        page = list_models.sync(client=understudy.core)
        assert page is not None and len(page.data) > 0
        with pytest.raises(ApiError) as caught:
            cancel_generation.sync("gen_00000000000000000000000000", client=understudy.core)
        assert caught.value.code == "not_found"
