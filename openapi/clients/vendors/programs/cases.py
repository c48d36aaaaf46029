import json
import os
import time
import urllib.request

# What run.ts hands over: base URL, key, model, prompts by case, and the addresses of pictures, a clip and a voice.
stage = json.loads(os.environ["VENDOR_STAGE"])


def attempt(name, run):
    """Tries one case; its outcome goes to the results of run.ts, whatever becomes of it."""
    try:
        run(stage["prompts"][name])
        outcome = {"name": name, "passed": True, "detail": ""}
    except Exception as error:  # every kind of failure is an outcome
        outcome = {"name": name, "passed": False, "detail": f"{type(error).__name__}: {error}"[:500]}
    with open(os.environ["VENDOR_RESULTS"], "a", encoding="utf-8") as results:
        results.write(json.dumps(outcome) + "\n")


def is_video(data):
    """Bytes of an MP4 that plays, and no error page."""
    assert data[4:8] == b"ftyp", data[:80]
    assert len(data) > 1000


def is_video_at(url, headers=None):
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {})) as answer:
        is_video(answer.read())


def refuses(kind, run, look):
    """`run` has to raise this kind of error, and `look` has to like it."""
    try:
        run()
    except kind as error:
        assert look(error), repr(error)
        return
    raise AssertionError(f"no {kind.__name__} was raised")


def until(poll, is_over):
    """Polls every 100 ms, 20 seconds at the most."""
    for _ in range(200):
        seen = poll()
        if is_over(seen):
            return seen
        time.sleep(0.1)
    raise AssertionError("the job does not end")
