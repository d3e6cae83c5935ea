# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON Schema (draft 2020-12) with one way to say what is wrong.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import difflib
import functools
import json
import pathlib
import typing as t

try:
    import jsonschema
except ImportError as exc:
    JSONSCHEMA_IMPORT_ERROR: ImportError | None = exc
else:
    JSONSCHEMA_IMPORT_ERROR = None


class SchemaError(Exception):
    """A document does not fit its schema.

    Attributes:
        path: keys and indexes that lead to the offending value.
        reason: what is wrong with it, one line of at most 300 characters.
    """

    def __init__(self, name: str, path: t.Sequence[str | int], reason: str) -> None:
        self.path = tuple(path)
        self.reason = " ".join(reason.split())[:300]
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
        super().__init__(f"{name}{where}: {self.reason}")


class Validator:
    """A schema file, compiled when it is first used."""

    def __init__(self, path: pathlib.Path) -> None:
        self._path = path

    @functools.cached_property
    def _compiled(self) -> t.Any:
        if JSONSCHEMA_IMPORT_ERROR is not None:
            raise SchemaError(self._path.name, (), f"jsonschema cannot be imported: {JSONSCHEMA_IMPORT_ERROR}")
        schema = json.loads(self._path.read_text(encoding="utf-8"))
        return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())

    def check(self, document: t.Any, name: str) -> None:
        """Checks a document.

        Args:
            document: decoded JSON or YAML.
            name: what the document is called in the error.

        Raises:
            SchemaError: for an unknown key (a misspelt one is missing elsewhere), else for what says most.
        """
        errors = list(self._compiled.iter_errors(document))
        unknown = [error for error in errors if error.validator == "additionalProperties"]
        error = jsonschema.exceptions.best_match(unknown or errors)
        if error is not None:
            raise SchemaError(name, tuple(error.absolute_path), _reason(error))


def suggestion(word: str, known: t.Iterable[str]) -> str:
    """C("; did you mean 'X'?") for a word that is near a known one, else nothing."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean '{near[0]}'?" if near else ""


def _reason(error: t.Any) -> str:
    if error.validator != "additionalProperties":
        return str(error.message)
    known = error.schema["properties"]
    unknown = next(key for key in error.instance if key not in known)
    return f"unknown key '{unknown}'{suggestion(str(unknown), known)}"
