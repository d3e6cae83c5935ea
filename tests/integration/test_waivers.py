# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waivers in the inventory: who is waived, who is not, and what the report says of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.ansible_run import ansible_playbook, module_results
from tests.lab.lab import Lab

# The dates and the numbers stand without quotation marks, as people write them.
WAIVERS = """
unblock_waivers:
  - {host: wsus-sp1-un*, advisory: 954960, reason: The branch closes., owner: Jane Doe, expires: 2999-12-31}
  - {host: wsus-dll-*, advisory: '954960', reason: The disk is being restored., owner: Jim Doe, expires: '2999-12-31'}
  - {host: wsus-german, advisory: 954960, reason: Until the move., owner: John Doe, expires: 2008-07-31}
  - {host: wsus-reset-interrupted, advisory: 954960, reason: No., owner: Nobody, expires: 2999-12-31}
  - {host: wsus-sp1-fixed, advisory: 954960, reason: Not needed., owner: Nobody, expires: 2999-12-31}
"""
HOSTS = {
    "wsus-sp1-unpatched": ("waived", "none"),
    "wsus-dll-missing": ("waived", "none"),
    "wsus-german": ("non_compliant", "apply_kb954960"),
    "wsus-reset-interrupted": ("error", "apply_rtm_workaround"),
    "wsus-sp1-fixed": ("compliant", "none"),
}


@pytest.fixture(scope="module")
def lab(simulated_lab: Lab) -> Lab:
    """Hosts that cost little: what is shown here is about Ansible."""
    return simulated_lab


def test_waivers_over_a_fleet(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "waivers.yml").write_text(WAIVERS, encoding="utf-8")
    run = ansible_playbook(
        "playbooks/compliance.yml", lab.inventory, "--limit", ",".join(HOSTS),
        "-e", f"@{tmp_path}/waivers.yml", "-e", f"unblock_report_dir={tmp_path}",
    )  # fmt: skip
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    judged = {
        host["name"]: verdict
        for host in report["hosts"]
        for verdict in host["assessments"]
        if verdict["advisory"] == "954960"
    }
    assert {name: (verdict["status"], verdict["action"]) for name, verdict in judged.items()} == HOSTS
    assert report["summary"]["by_status"]["waived"] == 2

    waived = judged["wsus-sp1-unpatched"]
    assert (waived["waiver"]["would_be"], waived["waiver"]["would_do"]) == ("non_compliant", "apply_kb954960")
    assert waived["reason"].startswith(
        "Waived until 2999-12-31 by Jane Doe (The branch closes.), otherwise non_compliant"
    )
    assert "3.1.6001.65" in waived["reason"], "the fact that decides is still named"
    assert judged["wsus-dll-missing"]["waiver"]["would_be"] == "unknown"

    assert judged["wsus-german"]["expired_waivers"] == [
        {"reason": "Until the move.", "owner": "John Doe", "expires": "2008-07-31"}
    ]
    words = "expired 2008-07-31: Until the move. (John Doe)"
    for shown in (run.output, *((tmp_path / f"report.{kind}").read_text(encoding="utf-8") for kind in ("csv", "html"))):
        assert words in shown


def test_a_waiver_without_its_last_day_is_refused_before_the_host_is_read(lab: Lab) -> None:
    host = lab.host("wsus-sp1-unpatched")
    recorded = len(host.requests())
    waivers = {
        "unblock_waivers": [{"host": "*", "advisory": "954960", "reason": "r", "owner": "o", "expire": "2999-12-31"}]
    }
    result = module_results(lab.inventory, host.name, "unblock.updates.assess", "-e", json.dumps(waivers))[host.name]
    assert "unblock_waivers[0]: unknown key 'expire'; did you mean 'expires'?" in result["msg"]
    assert len(host.requests()) == recorded
