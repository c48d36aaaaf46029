"""Lints and renders a chart with Helm's own code, and validates what comes out against the schemas of Kubernetes.

Standard input: {"chart": folder, "versions": ["1.27.0"], "cases": {name: values}}. Standard output: {name: {"lint": [text],
"refused": text or null, "documents": [manifest], "faults": [text], "unknown": [kind]}}. `unknown` are kinds without a schema.
"""

import json
import sys

import kubernetes_validate
import yaml
from helm_python import chart, errors


def check(folder, versions, values):
    report = chart.lint(folder, values, strict=True)
    # 1 is for information, such as an icon that is not there.
    lint = [f"{one['path']}: {one['error']}" for one in report["messages"] if one["severity"] > 1] + report["errors"]
    result = {"lint": lint, "refused": None, "documents": [], "faults": [], "unknown": []}
    try:
        with chart.Chart.load(folder) as loaded:
            loaded.validate_schema(values)
            rendered = loaded.render(values, name="understudy", namespace="video")
    except errors.HelmError as error:
        return {**result, "refused": str(error)}
    for name, text in rendered.items():
        if not name.endswith(".yaml"):
            continue
        for document in yaml.safe_load_all(text):
            if document is None:
                continue
            result["documents"].append(document)
            for version in versions:
                try:
                    kubernetes_validate.validate(document, version, strict=True)
                except kubernetes_validate.SchemaNotFoundError:
                    result["unknown"].append(document["kind"])
                except kubernetes_validate.ValidationError as error:
                    place = "/".join(str(part) for part in error.path)
                    result["faults"].append(f"{version} {document['kind']} {place}: {error.message}")
    return result


asked = json.load(sys.stdin)
json.dump({name: check(asked["chart"], asked["versions"], values) for name, values in asked["cases"].items()}, sys.stdout)
