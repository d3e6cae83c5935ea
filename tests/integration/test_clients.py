# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients give their log: paired with the server that refused them, asked little, judged never."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.integration.ansible_run import Run, ansible_playbook, module_results
from tests.lab.lab import Lab

COMPLIANCE = "playbooks/compliance.yml"
SERVERS = ["wsus-rtm", "wsus-sp1-fixed"]
FAULT = "7b1f0c52-2a9e-4d61-8e3b-94d0c6f1a27e"


@dataclass(frozen=True)
class Asked:
    """A run over two servers, two clients and one client that does not answer, and what each host was sent."""

    run: Run
    folder: Path
    report: dict[str, t.Any]
    requests: list[tuple[str, str]]

    def client(self, name: str) -> dict[str, t.Any]:
        return t.cast("dict[str, t.Any]", next(one for one in self.report["clients"] if one["name"] == name))


@pytest.fixture(scope="module")
def lab(simulated_lab: Lab) -> Lab:
    """Hosts that cost little: what is shown here is about Ansible."""
    return simulated_lab


@pytest.fixture(scope="module")
def inventory(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lab's inventory with a client at an address where nothing answers."""
    content = yaml.safe_load(lab.inventory.read_text(encoding="utf-8"))
    clients = content["all"]["children"]["update_clients"]["hosts"]
    clients["client-gone"] = {**clients["client-refused"], "ansible_host": "127.54.255.254"}
    path = tmp_path_factory.mktemp("inventory") / "inventory.yml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def asked(lab: Lab, inventory: Path, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    folder = tmp_path_factory.mktemp("clients")
    recorded = len(lab.requests())
    limit = ",".join([*SERVERS, "update_clients"])
    run = ansible_playbook(COMPLIANCE, inventory, "--limit", limit, "-e", f"unblock_report_dir={folder}")
    return Asked(
        run=run,
        folder=folder,
        report=json.loads((folder / "report.json").read_text(encoding="utf-8")),
        requests=[(request["host"], request["action"]) for request in lab.requests()[recorded:]],
    )


@pytest.mark.one_core
def test_a_client_that_does_not_answer_fails_nothing(asked: Asked) -> None:
    assert asked.run.code == 0, asked.run.output
    gone = asked.client("client-gone")
    assert (gone["error"]["layer"], gone["server"], gone["log"]) == ("TCP", None, None)


def test_a_refused_client_is_paired_with_its_server(asked: Asked) -> None:
    (pair,) = asked.report["pairs"]
    assert (pair["client"], pair["server"], pair["fault_id"]) == ("client-refused", "wsus-rtm", FAULT)
    refused = asked.client("client-refused")
    assert (refused["server"], refused["wu_server"]) == ("wsus-rtm", "http://WSUS-4:8530")
    assert (refused["symptom"]["seen"], refused["symptom"]["confidence"]) == (True, "certain")
    assert refused["last_sync"] is None


def test_a_healthy_client_is_listed_under_its_server(asked: Asked) -> None:
    healthy = asked.client("client-healthy")
    assert (healthy["server"], healthy["log"]) == ("wsus-sp1-fixed", "read")
    assert healthy["symptom"]["seen"] is False
    assert healthy["last_sync"].startswith("2008-08-20T")


def test_clients_have_no_status(asked: Asked) -> None:
    assert [host["name"] for host in asked.report["hosts"]] == SERVERS
    assert asked.report["summary"]["hosts"] == len(SERVERS)
    assert not any({"status", "assessments"} & client.keys() for client in asked.report["clients"])
    assert {path.stem for path in (asked.folder / "hosts").iterdir()} == set(SERVERS)
    assert {path.stem for path in (asked.folder / "clients").iterdir()} == {
        "client-refused",
        "client-healthy",
        "client-gone",
    }


def test_a_client_costs_one_exchange(asked: Asked) -> None:
    expected = ["handshake"] * 2 + ["Create", "Command", "Send", "Receive", "Delete"]
    for name in ("client-refused", "client-healthy"):
        assert [action for host, action in asked.requests if host == name] == expected


def test_the_table_says_who_was_refused_and_warns_of_nothing(asked: Asked) -> None:
    assert "2 clients gave their log, 1 did not; 1 was refused by its server: client-refused (wsus-rtm)." in (
        asked.run.output
    )
    assert "[WARNING]" not in asked.run.output


@pytest.mark.parametrize("group", ["missing", "empty"])
def test_without_clients_nothing_happens(inventory: Path, tmp_path: Path, group: str) -> None:
    content = yaml.safe_load(inventory.read_text(encoding="utf-8"))
    del content["all"]["children"]["update_clients"]
    if group == "empty":
        content["all"]["children"]["update_clients"] = {}
    path = tmp_path / "inventory.yml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    run = ansible_playbook(COMPLIANCE, path, "--limit", "wsus-rtm", "-e", f"unblock_report_dir={tmp_path}")
    assert run.code == 0, run.output
    assert "[WARNING]" not in run.output and "gave" not in run.output
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert (report["clients"], report["pairs"]) == ([], [])


def test_a_limit_to_servers_asks_no_client(lab: Lab, tmp_path: Path) -> None:
    recorded = len(lab.requests())
    ansible_playbook(COMPLIANCE, lab.inventory, "--limit", "wsus-rtm", "-e", f"unblock_report_dir={tmp_path}")
    assert {request["host"] for request in lab.requests()[recorded:]} == {"wsus-rtm"}
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["clients"] == []


def test_the_module_tells_what_a_client_says(lab: Lab) -> None:
    result = module_results(lab.inventory, "client-refused", "unblock.updates.assess", "-a", "role=client")
    told = result["client-refused"]
    assert not {"status", "assessments", "ansible_facts"} & told.keys()
    assert (told["client"]["os"]["computer_name"], told["client"]["use_wu_server"]) == ("CLIENT-1", True)
    (event,) = told["client"]["events"]
    assert event["fault_ids"] == [FAULT]
    assert "SyncUpdates failure" in event["excerpt"]


def test_what_was_collected_by_hand_is_of_servers(lab: Lab) -> None:
    arguments = ["-a", "role=client collected=/dev/null"]
    told = module_results(lab.inventory, "client-refused", "unblock.updates.assess", *arguments)["client-refused"]
    assert told["failed"] and "collected is for servers" in told["msg"]
