"""The `openai` package with only its base URL changed: create_and_poll, download, remix, delete, characters.

The oldest one that knows videos, 2.3, has no calls for characters.

OPENAI_BASE_URL and OPENAI_API_KEY are read by the package itself; UNDERSTUDY_CLIP_URL names a clip, and
UNDERSTUDY_UPSTREAMS the upstreams that may be used (absent: all).
"""

import os
import platform
import urllib.request
import warnings

import openai
from openai import BadRequestError, NotFoundError, OpenAI

warnings.simplefilter("ignore", DeprecationWarning)
upstreams = os.environ.get("UNDERSTUDY_UPSTREAMS")
client = OpenAI(max_retries=0, default_headers={"understudy-upstreams": upstreams} if upstreams else None)

video = client.videos.create_and_poll(prompt="paper boat in rain", seconds="4", size="320x180")
assert video.status == "completed", video
assert video.progress == 100 and video.error is None and isinstance(video.seconds, str), video

content = client.videos.download_content(video.id).read()
assert content[4:8] == b"ftyp", content[:16]
thumbnail = client.videos.download_content(video.id, variant="thumbnail").read()
assert thumbnail[:4] == b"RIFF", thumbnail[:16]

clip = urllib.request.urlopen(os.environ["UNDERSTUDY_CLIP_URL"]).read()
characters = "no characters"
if hasattr(client.videos, "create_character"):
    mossy = client.videos.create_character(name="Mossy", video=("mossy.mp4", clip, "video/mp4"))
    assert client.videos.get_character(mossy.id).name == "Mossy"
    scene = client.videos.create(
        prompt="Mossy walks by the sea", size="320x180", extra_body={"characters": [{"id": mossy.id}]}
    )
    assert client.videos.poll(scene.id).status == "completed"
    characters = "characters"

try:
    remix = client.videos.remix(video.id, prompt="at dusk")
    assert remix.remixed_from_video_id == video.id, remix
    assert client.videos.poll(remix.id).status == "completed"
    remixed = "a remix"
except BadRequestError as error:
    # A reseller of the `sora-tasks` protocol alone has no way to remix: the protocol's own kind of 400.
    assert upstreams == "sim-reverse" and error.body["param"] == "video", error
    remixed = "a refused remix"

assert video.id in [each.id for each in client.videos.list(limit=2)]
for bad in ({"prompt": ""}, {"prompt": "a", "size": "1x1"}, {"prompt": "a", "model": "sora-9"}):
    try:
        client.videos.create(**bad)
        raise AssertionError(bad)
    except BadRequestError as error:
        assert error.type == "invalid_request_error", error.body

assert client.videos.delete(video.id).deleted
try:
    client.videos.retrieve(video.id)
    raise AssertionError("a deleted video is still there")
except NotFoundError:
    pass

print(f"Python {platform.python_version()} openai {openai.__version__}: create_and_poll, download, {characters}, {remixed}, list and delete are fine")
