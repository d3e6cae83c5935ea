# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks results and reports against the JSON Schemas shipped in plugins/schemas.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from ansible_collections.unblock.updates.plugins.plugin_utils._report.errors import ReportError

try:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match
    from jsonschema.validators import extend
except ImportError as error:
    IMPORT_ERROR: ImportError | None = error
else:
    IMPORT_ERROR = None

SCHEMAS = Path(__file__).parents[2] / "schemas"
HOST_RESULT = "host_result"
CLIENT_RESULT = "client_result"
REPORT = "report"

_TYPES = {str: "string", int: "integer", bool: "boolean", dict: "object", list: "array", type(None): "null"}


class SchemaError(ReportError):
    """A document breaks its schema; the message names the place in it."""


def check(document: object, schema: str) -> None:
    """Checks a document against a shipped schema: ``HOST_RESULT``, ``CLIENT_RESULT`` or ``REPORT``.

    Raises:
        SchemaError: the document does not fit.
        ReportError: jsonschema is not installed.
    """
    fast, thorough = _validators(schema)
    if not fast.is_valid(document):
        fault = best_match(thorough.iter_errors(document))
        raise SchemaError(f"{fault.json_path}: {_end_of(fault.message)}")


@cache
def _validators(schema: str) -> tuple[Any, Any]:
    """Returns one validator that only tells whether, four times as fast, and one that tells why not."""
    if IMPORT_ERROR is not None:
        raise ReportError(
            "The Python library jsonschema (4.18 or later) is missing on the controller; "
            f"install it for the Python that runs Ansible: {IMPORT_ERROR}"
        )
    names = (HOST_RESULT, CLIENT_RESULT, REPORT)
    documents = {name: json.loads((SCHEMAS / f"{name}.schema.json").read_bytes()) for name in names}
    parts = {f"{doc['$id']}#/$defs/{name}": body for doc in documents.values() for name, body in doc["$defs"].items()}
    whole = _inlined(documents[schema], documents[schema]["$id"], parts)
    make: Any = extend
    quick = make(Draft202012Validator, {"type": _type})
    quick.descend = _descend
    return quick(whole), Draft202012Validator(whole)


def _type(self: Any, types: str | list[str], instance: object, schema: dict[str, Any]) -> Iterator[Any]:
    """Accepts at once what is plainly right; jsonschema judges the rest (subclasses, 1.0 as an integer)."""
    if _TYPES.get(instance.__class__, "other") not in types:
        yield from Draft202012Validator.VALIDATORS["type"](self, types, instance, schema) or ()


def _descend(self: Any, instance: object, schema: dict[str, Any], *dummy: object, **unused: object) -> Iterator[Any]:
    """Goes down without what jsonschema does for references and error paths at every value: that is half its time."""
    for keyword, value in schema.items():
        rule = self.VALIDATORS.get(keyword)
        if rule is not None:
            yield from rule(self, value, instance, schema) or ()


def _inlined(node: Any, document: str, parts: dict[str, Any]) -> Any:
    """Puts every referenced part where it is referred to; our schemas are not recursive."""
    if isinstance(node, list):
        return [_inlined(item, document, parts) for item in node]
    if not isinstance(node, dict):
        return node
    whole = {key: _inlined(value, document, parts) for key, value in node.items() if key not in ("$ref", "$defs")}
    if "$ref" not in node:
        return whole
    target = document + node["$ref"] if node["$ref"].startswith("#") else node["$ref"]
    part = _inlined(parts[target], target.partition("#")[0], parts)
    return {**whole, "allOf": [part]} if whole else part


def _end_of(message: str, limit: int = 300) -> str:
    """Keeps the end of a long message: it names the rule, while its start quotes the document."""
    return message if len(message) <= limit else f"...{message[-limit:]}"
