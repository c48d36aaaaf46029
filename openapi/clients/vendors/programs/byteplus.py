# byteplus-python-sdk-v2 with only its base URL changed. It has no helper that waits.
from byteplussdkarkruntime import Ark
from byteplussdkarkruntime._exceptions import ArkAuthenticationError, ArkBadRequestError, ArkNotFoundError

from cases import attempt, is_video_at, refuses, stage, until

client = Ark(base_url=stage["base"], api_key=stage["key"], max_retries=0)
stranger = Ark(base_url=stage["base"], api_key="a-foreign-key", max_retries=0)


def picture(media, role):
    return {"type": "image_url", "image_url": {"url": stage[media]}, "role": role}


def create(prompt, *parts, by=client, **changes):
    content = [{"type": "text", "text": prompt}, *parts]
    order = {"model": stage["model"], "ratio": "16:9", "resolution": "720p", "duration": 5, "watermark": False}
    return by.content_generation.tasks.create(content=content, **{**order, **changes})


def ended(task):
    tasks = client.content_generation.tasks
    return until(lambda: tasks.get(task_id=task.id), lambda seen: seen.status not in ("queued", "running"))


def renders(task):
    seen = ended(task)
    assert seen.status == "succeeded", seen
    assert seen.model == stage["model"] and seen.duration == 5 and seen.ratio == "16:9" and seen.resolution == "720p"
    assert seen.usage.completion_tokens > 0
    assert seen.error is None
    is_video_at(seen.content.video_url)
    return seen


def refused_late(prompt):
    seen = ended(create(prompt))
    assert seen.status == "failed", seen
    assert seen.error.code == "OutputVideoSensitiveContentDetected", seen.error


def cancelled(prompt):
    task = create(prompt)
    client.content_generation.tasks.delete(task_id=task.id)
    assert client.content_generation.tasks.get(task_id=task.id).status == "cancelled"


def defaults(prompt):
    # The SDK sends null for all that is not set.
    task = client.content_generation.tasks.create(model=stage["model"], content=[{"type": "text", "text": prompt}])
    is_video_at(ended(task).content.video_url)


def listed(prompt):
    task = create(prompt)
    ended(task)
    page = client.content_generation.tasks.list(page_num=1, page_size=10, task_ids=[task.id])
    assert [each.id for each in page.items] == [task.id], page
    client.content_generation.tasks.delete(task_id=task.id)
    refuses(ArkNotFoundError, lambda: client.content_generation.tasks.get(task_id=task.id), lambda _: True)


attempt("text", lambda prompt: renders(create(prompt, generate_audio=True, seed=7)))
attempt("first_frame", lambda prompt: renders(create(prompt, picture("first", "first_frame"))))
attempt("frames", lambda prompt: renders(create(prompt, picture("first", "first_frame"), picture("last", "last_frame"))))
attempt(
    "references",
    lambda prompt: renders(
        create(
            prompt,
            picture("person", "reference_image"),
            {"type": "video_url", "video_url": {"url": stage["clip"]}, "role": "reference_video"},
            {"type": "audio_url", "audio_url": {"url": stage["voice"]}, "role": "reference_audio"},
        )
    ),
)
attempt(
    "refused",
    lambda prompt: refuses(
        ArkBadRequestError, lambda: create(prompt), lambda error: error.code == "InputTextSensitiveContentDetected"
    ),
)
attempt("refused_late", refused_late)
attempt(
    "wrong_key",
    lambda prompt: refuses(
        ArkAuthenticationError, lambda: create(prompt, by=stranger), lambda error: error.code == "AuthenticationError"
    ),
)
attempt(
    "unknown_job",
    lambda _: refuses(
        ArkNotFoundError,
        lambda: client.content_generation.tasks.get(task_id="cgt-20260101000000-aaaaa"),
        lambda error: error.code == "ResourceNotFound",
    ),
)
attempt("defaults", defaults)
attempt("listed", listed)
attempt("cancelled", cancelled)
