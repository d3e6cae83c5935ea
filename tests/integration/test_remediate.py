# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The remedy playbook where it refuses, waits, is contradicted, or does what its variables say.

That it predicts, treats and proves a whole estate, extensions/molecule shows.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from tests.integration.ansible_run import ansible_playbook
from tests.integration.conftest import FLEETS, free_port
from tests.integration.remedy_run import Remedy, changes, picture, remediate, set_installer, simulated_lab
from tests.lab.lab import Lab, Options
from tests.lab.model import ROOT
from tests.lab.packages import operator_packages

SITE_LOG = r"E:\SMS\Logs\wsyncmgr.log"


@pytest.fixture
def fleet(lab_states: Path) -> Iterator[Lab]:
    """Simulated hosts that nothing was done to."""
    with simulated_lab("remedy.yml", lab_states) as running:
        yield running


pytestmark = pytest.mark.one_core


def test_missing_and_wrong_packages_of_all_hosts_are_told_before_the_first_change(fleet: Lab, tmp_path: Path) -> None:
    given = operator_packages(fleet.options.cache)
    given["kb954960"]["x86"]["sha256"] = "0" * 64
    given["kb954960"]["x64"]["path"] = given["kb954960"]["x86"]["path"]
    del given["kb954474"]
    before = picture(fleet)
    for folder, arguments in (("check", ["--check"]), ("real", [])):
        remedy = remediate(fleet, tmp_path / folder, *arguments, unblock_packages=given)
        assert remedy.run.code == 2
        said = remedy.run.output.rpartition("TASK [Write the fleet report]")[2]
        for name in ("wsus-sp1-2003", "wsus-sp1-unpatched", "cm-sp1-unpatched"):
            assert f"{name}: " in said
            assert "Not treated: " in remedy.verdict(name)["reason"]
        assert "kb954474" in remedy.verdict("cm-sp1-unpatched")["reason"]
        assert remedy.actions("changed", "reboot_required", "failed", "would_change") == set()
    # As is, by the real run, what a host synchronizes from if that is no host of the run.
    assert "wsus-rtm-replica synchronizes from WSUS-HQ, which is no host of this run." in remedy.run.output
    assert changes(before, picture(fleet)) == {}


@pytest.mark.parametrize("arguments", [["--check"], []], ids=["check", "real"])
def test_what_cannot_be_undone_must_be_accepted(fleet: Lab, tmp_path: Path, arguments: list[str]) -> None:
    before = picture(fleet)
    remedy = remediate(fleet, tmp_path, *arguments, remediate_accept_irreversible=False)
    assert remedy.run.code == 2
    assert "cannot be removed again" in remedy.verdict("wsus-sp1-2003")["reason"]
    next_step = remedy.verdict("wsus-sp1-2003")["next_step"]
    assert next_step.startswith("Back up ") and "remediate_accept_irreversible" in next_step
    assert "remediate_accept_irreversible" in remedy.run.output.rpartition("TASK [Name what stood in the way]")[2]
    assert remedy.verdict("wsus-rtm")["status"] == "non_compliant", "no host is treated as long as one cannot be"
    assert changes(before, picture(fleet)) == {}


def test_check_mode_foresees_what_the_database_decides_if_it_may_ask(fleet: Lab, tmp_path: Path) -> None:
    name, database = "wsus-rtm-replica", r"C:\lab\susdb.xml"
    host = fleet.host(name)
    title = b'title="Office 2003 Service Pack 1"'
    assert host.get(database).count(title) == 1
    host.put(database, host.get(database).replace(title, b'title="Office 2003 Service Pack 3"'))
    before = host.snapshot()
    for folder, arguments, helper in (("check", ["--check"], True), ("real", [], False)):
        variables = {"remediate_check_uses_helper": helper}
        remedy = remediate(fleet, tmp_path / folder, *arguments, "--limit", name, **variables)
        assert remedy.run.code == 0, remedy.run.output
        assert remedy.verdict(name)["status"] == "non_compliant"
        assert "there are no approvals to reset" in remedy.verdict(name)["reason"]
        assert remedy.actions("unchanged") == {(name, "954960", "apply_rtm_workaround")}
        assert before.differences(host.snapshot()) == []


