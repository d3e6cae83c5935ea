# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rule, product and exit code files checked against their JSON Schemas.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import pathlib
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.documents import Document
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.errors import RuleError
from ansible_collections.unblock.updates.plugins.plugin_utils._schema import SchemaError, Validator, suggestion

_SCHEMAS = pathlib.Path(__file__).resolve().parents[2] / "rules" / "schemas"
_VALIDATORS = {kind: Validator(_SCHEMAS / f"{kind}.schema.json") for kind in ("rule", "product", "exit_codes")}
_LONGEST_REASON = 300


def check_document(document: Document, kind: str) -> None:
    """Checks a file.

    Args:
        document: the file.
        kind: C(rule), C(product) or C(exit_codes).

    Raises:
        RuleError: for the first unknown key (a misspelt one is missing elsewhere), else the first line that is wrong.
    """
    try:
        errors = _VALIDATORS[kind].errors(document.data)
    except SchemaError as exc:
        raise document.error((), exc.reason) from exc
    if errors:
        raise min((_explain(document, error) for error in errors), key=lambda error: error.line)


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
