# runwayml with only its base URL changed; `wait_for_task_output` waits.
from runwayml import AuthenticationError, BadRequestError, NotFoundError, RunwayML
from runwayml.lib import polling
from runwayml.lib.polling import TaskFailedError

from cases import attempt, is_video_at, refuses, stage

# The helper asks every six seconds, more or less.
polling.POLL_TIME = 0.1
polling.POLL_JITTER = 0

client = RunwayML(base_url=stage["base"], api_key=stage["key"], max_retries=0)
stranger = RunwayML(base_url=stage["base"], api_key="a-foreign-key", max_retries=0)


def order(prompt, **changes):
    return {"model": stage["model"], "prompt_text": prompt, "ratio": "1280:720", "duration": 5, **changes}


def from_text(prompt, by=client, **changes):
    return by.text_to_video.create(**order(prompt, **changes))


def from_picture(prompt, **changes):
    return client.image_to_video.create(**order(prompt, **changes))


def renders(created):
    assert created.estimated_cost.credits == 50, created
    seen = created.wait_for_task_output(timeout=20)
    assert seen.status == "SUCCEEDED" and seen.created_at is not None, seen
    assert seen.cost.credits == 50, seen
    is_video_at(seen.output[0])


def runs(prompt):
    task = client.tasks.retrieve(from_text(prompt).id)
    assert task.status == "RUNNING" and task.estimated_cost.credits == 50 and task.progress >= 0, task


def frames():
    return [{"uri": stage["first"], "position": "first"}, {"uri": stage["last"], "position": "last"}]


def references():
    return {
        "references": [{"uri": stage["person"]}],
        "reference_videos": [{"type": "video", "uri": stage["clip"]}],
        "reference_audio": [{"type": "audio", "uri": stage["voice"]}],
    }


def is_failure(error):
    return error.task_details.failure_code.startswith("SAFETY.") and error.task_details.failure != ""


def deleted(prompt):
    task = from_text(prompt)
    client.tasks.delete(task.id)
    assert client.tasks.retrieve(task.id).status == "CANCELLED"
    client.tasks.delete(task.id)
    refuses(NotFoundError, lambda: client.tasks.retrieve(task.id), lambda _: True)


attempt("text", lambda prompt: renders(from_text(prompt, audio=True, seed=7)))
attempt("first_frame", lambda prompt: renders(from_picture(prompt, prompt_image=stage["first"])))
attempt("frames", lambda prompt: renders(from_picture(prompt, prompt_image=frames())))
attempt("references", lambda prompt: renders(from_text(prompt, **references())))
attempt("running", runs)
attempt("refused", lambda prompt: refuses(BadRequestError, lambda: from_text(prompt), lambda error: "error" in error.body))
attempt(
    "refused_late",
    lambda prompt: refuses(TaskFailedError, lambda: from_text(prompt).wait_for_task_output(timeout=20), is_failure),
)
attempt("wrong_key", lambda prompt: refuses(AuthenticationError, lambda: from_text(prompt, by=stranger), lambda _: True))
attempt(
    "unknown_job",
    lambda _: refuses(
        NotFoundError, lambda: client.tasks.retrieve("c7a5d5a2-0000-4000-8000-000000000000"), lambda _error: True
    ),
)
attempt("cancelled", deleted)
