# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that are dead or slow hold one worker each, and nobody else up, whatever the strategy."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.integration.ansible_run import REPOSITORY, start_playbook
from tests.integration.conftest import free_port
from tests.lab.dead_host import dead_host
from tests.lab.lab import Lab, Options

HOSTS = 10
FORKS = 4
CONNECT_TIMEOUT = 2  # seconds that a dead host may take
ANSWER_AFTER = 120  # seconds that the slow host takes at most: it answers as soon as all others are judged
DEAD_ADDRESS = "127.76.200.1"

pytestmark = pytest.mark.one_core


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("slow")
    fleet = yaml.safe_load((REPOSITORY / "tests/lab/fleets/bench.yml").read_text(encoding="utf-8"))
    fleet["hosts"][0]["count"] = HOSTS
    (folder / "fleet.yml").write_text(yaml.safe_dump(fleet), encoding="utf-8")
    with Lab(
        folder / "fleet.yml", folder / "lab", Options(executor="simulated", port=free_port(), network="127.76.0.0/17")
    ) as lab:
        yield lab


@pytest.fixture(autouse=True)
def switched_off(lab: Lab) -> Iterator[None]:
    with dead_host(DEAD_ADDRESS, lab.options.listen_port):
        yield


@pytest.mark.parametrize("strategy", ["linear", "free", "host_pinned"])
def test_all_others_are_judged_while_a_slow_host_has_not_answered(
    lab: Lab, strategy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The first two take their workers first, so that all others have to get by with the rest.
    slow, dead, *others = (member.name for member in lab.members)
    inventory = yaml.safe_load(lab.inventory.read_text(encoding="utf-8"))
    hosts = inventory["all"]["children"]["update_servers"]["hosts"]
    hosts[dead]["ansible_host"] = DEAD_ADDRESS
    hosts[slow]["ansible_winrm_read_timeout_sec"] = 2 * ANSWER_AFTER
    (tmp_path / "inventory.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
    monkeypatch.setenv("ANSIBLE_STRATEGY", strategy)
    variables = {
        "unblock_report_dir": str(tmp_path),
        "unblock_connect_timeout": CONNECT_TIMEOUT,
        "unblock_allow_unreachable": True,
    }
    with lab.host(slow).knobs(answer_after=ANSWER_AFTER):
        process = start_playbook(
            "playbooks/compliance.yml",
            tmp_path / "inventory.yml",
            "--forks",
            str(FORKS),
            "-e",
            json.dumps(variables),
        )
        judged: set[str] = set()
        while slow not in judged and not {dead, *others} <= judged and process.poll() is None:
            time.sleep(0.1)
            judged = {path.stem for path in tmp_path.glob("hosts/[!.]*.json")}
        assert judged == {dead, *others}
    assert process.wait() == 0
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    statuses = {host["name"]: host["status"] for host in report["hosts"]}
    assert statuses == {**dict.fromkeys([slow, *others], "non_compliant"), dead: "unreachable"}
    error = next(host["error"] for host in report["hosts"] if host["name"] == dead)
    assert error["layer"] == "TCP" and f"no answer within {CONNECT_TIMEOUT} s" in error["observed"]
