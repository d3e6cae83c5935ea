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

from ansible_collections.unblock.updates.plugins.plugin_utils._schema_compiled import (
    Check,
    UnknownKeywordError,
    compile_schema,
)

try:
    import jsonschema
    import referencing
    import referencing.jsonschema
except ImportError as exc:
    _IMPORT_ERROR: ImportError | None = exc
else:
    _IMPORT_ERROR = None


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
    """A schema file. It may refer to those beside it, by their C($id) or file name.

    Made when a module is imported, so that the processes that Ansible forks for hosts find it ready.
    """

    def __init__(self, path: pathlib.Path) -> None:
        self._path = path
        files = sorted(path.parent.glob("*.json"))
        self._schemas: dict[str, t.Any] = {}
        for file in files:
            schema = json.loads(file.read_text(encoding="utf-8"))
            self._schemas[file.name] = self._schemas[schema.get("$id", file.name)] = schema
        try:
            self._fits: Check | None = compile_schema(self._schemas[path.name], path.name, self._resolve)
        except UnknownKeywordError:
            self._fits = None

    def _resolve(self, reference: str, document: str) -> tuple[t.Any, str]:
        name, dummy, pointer = reference.partition("#")
        document = name or document
        schema = self._schemas[document]
        for part in pointer.split("/")[1:]:
            schema = schema[part]
        return schema, document

    @functools.cached_property
    def _thorough(self) -> t.Any:
        registry = referencing.Registry().with_resources(
            (name, referencing.jsonschema.DRAFT202012.create_resource(schema)) for name, schema in self._schemas.items()
        )
        return jsonschema.Draft202012Validator(
            self._schemas[self._path.name], registry=registry, format_checker=jsonschema.FormatChecker()
        )

    def errors(self, document: t.Any) -> list[t.Any]:
        """What is wrong with a document, as jsonschema's errors.

        Unknown keys alone if there are any: what a misspelt one should have said is missing elsewhere.

        Raises:
            SchemaError: if jsonschema is not installed.
        """
        if _IMPORT_ERROR is not None:
            words = "jsonschema 4.18 or later is missing on the controller; install it for the Python that runs Ansible"
            raise SchemaError(self._path.name, (), f"{words}: {_IMPORT_ERROR}")
        if self._fits is not None and self._fits(document):
            return []
        errors = list(self._thorough.iter_errors(document))
        return [error for error in errors if error.validator == "additionalProperties"] or errors

    def check(self, document: t.Any, name: str) -> None:
        """Checks a document.

        Args:
            document: decoded JSON or YAML.
            name: what the document is called in the error.

        Raises:
            SchemaError: for what says most; if jsonschema is not installed.
        """
        error = self.worst_error(document)
        if error is not None:
            raise SchemaError(name, tuple(error.absolute_path), _reason(error))

    def worst_error(self, document: t.Any) -> t.Any:
        """The error of jsonschema that says most of what is wrong with a document; None if nothing is.

        Raises:
            SchemaError: if jsonschema is not installed.
        """
        errors = self.errors(document)
        return jsonschema.exceptions.best_match(errors) if errors else None


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
