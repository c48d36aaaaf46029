"""Serves the HTTP layer of SGLang's videos as it is in its wheel, with a stub for the engine behind it."""
import asyncio
import importlib.util
import os
import sys
import types
import uuid
from unittest.mock import MagicMock

root, port, video = sys.argv[1], int(sys.argv[2]), sys.argv[3]
base = "sglang.multimodal_gen.runtime.entrypoints.openai"
real = {f"{base}.protocol", f"{base}.stores", f"{base}.video_api"}


class Params:
    data_type = None

    def __init__(self, **given):
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
    await asyncio.sleep(0.5)
    if "breaks" in (batch.sampling_params.prompt or ""):
        raise RuntimeError("CUDA out of memory. Tried to allocate 2.50 GiB.")
    if "refuses" in (batch.sampling_params.prompt or ""):
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
        if name.endswith("openai.utils"):
            module.DEFAULT_FPS, module.DEFAULT_VIDEO_SECONDS = 24, 4
            module.add_common_data_to_response = lambda fields, request_id, result: {
                **fields,
                "inference_time_s": 0.5,
                "peak_memory_mb": 1.0,
            }
            module.build_sampling_params = lambda request_id, **given: Params(**given)
            module.flatten_extra_params = lambda value: value
            module.get_declared_request_extra_fields = lambda *_: set()
            module.merge_image_input_list = lambda *given: [each for each in given if each]
            module.process_generation_batch = render
            module.request_extra_value = lambda request, name: None
            module.request_field_value = lambda request, name: getattr(request, name, None)
            module.request_model_kwargs = lambda *_: {}
            module.resolve_sampling_params_cls = lambda _args: Params
            module.temp_dir_if_disabled = __import__("contextlib").nullcontext
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


sys.meta_path.insert(0, Stubs())
import uvicorn  # noqa: E402
from fastapi import FastAPI  # noqa: E402

api = importlib.import_module(f"{base}.video_api")
app = FastAPI()
app.include_router(api.router)
uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")
