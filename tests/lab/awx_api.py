# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for the API of AWX, as far as the modules of the collection awx.awx speak to it.

It takes the fields that the documentation of these modules names, with the types and choices that stand there, and
refuses every other one; it keeps what it was given. Surveys follow the rules of AWX (awx_survey.schema.json).

with AwxApi(collection) as awx:
    awx.url, awx.token           # for CONTROLLER_HOST and CONTROLLER_OAUTH_TOKEN
    awx.one("job_templates", name="...")
"""

from __future__ import annotations

import ast
import http.server
import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import yaml
from jsonschema import Draft202012Validator

REPOSITORY = Path(__file__).parents[2]
SURVEY = Draft202012Validator(
    json.loads(Path(__file__).with_name("awx_survey.schema.json").read_text(encoding="utf-8"))
)
ROOT = "/api/v2"

#: Collections of objects, and the module that documents what can be written to each.
MODULES = {
    "execution_environments": "execution_environment",
    "inventories": "inventory",
    "job_templates": "job_template",
    "projects": "project",
    "workflow_job_template_nodes": "workflow_job_template_node",
    "workflow_job_templates": "workflow_job_template",
}
#: What a template to be run can be.
UNIFIED = ("job_templates", "projects", "workflow_job_templates")
#: Fields that the modules document as a name and send as an id, and the objects that it is of.
RELATIONS = {
    "credential": "credentials",
    "default_environment": "execution_environments",
    "execution_environment": "execution_environments",
    "inventory": "inventories",
    "organization": "organizations",
    "project": "projects",
    "unified_job_template": "unified_job_templates",
    "workflow_job_template": "workflow_job_templates",
}
#: Fields that the modules document as a dictionary and send as its JSON.
ENCODED = ("extra_vars", "variables")
#: Options of the modules that are no fields of an object.
ABOUT_THE_TASK = {
    "copy_from",
    "destroy_current_nodes",
    "interval",
    "new_name",
    "state",
    "survey_spec",
    "update_project",
    "wait",
}
TYPES: dict[str, tuple[type, ...]] = {"bool": (bool,), "dict": (dict,), "int": (int,), "str": (str,)}

Object = dict[str, Any]


class RefusedError(Exception):
    """AWX would answer with this status and document."""

    def __init__(self, status: int, **document: Any) -> None:
        super().__init__(document)
        self.status = status
        self.document = document


def documented(collection: Path, module: str) -> dict[str, dict[str, Any]]:
    """Return the options of a module of awx.awx by name, as its DOCUMENTATION has them."""
    source = (collection / "plugins" / "modules" / f"{module}.py").read_text(encoding="utf-8")
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "DOCUMENTATION":
            options: dict[str, dict[str, Any]] = yaml.safe_load(ast.literal_eval(node.value))["options"]
            return options
    raise LookupError(f"{module} has no DOCUMENTATION")


def survey_problem(survey: Mapping[str, Any]) -> str | None:
    """Return why AWX would refuse a survey; None if it takes it."""
    for error in SURVEY.iter_errors(survey):
        return f"{error.json_path}: {error.message}"
    variables = [question["variable"] for question in survey["spec"]]
    if len(set(variables)) < len(variables):
        return f"a variable is asked for twice: {variables}"
    for question in survey["spec"]:
        if question["type"] in ("multiplechoice", "multiselect") and "default" in question:
            defaults = question["default"].splitlines()
            if question["type"] == "multiplechoice" and len(defaults) > 1:
                return f"{question['variable']} has more than one default"
            if not set(defaults) <= set(lines(question["choices"])):
                return f"the default of {question['variable']} is no choice"
    return None


def type_of(kind: str) -> str:
    """Return what AWX calls one object of a collection."""
    return "inventory" if kind == "inventories" else kind.removesuffix("s")


def lines(choices: list[str] | str) -> list[str]:
    """Return the choices of a question, however they are written."""
    return choices.splitlines() if isinstance(choices, str) else choices


@dataclass
class AwxApi:
    """A server on loopback with an organization, its credentials and nothing else.

    Attributes:
        collection: folder of the collection awx.awx.
        token: the only one that is let in.
        objects: what there is, by collection and id.
        writes: method and path of every request that is to change something, oldest first.
    """

    collection: Path
    organization: str = "Default"
    credentials: tuple[str, ...] = ("Update servers",)
    token: str = field(default_factory=secrets.token_hex)
    objects: dict[str, dict[int, Object]] = field(default_factory=dict)
    writes: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._fields = {
            kind: {
                name: option
                for name, option in documented(self.collection, module).items()
                if name not in ABOUT_THE_TASK
            }
            for kind, module in MODULES.items()
        }
        approval = self._fields["workflow_job_template_nodes"].pop("approval_node")["suboptions"]
        self._fields["workflow_approval_templates"] = approval
        self._last_id = 0
        self._lock = threading.Lock()
        owner = self._add("organizations", {"name": self.organization})
        for name in self.credentials:
            self._add("credentials", {"name": name, "organization": owner["id"]})

    def __enter__(self) -> AwxApi:
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def _do(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                with api._lock:
                    status, document = api._answer(self.command, self.path, self.headers.get("Authorization"), body)
                payload = b"" if document is None else json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(payload)))
                self.send_header("X-API-Product-Name", "AWX")
                self.send_header("X-API-Product-Version", "24.6.1")
                self.end_headers()
                self.wfile.write(payload)

            do_GET = do_POST = do_PATCH = do_DELETE = _do

            def log_message(self, *arguments: object) -> None:
                """Say nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Address of the server."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def one(self, kind: str, **wanted: Any) -> Object:
        """Return the only object of a kind with these fields."""
        (found,) = self._find(kind, {name: str(value) for name, value in wanted.items()})
        return found

    def name_of(self, kind: str, number: int) -> str:
        """Return the name of an object."""
        return str(self._get(kind, number)["name"])

    def state(self) -> str:
        """Return all that there is, to be compared."""
        return json.dumps(self.objects, sort_keys=True)

    # Requests

    def _answer(self, method: str, target: str, authorization: str | None, body: bytes) -> tuple[int, Any]:
        if authorization != f"Bearer {self.token}":
            return 401, {"detail": "Authentication credentials were not provided."}
        address = urlsplit(target)
        if not (address.path.startswith(f"{ROOT}/") and address.path.endswith("/")):
            return 404, {"detail": "Not found."}
        if method != "GET":
            self.writes.append((method, address.path))
        parts = address.path.removeprefix(f"{ROOT}/").strip("/").split("/")
        try:
            return self._route(method, parts, dict(parse_qsl(address.query)), json.loads(body or b"{}"))
        except RefusedError as refused:
            return refused.status, refused.document

    def _route(self, method: str, parts: list[str], query: dict[str, str], data: Object) -> tuple[int, Any]:
        match method, parts:
            case "GET", [kind]:
                found = self._find(kind, query)
                return 200, {"count": len(found), "next": None, "previous": None, "results": found}
            case "POST", [kind] if kind in MODULES:
                return 201, self._create(kind, data)
            case "GET", ["project_updates", number]:
                return 200, {"id": int(number), "status": "successful"}
            case "GET", [kind, number]:
                return 200, self._get(kind, int(number))
            case "PATCH", [kind, number] if kind in self._fields:
                return 200, self._update(kind, self._get(kind, int(number)), data)
            case _, [("job_templates" | "workflow_job_templates") as kind, number, "survey_spec"]:
                return self._survey(method, self._get(kind, int(number)), data)
            case "POST", ["workflow_job_template_nodes", number, "create_approval_template"]:
                return 201, self._approval(self._get("workflow_job_template_nodes", int(number)), data)
            case (("GET" | "POST"), [kind, number, association]) if self._is_list(kind, association):
                return self._associate(method, self._get(kind, int(number)), association, data)
        raise RefusedError(404 if method == "GET" else 405, detail=f"{method} {'/'.join(parts)}")

    def _find(self, kind: str, query: Mapping[str, str]) -> list[Object]:
        if kind == "unified_job_templates":
            objects = [item for each in UNIFIED for item in self.objects.get(each, {}).values()]
        elif kind in MODULES or kind in self.objects:
            objects = list(self.objects.get(kind, {}).values())
        else:
            raise RefusedError(404, detail="Not found.")
        unknown = [name for name in query if name not in ("id", "identifier", "name", "type") and name not in RELATIONS]
        if unknown:
            raise RefusedError(400, detail=f"cannot filter by {unknown}")
        return [item for item in objects if all(str(item.get(name)) == value for name, value in query.items())]

    def _get(self, kind: str, number: int) -> Object:
        if kind == "unified_job_templates":
            kind = next((each for each in UNIFIED if number in self.objects.get(each, {})), kind)
        try:
            return self.objects[kind][number]
        except KeyError:
            raise RefusedError(404, detail="Not found.") from None

    # Objects

    def _add(self, kind: str, data: Object) -> Object:
        self._last_id += 1
        url = f"{ROOT}/{kind}/{self._last_id}/"
        item = {"id": self._last_id, "type": type_of(kind), "url": url, "related": {}, "summary_fields": {}, **data}
        self.objects.setdefault(kind, {})[self._last_id] = item
        return item

    def _create(self, kind: str, data: Object) -> Object:
        self._check(kind, data)
        identity = (
            ("workflow_job_template", "identifier")
            if kind == "workflow_job_template_nodes"
            else ("name", "organization")
        )
        if self._find(kind, {name: str(data.get(name)) for name in identity}):
            raise RefusedError(400, __all__=[f"there is one with this {' and '.join(identity)}"])
        item = self._add(kind, data)
        if kind.endswith("job_templates"):
            item["related"]["survey_spec"] = f"{item['url']}survey_spec/"
            item["survey"] = {}
        if kind == "projects":
            item["scm_revision"] = ""
            # What AWX does first with a new project is to fetch it.
            return {**item, "summary_fields": {"current_update": {"id": item["id"]}}}
        return item

    def _update(self, kind: str, item: Object, data: Object) -> Object:
        self._check(kind, data)
        item.update(data)
        return item

    def _check(self, kind: str, data: Object) -> None:
        problems = {name: problem for name, value in data.items() if (problem := self._problem(kind, name, value))}
        if kind == "job_templates" and not (REPOSITORY / data.get("playbook", "")).is_file():
            problems["playbook"] = "Playbook not found for project."
        if problems:
            raise RefusedError(400, **problems)

    def _problem(self, kind: str, name: str, value: Any) -> str | None:
        if name == "type":
            # Said by the modules and for reading only.
            return None if value == type_of(kind) else f"not {type_of(kind)}"
        option = self._fields[kind].get(name)
        if option is None:
            return "no such field is documented"
        if name in RELATIONS:
            known = isinstance(value, int) and self._find(RELATIONS[name], {"id": str(value)})
            return None if known else f"there is no {value!r} in {RELATIONS[name]}"
        if value is None:
            return None
        if name in ENCODED:
            return None if isinstance(json.loads(value), dict) else "no dictionary"
        if type(value) not in TYPES.get(option["type"], ()):
            return f"{value!r} is no {option['type']}"
        if "choices" in option and value not in option["choices"] and value != "":
            return f"{value!r} is none of {option['choices']}"
        return None

    def _survey(self, method: str, item: Object, data: Object) -> tuple[int, Any]:
        match method:
            case "GET":
                return 200, item["survey"]
            case "DELETE":
                item["survey"] = {}
            case "POST":
                problem = survey_problem(data)
                if problem:
                    raise RefusedError(400, error=problem)
                for question in data["spec"]:
                    if question["type"] in ("multiplechoice", "multiselect"):
                        # Lines without anything are dropped, and the last line's end with them.
                        for name in ("choices", "default"):
                            if isinstance(question.get(name), str):
                                question[name] = "\n".join(line for line in question[name].splitlines() if line.strip())
                item["survey"] = data
        return 200, {}

    def _approval(self, node: Object, data: Object) -> Object:
        self._check("workflow_approval_templates", data)
        item = self._add("workflow_approval_templates", {})
        self._update("workflow_approval_templates", item, data)
        node["unified_job_template"] = item["id"]
        node["related"]["unified_job_template"] = item["url"]
        return item

    def _is_list(self, kind: str, association: str) -> bool:
        return self._fields.get(kind, {}).get(association, {}).get("type") == "list"

    def _associate(self, method: str, item: Object, association: str, data: Object) -> tuple[int, Any]:
        kind = "workflow_job_template_nodes" if association.endswith("_nodes") else association
        numbers: list[int] = item.setdefault(association, [])
        if method == "GET":
            return 200, {
                "count": len(numbers),
                "next": None,
                "results": [self._get(kind, number) for number in numbers],
            }
        self._get(kind, data["id"])
        if data.keys() - {"id", "disassociate"}:
            raise RefusedError(400, detail=f"unknown: {sorted(data)}")
        if data.get("disassociate"):
            numbers.remove(data["id"])
        else:
            numbers.append(data["id"])
        return 204, None
