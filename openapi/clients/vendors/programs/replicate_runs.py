# replicate for Python with only its base URL changed; `wait` polls.
from replicate import Client
from replicate.exceptions import ReplicateError

from cases import attempt, is_video_at, refuses, stage

# The host alone: the client adds v1.
client = Client(api_token=stage["key"], base_url=stage["host"])
client.poll_interval = 0.1
stranger = Client(api_token="a-foreign-key", base_url=stage["host"])


def create(prompt, by=client, **changes):
    order = {"prompt": prompt, "duration": 5, "aspect_ratio": "16:9", "resolution": "720p", **changes}
    return by.models.predictions.create(model=stage["model"], input=order)


def ended(prediction):
    prediction.wait()
    return prediction


def renders(prediction):
    seen = ended(prediction)
    assert seen.status == "succeeded", seen
    assert seen.model == stage["model"] and seen.urls["get"].endswith(seen.id), seen
    is_video_at(seen.output[0] if isinstance(seen.output, list) else seen.output)


def refused_late(prompt):
    seen = ended(create(prompt))
    assert seen.status == "failed" and "E005" in seen.error, seen


def is_error(status):
    return lambda error: error.status == status and error.detail != ""


def cancelled(prompt):
    prediction = create(prompt)
    prediction.cancel()
    assert ended(prediction).status == "canceled", prediction


attempt("text", lambda prompt: renders(create(prompt, seed=7, generate_audio=True)))
attempt("first_frame", lambda prompt: renders(create(prompt, image=stage["first"])))
attempt("frames", lambda prompt: renders(create(prompt, image=stage["first"], last_frame_image=stage["last"])))
attempt(
    "references",
    lambda prompt: renders(
        create(
            prompt,
            reference_images=[stage["person"]],
            reference_videos=[stage["clip"]],
            reference_audios=[stage["voice"]],
        )
    ),
)
attempt("refused", lambda prompt: refuses(ReplicateError, lambda: create(prompt), is_error(400)))
attempt("refused_late", refused_late)
attempt("wrong_key", lambda prompt: refuses(ReplicateError, lambda: create(prompt, by=stranger), is_error(401)))
attempt("unknown_job", lambda _: refuses(ReplicateError, lambda: client.predictions.get("unknown"), is_error(404)))
attempt("cancelled", cancelled)
