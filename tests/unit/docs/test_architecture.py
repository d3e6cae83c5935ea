# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may know whom, as docs/architecture.md says it, against what the packages import."""

from __future__ import annotations

import ast
import re

from tests.unit.docs.commands import ROOT

UTILS = ROOT / "plugins" / "plugin_utils"
PREFIX = "ansible_collections.unblock.updates.plugins."
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def imported(name: str) -> set[str]:
    """What a package or file of plugin_utils imports of the collection beside itself."""
    files = [UTILS / f"{name}.py"] if (UTILS / f"{name}.py").exists() else sorted((UTILS / name).glob("*.py"))
    found = set()
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PREFIX):
                kind, *names = str(node.module).removeprefix(PREFIX).split(".")
                found |= {names[0]} if names else {alias.name for alias in node.names}
                assert kind == "plugin_utils", f"{path} imports {node.module}"
    return found - {name}


def test_the_packages_import_what_the_table_allows_and_nothing_else() -> None:
    rows = re.findall(r"^\| `plugin_utils/(_\w+)/` \|[^|]*\| (.*) \|$", PAGE, re.MULTILINE)
    assert sorted(name for name, dummy in rows) == sorted({path.parent.name for path in UTILS.glob("*/*.py")})
    common = shared()
    assert {name: imported(name) - common for name, dummy in rows} == {
        name: set(re.findall(r"`(_\w+)`", knows)) for name, knows in rows
    }


def test_what_every_package_may_know_knows_none() -> None:
    for name in shared():
        assert imported(name) <= {"_schema_compiled"}, name


def shared() -> set[str]:
    (sentence,) = re.findall(r"^Every package may know (.*?)\.", PAGE, re.MULTILINE)
    return set(re.findall(r"`(_\w+)`", sentence))
