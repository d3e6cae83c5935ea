# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How operators use the playbook and the modules, and what they hear when they get it wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.integration.ansible_run import REPOSITORY, ansible_playbook, module_results
from tests.integration.conftest import free_port
from tests.lab.lab import Lab, Options

COMPLIANCE = "playbooks/compliance.yml"
HOST = "wsus-sp1-unpatched"


@pytest.fixture(scope="module")
def lab(simulated_lab: Lab) -> Lab:
    """Hosts that cost little: what is shown here is about Ansible."""
    return simulated_lab


def test_wsus_facts_reads_the_version_of_the_client_web_service(lab: Lab) -> None:
    facts = module_results(lab.inventory, HOST, "unblock.updates.wsus_facts")[HOST]["ansible_facts"]["wsus"]
    assert facts["client_dll"]["version"] == "3.1.6001.65"
    assert facts["release"] == "3.0 SP1"
    assert facts["services"] == {"WsusService": "running", "WSusCertServer": "running"}


def test_one_host_can_be_judged_by_limit(lab: Lab, tmp_path: Path) -> None:
    run = ansible_playbook(COMPLIANCE, lab.inventory, "--limit", HOST, "-e", f"unblock_report_dir={tmp_path}")
    assert run.code == 0, run.output
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert [host["name"] for host in report["hosts"]] == [HOST]


def test_a_run_of_unreachable_hosts_only_still_writes_its_report(lab: Lab, tmp_path: Path) -> None:
    limit = ["--limit", "wsus-unreachable,awkward-password", "-e", f"unblock_report_dir={tmp_path}"]
    assert ansible_playbook(COMPLIANCE, lab.inventory, *limit).code == 2
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report["summary"]["by_status"] == {"unreachable": 2}
    allowed = ansible_playbook(COMPLIANCE, lab.inventory, *limit, "-e", "unblock_allow_unreachable=true")
    assert allowed.code in (0, 4), allowed.output
    assert "failed=0" in allowed.output


def test_the_play_fails_on_the_statuses_that_the_operator_names(lab: Lab, tmp_path: Path) -> None:
    arguments = [
        "--limit",
        HOST,
        "-e",
        f"unblock_report_dir={tmp_path}",
        "-e",
        '{"unblock_fail_on": ["non_compliant"]}',
    ]
    run = ansible_playbook(COMPLIANCE, lab.inventory, *arguments)
    assert run.code == 2
    assert HOST in run.output and "non_compliant" in run.output
    assert (tmp_path / "report.json").exists()


def test_the_operators_word_makes_954960_not_applicable(lab: Lab, tmp_path: Path) -> None:
    arguments = ["--limit", HOST, "-e", f"unblock_report_dir={tmp_path}", "-e", "unblock_office_2003=false"]
    assert ansible_playbook(COMPLIANCE, lab.inventory, *arguments).code == 0
    host = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["hosts"][0]
    judged = next(a for a in host["assessments"] if a["advisory"] == "954960")
    assert judged["status"] == "not_applicable"
    assert "operator" in judged["reason"]


