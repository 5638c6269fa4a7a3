# SPDX-License-Identifier: Apache-2.0
"""docs/openapi.yaml as a judge of answers: each status, content type and body must be one that it describes."""

import re

import jsonschema
import yaml

from support.ambassador import ROOT

PATH = ROOT / "docs" / "openapi.yaml"
METHODS = ("get", "put", "post", "patch", "delete")


class Document:
    def __init__(self):
        self.tree = yaml.safe_load(PATH.read_text(encoding="utf-8"))
        self.answered = set()  # (path, method, status)

    def operations(self):
        return {(path, method): operation for path, item in self.tree["paths"].items()
                for method, operation in item.items() if method in METHODS}

    def statuses(self, path, method):
        return set(self.operations()[path, method]["responses"])

    def _resolve(self, node):
        while "$ref" in node:
            found = self.tree
            for key in node["$ref"].removeprefix("#/").split("/"):
                found = found[key]
            node = found
        return node

    def validator(self, schema):
        resolver = jsonschema.RefResolver("", self.tree)
        return jsonschema.Draft202012Validator(schema, resolver=resolver)

    def path_of(self, target):
        """The templated path that a target is one of."""
        bare = target.split("?")[0]
        for path in self.tree["paths"]:
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), bare):
                return path
        raise AssertionError(f"{target} is in no path of the document")

    def check(self, method, target, answer):
        """Fails if the document does not know such an answer to that; gives the answer back."""
        path, method = self.path_of(target), method.lower()
        operation = self.operations()[path, method]
        known = operation["responses"]
        assert str(answer.status) in known, f"{method} {path} does not answer with {answer}"
        self.answered.add((path, method, str(answer.status)))
        described = self._resolve(known[str(answer.status)])
        for name in described.get("headers", {}):
            assert name.lower() in answer.fields, f"{method} {path}: {name} is missing in {answer}"
        content = described.get("content")
        if not content:
            assert answer.body == b"" and not answer.type, answer
            return answer
        assert answer.type in content, f"{method} {path}: {answer.type} is not among {list(content)}"
        if answer.type == "application/json":
            self.validator(content[answer.type]["schema"]).validate(answer.json)
        return answer

    def check_request(self, method, target, body):
        """Whether the document allows such a request body."""
        operation = self.operations()[self.path_of(target), method.lower()]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        return self.validator(schema).is_valid(body)

    def nodes(self, node=None, place="#"):
        """Every (place, node) of the document that is an object of it."""
        node = self.tree if node is None else node
        yield place, node
        items = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in items:
            if isinstance(value, (dict, list)):
                yield from self.nodes(value, f"{place}/{key}")
