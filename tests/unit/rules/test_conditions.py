# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A comparison with an unknown fact never holds."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.conditions import describe, holds, lookup, render
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Condition
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.templates import fill

FACTS = {
    "a": {"yes": True, "no": False, "text": "x", "version": "3.1.6001.66", "list": ["KB1"], "zero": 0, "gone": None}
}


@pytest.mark.parametrize(
    ("fact", "op", "value", "result"),
    [
        ("a.yes", "eq", True, True),
        ("a.no", "eq", False, True),
        ("a.no", "eq", True, False),
        ("a.zero", "eq", 0, True),
        ("a.text", "ne", "y", True),
        ("a.text", "in", ["x", "y"], True),
        ("a.text", "in", ["y"], False),
        ("a.list", "has", "KB1", True),
        ("a.list", "has", "KB2", False),
        ("a.version", "version_ge", "3.1.6001.66", True),
        ("a.version", "version_ge", "3.1.6001.100", False),
        ("a.version", "version_lt", "3.1.6001.100", True),
        ("a.version", "version_lt", "3.1.6001.66", False),
        ("a.text", "version_lt", "3.1.6001.66", False),
        ("a.no", "known", None, True),
        ("a.no", "unknown", None, False),
    ],
)
def test_known_facts(fact: str, op: str, value: t.Any, result: bool) -> None:
    assert holds(Condition(fact, op, value), FACTS) is result


@pytest.mark.parametrize("fact", ["a.gone", "a.never", "b.never", "a.text.deeper"])
@pytest.mark.parametrize(
    ("op", "value"),
    [("eq", True), ("eq", None), ("ne", "x"), ("in", [None]), ("has", "x"), ("version_lt", "9.0.0.0"),
     ("version_ge", "0.0.0.0"), ("known", None)],
)  # fmt: skip
def test_unknown_facts_fit_nothing_but_unknown(fact: str, op: str, value: t.Any) -> None:
    assert not holds(Condition(fact, op, value), FACTS)
    assert holds(Condition(fact, "unknown"), FACTS)


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "unknown"), (True, "true"), (False, "false"), (0, "0"), ([], "none"), (["a", "b"], "a, b"), ("x", "x")],
)
def test_values_in_words(value: t.Any, words: str) -> None:
    assert render(value) == words


def test_conditions_in_words() -> None:
    assert describe(Condition("a", "version_ge", "3.1.6001.66")) == ">= 3.1.6001.66"
    assert describe(Condition("a", "in", ["2.0", "4.0+"])) == "one of 2.0, 4.0+"
    assert describe(Condition("a", "eq", False)) == "false"


def test_what_a_host_sent_is_no_template() -> None:
    facts = {"a": {"evil": "{a.secret} {{ 7 * 7 }} {0.__class__}", "secret": "s"}}
    assert fill("It says {a.evil}.", facts) == "It says {a.secret} {{ 7 * 7 }} {0.__class__}."
    assert lookup(facts, "a.secret") == "s"
