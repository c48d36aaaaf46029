# dashscope with only its base URL changed; `wait` polls. It raises nothing: an answer has a code.
import dashscope
from dashscope import VideoSynthesis

from cases import attempt, is_video_at, stage

dashscope.base_http_api_url = f"{stage['host']}/api/v1"


def create(prompt, key=stage["key"], media=None, **changes):
    return VideoSynthesis.async_call(
        model=stage["model"],
        prompt=prompt,
        api_key=key,
        media=media,
        **{"duration": 5, "resolution": "720P", "ratio": "16:9", "watermark": False, **changes},
    )


def ended(created):
    assert created.output is not None, created
    assert created.output.task_status == "PENDING", created
    return VideoSynthesis.wait(created, api_key=stage["key"], wait_timeout=20)


def renders(created):
    seen = ended(created)
    assert seen.output.task_status == "SUCCEEDED", seen
    assert seen.usage["duration"] == 5, seen
    is_video_at(seen.output.video_url)


def is_error(answer, code):
    assert answer.code == code, answer
    assert not answer.output, answer


def refused_late(prompt):
    seen = ended(create(prompt))
    assert seen.output.task_status == "FAILED", seen
    assert seen.output["code"] == "DataInspectionFailed", seen


def cancelled(prompt):
    created = create(prompt)
    assert VideoSynthesis.cancel(created, api_key=stage["key"]).status_code == 200
    assert VideoSynthesis.fetch(created, api_key=stage["key"]).output.task_status == "CANCELED"


def listed(prompt):
    created = create(prompt)
    page = VideoSynthesis.list(api_key=stage["key"], page_no=1, page_size=50)
    assert created.output.task_id in [each["task_id"] for each in page.output["data"]], page


def unknown(_):
    seen = VideoSynthesis.fetch("d0d36b22-0000-4000-8000-000000000000", api_key=stage["key"])
    assert seen.output.task_status == "UNKNOWN", seen


first = {"type": "first_frame", "url": stage["first"]}
last = {"type": "last_frame", "url": stage["last"]}
references = [
    {"type": "reference_image", "url": stage["person"]},
    {"type": "reference_video", "url": stage["clip"]},
    {"type": "reference_audio", "url": stage["voice"]},
]

attempt("text", lambda prompt: renders(create(prompt, seed=7, audio=True)))
attempt("first_frame", lambda prompt: renders(create(prompt, media=[first])))
attempt("frames", lambda prompt: renders(create(prompt, media=[first, last])))
attempt("references", lambda prompt: renders(create(prompt, media=references)))
attempt("refused", lambda prompt: is_error(create(prompt), "DataInspectionFailed"))
attempt("refused_late", refused_late)
attempt("wrong_key", lambda prompt: is_error(create(prompt, key="a-foreign-key"), "InvalidApiKey"))
attempt("unknown_job", unknown)
attempt("cancelled", cancelled)
attempt("listed", listed)
