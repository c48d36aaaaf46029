"""Serves the video routes of vLLM-Omni as they are in its wheel, with vLLM's own error handlers, and a stub for the engine.

Arguments: the folder with both wheels unpacked, the port, the video that every job makes, the number of API workers to tell.
"""
import importlib.util
import os
import sys
import types
from http import HTTPStatus
from unittest.mock import MagicMock

import endings

root, port, video, workers = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
os.environ["VLLM_OMNI_SERVER_STORAGE__PATH"] = os.path.join(root, f"storage-{port}")

omni = "vllm_omni.entrypoints"
serve = "vllm.entrypoints.serve"
real = {
    f"{omni}.openai.api_server",
    f"{omni}.openai.errors",
    f"{omni}.openai.image_api_utils",
    f"{omni}.openai.protocol.videos",
    f"{omni}.openai.storage",
    f"{omni}.openai.stores",
    f"{omni}.openai.video.generation.helpers",
    f"{omni}.openai.video_api_utils",
    f"{omni}.serve.utils.errors",
    "vllm_omni.config.server_settings",
    "vllm_omni.diffusion.models.interface",
    "vllm_omni.errors",
    "vllm.exceptions",
    "vllm.v1.engine.exceptions",
    serve,
    f"{serve}.engine.protocol",
    f"{serve}.middleware.authenticate",
    f"{serve}.exception_handling.error_response",
    f"{serve}.exception_handling.register",
    f"{serve}.exception_handling.utils",
    *(f"{serve}.exception_handling.handlers.{each}" for each in ("exception", "http", "validation", "vllm_error")),
}


def stub(module, name):
    """Other routes of the same file name models and errors that are not wanted here: any class will do for them."""
    if name.startswith("__"):
        raise AttributeError(name)
    if not name[0].isupper() or name.isupper():
        return MagicMock(name=f"{module}.{name}")
    from pydantic import BaseModel

    made = type(name, (Exception,) if name.endswith("Error") else (BaseModel,), {})
    setattr(sys.modules[module], name, made)
    return made


class Stubs:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] not in ("vllm", "vllm_omni", "uvloop", "numpy", "torch"):
            return None
        file = os.path.join(root, *name.split("."))
        if name in real:
            is_folder = os.path.isdir(file)
            source = os.path.join(file, "__init__.py") if is_folder else f"{file}.py"
            folders = [file] if is_folder else None
            return importlib.util.spec_from_file_location(name, source, submodule_search_locations=folders)
        return importlib.util.spec_from_loader(name, self, is_package=True)

    def create_module(self, spec):
        module = types.ModuleType(spec.name)
        module.__getattr__ = lambda name: stub(spec.name, name)
        return module

    def exec_module(self, module):
        if module.__name__ == "vllm_omni.entrypoints.async_omni":
            module.ABORT_TIMEOUT_S = 2.0
        if module.__name__ == "vllm.envs":
            module.VLLM_MAX_IMAGE_PIXELS = 0
        if module.__name__ == "vllm_omni.inputs.data":
            module.DIFFUSION_QUALITY_LEVELS = ("low", "medium", "high")
        if module.__name__ == f"{omni}.openai.app_state":
            module.Omnivideo = lambda request: request.app.state.openai_serving_video


class Engine:
    """What stands behind the routes: `OmniOpenAIServingVideo`, as far as they use it."""

    model_name = "wan"
    stage_configs = None
    supports_mixed_reference_inputs = False
    supports_latent_mask_editing = False

    def set_stage_configs_if_missing(self, configs):
        pass

    async def abort_request(self, video_id):
        pass

    async def generate_video_bytes(self, request, video_id, on_started=None, **references):
        from fastapi import HTTPException

        await on_started()
        ending = await endings.of(video_id)
        if ending == "breaks":
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.50 GiB.")
        if ending == "refuses":
            raise HTTPException(HTTPStatus.BAD_REQUEST, "num_frames must be 4k + 1")
        with open(video, "rb") as file:
            return file.read(), {}, 0.0, None, {}


sys.meta_path.insert(0, Stubs())
import uvicorn  # noqa: E402
from fastapi import FastAPI  # noqa: E402

importlib.import_module("vllm.envs")
server = importlib.import_module(f"{omni}.openai.api_server")
app = FastAPI()
app.state.args = types.SimpleNamespace(log_error_stack=False)
app.state.api_server_count = workers
app.state.openai_serving_video = Engine()
app.state.openai_serving_models = None
app.state.stage_configs = None
app.include_router(server.router)
endings.serve(app)
importlib.import_module(f"{serve}.exception_handling.register").init_exception_handler(app)
importlib.import_module(f"{omni}.serve.utils.errors")._register_omni_exception_handlers(app)
key = importlib.import_module(f"{serve}.middleware.authenticate").AuthenticationMiddleware
app.add_middleware(key, tokens=["any"])
uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", loop="asyncio")
