# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rule and product files checked against their JSON Schemas.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import functools
import json
import pathlib
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.documents import Document
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.errors import RuleError
from ansible_collections.unblock.updates.plugins.plugin_utils._schema import suggestion

try:
    import jsonschema
    import referencing
    import referencing.jsonschema
except ImportError as exc:
    _IMPORT_ERROR: ImportError | None = exc
else:
    _IMPORT_ERROR = None

_SCHEMAS = pathlib.Path(__file__).resolve().parents[2] / "rules" / "schemas"
_LONGEST_REASON = 300


def check_document(document: Document, kind: str) -> None:
    """Checks a file.

    Args:
        document: the file.
        kind: C(rule) or C(product).

    Raises:
        RuleError: for the first unknown key (a misspelt one is missing elsewhere), else the first line that is wrong.
    """
    errors = list(_validator(kind).iter_errors(document.data))
    unknown = [error for error in errors if error.validator == "additionalProperties"]
    if errors:
        raise min((_explain(document, error) for error in unknown or errors), key=lambda error: error.line)


@functools.cache
def _validator(kind: str) -> t.Any:
    if _IMPORT_ERROR is not None:
        raise RuleError(str(_SCHEMAS), 1, f"jsonschema 4.18 or later is needed to check rules: {_IMPORT_ERROR}")
    schemas = {file.name: json.loads(file.read_text(encoding="utf-8")) for file in sorted(_SCHEMAS.glob("*.json"))}
    registry = referencing.Registry().with_resources(
        (name, referencing.jsonschema.DRAFT202012.create_resource(schema)) for name, schema in schemas.items()
    )
    return jsonschema.Draft202012Validator(schemas[f"{kind}.schema.json"], registry=registry)


def _explain(document: Document, error: t.Any) -> RuleError:
    path = list(error.absolute_path)
    if error.validator == "additionalProperties":
        known = sorted(error.schema.get("properties", ()))
        unknown = sorted(
            (key for key in error.instance if key not in known), key=lambda key: document.lines.get((*path, key), 0)
        )
        return document.error([*path, unknown[0]], f"unknown key '{unknown[0]}'{suggestion(unknown[0], known)}")
    name = f"'{path[-1]}': " if path and isinstance(path[-1], str) else ""
    return document.error(path, (name + " ".join(error.message.split()))[:_LONGEST_REASON])