def test_basic_authentication_takes_five_requests(lab: Lab, tmp_path: Path) -> None:
    host = lab.host(HOST)
    inventory = yaml.safe_load(lab.inventory.read_text(encoding="utf-8"))
    inventory["all"]["vars"]["ansible_winrm_transport"] = "basic"
    (tmp_path / "inventory.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
    with host.knobs(auth=("basic",), allow_unencrypted=True):
        recorded = len(host.requests())
        result = module_results(tmp_path / "inventory.yml", HOST, "unblock.updates.assess")[HOST]
    assert result["status"] == "non_compliant"
    actions = [request["action"] for request in host.requests()[recorded:]]
    assert actions == ["Create", "Command", "Send", "Receive", "Delete"]


def test_a_receive_that_answers_early_is_repeated(lab: Lab) -> None:
    host = lab.host(HOST)
    with host.knobs(eager=True):
        recorded = len(host.requests())
        result = module_results(lab.inventory, HOST, "unblock.updates.assess")[HOST]
    assert result["status"] == "non_compliant"
    assert [request["action"] for request in host.requests()[recorded:]].count("Receive") > 1


@pytest.mark.parametrize("knob", [{"quota_faults": 1}, {"lose_shell": 1}])
def test_a_used_up_or_lost_shell_is_replaced(lab: Lab, knob: dict[str, int]) -> None:
    host = lab.host(HOST)
    with host.knobs(**knob):
        recorded = len(host.requests())
        result = module_results(lab.inventory, HOST, "unblock.updates.assess")[HOST]
    assert result["status"] == "non_compliant"
    assert [request["action"] for request in host.requests()[recorded:]].count("Create") == 2


def test_another_connection_is_refused_by_name(lab: Lab) -> None:
    result = module_results(lab.inventory, HOST, "unblock.updates.wsus_facts", "-e", "ansible_connection=local")[HOST]
    assert result["failed"] and "needs the winrm connection" in result["msg"]


def test_delegation_is_refused(lab: Lab, tmp_path: Path) -> None:
    playbook = tmp_path / "delegated.yml"
    task = {"unblock.updates.wsus_facts": None, "delegate_to": "wsus-sp2"}
    playbook.write_text(yaml.safe_dump([{"hosts": HOST, "gather_facts": False, "tasks": [task]}]), encoding="utf-8")
    run = ansible_playbook(playbook, lab.inventory)
    assert run.code == 2 and "remove delegate_to" in run.output


@pytest.mark.parametrize(
    ("variable", "words"),
    [
        ("unblock_office_2003=perhaps", "unblock_office_2003 must be true, false or unknown"),
        ("unblock_timeout=soon", "unblock_timeout must be a number of seconds"),
        ("unblock_timeout=-1", "timeout must be above 0 and at most 86400 seconds"),
        ("unblock_symptom_days=0", "unblock_symptom_days must be above 0"),
        ("remediate_rtm_strategy=pray", "remediate_rtm_strategy must be workaround or upgrade"),
    ],
)
def test_a_wrong_variable_is_named(lab: Lab, variable: str, words: str) -> None:
    result = module_results(lab.inventory, HOST, "unblock.updates.assess", "-e", variable)[HOST]
    assert result["failed"] and words in result["msg"]


def test_a_host_cannot_smuggle_a_template_in(lab: Lab, tmp_path: Path) -> None:
    host = lab.host(HOST)
    key = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
    name = host.run(rf'reg query "{key}" /v ProductName')[1].decode().split("REG_SZ")[1].strip()
    playbook = tmp_path / "template.yml"
    tasks = [
        {"unblock.updates.assess": {"report_dir": str(tmp_path), "run_id": "r"}, "register": "judged"},
        {"ansible.builtin.debug": {"msg": "{{ ansible_facts.wsus }} {{ judged.ansible_facts }}"}},
    ]
    playbook.write_text(yaml.safe_dump([{"hosts": HOST, "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
    setup = r"HKLM\SOFTWARE\Microsoft\Update Services\Server\Setup"
    target = host.run(rf'reg query "{setup}" /v TargetDir')[1].decode().split("REG_SZ")[1].strip()
    try:
        host.run(rf'reg add "{setup}" /v TargetDir /t REG_SZ /d "C:\{{{{ 6 * 111 }}}}" /f')
        host.run(rf'reg add "{key}" /v ProductName /t REG_SZ /d "{{{{ 6 * 111 }}}}" /f')
        run = ansible_playbook(playbook, lab.inventory)
    finally:
        host.run(rf'reg add "{setup}" /v TargetDir /t REG_SZ /d "{target}\" /f')
        host.run(rf'reg add "{key}" /v ProductName /t REG_SZ /d "{name}" /f')
    assert run.code == 0, run.output
    assert "6 * 111" in run.output and "666" not in run.output


def test_the_password_shows_nowhere(lab: Lab, tmp_path: Path) -> None:
    arguments = ["-vvvvv", "--limit", f"{HOST},awkward-password", "-e", f"unblock_report_dir={tmp_path}"]
    output = ansible_playbook(COMPLIANCE, lab.inventory, *arguments, ANSIBLE_LOG_PATH=str(tmp_path / "log")).output
    written = "".join(path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.is_file())
    assert HOST in output and HOST in written
    assert lab.host(HOST).account.password not in output + written


@pytest.mark.one_core
def test_tls_is_validated_with_the_operators_authority(tmp_path: Path) -> None:
    options = Options(auth="basic", tls=True, port=free_port())
    with Lab(REPOSITORY / "tests/lab/fleets/one.yml", tmp_path / "lab", options) as lab:
        refused = module_results(lab.inventory, HOST, "unblock.updates.assess", "-e", "ansible_winrm_ca_trust_path=")[
            HOST
        ]
        trusted = module_results(
            lab.inventory, HOST, "unblock.updates.assess", "-e", f"ansible_winrm_ca_trust_path={lab.ca}"
        )[HOST]
    assert refused["unreachable"] and refused["error"]["layer"] == "TLS"
    assert trusted["status"] == "non_compliant"
