# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the rules share: answers of the probe, and facts by dotted names."""

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.loading import load_rules
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Rule
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.request import build_reads

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "rules"
RULES = load_rules()
READS = build_reads([RULES.products[name] for name in ("host", "configmgr", "wsus")], RULES.rules)

ABSENT: dict[str, t.Any] = {"state": "absent"}
DENIED: dict[str, t.Any] = {"state": "denied", "error": {"number": -2147024891, "message": "Zugriff verweigert"}}


def rule(rule_id: str) -> Rule:
    return next(found for found in RULES.rules if found.id == rule_id)


def ok(data: t.Any) -> dict[str, t.Any]:
    return {"state": "ok", "data": data}


def tree(text: str, truncated: bool = False) -> dict[str, t.Any]:
    return {"state": "ok", "text": text, "truncated": truncated}


def log(lines: str = "", truncated: bool = False, path: str = r"D:\x.log") -> dict[str, t.Any]:
    return {"state": "ok", "path": path, "lines": lines, "truncated": truncated}


def service(status: str = "running") -> dict[str, t.Any]:
    return {"state": "ok", "status": status, "start": 2}


def readings(reads: t.Mapping[str, t.Any], **probe: t.Any) -> Readings:
    """An answer in which everything that is not named is absent."""
    unknown = set(reads) - {read["id"] for read in READS}
    if unknown:
        raise AssertionError(f"nothing asks for {unknown}")
    about = {"wow64": False, "arch": "AMD64", "time": "2008-08-01T10:00:00Z", **probe}
    return Readings({"probe": about, "reads": {**{read["id"]: ABSENT for read in READS}, **reads}})


def nest(flat: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Facts by dotted names as the nested mappings that a decision sees."""
    facts: dict[str, t.Any] = {}
    for name, value in flat.items():
        *parents, last = name.split(".")
        place = facts
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    return facts
