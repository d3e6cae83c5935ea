# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks results and reports against the JSON Schemas shipped in plugins/schemas.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

from pathlib import Path

from ansible_collections.unblock.updates.plugins.plugin_utils import _schema
from ansible_collections.unblock.updates.plugins.plugin_utils._report.errors import ReportError

SCHEMAS = Path(__file__).parents[2] / "schemas"
HOST_RESULT = "host_result"
CLIENT_RESULT = "client_result"
REPORT = "report"
REMEDIES = "remedies"
SYNC_PROBES = "sync_probes"

_VALIDATORS = {
    name: _schema.Validator(SCHEMAS / f"{name}.schema.json")
    for name in (HOST_RESULT, CLIENT_RESULT, REPORT, REMEDIES, SYNC_PROBES)
}


class SchemaError(ReportError):
    """A document breaks its schema; the message names the place in it."""


def check(document: object, schema: str) -> None:
    """Checks a document against a shipped schema, named by one of the constants of this module.

    Raises:
        SchemaError: the document does not fit.
        ReportError: jsonschema is not installed.
    """
    try:
        fault = _VALIDATORS[schema].worst_error(document)
    except _schema.SchemaError as error:
        raise ReportError(str(error)) from None
    if fault is not None:
        raise SchemaError(f"{fault.json_path}: {_end_of(fault.message)}")


def _end_of(message: str, limit: int = 300) -> str:
    """Keeps the end of a long message: it names the rule, while its start quotes the document."""
    return message if len(message) <= limit else f"...{message[-limit:]}"
