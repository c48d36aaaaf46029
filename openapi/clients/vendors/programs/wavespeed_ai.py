# wavespeed with only its base URL changed; `run` waits.
from wavespeed import Client

from cases import attempt, is_video_at, refuses, stage

APP = "openai/sora-2"
client = Client(api_key=stage["key"], base_url=stage["base"], max_retries=0, max_connection_retries=0)
stranger = Client(api_key="a-foreign-key", base_url=stage["base"], max_retries=0, max_connection_retries=0)


def run(prompt, path="text-to-video", by=client, **changes):
    order = {"prompt": prompt, "duration": 5, "size": "1280*720", **changes}
    return by.run(f"{APP}/{path}", order, timeout=20, poll_interval=0.1)


def says(words):
    return lambda error: words in str(error)


attempt("text", lambda prompt: is_video_at(run(prompt)["outputs"][0]))
attempt("first_frame", lambda prompt: is_video_at(run(prompt, "image-to-video", image=stage["first"])["outputs"][0]))
attempt("refused", lambda prompt: refuses(RuntimeError, lambda: run(prompt), says("HTTP 400")))
attempt("refused_late", lambda prompt: refuses(RuntimeError, lambda: run(prompt), says("Prediction failed")))
attempt("wrong_key", lambda prompt: refuses(RuntimeError, lambda: run(prompt, by=stranger), says("HTTP 401")))
attempt("unknown_job", lambda _: refuses(RuntimeError, lambda: client.get_result("0" * 32), says("HTTP 404")))
