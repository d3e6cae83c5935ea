# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A JSON Schema as a function that tells whether a document fits, and nothing more.

PRIVATE to the collection: may change without notice.

Nearly every document fits, so why one does not can take its time; that is jsonschema's part. These functions are some
ten times as fast, which counts where thousands of hosts answer. They know the keywords that this collection's schemas
use; a test compares them with jsonschema, schema by schema.
"""

from __future__ import annotations

import datetime
import functools
import re
import typing as t

Check = t.Callable[[t.Any], bool]
Schema = t.Mapping[str, t.Any]

#: Gives the schema that a C($ref) names, and the document in which its own references are to be looked up.
Resolve = t.Callable[[str, str], "tuple[Schema, str]"]

#: Say nothing about a document.
_ANNOTATIONS = frozenset({"$schema", "$id", "$defs", "$comment", "title", "description", "default", "examples"})

#: Keywords that their neighbours look after.
_SERVED = frozenset({"then", "else"})

#: Keywords of a schema with ``properties`` that one function serves.
_OF_OBJECTS = frozenset({"properties", "additionalProperties", "required"})

#: Keywords of a schema for a string that one function serves: most of what is checked is such a string.
_OF_STRINGS = frozenset({"type", "maxLength"})

#: Types whose values are just those of a class.
_CLASSES: dict[str, type] = {"string": str, "boolean": bool, "object": dict, "array": list, "null": type(None)}

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _is_integer(value: t.Any) -> bool:
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


_TYPES: dict[str, Check] = {
    "string": lambda value: isinstance(value, str),
    "integer": _is_integer,
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "null": lambda value: value is None,
}


class UnknownKeywordError(Exception):
    """A schema uses a keyword that is not known here; the text is the keyword."""


def compile_schema(schema: Schema, document: str, resolve: Resolve) -> Check:
    """Makes the function.

    Args:
        schema: a schema of draft 2020-12.
        document: the document that it stands in, from whose top references that begin with C(#) lead.
        resolve: finds what references name.

    Raises:
        UnknownKeywordError: for a keyword that is not known here.
    """
    return _Compiler(resolve).compile(schema, document)


class _Compiler:
    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._references: dict[tuple[str, str], Check] = {}

    def compile(self, schema: Schema | bool, document: str) -> Check:
        if isinstance(schema, bool):
            return lambda value: schema
        checks: list[Check] = []
        for keyword, argument in schema.items():
            if keyword in _ANNOTATIONS or keyword in _SERVED:
                continue
            make = getattr(self, f"_{keyword.lstrip('$')}", None)
            if make is None:
                raise UnknownKeywordError(keyword)
            if "properties" in schema and (keyword in _OF_OBJECTS or (keyword, argument) == ("type", "object")):
                # One function, and one walk over an object's keys, serves them all.
                if keyword == "properties":
                    checks.append(self._object(schema, document))
                continue
            if keyword in _OF_STRINGS and _is_bounded_string(schema):
                if keyword == "maxLength":
                    checks.append(_bounded_string(schema))
                continue
            checks.append(make(argument, schema, document))
        return _all(checks)

    def _ref(self, argument: str, schema: Schema, document: str) -> Check:
        key = (document, argument)
        if key not in self._references:
            self._references[key] = self.compile(*self._resolve(argument, document))
        return self._references[key]

    def _type(self, argument: t.Any, schema: Schema, document: str) -> Check:
        names = [argument] if isinstance(argument, str) else argument
        if _CLASSES.keys() >= set(names):
            classes = tuple(_CLASSES[name] for name in names)
            return lambda value: isinstance(value, classes)
        return _any([_TYPES[name] for name in names])

    def _object(self, schema: Schema, document: str) -> Check:
        known = {name: self.compile(part, document) for name, part in schema["properties"].items()}
        others = self.compile(schema.get("additionalProperties", True), document)
        names = frozenset(schema.get("required", ()))
        is_object = schema.get("type") == "object"

        def check(value: t.Any) -> bool:
            if isinstance(value, dict):
                if not names <= value.keys():
                    return False
                for name, item in value.items():
                    if not known.get(name, others)(item):
                        return False
            elif is_object:
                return False
            return True

        return check

    _properties = _object

    def _additionalProperties(self, argument: t.Any, schema: Schema, document: str) -> Check:
        return self._object({"properties": {}, "additionalProperties": argument}, document)

    def _propertyNames(self, argument: Schema, schema: Schema, document: str) -> Check:
        check = self.compile(argument, document)
        return lambda value: not isinstance(value, dict) or all(map(check, value))

    def _required(self, argument: list[str], schema: Schema, document: str) -> Check:
        names = frozenset(argument)
        return lambda value: not isinstance(value, dict) or names <= value.keys()

    def _items(self, argument: Schema, schema: Schema, document: str) -> Check:
        check = self.compile(argument, document)
        return lambda value: not isinstance(value, list) or all(map(check, value))

    def _contains(self, argument: Schema, schema: Schema, document: str) -> Check:
        check = self.compile(argument, document)
        return lambda value: not isinstance(value, list) or any(map(check, value))

    def _uniqueItems(self, argument: bool, schema: Schema, document: str) -> Check:
        if not argument:
            return lambda value: True
        return lambda value: (
            not isinstance(value, list)
            or not any(_equal(one, other) for number, one in enumerate(value) for other in value[:number])
        )

    def _enum(self, argument: list[t.Any], schema: Schema, document: str) -> Check:
        if all(isinstance(item, str) for item in argument):
            words = frozenset(argument)
            return lambda value: isinstance(value, str) and value in words
        return lambda value: any(_equal(value, item) for item in argument)

    def _const(self, argument: t.Any, schema: Schema, document: str) -> Check:
        return lambda value: _equal(value, argument)

    def _pattern(self, argument: str, schema: Schema, document: str) -> Check:
        search = re.compile(argument).search
        return lambda value: not isinstance(value, str) or search(value) is not None

    def _format(self, argument: str, schema: Schema, document: str) -> Check:
        if argument != "date":
            raise UnknownKeywordError(f"format: {argument}")
        return lambda value: not isinstance(value, str) or _is_date(value)

    def _minLength(self, argument: int, schema: Schema, document: str) -> Check:
        return lambda value: not isinstance(value, str) or len(value) >= argument

    def _maxLength(self, argument: int, schema: Schema, document: str) -> Check:
        return lambda value: not isinstance(value, str) or len(value) <= argument

    def _minItems(self, argument: int, schema: Schema, document: str) -> Check:
        return lambda value: not isinstance(value, list) or len(value) >= argument

    def _maxItems(self, argument: int, schema: Schema, document: str) -> Check:
        return lambda value: not isinstance(value, list) or len(value) <= argument

    def _minProperties(self, argument: int, schema: Schema, document: str) -> Check:
        return lambda value: not isinstance(value, dict) or len(value) >= argument

    def _maxProperties(self, argument: int, schema: Schema, document: str) -> Check:
        return lambda value: not isinstance(value, dict) or len(value) <= argument

    def _minimum(self, argument: float, schema: Schema, document: str) -> Check:
        return lambda value: not _TYPES["number"](value) or bool(value >= argument)

    def _maximum(self, argument: float, schema: Schema, document: str) -> Check:
        return lambda value: not _TYPES["number"](value) or bool(value <= argument)

    def _allOf(self, argument: list[Schema], schema: Schema, document: str) -> Check:
        return _all([self.compile(part, document) for part in argument])

    def _anyOf(self, argument: list[Schema], schema: Schema, document: str) -> Check:
        return _any([self.compile(part, document) for part in argument])

    def _oneOf(self, argument: list[Schema], schema: Schema, document: str) -> Check:
        checks = [self.compile(part, document) for part in argument]
        return lambda value: sum(check(value) for check in checks) == 1

    def _not(self, argument: Schema, schema: Schema, document: str) -> Check:
        check = self.compile(argument, document)
        return lambda value: not check(value)

    def _if(self, argument: Schema, schema: Schema, document: str) -> Check:
        condition, then, otherwise = (
            self.compile(part, document) for part in (argument, schema.get("then", True), schema.get("else", True))
        )
        return lambda value: then(value) if condition(value) else otherwise(value)


def _is_bounded_string(schema: Schema) -> bool:
    return "maxLength" in schema and schema.get("type") in ("string", ["string", "null"])


def _bounded_string(schema: Schema) -> Check:
    longest = schema["maxLength"]
    if schema["type"] == "string":
        return lambda value: isinstance(value, str) and len(value) <= longest
    return lambda value: value is None or (isinstance(value, str) and len(value) <= longest)


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _equal(one: t.Any, other: t.Any) -> bool:
    """Equal as JSON is: 1 is no true, in lists and objects neither."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(value, other[key]) for key, value in one.items())
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


# Chains of two: half the time of all() and any() with a generator.


def _all(checks: list[Check]) -> Check:
    return functools.reduce(_both, checks) if checks else lambda value: True


def _any(checks: list[Check]) -> Check:
    return functools.reduce(_either, checks)


def _both(one: Check, other: Check) -> Check:
    return lambda value: one(value) and other(value)


def _either(one: Check, other: Check) -> Check:
    return lambda value: one(value) or other(value)
