# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The compliance playbook over the whole fleet: every host judged rightly, the report complete.

That check mode finds the same, and that no host is altered, extensions/molecule shows.
"""

from __future__ import annotations

import collections
import csv
import json
import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.ansible_run import Run, ansible_playbook
from tests.lab.lab import Lab

pytestmark = pytest.mark.one_core

PLAYBOOK = "playbooks/compliance.yml"

#: Host, status and action for 954960, and a word of the reason that only the deciding fact gives.
VERDICTS = [
    ("wsus-absent", "not_applicable", "none", "wsus.installed is false"),
    ("wsus-console-only", "not_applicable", "none", "wsus.console_only is true"),
    ("sbs2003-wsus2", "not_applicable", "none", "WSUS 2.0"),
    ("sbs2003-wsus3", "non_compliant", "apply_kb954960", "sbs2003"),
    ("wsus-sp1-unpatched", "non_compliant", "apply_kb954960", "3.1.6001.65 is below 3.1.6001.66"),
    ("wsus-sp1-fixed", "compliant", "none", "file version 3.1.6001.66"),
    ("wsus-sp1-contradicted", "non_compliant", "investigate", "symptom came again"),
    ("wsus-rtm", "non_compliant", "apply_rtm_workaround", "3.0.6000.374"),
    ("wsus-rtm-workaround", "compliant", "none", "2026-11-01T10:00:00Z"),
    ("wsus-reset-interrupted", "error", "apply_rtm_workaround", "journal.present is true"),
    ("wsus-builds-disagree", "unknown", "investigate", "built for 3.0 "),
    ("wsus-dll-missing", "unknown", "investigate", "has no file"),
    ("wsus-sp2", "not_applicable", "none", "3.1.7600.226"),
    ("wsus-4", "not_applicable", "none", "WSUS 4.0+"),
    ("wsus-german", "non_compliant", "apply_kb954960", "3.1.6001.65"),
    ("awkward-key-denied", None, None, ""),
    ("awkward-log-locked", None, None, ""),
    ("awkward-log-huge", None, None, ""),
]
#: The same for 954474.
SITE_VERDICTS = [
    ("cm-sp1-unpatched", "non_compliant", "apply_kb954474", "sms2003_clients is 2"),
    ("cm-rtm-remote-provider", "non_compliant", "apply_kb954474", "the SMS provider is on SQL07"),
    ("cm-sp1-no-rights", "non_compliant", "apply_kb954474", "no right to this WMI namespace"),
    ("cm-sp1-sees-nothing", "non_compliant", "apply_kb954474", "the account sees no SMS_R_System"),
    ("cm-sp1-no-sms2003", "not_applicable", "none", "sms2003_clients is 0"),
    ("cm-sp1-no-tool", "not_applicable", "none", "legacy_catalog_tool is false"),
    ("cm-sp1-fixed", "compliant", "none", "KB954474 is registered"),
    ("cm-sp1-contradicted", "non_compliant", "investigate", "symptom came again"),
    ("cm-sp1-hotfix-denied", "unknown", "investigate", "hotfixes is unknown"),
    ("cm-sp2", "not_applicable", "none", "4.00.6487.2000"),
    ("cm-2012", "not_applicable", "none", "ConfigMgr 2012+"),
    ("cm-and-wsus", "non_compliant", "apply_kb954474", "sms2003_clients is 2"),
]
#: What the SMS provider is asked: nothing where it does not matter, or is elsewhere.
PROVIDER_REQUESTS = {
    "cm-sp1-unpatched": ["Enumerate"],
    "cm-sp1-contradicted": ["Enumerate"],
    "cm-sp1-no-rights": ["Enumerate"],
    "cm-sp1-sees-nothing": ["Enumerate", "Enumerate"],
    "cm-sp1-no-sms2003": ["Enumerate", "Enumerate", "Release"],
    "cm-rtm-remote-provider": [],
    "cm-sp2": [],
}
UNREACHABLE = {"wsus-unreachable": "TCP", "awkward-password": "authentication"}
IN_ERROR = {"awkward-script-host-off": "script host"}


@dataclass(frozen=True)
class Sweep:
    """One sweep: how it ended, its report, and what each host was asked."""

    run: Run
    report: dict[str, t.Any]
    report_dir: Path
    requests: dict[str, list[dict[str, t.Any]]]

    def host(self, name: str) -> dict[str, t.Any]:
        return t.cast("dict[str, t.Any]", next(host for host in self.report["hosts"] if host["name"] == name))


@pytest.fixture(scope="session")
def sweep(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    folder = tmp_path_factory.mktemp("sweep")
    recorded = len(lab.requests())
    run = ansible_playbook(PLAYBOOK, lab.inventory, "-e", f"unblock_report_dir={folder}")
    requests: dict[str, list[dict[str, t.Any]]] = collections.defaultdict(list)
    for request in lab.requests()[recorded:]:
        requests[request["host"]].append(request)
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return Sweep(run, report, folder, requests)


def verdict(host: dict[str, t.Any], advisory: str) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", next(a for a in host["assessments"] if a["advisory"] == advisory))


@pytest.mark.parametrize(("name", "status", "action", "words"), [row for row in VERDICTS if row[1]])
def test_every_row_of_the_table_is_judged(sweep: Sweep, name: str, status: str, action: str, words: str) -> None:
    judged = verdict(sweep.host(name), "954960")
    assert (judged["status"], judged["action"]) == (status, action), judged["reason"]
    assert words in judged["reason"]
    assert judged["next_step"]


@pytest.mark.parametrize(("name", "status", "action", "words"), SITE_VERDICTS)
def test_every_row_of_the_site_servers_table_is_judged(
    sweep: Sweep, name: str, status: str, action: str, words: str
) -> None:
    judged = verdict(sweep.host(name), "954474")
    assert (judged["status"], judged["action"]) == (status, action), judged["reason"]
    assert words in judged["reason"]
    assert judged["next_step"]


def test_one_server_can_be_affected_by_both(sweep: Sweep) -> None:
    host = sweep.host("cm-and-wsus")
    assert {a["advisory"]: a["action"] for a in host["assessments"]} == {
        "954474": "apply_kb954474",
        "954960": "apply_kb954960",
    }
    assert host["wsus"]["used_by"] == ["configmgr2007"]


def test_a_later_synchronization_proves_the_fix_of_a_site(sweep: Sweep) -> None:
    assert verdict(sweep.host("cm-sp1-fixed"), "954474")["verification"] == "proven"
    assert verdict(sweep.host("cm-sp1-contradicted"), "954474")["verification"] == "contradicted"


@pytest.mark.parametrize(("name", "asked"), PROVIDER_REQUESTS.items())
def test_the_sms_provider_is_asked_in_at_most_three_requests(sweep: Sweep, name: str, asked: list[str]) -> None:
    actions = [request["action"] for request in sweep.requests[name]]
    assert [action for action in actions if action in ("Enumerate", "Pull", "Release")] == asked
    assert len(actions) == 7 + len(asked)


@pytest.mark.parametrize(("name", "layer"), [*UNREACHABLE.items(), *IN_ERROR.items()])
def test_hosts_that_could_not_be_judged_are_kept_with_their_layer(sweep: Sweep, name: str, layer: str) -> None:
    host = sweep.host(name)
    assert host["status"] == ("unreachable" if name in UNREACHABLE else "error")
    assert host["error"]["layer"] == layer
    assert host["error"]["next_step"]
    assert host["assessments"] == []


def test_no_file_of_the_probe_is_left_on_any_host(sweep: Sweep, lab: Lab) -> None:
    hosts = [lab.host(member.name) for member in lab.members if member.model is not None]
    folders = {host.name: host.prefix / "drive_c" / "users" for host in hosts}
    assert all(folder.is_dir() for folder in folders.values())
    left = [path for folder in folders.values() for path in folder.rglob("unblock-*")]
    assert len(sweep.requests) == len(hosts) and left == []


def test_one_exchange_per_host_in_seven_requests(sweep: Sweep) -> None:
    expected = ["handshake"] * 2 + ["Create", "Command", "Send", "Receive", "Delete"]
    for name in (row[0] for row in VERDICTS):
        assert [request["action"] for request in sweep.requests[name]] == expected, name


def test_the_play_fails_and_names_the_hosts_that_were_not_judged(sweep: Sweep) -> None:
    assert sweep.run.code == 2
    for name in (*UNREACHABLE, *IN_ERROR, "wsus-reset-interrupted"):
        assert name in sweep.run.output.rpartition("TASK [Write the fleet report]")[2]


def test_the_report_covers_every_host_of_the_run(sweep: Sweep) -> None:
    names = {row[0] for row in (*VERDICTS, *SITE_VERDICTS)} | {*UNREACHABLE, *IN_ERROR}
    assert {host["name"] for host in sweep.report["hosts"]} == names
    assert sweep.report["summary"]["hosts"] == len(names)
    assert sweep.report["summary"]["by_status"]["unreachable"] == len(UNREACHABLE)
    assert {path.stem for path in (sweep.report_dir / "hosts").iterdir()} == names
    with (sweep.report_dir / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {row["host"] for row in csv.DictReader(file)} == names
    html = (sweep.report_dir / "report.html").read_text(encoding="utf-8")
    assert all(name in html for name in names)


def test_evidence_names_file_expected_and_observed(sweep: Sweep) -> None:
    evidence = verdict(sweep.host("wsus-german"), "954960")["evidence"]
    dll = next(entry for entry in evidence if entry["expected"] == ">= 3.1.6001.66")
    assert dll["source"] == "file"
    assert dll["where"].startswith(r"D:\Programme\Update Services\WebServices")
    assert dll["observed"] == "3.1.6001.65"


def test_the_symptom_is_seen_in_the_log_of_a_german_server(sweep: Sweep) -> None:
    symptom = verdict(sweep.host("wsus-german"), "954960")["symptom"]
    assert symptom["seen"] is True
    assert symptom["first"].startswith("2008-06-14T02:59:57")


def test_the_operating_system_is_told(sweep: Sweep) -> None:
    system = sweep.host("wsus-german")["os"]
    assert (system["version"], system["service_pack"], system["arch"], system["language"]) == (
        "5.2.3790",
        2,
        "x86",
        "de-DE",
    )


@pytest.mark.parametrize(
    ("name", "observed"),
    [("awkward-log-locked", "denied"), ("awkward-log-huge", "too_large: 2147483648 bytes")],
)
def test_an_unreadable_log_leaves_the_other_facts_intact(sweep: Sweep, name: str, observed: str) -> None:
    host = sweep.host(name)
    judged = verdict(host, "954960")
    assert host["wsus"]["client_dll"]["version"]
    assert judged["symptom"]["seen"] is None, "a log that was not read proves nothing"
    assert judged["verification"] != "proven"
    log = next(entry for entry in judged["evidence"] if entry["source"] == "log")
    assert log["where"].endswith(r"LogFiles\SoftwareDistribution.log")
    assert log["observed"].startswith(observed)


def test_a_closed_key_is_told_from_one_that_is_not_there(sweep: Sweep) -> None:
    judged = verdict(sweep.host("awkward-key-denied"), "954960")
    assert judged["status"] == "unknown"
    journal = next(entry for entry in judged["evidence"] if entry["where"].endswith("Journal"))
    assert journal["observed"].startswith("denied")


def test_a_terminal_table_shows_every_host_with_its_next_step(sweep: Sweep) -> None:
    table = sweep.run.output.rpartition("TASK [Write the fleet report]")[2]
    for row in VERDICTS:
        assert row[0] in table
        assert row[1] is None or row[1] in table
