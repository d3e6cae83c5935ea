# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server, asked as a client with Office 2003 would: blocked, treated, healthy, proven within one run."""

from __future__ import annotations

import json
import sys
import typing as t
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.ansible_run import module_results
from tests.integration.conftest import FLEETS, free_network, free_port
from tests.integration.remedy_run import Remedy, remediate
from tests.lab.lab import Lab, LabHost, Options
from tests.lab.susdb import change_database, plant_fault

DATABASE = r"C:\lab\susdb.xml"
COMPUTER = "unblock-sync-probe.invalid"
TREATED = ("wsus-sp1-unpatched", "wsus-rtm")


def started(lab_states: Path, executor: str) -> Lab:
    # The ports of the update sites stand in the hosts' registries.
    options = Options(executor=executor, port=free_port(), network=free_network(), update_sites=True)
    return Lab(FLEETS / "active-probe.yml", lab_states / f"probe-{executor}", options)


@pytest.fixture
def fleet(lab_states: Path) -> Iterator[Lab]:
    with started(lab_states, "simulated") as lab:
        yield lab


def run(lab: Lab, folder: Path, *arguments: str, **variables: t.Any) -> Remedy:
    given = {"unblock_active_probe": True, "unblock_active_probe_ca_path": str(lab.ca), **variables}
    return remediate(lab, folder, *arguments, **given)


def probes(remedy: Remedy, name: str) -> list[dict[str, t.Any]]:
    return t.cast("list[dict[str, t.Any]]", remedy.host(name).get("sync_probes", []))


def short(verdict: dict[str, t.Any]) -> tuple[str, str]:
    return verdict["status"], verdict["verification"]


def change(host: LabHost, **attributes: object) -> None:
    host.put(DATABASE, change_database(host.get(DATABASE), **attributes))


def check_blocked_then_proven(lab: Lab, remedy: Remedy, name: str) -> None:
    """What a host shows that was blocked, treated and asked again."""
    before, after = probes(remedy, name)
    assert [before["outcome"], after["outcome"]] == ["blocked", "healthy"], remedy.run.output
    verdict = remedy.verdict(name, "954960")
    assert short(verdict) == ("fixed", "proven")
    assert (verdict["symptom"]["seen"], verdict["symptom"]["after_fix"]) == (True, False)
    told = [entry for entry in verdict["evidence"] if entry["source"] == "sync_probe"]
    assert [str(entry["observed"]).split()[0] for entry in told] == ["blocked", "healthy"]
    (pair,) = (entry for entry in verdict["evidence"] if before["fault_id"] in str(entry["expected"]))
    assert pair["observed"] == "the same id: the pair is complete"
    assert "SoftwareDistribution.log" in str(pair["where"])
    # The probe was a computer of the server's, and is none any more.
    assert after["removal"] == {"removed": True, "message": f"{COMPUTER} was removed from the list."}
    assert COMPUTER.encode() not in lab.host(name).get(DATABASE)


def test_blocked_treated_healthy_and_proven_are_one_run(fleet: Lab, tmp_path: Path) -> None:
    remedy = run(fleet, tmp_path, "--limit", ",".join((*TREATED, "wsus-sp2")))
    assert remedy.run.code == 0, remedy.run.output
    assert remedy.actions("changed") == {
        ("wsus-sp1-unpatched", "954960", "apply_kb954960"),
        ("wsus-rtm", "954960", "apply_rtm_workaround"),
    }
    for name in TREATED:
        check_blocked_then_proven(fleet, remedy, name)
    # The advisory does not apply there: nobody needs to ask.
    assert fleet.host("wsus-sp2").update_calls() == []
    assert "sync_probes" not in remedy.host("wsus-sp2")


@pytest.mark.one_core
def test_nobody_is_asked_unless_the_operator_says_so(fleet: Lab, tmp_path: Path) -> None:
    remedy = run(fleet, tmp_path, "--limit", "wsus-rtm", unblock_active_probe=False)
    assert short(remedy.verdict("wsus-rtm")) == ("fixed", "pending")
    assert fleet.host("wsus-rtm").update_calls() == []


@pytest.mark.one_core
def test_check_mode_sends_nothing_and_says_what_it_would(fleet: Lab, tmp_path: Path) -> None:
    before = {name: fleet.host(name).snapshot() for name in TREATED}
    remedy = run(fleet, tmp_path, "--check", "--limit", ",".join(TREATED))
    assert remedy.run.code == 0, remedy.run.output
    for name in TREATED:
        host = fleet.host(name)
        assert host.update_calls() == []
        assert before[name].differences(host.snapshot()) == []
        (probe,) = probes(remedy, name)
        assert (probe["outcome"], probe["url"]) == (None, f"http://{host.address}:8530/")
        assert any(call.startswith(f"SyncUpdates to http://{host.address}:8530/") for call in probe["would_send"])
        assert remedy.verdict(name)["status"] == "would_fix"
    assert "sync_probe would send: GetConfig to http://" in remedy.run.output


