# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The condition language: a fact, an operator, a value.

PRIVATE to the collection: may change without notice.

A comparison with an unknown fact never holds, whatever the operator; only C(unknown) holds for it.
"""

from __future__ import annotations

import operator
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Condition, Facts
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.versions import FourPart


def lookup(facts: Facts, name: str) -> t.Any:
    """The value of a fact by its dotted name; None if it is unknown."""
    value: t.Any = facts
    for part in name.split("."):
        if not isinstance(value, t.Mapping) or part not in value:
            return None
        value = value[part]
    return value


def holds(condition: Condition, facts: Facts) -> bool:
    """Whether a condition holds.

    Args:
        condition: a condition that the loader has checked.
        facts: nested mappings; a fact that is not there is unknown.
    """
    value = lookup(facts, condition.fact)
    if condition.op == "unknown":
        return value is None
    return value is not None and _COMPARISONS[condition.op](value, condition.value)


def describe(condition: Condition) -> str:
    """What a condition asks of its fact, in words for people."""
    return _WORDS[condition.op].format(render(condition.value))


def render(value: t.Any) -> str:
    """A fact's value in words for people."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(render, value)) or "none"
    return str(value)


def _compare_versions(compare: t.Callable[[FourPart, FourPart], bool]) -> t.Callable[[t.Any, t.Any], bool]:
    def result(value: t.Any, limit: t.Any) -> bool:
        left, right = FourPart.parse(value), FourPart.parse(limit)
        return left is not None and right is not None and compare(left, right)

    return result


_COMPARISONS: dict[str, t.Callable[[t.Any, t.Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "in": lambda value, options: value in options,
    "has": lambda value, element: element in value,
    "version_lt": _compare_versions(operator.lt),
    "version_ge": _compare_versions(operator.ge),
    "known": lambda value, ignored: True,
}

_WORDS = {
    "eq": "{}",
    "ne": "not {}",
    "in": "one of {}",
    "has": "holds {}",
    "version_lt": "< {}",
    "version_ge": ">= {}",
    "known": "known",
    "unknown": "unknown",
}
