# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a JSON Schema cannot say about a rule: that the names in it exist and the values fit them.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.documents import Document, Path
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import FactSpec
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.templates import placeholders
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.times import parse_utc
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.versions import FourPart
from ansible_collections.unblock.updates.plugins.plugin_utils._schema import suggestion

Specs = t.Mapping[str, FactSpec]

#: Which operators a fact of each type may be compared by, beside C(known) and C(unknown).
_OPERATORS = {
    "boolean": ("eq", "ne"),
    "count": ("eq", "ne", "in"),
    "list": ("has",),
    "text": ("eq", "ne", "in"),
    "time": (),
    "version": ("version_lt", "version_ge"),
}

_IS_OF_TYPE: dict[str, t.Callable[[t.Any], bool]] = {
    "boolean": lambda value: isinstance(value, bool),
    "count": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "list": lambda value: isinstance(value, str),
    "text": lambda value: isinstance(value, str),
    "time": lambda value: parse_utc(value) is not None,
    "version": lambda value: FourPart.parse(value) is not None,
}


def check_unique(document: Document, path: Path, key: str) -> None:
    """Refuses two entries of a list that go by the same name.

    Raises:
        RuleError: naming the second one.
    """
    seen: set[str] = set()
    for index, entry in enumerate(_at(document, path)):
        if entry[key] in seen:
            raise document.error((*path, index, key), f"{key} '{entry[key]}' stands here a second time")
        seen.add(entry[key])


def check_reads(document: Document, path: Path) -> None:
    """Refuses a read that refers to a value which no earlier read gives.

    Raises:
        RuleError: naming the reference.
    """
    ids: set[str] = set()
    for index, read in enumerate(_at(document, path)):
        for name in read.get("needs", ()):
            check_reference(document, (*path, index, "needs"), name, ids)
        for key in ("key", "path"):
            check_template(document, (*path, index, key), read.get(key, ""), ids)
        ids.add(read["id"])


def check_template(document: Document, path: Path, template: str, ids: t.Collection[str]) -> None:
    """Refuses a path or key that refers to anything but an earlier read.

    Raises:
        RuleError: naming the reference.
    """
    for name in placeholders(template):
        check_reference(document, path, name, ids)


def check_reference(document: Document, path: Path, name: str, ids: t.Collection[str]) -> None:
    """Refuses a reference to anything but an earlier read.

    Raises:
        RuleError: naming the reference.
    """
    if name not in ids:
        raise document.error(path, f"no earlier read is called '{name}'{suggestion(name, ids)}")


def check_conditions(document: Document, path: Path, specs: Specs) -> None:
    """Refuses a condition on an unknown fact, or one that could never hold.

    Raises:
        RuleError: naming the fact, operator or value.
    """
    for index, condition in enumerate(_at(document, path)):
        where = (*path, index)
        spec = check_fact(document, (*where, "fact"), condition["fact"], specs)
        operator = condition["op"]
        if operator in ("known", "unknown"):
            continue
        if operator not in _OPERATORS[spec.type]:
            fitting = ", ".join((*_OPERATORS[spec.type], "known", "unknown"))
            raise document.error((*where, "op"), f"{spec.name} is a {spec.type} and takes only: {fitting}")
        values = condition["value"] if operator == "in" else [condition["value"]]
        if not isinstance(values, list) or not values:
            raise document.error((*where, "value"), "'in' takes a list of values")
        for value in values:
            _check_value(document, (*where, "value"), value, spec)


def check_decision(document: Document, specs: Specs) -> None:
    """Refuses a decision table whose rows name unknown things, or that does not end in a row for everything else.

    Raises:
        RuleError: naming the row's fault.
    """
    check_unique(document, ("decision",), "id")
    rows = _at(document, ("decision",))
    for index, row in enumerate(rows):
        where = ("decision", index)
        check_conditions(document, (*where, "when"), specs)
        for key in ("reason", "next_step"):
            for name in placeholders(row[key]):
                check_fact(document, (*where, key), name, specs)
        if not row["when"] and index < len(rows) - 1:
            raise document.error((*where, "when"), "only the last row may be without conditions: it hides all below")
    if rows[-1]["when"] or rows[-1]["status"] != "unknown":
        raise document.error(("decision", len(rows) - 1), "the last row must have 'when: []' and 'status: unknown'")


def check_fixes(document: Document, specs: Specs) -> None:
    """Refuses a fix that no row of the decision table asks for, or that shows a fact which is none.

    Raises:
        RuleError: naming the action or fact.
    """
    asked = {row["action"] for row in document.data["decision"]}
    seen: set[str] = set()
    for index, fix in enumerate(document.data.get("fix", ())):
        where: Path = ("fix", index, "action")
        if fix["action"] in seen:
            raise document.error(where, f"action '{fix['action']}' stands here a second time")
        if fix["action"] not in asked:
            raise document.error(where, f"no row of the decision asks for '{fix['action']}'")
        seen.add(fix["action"])
        for number, name in enumerate(fix["shows"]):
            check_fact(document, ("fix", index, "shows", number), name, specs)


def check_fact(document: Document, path: Path, name: str, specs: Specs) -> FactSpec:
    """The fact that a name stands for.

    Raises:
        RuleError: if there is none.
    """
    if name not in specs:
        raise document.error(path, f"unknown fact '{name}'{suggestion(name, specs)}")
    return specs[name]


def _check_value(document: Document, path: Path, value: t.Any, spec: FactSpec) -> None:
    if not _IS_OF_TYPE[spec.type](value):
        raise document.error(path, f"{value!r} is no value of {spec.name}, a {spec.type}")
    if spec.values and value not in spec.values:
        raise document.error(path, f"{spec.name} is never '{value}'{suggestion(value, spec.values)}")


def _at(document: Document, path: Path) -> t.Any:
    value = document.data
    for part in path:
        value = value[part]
    return value