def test_a_fix_that_waits_for_a_restart_gets_it_if_it_may(fleet: Lab, tmp_path: Path) -> None:
    name = "wsus-sp1-2003"
    set_installer(fleet.host(name), "AtRestart", 1)
    waiting = remediate(fleet, tmp_path / "waiting", "--limit", name)
    assert waiting.run.code == 0, waiting.run.output
    assert waiting.verdict(name)["status"] == "fixed_pending_reboot"
    predicted = remediate(fleet, tmp_path / "check", "--check", "--limit", name, remediate_reboot=True)
    assert predicted.verdict(name)["status"] == "fixed_pending_reboot"
    restarted = remediate(fleet, tmp_path / "restarted", "--limit", name, remediate_reboot=True)
    assert restarted.run.code == 0, restarted.run.output
    assert restarted.verdict(name)["status"] == "compliant"
    assert "3.1.6001.66" in restarted.verdict(name)["reason"]


def test_change_restart_and_proof_are_one_run(fleet: Lab, tmp_path: Path) -> None:
    name = "wsus-sp1-unpatched"
    set_installer(fleet.host(name), "AtRestart", 1)
    remedy = remediate(fleet, tmp_path, "--limit", name, remediate_reboot=True)
    assert remedy.run.code == 0, remedy.run.output
    assert remedy.verdict(name)["status"] == "fixed"
    assert "file version 3.1.6001.66" in remedy.verdict(name)["reason"]


def test_an_upgraded_server_is_judged_and_treated_again(fleet: Lab, tmp_path: Path) -> None:
    remedy = remediate(fleet, tmp_path, "--limit", "wsus-rtm", remediate_rtm_strategy="upgrade")
    assert remedy.run.code == 0, remedy.run.output
    assert remedy.actions("changed") == {
        ("wsus-rtm", "954960", "upgrade_wsus"),
        ("wsus-rtm", "954960", "apply_kb954960"),
    }
    assert remedy.verdict("wsus-rtm")["status"] == "fixed"
    assert remedy.host("wsus-rtm")["wsus"]["release"] == "3.0 SP1"


def test_the_operators_own_tasks_come_before_and_after(fleet: Lab, tmp_path: Path) -> None:
    hook = """
    - name: Note {0} for the host
      ansible.builtin.copy:
        content: "{0}"
        dest: "{1}/{0}-{{{{ inventory_hostname }}}}"
        mode: "0600"
      delegate_to: localhost
      vars: {{ansible_connection: local}}
    - name: Refuse one host
      ansible.builtin.fail:
        msg: The backup of {{{{ inventory_hostname }}}} broke.
      when: inventory_hostname == 'wsus-rtm' and '{0}' == 'backup'
    """
    for name in ("backup", "downtime"):
        (tmp_path / f"{name}.yml").write_text(re.sub("(?m)^ {4}", "", hook.format(name, tmp_path)), encoding="utf-8")
    files = {
        "remediate_pre_tasks_file": str(tmp_path / "backup.yml"),
        "remediate_post_tasks_file": str(tmp_path / "downtime.yml"),
    }
    before = fleet.host("wsus-rtm").snapshot()
    limit = ["--limit", "wsus-rtm,wsus-sp1-2003,wsus-sp1-fixed"]
    remediate(fleet, tmp_path / "check", "--check", *limit, **files)
    assert list(tmp_path.glob("*-wsus-*")) == [], "check mode writes nothing, as check mode has it"
    remedy = remediate(fleet, tmp_path / "real", *limit, **files)
    assert remedy.run.code == 2
    notes = {path.name for path in tmp_path.glob("*-wsus-*")}
    treated = ("wsus-rtm", "wsus-sp1-2003")
    assert notes == {f"{kind}-{name}" for kind in ("backup", "downtime") for name in treated}, (
        "a fixed host has no hooks"
    )
    assert remedy.verdict("wsus-sp1-2003")["status"] == "fixed"
    assert remedy.verdict("wsus-rtm")["status"] == "non_compliant"
    assert "The backup of wsus-rtm broke." in remedy.verdict("wsus-rtm")["reason"]
    assert before.differences(fleet.host("wsus-rtm").snapshot()) == []
    assert "The backup of wsus-rtm broke." in remedy.run.output.rpartition("TASK [Name what stood in the way]")[2]


