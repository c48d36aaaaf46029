"""Keeps generated addresses at home: every URL in a body becomes a clip of the simulator, or a path there that is nothing."""

import os

import schemathesis

CLIP = os.environ["UNDERSTUDY_CLIP_URL"]
NOTHING = CLIP.split("/clips/", 1)[0] + "/nothing"


def at_home(value):
    if isinstance(value, dict):
        return {key: at_home(each) for key, each in value.items()}
    if isinstance(value, list):
        return [at_home(each) for each in value]
    if isinstance(value, str) and "://" in value and not value.startswith("data:"):
        return CLIP if len(value) % 2 else NOTHING
    return value


@schemathesis.hook
def before_call(context, case, kwargs):
    case.body = at_home(case.body)
