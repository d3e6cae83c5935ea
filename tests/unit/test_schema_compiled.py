# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The compiled schemas agree with jsonschema, which is the word of the law, on every shipped schema."""

from __future__ import annotations

import json
import random
import re
import typing as t
from pathlib import Path

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._schema import Validator
from ansible_collections.unblock.updates.plugins.plugin_utils._schema_compiled import (
    UnknownKeywordError,
    compile_schema,
)

PLUGINS = Path(__file__).parents[2] / "plugins"
SCHEMAS = sorted([*PLUGINS.glob("schemas/*.json"), *PLUGINS.glob("rules/schemas/*.json")])
VALUES: list[t.Any] = [
    None,
    True,
    False,
    0,
    1,
    1.0,
    1.5,
    -1,
    "",
    "x",
    "954960",
    "2008-06-10T03:00:00Z",
    [],
    {},
    [1, True],
]


def example(validator: Validator, schema: t.Any, document: str, chance: random.Random, depth: int = 0) -> t.Any:
    """A value that fits a schema more often than not: what fits nearly is what tells two validators apart."""
    if not isinstance(schema, dict) or depth > 12 or chance.random() < 0.02:
        return chance.choice(VALUES)
    if "$ref" in schema:
        part, there = validator._resolve(schema["$ref"], document)
        return example(validator, part, there, chance, depth + 1)
    for keyword in ("anyOf", "oneOf", "allOf"):
        if keyword in schema and "properties" not in schema:
            return example(validator, chance.choice(schema[keyword]), document, chance, depth + 1)
    if "enum" in schema or "const" in schema:
        return chance.choice([*schema.get("enum", [schema.get("const")])])
    kind = schema.get("type", "object" if "properties" in schema else "string")
    kind = chance.choice(kind) if isinstance(kind, list) else kind
    if kind == "object":
        parts = {name: part for name, part in schema.get("properties", {}).items() if chance.random() < 0.9}
        whole = {name: example(validator, part, document, chance, depth + 1) for name, part in parts.items()}
        if chance.random() < 0.3:
            more = schema.get("additionalProperties", True)
            whole[chance.choice(["x", "954960", "compliant"])] = example(validator, more, document, chance, depth + 1)
        return whole
    if kind == "array":
        count = chance.choice([0, 1, 1, 2])
        return [example(validator, schema.get("items", True), document, chance, depth + 1) for number in range(count)]
    if kind == "string":
        return text(schema, chance)
    return {"integer": chance.choice([0, 1, 5, 1.0, -3]), "number": 1.5, "boolean": True}.get(kind)


def text(schema: dict[str, t.Any], chance: random.Random) -> str:
    known = ["2008-06-10T03:00:00Z", "954960", "1.2.3", "a" * 64, "host", "x.y", "a_b", "20261121T100000Z-1f2e3d4c"]
    if schema.get("format") == "date":
        return chance.choice(["2027-01-31", "2027-01-31", "2028-02-29", "2027-02-29", "20270131", "2027-1-31", *known])
    fitting = [word for word in known if re.search(schema.get("pattern", ""), word)]
    return chance.choice([*(fitting or known), chance.choice(known), "long " * 2000 if "maxLength" in schema else "x"])


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.stem)
def test_both_say_the_same(path: Path) -> None:
    validator = Validator(path)
    chance = random.Random(path.name)
    schema = json.loads(path.read_text(encoding="utf-8"))
    said = []
    for _number in range(300):
        document = example(validator, schema, path.name, chance)
        said.append(validator._thorough.is_valid(document))
        assert validator._fits is not None
        assert validator._fits(document) == said[-1], json.dumps(document)[:2000]
    assert False in said


def fits(schema: dict[str, t.Any], value: t.Any) -> bool:
    return compile_schema(schema, "it", lambda reference, document: ({}, document))(value)


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "integer"}, [0, 1, 1.0, -5], [True, 1.5, "1", None]),
        ({"type": "number"}, [0, 1.5], [True, "1"]),
        ({"type": ["string", "null"]}, ["", None], [0, []]),
        ({"const": 1}, [1, 1.0], [True, "1"]),
        ({"enum": [False, "a", [1]]}, [False, "a", [1]], [0, [True], "b"]),
        ({"enum": ["a", "b"]}, ["a"], ["c", 0, [], {}]),
        ({"uniqueItems": True}, [[1, True], [], [[1], [True]], "aa"], [[1, 1.0], [{"a": 1}, {"a": 1}]]),
        ({"uniqueItems": False}, [[1, 1]], []),
        (
            {"properties": {"a": {"type": "null"}}, "additionalProperties": False},
            [{"a": None}, {}, 5],
            [{"a": 1}, {"b": 1}],
        ),
        ({"additionalProperties": {"type": "null"}}, [{"a": None}], [{"a": 1}]),
        ({"propertyNames": {"maxLength": 1}}, [{"a": 1}], [{"ab": 1}]),
        ({"required": ["a"]}, [{"a": 1, "b": 2}, []], [{}, {"b": 1}]),
        ({"items": {"type": "string"}, "minItems": 1, "maxItems": 2}, [["a"], "x"], [[], [1], ["a", "b", "c"]]),
        ({"contains": {"const": 5}}, [[1, 5]], [[1], []]),
        ({"minProperties": 1, "maxProperties": 1}, [{"a": 1}], [{}, {"a": 1, "b": 1}]),
        ({"minimum": 1, "maximum": 2}, [1, 2.0, True, "x"], [0, 3]),
        ({"minLength": 1, "maxLength": 2, "pattern": "b"}, ["b", "ab", 7], ["", "a", "abc"]),
        ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, [1.5], [1, "a"]),
        ({"not": {"required": ["a"]}}, [{}], [{"a": 1}]),
        (
            {"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"maxProperties": 0}},
            [{}, {"a": 1, "b": 1}],
            [{"a": 1}, {"c": 1}],
        ),
        ({"allOf": [{"minimum": 1}, {"maximum": 1}]}, [1], [0, 2]),
        ({"$comment": "x", "title": "y"}, [1, None], []),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_a_keyword(schema: dict[str, t.Any], good: list[t.Any], bad: list[t.Any]) -> None:
    assert [fits(schema, value) for value in good] == [True] * len(good)
    assert [fits(schema, value) for value in bad] == [False] * len(bad)


def test_a_keyword_that_is_not_known_is_left_to_jsonschema() -> None:
    with pytest.raises(UnknownKeywordError, match="unevaluatedItems"):
        fits({"unevaluatedItems": False}, [])
