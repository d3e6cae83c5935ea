# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The section fix of a rule: what the collection's rules say there, and what the loader refuses."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._remedy import packages
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.errors import RuleError
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.loading import load_rules
from tests.unit.rules.support import FIXTURES, RULES, rule

OWN = (FIXTURES / "own.yml").read_text(encoding="utf-8")
FIX = """
fix:
  - action: upgrade_wsus
    package: wsus_setup
    architecture: os
    shows: [wsus.version]
    not_before: {kernel: '6.0', date: 2008-08-01, reason: It fails there.}
    exe: {arguments: /q, log: '{log}'}
    msi: {arguments: /qn, log: '{log}'}
"""
SCHEMAS = Path(packages.__file__).resolve().parents[2] / "schemas"


def test_what_the_rules_of_the_collection_carry_out() -> None:
    assert {found.id: list(found.fixes) for found in RULES.rules} == {
        "954474": ["apply_kb954474"],
        "954960": ["apply_kb954960", "upgrade_wsus"],
    }
    fixes = rule("954960").fixes
    assert fixes["apply_kb954960"].not_before is not None
    assert fixes["apply_kb954960"].not_before.kernel == (6, 0)
    assert fixes["apply_kb954960"].not_before.date == datetime.date(2008, 8, 1)
    assert bool(fixes["apply_kb954960"].irreversible) and not fixes["upgrade_wsus"].irreversible
    assert rule("954474").fixes["apply_kb954474"].architecture == "x86"


def test_every_package_of_a_fix_can_be_given() -> None:
    known = json.loads((SCHEMAS / "packages.schema.json").read_text(encoding="utf-8"))["properties"]
    assert {fix.package for found in RULES.rules for fix in found.fixes.values()} == set(known)


def load(folder: Path, fix: str) -> None:
    own = OWN.replace("action: investigate\n    reason: The", "action: upgrade_wsus\n    reason: The")
    (folder / "own.yml").write_text(own.replace("\nexpected:", f"{fix}expected:"), encoding="utf-8")
    load_rules([str(folder)])


def test_a_fix_of_ones_own(tmp_path: Path) -> None:
    load(tmp_path, FIX)
    own = next(found for found in load_rules([str(tmp_path)]).rules if found.id == "own-1")
    assert own.fixes["upgrade_wsus"].exe.arguments == "/q"


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("action: upgrade_wsus", "action: apply_kb954474", 20, "no row of the decision asks for 'apply_kb954474'"),
        ("package: wsus_setup", "package: wsus", 21, "'wsus' is not one of"),
        ("architecture: os", "architecture: x64", 22, "'x64' is not one of"),
        ("[wsus.version]", "[wsus.verison]", 23, "unknown fact 'wsus.verison'; did you mean 'wsus.version'?"),
        ("[wsus.version]", "[]", 23, "'shows'"),
        ("kernel: '6.0'", "kernel: six", 24, "'six' does not match"),
        ("2008-08-01", "2008-02-30", 24, "'2008-02-30' is no day"),
        ("arguments: /q,", "argument: /q,", 25, "unknown key 'argument'; did you mean 'arguments'?"),
        ("    msi: {arguments: /qn, log: '{log}'}\n", "", 20, "'msi' is a required property"),
        ("'{log}'}\n", "'{log}'}\n" + FIX.split("fix:\n")[1], 27, "action 'upgrade_wsus' stands here a second time"),
    ],
)
def test_a_fix_that_cannot_work(tmp_path: Path, old: str, new: str, line: int, reason: str) -> None:
    head, dummy, tail = FIX.rpartition(old)
    with pytest.raises(RuleError) as caught:
        load(tmp_path, f"{head}{new}{tail}")
    assert (reason in caught.value.reason, caught.value.line) == (True, line), caught.value