@pytest.mark.one_core
def test_a_server_behind_https_is_asked_there_and_its_certificate_checked(fleet: Lab, tmp_path: Path) -> None:
    host = fleet.host("wsus-sp1-https")
    refused = run(fleet, tmp_path / "refused", "--limit", host.name, unblock_active_probe_ca_path="")
    assert [probe["outcome"] for probe in probes(refused, host.name)] == ["unreachable", "unreachable"]
    assert all(probe["reason"].startswith("TLS failed for https://") for probe in probes(refused, host.name))
    assert host.update_calls() == []
    assert short(refused.verdict(host.name)) == ("fixed", "pending"), "a probe that failed is no reason not to treat"

    verified = run(fleet, tmp_path / "verified", "--limit", host.name, playbook="playbooks/verify.yml")
    (probe,) = probes(verified, host.name)
    assert (probe["outcome"], probe["url"]) == ("healthy", f"https://{host.address}:8531/"), verified.run.output
    assert short(verified.verdict(host.name)) == ("compliant", "proven")
    # verify.yml changes nothing on a host, so what the probe left there stays, and the report says so.
    assert COMPUTER.encode() in host.get(DATABASE)
    assert "removal" not in probe


@pytest.mark.one_core
def test_a_server_that_is_blocked_after_its_fix_is_contradicted(fleet: Lab, tmp_path: Path) -> None:
    host = fleet.host("wsus-rtm")
    change(host, stays_blocked=True)
    remedy = run(fleet, tmp_path / "remedy", "--limit", host.name)
    assert [probe["outcome"] for probe in probes(remedy, host.name)] == ["blocked", "blocked"]
    assert short(remedy.verdict(host.name)) == ("non_compliant", "contradicted")
    assert remedy.run.code == 2
    assert f"contradicted: {host.name}." in remedy.run.output


@pytest.mark.one_core
def test_a_verification_from_a_jump_host_contradicts_by_what_it_met(fleet: Lab, tmp_path: Path) -> None:
    host = fleet.host("wsus-sp1-fixed")
    change(host, stays_blocked=True)
    jump = tmp_path / "jump.yml"
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    jump.write_text(json.dumps({"jump_hosts": {"hosts": {"jump": local}}}), encoding="utf-8")
    arguments = ("-i", str(jump), "--limit", host.name)
    remedy = run(fleet, tmp_path, *arguments, playbook="playbooks/verify.yml", unblock_active_probe_delegate="jump")
    assert f"[{host.name} -> jump" in remedy.run.output
    (probe,) = probes(remedy, host.name)
    assert probe["outcome"] == "blocked"
    assert short(remedy.verdict(host.name)) == ("non_compliant", "contradicted")
    assert remedy.run.code == 2


@pytest.mark.one_core
def test_what_cannot_be_removed_is_told(fleet: Lab, tmp_path: Path) -> None:
    host = fleet.host("wsus-sp1-unpatched")
    change(host, user_role="reporter")
    remedy = run(fleet, tmp_path, "--limit", host.name)
    assert remedy.run.code == 0, remedy.run.output
    removal = probes(remedy, host.name)[-1]["removal"]
    assert removal["removed"] is False
    assert "WSUS administration API" in removal["message"] and "SecurityException" in removal["message"]
    assert short(remedy.verdict(host.name)) == ("fixed", "proven")
    table = remedy.run.output.rpartition("TASK [Write the fleet report]")[2]
    assert f"{COMPUTER} stays in the list of the server" in " ".join(table.split())


@pytest.mark.one_core
def test_only_the_probes_own_computer_is_removed(fleet: Lab) -> None:
    host = fleet.host("wsus-rtm")
    empty = host.snapshot()
    ours, theirs = (str(uuid.uuid4()) for dummy in range(2))
    listed = (
        f'<computer id="{ours}" name="{COMPUTER.upper()}"/><computer id="{theirs}" name="PC1.corp.example"/></susdb>'
    )
    before = host.get(DATABASE)
    host.put(DATABASE, before.replace(b"</susdb>", listed.encode()))

    def forget(client_id: str, *options: str) -> dict[str, t.Any]:
        arguments = json.dumps({"client_id": client_id, "computer_name": COMPUTER})
        command = ("unblock.updates.wsus_forget_computer", "-a", arguments, *options)
        return module_results(fleet.inventory, host.name, *command)[host.name]

    other = forget(theirs)
    assert (other["failed"], other["changed"]) == (True, False)
    assert "is called PC1.corp.example, not unblock-sync-probe.invalid: left alone" in other["msg"]
    unknown = forget(str(uuid.uuid4()))
    assert (unknown["failed"], unknown["changed"], unknown["found"]) == (False, False, None)

    host.put(DATABASE, plant_fault(host.get(DATABASE), "DeleteComputer", exception="InvalidOperationException"))
    refused = forget(ours)
    assert (refused["failed"], refused["changed"]) == (True, False)
    assert "System.InvalidOperationException" in refused["msg"]

    host.put(DATABASE, before.replace(b"</susdb>", listed.encode()))
    assert forget(ours, "--check")["changed"] is True
    assert ours.encode() in host.get(DATABASE)
    assert [forget(ours)["changed"] for dummy in range(2)] == [True, False]
    left = host.get(DATABASE)
    assert theirs.encode() in left and ours.encode() not in left
    changes = empty.differences(host.snapshot())
    assert [change.partition(": ")[0] for change in changes] == [rf"file {DATABASE.lower()}"], "the program is gone"


@pytest.mark.one_core
def test_on_a_wine_host(lab_states: Path, tmp_path: Path) -> None:
    with started(lab_states, "wine") as lab:
        remedy = run(lab, tmp_path, "--limit", "wsus-rtm")
        assert remedy.run.code == 0, remedy.run.output
        check_blocked_then_proven(lab, remedy, "wsus-rtm")
