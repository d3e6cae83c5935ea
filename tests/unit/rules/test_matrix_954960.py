# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All releases of WSUS crossed with all versions of its client web service, from what a host answers to the verdict."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.assessment import assess_rule
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.inventory import Inventory
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.wsus import wsus_facts
from tests.unit.rules.support import ABSENT, DENIED, RULES, ok, readings, rule, service

FILES = [
    "absent", "denied", "none", "3.0.6000.374", "3.1.6001.1", "3.1.6001.65", "3.1.6001.66", "3.1.6001.100",
    "3.1.7600.226", "3.1.7600.274", "3.1.6005.1", "6.3.9600.16384", "3.1.6001", "3.1.6001.65536",
]  # fmt: skip
VERDICTS = {
    "NA": ("not_applicable", "none"),
    "OK": ("compliant", "none"),
    "KB": ("non_compliant", "apply_kb954960"),
    "WA": ("non_compliant", "apply_rtm_workaround"),
    "?": ("unknown", "investigate"),
}
# One line a VersionString, one column a file version in the order above.
MATRIX = """
2.0.0.2472        NA NA NA ?  ?  ?  ?  ?  ?  ?  NA NA NA NA
2.0.0.2620        NA NA NA ?  ?  ?  ?  ?  ?  ?  NA NA NA NA
3.0.5419.0        ?  ?  ?  ?  ?  ?  ?  ?  ?  ?  ?  ?  ?  ?
3.0.6000.374      ?  ?  ?  WA ?  ?  ?  ?  ?  ?  ?  ?  ?  ?
3.1.6001.1        ?  ?  ?  ?  KB KB OK OK ?  ?  ?  ?  ?  ?
3.1.6001.65       ?  ?  ?  ?  KB KB OK OK ?  ?  ?  ?  ?  ?
3.1.6001.66       ?  ?  ?  ?  KB KB OK OK ?  ?  ?  ?  ?  ?
3.2.7600.226      ?  ?  ?  ?  ?  ?  ?  ?  NA NA ?  ?  ?  ?
3.2.7600.274      ?  ?  ?  ?  ?  ?  ?  ?  NA NA ?  ?  ?  ?
6.2.9200.16384    NA NA NA ?  ?  ?  ?  ?  ?  ?  NA NA NA NA
10.0.17763.1      NA NA NA ?  ?  ?  ?  ?  ?  ?  NA NA NA NA
garbage           ?  ?  ?  ?  ?  ?  ?  ?  ?  ?  ?  ?  ?  ?
3.1.6001          ?  ?  ?  ?  ?  ?  ?  ?  ?  ?  ?  ?  ?  ?
denied            ?  ?  ?  ?  ?  ?  ?  ?  ?  ?  ?  ?  ?  ?
"""
CELLS = [
    pytest.param(version, file, VERDICTS[cell], id=f"{version}-{file}")
    for version, *cells in map(str.split, MATRIX.strip().splitlines())
    for file, cell in zip(FILES, cells, strict=True)
]


def file_answer(version: str) -> dict[str, t.Any]:
    if version in ("absent", "denied"):
        return ABSENT if version == "absent" else DENIED
    seen = None if version == "none" else version
    return {"state": "ok", "path": r"D:\x.Dll", "version": seen, "created": "2008-07-15T09:30:00Z"}


@pytest.mark.parametrize(("version", "file", "verdict"), CELLS)
def test_release_crossed_with_file(version: str, file: str, verdict: tuple[str, str]) -> None:
    found = readings(
        {
            "wsus.version_string": DENIED if version == "denied" else ok(version),
            "wsus.install_type": ok(1),
            "wsus.target_dir": ok("D:\\Programme\\Update Services\\"),
            "wsus.service.wsusservice": service(),
            "wsus.client_dll": file_answer(file),
        }
    )
    inventory = Inventory(host="wsus01")
    facts = {"wsus": wsus_facts(found, RULES.products["wsus"], inventory)}
    assessment = assess_rule(rule("954960"), RULES, found, facts, inventory)
    assert (assessment["status"], assessment["action"]) == verdict
