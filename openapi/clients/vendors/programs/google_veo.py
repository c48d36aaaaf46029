# google-genai with only its base URL changed. It has no helper that waits.
import re
import urllib.request

from google import genai
from google.genai import errors, types

from cases import attempt, is_video, refuses, stage, until


def client_of(key):
    return genai.Client(api_key=key, http_options=types.HttpOptions(base_url=stage["host"]))


client = client_of(stage["key"])
stranger = client_of("a-foreign-key")


def picture(name):
    with urllib.request.urlopen(stage[name]) as answer:
        return types.Image(image_bytes=answer.read(), mime_type="image/png")


def create(prompt, by=client, image=None, **config):
    return by.models.generate_videos(
        model=stage["model"],
        source=types.GenerateVideosSource(prompt=prompt, image=image),
        config=types.GenerateVideosConfig(
            duration_seconds=8, aspect_ratio="16:9", resolution="720p", number_of_videos=1, **config
        ),
    )


def ended(operation):
    return until(lambda: client.operations.get(operation), lambda seen: seen.done)


def renders(operation):
    seen = ended(operation)
    assert seen.error is None, seen.error
    [generated] = seen.response.generated_videos
    # `download` looks for the name in https addresses only.
    name = re.search(r"files/[a-z0-9]+", generated.video.uri).group(0)
    is_video(client.files.download(file=name))


def refused_late(prompt):
    seen = ended(create(prompt))
    assert seen.response.rai_media_filtered_count == 1, seen
    assert len(seen.response.rai_media_filtered_reasons) == 1


def says(code, status):
    return lambda error: error.code == code and error.status == status


def references():
    kind = types.VideoGenerationReferenceType.ASSET
    return [
        types.VideoGenerationReferenceImage(image=picture(name), reference_type=kind) for name in ("person", "first")
    ]


attempt("text", lambda prompt: renders(create(prompt, negative_prompt="people")))
attempt("first_frame", lambda prompt: renders(create(prompt, image=picture("first"))))
attempt("frames", lambda prompt: renders(create(prompt, image=picture("first"), last_frame=picture("last"))))
attempt("references", lambda prompt: renders(create(prompt, reference_images=references())))
attempt(
    "refused", lambda prompt: refuses(errors.ClientError, lambda: create(prompt), says(400, "INVALID_ARGUMENT"))
)
attempt("refused_late", refused_late)
attempt(
    "wrong_key",
    lambda prompt: refuses(errors.ClientError, lambda: create(prompt, by=stranger), says(400, "INVALID_ARGUMENT")),
)
attempt(
    "unknown_job",
    lambda _: refuses(
        errors.ClientError,
        lambda: client.operations.get(
            types.GenerateVideosOperation(name=f"models/{stage['model']}/operations/unknown")
        ),
        says(404, "NOT_FOUND"),
    ),
)
