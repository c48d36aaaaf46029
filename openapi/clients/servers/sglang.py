"""Serves the HTTP layer of SGLang's videos as it is in its wheel, with a stub for the engine behind it."""
import importlib.util
import os
import sys
import types
import uuid
from unittest.mock import MagicMock

import endings

root, port, video = sys.argv[1], int(sys.argv[2]), sys.argv[3]
base = "sglang.multimodal_gen.runtime.entrypoints.openai"
real = {
    *(f"{base}.{each}" for each in ("protocol", "stores", "utils", "video_api")),
    "sglang.multimodal_gen.runtime.utils.image_io",
}


class Params:
    data_type = None

    def __init__(self, job, **given):
        self.job = job
        size = given.get("size") or "1280x720"
        self.width, self.height = (int(side) for side in size.split("x"))
        self.num_frames, self.fps = given.get("num_frames"), given.get("fps")
        self.prompt = given.get("prompt")

    def output_file_path(self):
        return "out.mp4"

    prepare_video_request_for_queue = staticmethod(lambda batch: None)
    expand_video_request_outputs_for_queue = staticmethod(lambda batch: None)
    project_video_queued_job_fields = staticmethod(lambda batch: {})
    validate_video_final_outputs = staticmethod(lambda paths, batch: {})
    cleanup_video_request = staticmethod(lambda batch: None)
    prompt_optional = False
    lower_video_request_kwargs = staticmethod(lambda request, kwargs: kwargs)


async def render(_client, batch, scheduler_batches=None):
    ending = await endings.of(batch.sampling_params.job)
    if ending == "breaks":
        raise RuntimeError("CUDA out of memory. Tried to allocate 2.50 GiB.")
    if ending == "refuses":
        raise ValueError("num_frames must be 4k + 1")
    return [video], None


async def keep(path):
    return None


async def same(_request, prompt, **_rest):
    return prompt


class Stubs:
    def find_spec(self, name, path=None, target=None):
        if not name.startswith("sglang"):
            return None
        if name in real:
            return importlib.util.spec_from_file_location(name, os.path.join(root, *name.split(".")) + ".py")
        return importlib.util.spec_from_loader(name, self, is_package=True)

    def create_module(self, spec):
        module = types.ModuleType(spec.name)
        module.__getattr__ = lambda attribute: MagicMock(name=f"{spec.name}.{attribute}")
        return module

    def exec_module(self, module):
        name = module.__name__
        if name.endswith("configs.sample.sampling_params"):
            module.SamplingParams = type("SamplingParams", (), {})
            module.generate_request_id = lambda: str(uuid.uuid4())
        if name.endswith("prompt_enhancement"):
            module.maybe_enhance_prompt = same
        if name.endswith("openai.storage"):
            module.cloud_storage = types.SimpleNamespace(upload_and_cleanup=keep)
        if name.endswith("entrypoints.utils"):
            module.prepare_request = lambda server_args, sampling_params, external_trace_header: types.SimpleNamespace(
                sampling_params=sampling_params, num_outputs_per_prompt=1, extra={}
            )
        if name.endswith("server_args"):
            args = types.SimpleNamespace(input_save_path=None, output_path="/tmp", served_model_name="wan")
            module.get_global_server_args = lambda: args


def timed(fields, request_id, result):
    return {**fields, "inference_time_s": 0.5, "peak_memory_mb": 1.0}


sys.meta_path.insert(0, Stubs())
import uvicorn  # noqa: E402
from fastapi import FastAPI  # noqa: E402

utils = importlib.import_module(f"{base}.utils")
utils.add_common_data_to_response = timed
utils.build_sampling_params = Params
utils.get_declared_request_extra_fields = lambda *_: set()
utils.process_generation_batch = render
utils.request_model_kwargs = lambda *_: {}
utils.resolve_sampling_params_cls = lambda _args: Params
api = importlib.import_module(f"{base}.video_api")
app = FastAPI()
app.include_router(api.router)
endings.serve(app)
uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")
