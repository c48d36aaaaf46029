"""LiteLLM's own functions for videos with only the base URL changed: generation, status, content, remix, list.

OPENAI_API_KEY is read by the package; OPENAI_API_BASE is passed, because its video functions want it so; UNDERSTUDY_CLIP_URL
names a clip.
"""

import importlib.metadata
import io
import os
import platform
import time
import urllib.request

import litellm

at = {"api_base": os.environ["OPENAI_API_BASE"], "api_key": os.environ["OPENAI_API_KEY"], "custom_llm_provider": "openai"}


def finished(video_id):
    for _ in range(300):
        video = litellm.video_status(video_id=video_id, **at)
        if video.status in ("completed", "failed"):
            return video
        time.sleep(0.2)
    raise AssertionError(f"{video_id} did not end")


def make(**more):
    return litellm.video_generation(
        **{"model": "openai/sora-2", "prompt": "paper boat in rain", "seconds": "4", "size": "320x180", **more, **at}
    )


video = make()
done = finished(video.id)
assert done.status == "completed" and done.error is None, done
content = litellm.video_content(video_id=video.id, **at)
assert content[4:8] == b"ftyp", content[:16]

clip = urllib.request.urlopen(os.environ["UNDERSTUDY_CLIP_URL"]).read()
reference = io.BytesIO(clip)
reference.name = "mossy.mp4"
like = make(prompt="at sea", input_reference=reference)
assert finished(like.id).status == "completed"

remix = litellm.video_remix(video_id=video.id, prompt="at dusk", **at)
assert finished(remix.id).status == "completed"

listed = litellm.video_list(limit=5, **at)
assert len(listed) >= 3, listed

for bad in ({"prompt": ""}, {"model": "openai/sora-9"}):
    try:
        make(**bad)
    except Exception as error:  # Its classes of errors differ from version to version.
        assert getattr(error, "status_code", None) in (400, 404), error
    else:
        raise AssertionError(f"{bad} was taken")

version = importlib.metadata.version("litellm")
print(
    f"Python {platform.python_version()} litellm {version}: "
    "video_generation, status, content, a file, remix, list and errors are fine"
)
