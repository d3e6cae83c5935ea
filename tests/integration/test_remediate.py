# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The remedy playbook over a mixed fleet: predicted, carried out, proved, repeated, interrupted, refused."""

from __future__ import annotations

import os
import re
import signal
import time
import typing as t
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.ansible_run import ansible_playbook, start_playbook
from tests.integration.conftest import FLEETS, free_port
from tests.integration.remedy_run import PLAYBOOK, Remedy, extra_variables, packages, remediate, set_installer
from tests.lab.lab import Lab, Options
from tests.lab.snapshot import Snapshot

#: Host, advisory and action of what is done to the fleet, and a word of the reason afterwards.
TREATED = [
    ("wsus-sp1-2003", "954960", "apply_kb954960", "file version 3.1.6001.66"),
    ("wsus-sp1-unpatched", "954960", "apply_kb954960", "file version 3.1.6001.66"),
    ("wsus-rtm", "954960", "apply_rtm_workaround", "The workaround was made at"),
    ("wsus-rtm-replica", "954960", "apply_rtm_workaround", "The workaround was made at"),
    ("cm-sp1-unpatched", "954474", "apply_kb954474", "KB954474 is registered"),
]
#: Hosts that must be left alone, and their status.
LEFT_ALONE = {"wsus-sp1-fixed": "compliant", "wsus-dll-missing": "unknown", "wsus-german": "waived"}
#: Hosts that are pictured whole at each step on Wine, where a picture takes seconds.
PICTURED = ("wsus-sp1-2003", "wsus-rtm-replica", "cm-sp1-unpatched", "wsus-german")
KEY = r"software\unblock\updates"


@dataclass(frozen=True)
class Story:
    """What check mode predicted, what was done, what a second run found, and pictures of the hosts in between."""

    predicted: Remedy
    done: Remedy
    again: Remedy
    pictures: tuple[dict[str, Snapshot], ...]

    def differences(self, before: int, after: int) -> dict[str, list[str]]:
        """What differs between two of the four pictures: of the beginning, and after each run."""
        return {name: old.differences(self.pictures[after][name]) for name, old in self.pictures[before].items()}


