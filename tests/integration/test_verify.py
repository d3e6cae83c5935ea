# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hours after a remedy: what turns a pending fix into a proven or a contradicted one, on simulated hosts."""

from __future__ import annotations

import json
import re
import typing as t
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.integration.ansible_run import REPOSITORY, Run, ansible_playbook, module_results
from tests.integration.conftest import free_port
from tests.lab.lab import Lab, LabHost, Options

LOGS = REPOSITORY / "tests" / "lab" / "logs"
KEY = r"HKLM\SOFTWARE\unblock\updates\954960"
SERVER_LOG = r"C:\Program Files\Update Services\LogFiles\SoftwareDistribution.log"
CLIENT_LOG = r"C:\WINDOWS\WindowsUpdate.log"
RENAMES = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager"

#: The servers were treated three hours ago.
NOW = datetime.now(timezone.utc).replace(microsecond=0)
TREATED = NOW - timedelta(hours=3)


def utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def dated(name: str, moment: datetime) -> bytes:
    """A log of the lab as if all of it were written at one moment; the clocks of its hosts show UTC."""
    text = (LOGS / name).read_text(encoding="utf-8").replace("\n", "\r\n")
    text = re.sub(r"(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", f"{moment:%Y-%m-%d %H:%M:%S}", text)
    return re.sub(r"(?m)^\d{4}-\d\d-\d\d\t\d\d:\d\d:\d\d", f"{moment:%Y-%m-%d\t%H:%M:%S}", text).encode()


def record(host: LabHost, action: str = "apply_rtm_workaround") -> None:
    value = json.dumps({"action": action, "time": utc(TREATED), "rule_version": "1.1.0", "run_id": "lab"})
    quoted = value.replace('"', '\\"')
    code, dummy, error = host.run(f'reg add "{KEY}" /v Record /t REG_SZ /d "{quoted}" /f')
    assert code == 0, error


class Fleet:
    """The lab, and what a run of verify.yml says of it."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab = lab
        self._folder = folder

    def verify(self, *arguments: str) -> tuple[Run, dict[str, dict[str, t.Any]]]:
        """Run the playbook; return how it ended and the verdict on each server."""
        arguments = ("-e", f"unblock_report_dir={self._folder}", *arguments)
        run = ansible_playbook("playbooks/verify.yml", self.lab.inventory, *arguments)
        report = json.loads((self._folder / "report.json").read_text(encoding="utf-8"))
        return run, {
            host["name"]: verdict
            for host in report["hosts"]
            for verdict in host["assessments"]
            if verdict["advisory"] == "954960"
        }

    def assess(self, name: str, **arguments: t.Any) -> dict[str, t.Any]:
        """Run the module on one host."""
        return module_results(
            self.lab.inventory, name, "unblock.updates.assess", "-a", json.dumps({"timeout": 60, **arguments})
        )[name]

    def verdict(self, name: str, **arguments: t.Any) -> dict[str, t.Any]:
        """The module's verdict for advisory 954960."""
        verdicts = self.assess(name, **arguments)["assessments"]
        return t.cast("dict[str, t.Any]", next(one for one in verdicts if one["advisory"] == "954960"))


@pytest.fixture
def fleet(lab_states: Path, tmp_path: Path) -> Iterator[Fleet]:
    options = Options(executor="simulated", port=free_port(), network="127.66.0.0/16")
    with Lab(REPOSITORY / "tests/lab/fleets/verify.yml", lab_states / "verify", options) as lab:
        yield Fleet(lab, tmp_path)


def short(verdict: dict[str, t.Any]) -> tuple[str, str, str]:
    return verdict["status"], verdict["action"], verdict["verification"]


PENDING = ("compliant", "none", "pending")
PROVEN = ("compliant", "none", "proven")
CONTRADICTED = ("non_compliant", "investigate", "contradicted")


def test_a_fix_is_pending_then_proven_then_contradicted(fleet: Fleet) -> None:
    server, client = fleet.lab.host("wsus-rtm"), fleet.lab.host("client-refused")
    record(server)

    run, verdicts = fleet.verify()
    assert run.code == 0, run.output
    assert short(verdicts["wsus-rtm"]) == PENDING, "the old symptom in its log came before the fix"
    assert (verdicts["wsus-rtm"]["symptom"]["seen"], verdicts["wsus-rtm"]["fixed_at"]) == (True, utc(TREATED))
    # The client was served, and the operator says that it has Office 2003.
    assert short(verdicts["wsus-sp1-fixed"]) == PROVEN
    assert verdicts["wsus-sp1-fixed"]["evidence"][-1]["where"].startswith("client-healthy, which has Office 2003 by")

    served = NOW - timedelta(hours=1)
    client.put(CLIENT_LOG, client.get(CLIENT_LOG) + dated("client-healthy.log", served))
    run, verdicts = fleet.verify()
    assert run.code == 0, run.output
    assert short(verdicts["wsus-rtm"]) == PROVEN
    proof = verdicts["wsus-rtm"]["evidence"][-1]
    assert proof["source"] == "client" and proof["where"].startswith("client-refused, which was refused before the fix")
    assert proof["observed"].startswith(utc(served)[:-1])
    assert proof["expected"] == f"a search at this server that ended after {utc(TREATED)}"

    server.put(SERVER_LOG, server.get(SERVER_LOG) + dated("server-symptom-again.log", NOW - timedelta(minutes=30)))
    run, verdicts = fleet.verify()
    assert run.code == 2
    assert "contradicted: wsus-rtm." in run.output
    assert short(verdicts["wsus-rtm"]) == CONTRADICTED

    # Somebody made the workaround once more, by hand.
    assert short(fleet.verdict("wsus-rtm", since=utc(NOW - timedelta(minutes=10)))) == PENDING