def test_a_fix_that_is_contradicted_fails_the_run(lab_states: Path, tmp_path: Path) -> None:
    options = Options(port=free_port(), executor="simulated")
    with Lab(FLEETS / "954960.yml", lab_states / "contradicted", options) as lab:
        remedy = remediate(lab, tmp_path, "--limit", "wsus-sp1-contradicted,wsus-sp1-fixed")
    assert remedy.run.code == 2
    assert "contradicted: wsus-sp1-contradicted." in remedy.run.output
    assert remedy.actions("changed") == set()


def test_the_role_treats_a_host_by_itself(fleet: Lab, tmp_path: Path) -> None:
    playbook = tmp_path / "own.yml"
    playbook.write_text(
        """
- name: Treat one host
  hosts: wsus-rtm
  gather_facts: false
  tasks:
    - name: Treat the host
      ansible.builtin.include_role:
        name: unblock.updates.remediate
    - name: Believe what the role says
      ansible.builtin.assert:
        that:
          - remediate_outcome == 'done'
          - remediate_remedies | map(attribute='action') == ['apply_rtm_workaround']
          - remediate_assessed.status == 'fixed'
""",
        encoding="utf-8",
    )
    run = ansible_playbook(playbook, fleet.inventory)
    assert run.code == 0, run.output


def test_a_site_is_verified_by_what_its_log_says_later(fleet: Lab, tmp_path: Path) -> None:
    name = "cm-sp1-unpatched"
    host = fleet.host(name)

    def verify(step: str) -> Remedy:
        return remediate(fleet, tmp_path / step, "--limit", name, playbook="playbooks/verify.yml")

    assert remediate(fleet, tmp_path / "done", "--limit", name).verdict(name)["status"] == "fixed"
    pending = verify("pending")
    assert pending.run.code == 0, pending.run.output
    verdict = pending.verdict(name)
    assert (verdict["status"], verdict["verification"], verdict["symptom"]["seen"]) == ("compliant", "pending", True)

    host.put(SITE_LOG, host.get(SITE_LOG) + written_now("site-cured.log"))
    proven = verify("proven")
    assert proven.run.code == 0, proven.run.output
    assert (proven.verdict(name)["status"], proven.verdict(name)["verification"]) == ("compliant", "proven")

    host.put(SITE_LOG, host.get(SITE_LOG) + written_now("site-symptom-again.log"))
    contradicted = verify("contradicted")
    assert contradicted.run.code == 2
    assert f"contradicted: {name}." in contradicted.run.output
    before = host.snapshot()
    again = remediate(fleet, tmp_path / "again", "--limit", name)
    assert again.run.code == 2
    verdict = again.verdict(name)
    assert (verdict["status"], verdict["action"], "remedy" in verdict) == ("non_compliant", "investigate", False)
    assert before.differences(host.snapshot()) == []


def written_now(log: str) -> bytes:
    """The last synchronization of a log of the lab, as if it ended at this moment; the clocks of its hosts show UTC."""
    time.sleep(1.1)  # the record's time has whole seconds
    text = (ROOT / "logs" / log).read_text(encoding="utf-8")
    stamp = f"<{datetime.now(timezone.utc):%a %b %d %H:%M:%S.000 %Y}"
    last = "".join(line for line in text.splitlines(keepends=True) if "<Mon Jun 30 " in line)
    return re.sub(r"<Mon Jun 30 [0-9:.]+ 2008", stamp, last).replace("\n", "\r\n").encode()
