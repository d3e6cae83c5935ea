# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a sweep costs, in things that can be counted: no clock decides here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.integration.ansible_run import REPOSITORY, ansible_playbook
from tests.integration.conftest import free_port
from tests.lab.lab import Lab, Options

HOSTS = 8

# One log-on of two steps, one shell, one command.
EXCHANGE = [
    ("handshake", 401),
    ("handshake", 200),
    ("Create", 200),
    ("Command", 200),
    ("Send", 200),
    ("Receive", 200),
    ("Delete", 200),
]

#: Bytes of HTTP bodies for a host, a tenth above what they are.
MAX_SENT, MAX_RECEIVED = 45_000, 23_000

#: Bytes of a host's result, from which the report is built.
MAX_RESULT = 4_500

#: Programs that run on a host for a probe with the logs of a WSUS server.
PROGRAMS = {"findstr": 3, "cscript": 1, "cmd": 5, "sc": 2, "reg": 1}

#: Processes of the run that belong to no host: one for each of four tasks that run once; and ldconfig, which Python's
#: ctypes starts for each library that ansible-core looks for when it is imported: one until 2.19, two in 2.21.
PROCESSES_OF_A_RUN = 6

COUNT_FORKS = """
import os, sys
def count(*arguments):
    with open(os.environ["FORKS"], "a") as file:
        file.write("x")
os.register_at_fork(after_in_parent=count)
sys.addaudithook(lambda event, arguments: count() if event in ("subprocess.Popen", "os.posix_spawn") else None)
"""


@dataclass(frozen=True)
class Sweep:
    """What one run of compliance.yml did."""

    lab: Lab
    output: str
    folder: Path
    forks: int


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sweep]:
    folder = tmp_path_factory.mktemp("cost")
    fleet = yaml.safe_load((REPOSITORY / "tests/lab/fleets/bench.yml").read_text(encoding="utf-8"))
    fleet["hosts"][0]["count"] = HOSTS
    (folder / "fleet.yml").write_text(yaml.safe_dump(fleet), encoding="utf-8")
    (folder / "sitecustomize.py").write_text(COUNT_FORKS, encoding="utf-8")
    forks = folder / "forks"
    options = Options(executor="simulated", port=free_port(), network="127.74.0.0/16")
    with Lab(folder / "fleet.yml", folder / "lab", options) as lab:
        run = ansible_playbook(
            "playbooks/compliance.yml",
            lab.inventory,
            "-e",
            f"unblock_report_dir={folder / 'report'}",
            PYTHONPATH=str(folder),
            FORKS=str(forks),
        )
        assert run.code == 0, run.output
        yield Sweep(lab, run.output, folder / "report", len(forks.read_text(encoding="ascii")))


def names(sweep: Sweep) -> list[str]:
    return [member.name for member in sweep.lab.members]


def test_a_host_is_asked_in_seven_requests_with_one_log_on(sweep: Sweep) -> None:
    for name in names(sweep):
        requests = sweep.lab.host(name).requests()
        assert [(request["action"].rpartition("/")[2], request["status"]) for request in requests] == EXCHANGE


def test_a_host_is_sent_and_sends_little(sweep: Sweep) -> None:
    for name in names(sweep):
        requests = sweep.lab.host(name).requests()
        assert sum(request["bytes_in"] for request in requests) < MAX_SENT
        assert sum(request["bytes_out"] for request in requests) < MAX_RECEIVED


def test_a_host_starts_few_programs(sweep: Sweep) -> None:
    for name in names(sweep):
        assert Counter(sweep.lab.host(name).started()) == PROGRAMS


def test_a_host_takes_one_task(sweep: Sweep) -> None:
    results = Counter(re.findall(r"(?m)^(?:ok|changed|fatal|skipping): \[([^]\s]+)", sweep.output))
    assert set(results) == set(names(sweep))
    assert sorted(results.values())[:-1] == [1] * (HOSTS - 1)


def test_a_host_takes_one_process_of_the_controller(sweep: Sweep) -> None:
    assert HOSTS < sweep.forks <= HOSTS + PROCESSES_OF_A_RUN


def test_a_result_is_small(sweep: Sweep) -> None:
    sizes = [path.stat().st_size for path in (sweep.folder / "hosts").iterdir()]
    assert len(sizes) == HOSTS and max(sizes) < MAX_RESULT
