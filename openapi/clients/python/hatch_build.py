"""Generates `understudy.core` from the OpenAPI document whenever the package is built, so that it is never stale.

A source distribution contains the result: a wheel that is built from it needs neither the document nor the generator.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

GENERATOR = "openapi-python-client==0.29.1"
# Protocols of other clients, cookies of the console, and what vendors call.
LEFT_OUT_TAGS = {"openai", "reseller", "sessions"}
LEFT_OUT_PATHS = {"/webhooks/{upstream}"}
# What the generator reads as text or JSON; anything else is bytes.
TEXT_TYPES = ("application/json", "text/")


class CoreHook(BuildHookInterface[Any]):
    """The hook that hatchling calls before it collects the files."""

    def dependencies(self) -> list[str]:
        return [] if self._is_unpacked() else [GENERATOR]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self._is_unpacked():
            return
        root = Path(self.root)
        document = json.loads((root / "../../openapi.json").read_text("utf-8"))
        generate(calls_of(document), root / "templates", root / "src/understudy/core")

    def _is_unpacked(self) -> bool:
        """Whether this is a source distribution."""
        return (Path(self.root) / "PKG-INFO").exists()


def calls_of(document: dict[str, Any]) -> dict[str, Any]:
    """What a client may call; without error responses, which are exceptions, and without streams that do not end."""
    paths: dict[str, Any] = {}
    for path, operations in document["paths"].items():
        kept = {method: without_errors(each) for method, each in operations.items() if is_kept(path, each)}
        if kept:
            paths[path] = kept
    schemas = document["components"]["schemas"]
    used = reachable(paths, schemas)
    components = {**document["components"], "schemas": {name: schemas[name] for name in schemas if name in used}}
    return {"openapi": document["openapi"], "info": document["info"], "paths": paths, "components": components}


def is_kept(path: str, operation: dict[str, Any]) -> bool:
    types = {each for response in operation["responses"].values() for each in response.get("content", {})}
    is_stream = "text/event-stream" in types
    return path not in LEFT_OUT_PATHS and not is_stream and LEFT_OUT_TAGS.isdisjoint(operation["tags"])


def without_errors(operation: dict[str, Any]) -> dict[str, Any]:
    responses = {status: each for status, each in operation["responses"].items() if status[0] in "23"}
    return {**operation, "responses": responses}


def references_of(node: Any) -> Iterator[str]:
    """The names of all schemas that are referred to below a node."""
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str):
            yield reference.rsplit("/", 1)[1]
        for each in node.values():
            yield from references_of(each)
    elif isinstance(node, list):
        for each in node:
            yield from references_of(each)


def reachable(paths: dict[str, Any], schemas: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    ahead = [*references_of(paths)]
    while ahead:
        name = ahead.pop()
        if name in schemas and name not in found:
            found.add(name)
            ahead.extend(references_of(schemas[name]))
    return found


def generate(calls: dict[str, Any], templates: Path, core: Path) -> None:
    responses = [r for path in calls["paths"].values() for each in path.values() for r in each["responses"].values()]
    types = sorted({name for response in responses for name in response.get("content", {})})
    settings = {
        # Nothing is run on the result: formatting would need one more program, and changes nothing.
        "post_hooks": [],
        "content_type_overrides": {
            each: "application/octet-stream" for each in types if not each.startswith(TEXT_TYPES)
        },
    }
    with tempfile.TemporaryDirectory() as folder:
        document, config, made = Path(folder, "calls.json"), Path(folder, "settings.json"), Path(folder, "core")
        document.write_text(json.dumps(calls), "utf-8")
        config.write_text(json.dumps(settings), "utf-8")
        command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning"]
        command += ["--path", str(document), "--config", str(config), "--output-path", str(made)]
        subprocess.run([*command, "--custom-template-path", str(templates)], check=True, timeout=600)
        shutil.rmtree(core, ignore_errors=True)
        shutil.move(made, core)
