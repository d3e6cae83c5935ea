# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page on how a verdict is found: the decision tables, as the rules have them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.conditions import describe
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.loading import load_rules
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Condition, Product, Row, Rule
from tools.docs.rst import head, lines, literal, plain, section, table

NAME = "guide_decisions"

_INTRODUCTION = """\
A verdict is found by a table, and the table is data: a file for each advisory in ``plugins/rules``. This page is made
from these files, so it says what the code does. Own rules are judged the same way:
:ref:`ansible_collections.unblock.updates.docsite.guide_own_rules`.

* Rows are tried from the top. The first row whose conditions all hold decides; the last one always does.
* A fact that could not be read is *unknown*. No comparison holds for it, only the condition ``unknown``: so what is not
  known ends in a row that says so, and never in ``compliant``.
* Versions are compared as four numbers, part by part.
* A row gives the status, the action that a remedy takes, the reason and the next step. Names in braces stand for facts
  of the host.
* Then a waiver may turn ``non_compliant`` into ``waived``, and logs decide about the verification:
  :ref:`ansible_collections.unblock.updates.docsite.guide_verification`.

In the report, the row of a server shows the row of the rule, with what was expected and what was read where.

"""

_STATUSES = """\
The worst verdict of a server is its status: ``unreachable``, ``error``, ``fix_failed``, ``unknown``, ``non_compliant``,
``would_fix``, ``fixed_pending_reboot``, ``fixed``, ``waived``, ``compliant``, ``not_applicable``, from the worst down.

"""


def page() -> str:
    """The page, as it stands in the documentation."""
    rules = load_rules()
    products = [rules.products[name] for name in dict.fromkeys(rule.product for rule in rules.rules)]
    parts = [head(NAME, "How it decides", "tools/docs/decisions.py"), _INTRODUCTION, _STATUSES]
    parts += [part for rule in rules.rules for part in _rule(rule)]
    parts.append(section("Facts"))
    parts.append("What a rule may name: the facts of every host, and those of its product.\n\n")
    parts += map(_facts, [rules.products["host"], *products])
    parts.append(section("Releases"))
    parts.append("Which versions are which release, as ``plugins/rules/products`` has it.\n\n")
    parts += map(_releases, products)
    return "".join(parts).rstrip() + "\n"


def _rule(rule: Rule) -> Iterator[str]:
    yield section(f"Advisory {rule.id}")
    yield f"{plain(rule.title)}. Version {rule.version} of the rule, ``plugins/rules/{rule.id}.yml``.\n\n"
    rows = [[_conditions(row.when) or "always", _verdict(row), _words(row)] for row in rule.decision]
    yield table(("If", "Verdict", "Reason and next step"), (34, 22, 44), rows)
    yield "A server that was treated shows:\n\n"
    yield "".join(f"* {_condition(condition)}\n" for condition in rule.expected) + "\n"
    yield "The time of the fix is the first of these that is known:\n\n"
    yield table(("Fact", "Where"), (40, 60), ([literal(time.fact), _conditions(time.when)] for time in rule.fixed_at))


def _conditions(conditions: Iterable[Condition]) -> str:
    return lines(map(_condition, conditions))


def _condition(condition: Condition) -> str:
    words = describe(condition)
    return f"{literal(condition.fact)}: {words if condition.op == 'unknown' else plain(words)}"


def _verdict(row: Row) -> str:
    verification = [f"verification {literal(row.verification)}"] if row.verification else []
    return lines([literal(row.status), f"action {literal(row.action)}", *verification, f"row {literal(row.id)}"])


def _words(row: Row) -> str:
    command = r"(ansible-playbook \S+(?: --?\S+ [^\s-]\S*)*)"
    parts = re.split(command, row.next_step)
    step = "".join(literal(part) if number % 2 else plain(part) for number, part in enumerate(parts))
    return f"{plain(row.reason)}\n\n{step}"


def _facts(product: Product) -> str:
    rows = [[literal(fact.name), fact.type, plain(", ".join(fact.values)) or "any"] for fact in product.facts.values()]
    return table(("Fact", "Type", "Values"), (45, 15, 40), rows, f"Product {product.name}")


def _releases(product: Product) -> str:
    rows = [
        [plain(release.name), str(release.start), str(release.below or "none"), str(release.build or "any")]
        for release in product.releases
    ]
    return table(("Release", "From", "Below", "Build of its files"), (25, 25, 25, 25), rows, f"Product {product.name}")
