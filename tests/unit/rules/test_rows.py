# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every row of every decision table: reached by its fixture, missed by a near miss, and saying why."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.decision import decide
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Row, Rule
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.symptoms import verification
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.templates import placeholders
from tests.unit.rules.support import FIXTURES, RULES, nest, rule

#: Statuses with which somebody has to do something.
ASKING = ("non_compliant", "fixed_pending_reboot", "unknown", "error")
ROWS = [pytest.param(each, row, id=f"{each.id}-{row.id}") for each in RULES.rules for row in each.decision]
FILES = [pytest.param(file, id=f"{file.parent.name}-{file.stem}") for file in sorted(FIXTURES.glob("9*/*.yml"))]


def read(file: Path) -> dict[str, t.Any]:
    fixture: dict[str, t.Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return fixture


@pytest.mark.parametrize("each", RULES.rules, ids=lambda each: each.id)
def test_each_row_has_a_fixture(each: Rule) -> None:
    assert sorted(row.id for row in each.decision) == sorted(file.stem for file in (FIXTURES / each.id).glob("*.yml"))


@pytest.mark.parametrize("file", FILES)
def test_positive(file: Path) -> None:
    fixture = read(file)
    decision = decide(rule(file.parent.name), nest(fixture["positive"]))
    assert (decision.row.id, decision.status, decision.action) == (file.stem, fixture["status"], fixture["action"])
    stated = decision.row.verification
    word = verification(stated, decision.status, silent=False, fixed_at=None, healthy_at=None)
    assert word == fixture["verification"]


@pytest.mark.parametrize("file", FILES)
def test_near_miss(file: Path) -> None:
    fixture = read(file)
    facts = {**fixture["positive"], **fixture["negative"]}
    assert fixture["negative_row"] != file.stem
    assert decide(rule(file.parent.name), nest(facts)).row.id == fixture["negative_row"]


@pytest.mark.parametrize(("each", "row"), ROWS)
def test_reason_names_a_deciding_fact(each: Rule, row: Row) -> None:
    named = set(placeholders(row.reason))
    deciding = {condition.fact for condition in row.when}
    assert named & deciding if deciding else named


@pytest.mark.parametrize(("each", "row"), ROWS)
def test_words(each: Rule, row: Row) -> None:
    assert row.reason.endswith(".") and ". " not in row.reason, "a reason is one sentence"
    if row.status in ASKING:
        assert "ansible-playbook unblock.updates." in row.next_step and "--limit {host.name}" in row.next_step
    else:
        assert row.next_step.startswith("Nothing")
    assert (row.action == "none") is (row.status in ("compliant", "not_applicable", "fixed_pending_reboot"))


@pytest.mark.parametrize("file", FILES)
def test_reason_is_filled(file: Path) -> None:
    decision = decide(rule(file.parent.name), nest({**read(file)["positive"], "host.name": "wsus01"}))
    assert "{" not in decision.reason + decision.next_step
    if decision.status in ASKING:
        assert "--limit wsus01" in decision.next_step