@pytest.fixture(scope="module")
def wine_story(lab_states: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Real processes, registry, files and .NET programs: the fleet on Wine."""
    with Lab(FLEETS / "remedy.yml", lab_states / "remedy", Options(port=free_port())) as lab:
        folder = tmp_path_factory.mktemp("remedy")
        pictures = [picture(lab, PICTURED)]
        runs = []
        for name, arguments in (("check", ["--check"]), ("real", []), ("again", [])):
            runs.append(remediate(lab, folder / name, *arguments))
            pictures.append(picture(lab, PICTURED))
        yield Story(*runs, pictures=tuple(pictures))


@pytest.fixture
def fleet(lab_states: Path) -> Iterator[Lab]:
    """Simulated hosts that nothing was done to."""
    with started(lab_states) as running:
        yield running


def started(lab_states: Path) -> Lab:
    options = Options(port=free_port(), executor="simulated")
    return Lab(FLEETS / "remedy.yml", lab_states / "remedy-simulated", options)


def picture(lab: Lab, names: t.Iterable[str] = ()) -> dict[str, Snapshot]:
    """Pictures of the hosts, by default of all."""
    return {name: lab.host(name).snapshot() for name in names or (member.name for member in lab.members)}


pytestmark = [pytest.mark.one_core, pytest.mark.timeout(600)]


def test_check_mode_predicts_what_is_done_and_alters_nothing(wine_story: Story) -> None:
    assert wine_story.predicted.run.code == 0, wine_story.predicted.run.output
    assert wine_story.done.run.code == 0, wine_story.done.run.output
    expected = {row[:3] for row in TREATED}
    assert wine_story.predicted.actions("would_change") == expected
    assert wine_story.done.actions("changed") == expected
    assert {name: lines for name, lines in wine_story.differences(0, 1).items() if lines} == {}


@pytest.mark.parametrize(("name", "advisory", "action", "words"), TREATED)
def test_every_host_comes_to_its_fix(wine_story: Story, name: str, advisory: str, action: str, words: str) -> None:
    verdict = wine_story.done.verdict(name, advisory)
    assert (verdict["status"], verdict["action"], verdict["verification"]) == ("fixed", "none", "pending")
    assert words in verdict["reason"]
    assert verdict["remedy"]["action"] == action
    assert verdict["remedy"]["before"] != verdict["remedy"]["after"]


@pytest.mark.parametrize(("name", "status"), LEFT_ALONE.items())
def test_a_host_without_a_known_fix_is_left_alone(wine_story: Story, name: str, status: str) -> None:
    verdict = wine_story.done.verdict(name, "954960")
    assert verdict["status"] == status and "remedy" not in verdict
    assert name not in PICTURED or wine_story.differences(0, 3)[name] == []


def test_a_second_run_changes_nothing(wine_story: Story) -> None:
    assert wine_story.again.run.code == 0, wine_story.again.run.output
    assert wine_story.again.actions("changed", "failed", "reboot_required") == set()
    assert {wine_story.again.statuses()[row[0]] for row in TREATED} == {"compliant"}
    assert {name: lines for name, lines in wine_story.differences(2, 3).items() if lines} == {}


def test_nothing_is_left_on_a_host_but_the_record(wine_story: Story) -> None:
    changed = wine_story.differences(0, 2)["wsus-rtm-replica"]
    registry = [line.casefold() for line in changed if line.startswith("registry")]
    assert registry and all(KEY in line and "session" not in line and "journal" not in line for line in registry)
    files = [line for line in changed if line.startswith("file")]
    assert files and all("susdb.xml" in line for line in files), files


def test_missing_and_wrong_packages_of_all_hosts_are_told_before_the_first_change(fleet: Lab, tmp_path: Path) -> None:
    given = packages(fleet)
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
    after = picture(fleet)
    assert {name: lines for name, old in before.items() if (lines := old.differences(after[name]))} == {}


def test_what_cannot_be_undone_must_be_accepted(fleet: Lab, tmp_path: Path) -> None:
    before = picture(fleet)
    remedy = remediate(fleet, tmp_path, remediate_accept_irreversible=False)
    assert remedy.run.code == 2
    assert "cannot be removed again" in remedy.verdict("wsus-sp1-2003")["reason"]
    assert "remediate_accept_irreversible" in remedy.verdict("wsus-sp1-2003")["next_step"]
    assert "remediate_accept_irreversible" in remedy.run.output.rpartition("TASK [Name what stood in the way]")[2]
    assert remedy.verdict("wsus-rtm")["status"] == "non_compliant", "no host is treated as long as one cannot be"
    after = picture(fleet)
    assert {name: lines for name, old in before.items() if (lines := old.differences(after[name]))} == {}


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


def test_a_verification_hours_later_judges_servers_and_clients(fleet: Lab, tmp_path: Path) -> None:
    remediate(fleet, tmp_path / "done", "--limit", "wsus-rtm")
    verified = remediate(fleet, tmp_path / "verified", "--limit", "wsus-rtm", playbook="playbooks/verify.yml")
    assert verified.run.code == 0, verified.run.output
    assert (verified.verdict("wsus-rtm")["status"], verified.verdict("wsus-rtm")["verification"]) == (
        "compliant",
        "pending",
    )


INTERRUPTED = ("wsus-sp1-2003", "wsus-rtm-replica", "cm-sp1-unpatched")


@pytest.fixture(scope="module")
def uninterrupted(lab_states: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, dict[str, t.Any]]:
    """How many requests a whole run makes, and in what state it leaves the hosts."""
    with started(lab_states) as lab:
        remedy = remediate(lab, tmp_path_factory.mktemp("whole"), "--limit", ",".join(INTERRUPTED))
        assert set(remedy.statuses().values()) == {"fixed"}, remedy.run.output
        return len(lab.requests()), end_state(lab)


def end_state(lab: Lab) -> dict[str, t.Any]:
    """Files with their versions, registry values and approvals of the hosts, but for times and the names of runs."""
    changing = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}|20[0-9-]+T[0-9:.]+Z")
    state: dict[str, t.Any] = {"approvals": lab.host("wsus-rtm-replica").get(r"C:\lab\susdb.xml")}
    for name in INTERRUPTED:
        found = lab.host(name).snapshot()
        state |= {f"{name} {path}": file.version for path, file in found.files.items()}
        state |= {f"{name} {key}": changing.sub("", str(value)) for key, value in found.registry.items()}
    return state


@pytest.mark.parametrize("share", [0.55, 0.7, 0.85])
def test_a_run_that_was_killed_can_be_run_again(
    lab_states: Path, tmp_path: Path, uninterrupted: tuple[int, dict[str, t.Any]], share: float
) -> None:
    whole, state = uninterrupted
    with started(lab_states) as lab:
        arguments = ("--limit", ",".join(INTERRUPTED), "-e", extra_variables(lab, tmp_path / "killed"))
        process = start_playbook(PLAYBOOK, lab.inventory, *arguments)
        try:
            deadline = time.monotonic() + 120
            while len(lab.requests()) < share * whole and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.02)
            assert process.poll() is None, "the run was over before it was to be killed"
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        remedy = remediate(lab, tmp_path / "again", "--limit", ",".join(INTERRUPTED))
        assert remedy.run.code == 0, remedy.run.output
        assert set(remedy.statuses().values()) <= {"fixed", "compliant"}
        assert sorted(end_state(lab).items() ^ state.items()) == []
