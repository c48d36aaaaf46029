# google-genai's interactions with only the base URL changed. It has no helper that waits for one in the background.
import base64
import re
import urllib.request

from google import genai
from google.genai import types
from google.genai._interactions_errors import BadRequestError, NotFoundError

from cases import attempt, is_video, refuses, stage, until


def client_of(key):
    return genai.Client(api_key=key, http_options=types.HttpOptions(base_url=stage["host"]))


client = client_of(stage["key"])
stranger = client_of("a-foreign-key")


def picture(name):
    with urllib.request.urlopen(stage[name]) as answer:
        data = base64.b64encode(answer.read()).decode("ascii")
    return {"type": "image", "data": data, "mime_type": "image/png"}


def create(prompt, *pictures, task="text_to_video", by=client):
    return by.interactions.create(
        model=stage["model"],
        input=[{"type": "text", "text": prompt}, *pictures],
        background=True,
        generation_config={"video_config": {"task": task}},
        response_format={
            "type": "video",
            "delivery": "uri",
            "duration": "5s",
            "aspect_ratio": "16:9",
            "resolution": "720p",
        },
    )


def ended(interaction):
    return until(
        lambda: client.interactions.get(interaction.id), lambda seen: seen.status not in ("queued", "in_progress")
    )


def renders(interaction):
    seen = ended(interaction)
    assert seen.status == "completed", seen
    assert seen.output_video.mime_type == "video/mp4", seen
    name = re.search(r"files/[a-z0-9]+", seen.output_video.uri).group(0)
    is_video(client.files.download(file=name))


def refused_late(prompt):
    seen = ended(create(prompt))
    assert seen.status == "failed", seen
    assert seen.errors[0].message != "", seen


def cancelled(prompt):
    interaction = create(prompt)
    client.interactions.cancel(interaction.id)
    assert client.interactions.get(interaction.id).status == "cancelled"


def framed(tags, prompt, *names):
    return create(f"[# Sources {tags}] {prompt}", *[picture(name) for name in names], task="image_to_video")


attempt("text", lambda prompt: renders(create(prompt)))
attempt("first_frame", lambda prompt: renders(framed("<FIRST_FRAME>@Image1", prompt, "first")))
attempt(
    "frames",
    lambda prompt: renders(framed("<FIRST_FRAME>@Image1 <LAST_FRAME>@Image2", prompt, "first", "last")),
)
attempt(
    "references",
    lambda prompt: renders(create(prompt, picture("person"), picture("first"), task="reference_to_video")),
)
attempt("refused", lambda prompt: refuses(BadRequestError, lambda: create(prompt), lambda error: str(error) != ""))
attempt("refused_late", refused_late)
attempt(
    "wrong_key",
    lambda prompt: refuses(
        BadRequestError, lambda: create(prompt, by=stranger), lambda error: "API key not valid" in str(error)
    ),
)
attempt(
    "unknown_job",
    lambda _: refuses(NotFoundError, lambda: client.interactions.get("v1_unknown"), lambda _error: True),
)
attempt("cancelled", cancelled)