@pytest.mark.one_core
def test_the_clients_are_asked_for_the_search_that_proves_a_fix(fleet: Fleet) -> None:
    record(fleet.lab.host("wsus-rtm"))
    before = fleet.lab.host("client-refused").get(CLIENT_LOG)
    run, verdicts = fleet.verify("--check", "-e", "remediate_detect_now=true")
    assert run.code == 0, run.output
    assert short(verdicts["wsus-rtm"]) == PENDING
    assert fleet.lab.host("client-refused").get(CLIENT_LOG) == before, "check mode asks nobody to search"
    run, verdicts = fleet.verify("-e", "remediate_detect_now=true")
    assert run.code == 0, run.output
    assert short(verdicts["wsus-rtm"]) == PROVEN
    assert verdicts["wsus-rtm"]["evidence"][-1]["where"].startswith("client-refused, ")


@pytest.mark.one_core
def test_a_log_that_was_rolled_over_proves_no_silence(fleet: Fleet) -> None:
    quiet = dated("server-quiet.log", NOW - timedelta(hours=1))
    for name in ("wsus-rtm", "wsus-sp1-fixed"):
        record(fleet.lab.host(name), {"wsus-rtm": "apply_rtm_workaround"}.get(name, "apply_kb954960"))
        fleet.lab.host(name).put(SERVER_LOG, quiet)
    dummy, verdicts = fleet.verify()
    assert short(verdicts["wsus-rtm"]) == ("unknown", "investigate", "pending")
    late = next(entry for entry in verdicts["wsus-rtm"]["evidence"] if entry["expected"].startswith("reaches back"))
    assert late["observed"].startswith(f"begins at {utc(NOW - timedelta(hours=1))[:-1]}")
    # There the file's version decides, and only a proof has to wait.
    assert short(verdicts["wsus-sp1-fixed"]) == PENDING

    # With its predecessor, nothing is missing.
    older = dated("server-quiet.log", TREATED - timedelta(hours=1))
    fleet.lab.host("wsus-rtm").put(f"{SERVER_LOG}.old", older)
    assert short(fleet.verdict("wsus-rtm")) == PENDING


@pytest.mark.one_core
def test_a_replaced_file_waits_for_the_restart(fleet: Fleet) -> None:
    host = fleet.lab.host("wsus-sp1-unpatched")
    assert short(fleet.verdict(host.name)) == ("non_compliant", "apply_kb954960", "not_attempted")
    dll = fleet.assess(host.name)["ansible_facts"]["wsus"]["client_dll"]["path"]
    value = rf"\??\{dll}.new\0!\??\{dll}"
    assert host.run(f'reg add "{RENAMES}" /v PendingFileRenameOperations /t REG_MULTI_SZ /d "{value}" /f')[0] == 0
    assert short(fleet.verdict(host.name)) == ("fixed_pending_reboot", "none", "pending")


