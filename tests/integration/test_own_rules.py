# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of the operator's own: judged and reported beside the collection's, refused when they are wrong."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pytest

from tests.integration.ansible_run import ansible_playbook, module_results
from tests.lab.lab import Lab

HOST = "wsus-console-only"
OWN = Path(__file__).parents[1] / "fixtures" / "rules" / "own.yml"


@pytest.fixture(scope="module")
def lab(simulated_lab: Lab) -> Lab:
    """Hosts that cost little: what is shown here is about Ansible."""
    return simulated_lab


def test_an_own_rule_is_judged_and_reported(lab: Lab, tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "own.yml").write_bytes(OWN.read_bytes())
    run = ansible_playbook(
        "playbooks/compliance.yml", lab.inventory, "--limit", HOST,
        "-e", json.dumps({"unblock_rule_dirs": [str(folder)], "unblock_report_dir": str(tmp_path)}),
    )  # fmt: skip
    assert run.code == 0, run.output
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    (host,) = report["hosts"]
    verdicts = {verdict["advisory"]: verdict for verdict in host["assessments"]}
    assert {name: verdict["status"] for name, verdict in verdicts.items()} == {
        "954474": "not_applicable",
        "954960": "not_applicable",
        "own-1": "non_compliant",
    }
    assert verdicts["own-1"]["reason"] == "The console is old (wsus.version is 3.1.6001.65)."
    assert verdicts["own-1"]["next_step"] == f"Remove it from {HOST}."
    assert host["status"] == "non_compliant"
    digest = hashlib.sha256(OWN.read_bytes()).hexdigest()
    assert {"id": "own-1", "version": "1.0.0", "sha256": digest} in report["rules"]
    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["advisory"]: row for row in csv.DictReader(file)}
    assert (rows["own-1"]["status"], rows["own-1"]["rule_version"]) == ("non_compliant", "1.0.0")
    assert f"Remove it from {HOST}." in run.output
    assert "The console is old" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_wrong_rule_is_refused_by_file_line_and_reason(lab: Lab, tmp_path: Path) -> None:
    text = OWN.read_text(encoding="utf-8").replace(
        "wsus.console_only, op: eq, value: true", "wsus.console, op: eq, value: true"
    )
    file = tmp_path / "own.yml"
    file.write_text(text, encoding="utf-8")
    line = 1 + next(number for number, words in enumerate(text.splitlines()) if "wsus.console, " in words)
    message = f"{file}:{line}: unknown fact 'wsus.console'; did you mean 'wsus.console_only'?"
    host = lab.host(HOST)
    recorded = len(host.requests())
    for module, name, arguments in (
        ("unblock.updates.assess", HOST, f"rule_dirs={tmp_path}"),
        ("unblock.updates.export_probe", "localhost", f"rule_dirs={tmp_path} dest={tmp_path}/probe.js"),
    ):
        result = module_results(lab.inventory, name, module, "-a", arguments)[name]
        assert message in result["msg"]
    assert len(host.requests()) == recorded
    assert not (tmp_path / "probe.js").exists()
