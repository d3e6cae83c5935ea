# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts without WinRM: the exported probe, really run by cscript on lab hosts, judges as WinRM does."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.integration.ansible_run import REPOSITORY, ansible_playbook, module_results
from tests.lab.lab import Lab, LabHost

EXPORT = "unblock.updates.export_probe"
FOLDER = r"C:\windows\temp"
NAME = "wsus-sp1-unpatched"
NAMES = ["wsus-absent", "wsus-german", "wsus-sp1-contradicted", NAME]


@pytest.fixture(scope="module")
def exported(simulated_lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The script, in a folder that was not there."""
    dest = tmp_path_factory.mktemp("export") / "new" / "unblock-probe.js"
    result = module_results(simulated_lab.inventory, "localhost", EXPORT, "-a", f"dest={dest}")["localhost"]
    assert result["changed"] is True, result
    return dest


def run_by_hand(host: LabHost, script: Path) -> bytes:
    """Does what an administrator does in a command prompt of the host; returns what is in host.txt then."""
    host.put(rf"{FOLDER}\unblock-probe.js", script.read_bytes())
    before = host.snapshot().files
    try:
        host.run(rf"cscript //nologo {FOLDER}\unblock-probe.js > {FOLDER}\host.txt")
        answer = host.get(rf"{FOLDER}\host.txt")
        host.run(rf"del {FOLDER}\host.txt")
        assert host.snapshot().files == before, "nobody deletes the probe's temporary files but the probe"
    finally:
        host.run(rf"del {FOLDER}\unblock-probe.js")
    return answer


@pytest.fixture(scope="module")
def answer(simulated_lab: Lab, exported: Path) -> bytes:
    """What the script printed on one simulated host."""
    return run_by_hand(simulated_lab.host(NAME), exported)


def collect(lab: Lab, folder: Path, answers: dict[str, bytes]) -> Path:
    """An inventory of these hosts, judged by files with their answers; WinRM cannot reach them."""
    inventory = yaml.safe_load(lab.inventory.read_text(encoding="utf-8"))
    group = inventory["all"]["children"]["update_servers"]
    for name, answer in answers.items():
        (folder / f"{name}.txt").write_bytes(answer)
    group["hosts"] = {name: group["hosts"][name] for name in answers}
    del inventory["all"]["children"]["update_clients"]
    group["vars"] = {"ansible_port": 1, "unblock_collected": "{{ inventory_dir }}/{{ inventory_hostname }}.txt"}
    path = folder / "inventory.yml"
    path.write_text(yaml.safe_dump(inventory), encoding="utf-8")
    return path


@pytest.mark.one_core
def test_the_verdicts_are_those_of_winrm(lab: Lab, exported: Path, tmp_path: Path) -> None:
    answers = {name: run_by_hand(lab.host(name), exported) for name in NAMES}
    over_winrm = module_results(lab.inventory, ",".join(NAMES), "unblock.updates.assess")
    recorded = len(lab.requests())
    inventory = collect(lab, tmp_path, answers)
    run = ansible_playbook("playbooks/compliance.yml", inventory, "-e", f"unblock_report_dir={tmp_path}")
    assert run.code == 0, run.output
    assert len(lab.requests()) == recorded, "a host was spoken to"

    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    by_hand = {host["name"]: host for host in report["hosts"]}
    assert list(by_hand) == NAMES
    shown = [run.output, *((tmp_path / f"report.{kind}").read_text(encoding="utf-8") for kind in ("csv", "html"))]
    for name, host in by_hand.items():
        assert host["assessments"] == over_winrm[name]["assessments"]
        assert host["wsus"] == over_winrm[name]["ansible_facts"]["wsus"]
        assert host["collected"]["age_days"] == 0
        computer = t.cast(t.Any, lab.host(name).model).windows.computer_name
        assert host["collected"]["computer_name"] == computer
        assert all(f"collected by hand on {computer}, " in text for text in shown)


def test_an_old_answer_saved_by_powershell_shows_its_age(simulated_lab: Lab, answer: bytes, tmp_path: Path) -> None:
    old = re.sub('"time":"[^"]+"', '"time":"2020-02-29T10:00:00Z"', answer.decode("ascii")).encode("utf-16")
    inventory = collect(simulated_lab, tmp_path, {NAME: old})
    result = module_results(inventory, NAME, "unblock.updates.assess", "-a", f"collected={tmp_path}/{NAME}.txt")[NAME]
    assert result["status"] == "non_compliant"
    assert result["collected"]["at"] == "2020-02-29T10:00:00Z"
    assert result["collected"]["age_days"] > 2000


def test_an_answer_to_other_rules_is_refused_with_the_remedy(simulated_lab: Lab, answer: bytes, tmp_path: Path) -> None:
    inventory = collect(simulated_lab, tmp_path, {NAME: answer})
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "own.yml").write_bytes((REPOSITORY / "tests/fixtures/rules/own.yml").read_bytes())
    variables = json.dumps({"unblock_rule_dirs": [str(rules)], "unblock_report_dir": str(tmp_path)})
    run = ansible_playbook("playbooks/compliance.yml", inventory, "-e", variables)
    assert run.code == 2
    host = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["hosts"][0]
    assert (host["status"], host["error"]["layer"]) == ("error", "collected file")
    assert host["error"]["observed"] == "the answer was collected for another version of the rules"
    assert host["error"]["next_step"].startswith("Export the probe again by unblock.updates.export_probe")


def test_the_script_is_written_only_when_it_changes(simulated_lab: Lab, exported: Path, tmp_path: Path) -> None:
    def export(*arguments: str) -> dict[str, t.Any]:
        return module_results(simulated_lab.inventory, "localhost", EXPORT, *arguments)["localhost"]

    before = exported.stat()
    again = export("-a", f"dest={exported.parent}")
    assert (again["changed"], again["dest"]) == (False, str(exported)), "a folder stands for the script in it"
    assert exported.stat().st_mtime_ns == before.st_mtime_ns

    would = export("-a", f"dest={tmp_path}/probe.js", "--check")
    assert (would["changed"], would["sha256"]) == (True, again["sha256"])
    assert list(tmp_path.iterdir()) == []

    (tmp_path / "probe.js").write_bytes(exported.read_bytes() + b"// spoilt")
    assert export("-a", f"dest={tmp_path}/probe.js")["changed"] is True
    assert (tmp_path / "probe.js").read_bytes() == exported.read_bytes()

    assert "/dev/null is no regular file" in export("-a", "dest=/dev/null")["msg"]