def test_what_was_done_is_in_result_and_report(fleet: Fleet, tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script>\x1b[2J"
    remedy = {
        "advisory": "954960", "action": "apply_kb954960", "outcome": "failed",
        "message": f"It ended with 1603 {hostile}.",
        "next_step": "Read its log.", "started": utc(TREATED), "finished": utc(TREATED), "exit_code": 1603,
        "before": {"wsus.client_dll.version": "3.1.6001.65"}, "after": {}, "log_tail": f"one\n{hostile}",
        "package": None, "rule_version": "1.1.0", "irreversible": True,
    }  # fmt: skip
    kept = {"remedies": [remedy], "run_id": "run 1", "report_dir": str(tmp_path)}
    told = fleet.verdict("wsus-sp1-unpatched", **kept)
    assert (told["status"], told["action"]) == ("fix_failed", "apply_kb954960")
    assert (told["reason"], told["next_step"], told["remedy"]) == (remedy["message"], "Read its log.", remedy)
    result = json.loads((tmp_path / "hosts" / "wsus-sp1-unpatched.json").read_text(encoding="utf-8"))
    assert [one["remedy"] for one in result["host"]["assessments"] if "remedy" in one] == [remedy]
    assert abs(result["host"]["clock_skew"]) < 60

    refused = fleet.assess("wsus-sp1-unpatched", remedies=[{**remedy, "outcome": "done"}])
    assert refused["failed"] and "remedies: $[0].outcome" in refused["msg"]
    refused = fleet.assess("wsus-sp1-unpatched", since="yesterday")
    assert refused["failed"] and "since: 'yesterday' is no time with its offset" in refused["msg"]


@pytest.mark.one_core
def test_what_was_done_to_a_host_that_is_gone_is_kept(fleet: Fleet, tmp_path: Path) -> None:
    remedy = {
        "advisory": "954960", "action": "apply_kb954960", "outcome": "reboot_required",
        "message": "It ended with 3010.",
        "next_step": "Restart.", "started": None, "finished": None, "exit_code": 3010, "before": {}, "after": {},
        "log_tail": None, "package": None, "rule_version": "1.1.0", "irreversible": True,
    }  # fmt: skip
    host = fleet.lab.host("wsus-sp1-unpatched")
    with host.script_host_disabled():
        told = fleet.assess(host.name, remedies=[remedy], run_id="run 1", report_dir=str(tmp_path))
    assert told["failed"] and told["error"]["layer"] == "script host"
    result = json.loads((tmp_path / "hosts" / f"{host.name}.json").read_text(encoding="utf-8"))
    assert (result["host"]["status"], result["host"]["remedies"]) == ("error", [remedy])


def test_the_helper_asks_the_server_itself_and_leaves_nothing(fleet: Fleet) -> None:
    host = fleet.lab.host("wsus-rtm-replica")
    before = host.snapshot()
    plain = fleet.assess(host.name)
    facts = plain["ansible_facts"]["wsus"]
    assert (facts["is_replica"], facts["upstream_server"]) == (False, "wsus-elsewhere"), "by the inventory"

    asked = fleet.assess(host.name, use_helper=True)
    facts = asked["ansible_facts"]["wsus"]
    assert (facts["is_replica"], facts["upstream_server"]) == (True, "WSUS-HQ")
    assert asked["os"]["computer_name"] == "WSUS-7"
    judged, unasked = (
        next(one for one in result["assessments"] if one["advisory"] == "954960") for result in (asked, plain)
    )
    told = {entry["where"]: entry for entry in judged["evidence"] if entry["source"] == "wsus_api"}
    assert (told["IsReplicaServer"]["expected"], told["IsReplicaServer"]["observed"]) == (
        "false (unblock_wsus_replica)",
        "true",
    )
    assert told["UpstreamWsusServerName"]["observed"] == "WSUS-HQ"
    assert [one for one in judged["evidence"] if one["source"] != "wsus_api"] == unasked["evidence"]
    assert before.differences(host.snapshot()) == []


@pytest.mark.one_core
def test_a_helper_that_cannot_run_leaves_a_verdict_and_says_why(fleet: Fleet) -> None:
    host = fleet.lab.host("wsus-sp1-fixed")
    assert host.run(r"rmdir /s /q C:\WINDOWS\Microsoft.NET")[0] == 0
    judged = fleet.assess(host.name, use_helper=True)
    assert not judged["failed"]
    assert judged["ansible_facts"]["wsus"]["is_replica"] is None
    verdict = next(one for one in judged["assessments"] if one["advisory"] == "954960")
    assert verdict["status"] == "compliant"
    (entry,) = [entry for entry in verdict["evidence"] if entry["source"] == "wsus_api"]
    assert (entry["where"], entry["expected"]) == ("WSUS administration API", "an answer")
    assert entry["observed"].startswith(".NET Framework 2.0: there is no compiler")


@pytest.mark.one_core
def test_a_client_looks_for_updates_when_it_is_asked_to(fleet: Fleet) -> None:
    checked = module_results(
        fleet.lab.inventory, "client-refused", "unblock.updates.assess", "--check", "-a", "role=client detect_now=true"
    )["client-refused"]
    assert (checked["changed"], checked["client"]["last_sync"]) == (False, None)
    asked = fleet.assess("client-refused", role="client", detect_now=True, detect_timeout=30)
    assert (asked["changed"], asked["detected"]) == (True, True)
    assert asked["client"]["last_sync"] >= utc(NOW)
    fleet.lab.host("client-healthy").run(r'reg add "HKLM\SOFTWARE\Lab\UpdateClient" /v Delay /t REG_DWORD /d 60 /f')
    late = fleet.assess("client-healthy", role="client", detect_now=True, detect_timeout=1)
    assert (late["detected"], late["client"]["last_sync"][:10]) == (False, "2008-08-20")
