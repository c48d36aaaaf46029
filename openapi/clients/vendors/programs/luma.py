# luma-agents with only its base URL changed. It has no helper that waits.
from luma_agents import AuthenticationError, BadRequestError, Luma, NotFoundError

from cases import attempt, is_video_at, refuses, stage, until

client = Luma(base_url=stage["base"], auth_token=stage["key"], max_retries=0)
stranger = Luma(base_url=stage["base"], auth_token="a-foreign-key", max_retries=0)


def create(prompt, by=client, **video):
    return by.generations.create(
        type="video",
        model=stage["model"],
        prompt=prompt,
        aspect_ratio="16:9",
        video={"duration": "5s", "resolution": "720p", **video},
    )


def ended(generation):
    return until(lambda: client.generations.get(generation.id), lambda seen: seen.state in ("completed", "failed"))


def renders(generation):
    assert generation.state in ("queued", "processing") and generation.type == "video", generation
    seen = ended(generation)
    assert seen.state == "completed" and seen.failure_code is None and seen.created_at != "", seen
    [output] = seen.output
    assert output.type == "video"
    is_video_at(output.url)


def refused_late(prompt):
    seen = ended(create(prompt))
    assert seen.state == "failed" and seen.failure_code == "content_moderated" and seen.failure_reason != "", seen


first, last = {"url": stage["first"]}, {"url": stage["last"]}

attempt("text", lambda prompt: renders(create(prompt)))
attempt("first_frame", lambda prompt: renders(create(prompt, keyframes=[first], keyframe_indexes=[0])))
attempt("frames", lambda prompt: renders(create(prompt, keyframes=[first, last], keyframe_indexes=[0, 120])))
attempt("start_and_end", lambda prompt: renders(create(prompt, start_frame=first, end_frame=last)))
attempt("refused", lambda prompt: refuses(BadRequestError, lambda: create(prompt), lambda _: True))
attempt("refused_late", refused_late)
attempt("wrong_key", lambda prompt: refuses(AuthenticationError, lambda: create(prompt, by=stranger), lambda _: True))
attempt(
    "unknown_job",
    lambda _: refuses(
        NotFoundError, lambda: client.generations.get("c7a5d5a2-0000-4000-8000-000000000000"), lambda _error: True
    ),
)
