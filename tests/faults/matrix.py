# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disturbs modules at each of their requests, on simulated hosts: one host for each fault, all of them in one run."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import Layer
from tests.faults.scenarios import Scenario, State, arguments_of
from tests.integration.ansible_run import kill, module_results, start_module
from tests.integration.approval_hosts import left
from tests.lab.lab import DEFAULT_CACHE, Lab, LabHost, Options

FORKS = 8
#: The controller is killed, and the endpoint's own kind that keeps it waiting meanwhile.
KILLS = {"kill_before": "hold", "kill_after": "silence"}
SCRIPT = re.compile(r"unblock-[0-9a-f]{32}\.js")
UP_AGAIN = 30.0  # seconds that a restarted host gets
#: A client that is not answered gives up soon. Seconds.
IMPATIENT = {"ansible_winrm_operation_timeout_sec": 2, "ansible_winrm_read_timeout_sec": 3}

Result = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """One fault: of a kind, at the n-th request of a scenario's module."""

    scenario: Scenario
    kind: str
    at: int

    def __str__(self) -> str:
        return f"{self.scenario.name}, {self.kind} at request {self.at}"


@dataclass(frozen=True)
class Course:
    """An undisturbed run: how many requests it takes, and the state before and after it."""

    requests: int
    before: State
    after: State


@dataclass
class Finding:
    """What one fault led to. Nothing was wrong if `problems` is empty."""

    cell: Cell
    struck: bool
    outcome: str  # of the disturbed run: ok | failed | unreachable | killed
    problems: list[str] = field(default_factory=list)


@contextmanager
def _hosts(scenario: Scenario, count: int, folder: Path, port: int) -> Iterator[tuple[Lab, list[LabHost]]]:
    folder.mkdir(parents=True, exist_ok=True)
    fleet = folder / "fleet.yml"
    entry = {"host": scenario.model, "name": "host", "count": count, "group": "update_servers", "variables": IMPATIENT}
    fleet.write_text(yaml.safe_dump({"hosts": [entry]}), encoding="utf-8")
    with Lab(fleet, folder / "lab", Options(executor="simulated", port=port, network="127.62.0.0/16")) as lab:
        hosts = [lab.host(member.name) for member in lab.members]
        for host in hosts:
            scenario.prepare(host)
        yield lab, hosts


def _run(lab: Lab, scenario: Scenario) -> dict[str, Result]:
    arguments = arguments_of(scenario, DEFAULT_CACHE)
    return module_results(lab.inventory, "all", scenario.module, "-a", arguments, "--forks", str(FORKS))


def _run_and_kill(lab: Lab, scenario: Scenario, hosts: Sequence[LabHost]) -> dict[str, Result]:
    """Give each host a controller of its own, and kill that as soon as the fault keeps it waiting."""
    arguments = arguments_of(scenario, DEFAULT_CACHE)
    for number in range(0, len(hosts), FORKS):
        some = hosts[number : number + FORKS]
        controllers = [start_module(lab.inventory, host.name, scenario.module, "-a", arguments) for host in some]
        for host, controller in zip(some, controllers, strict=True):
            while not host.injected()[0] and controller.poll() is None:
                time.sleep(0.05)
            if controller.poll() is None:
                kill(controller)
    return {host.name: {"killed": True} for host in hosts}


def _outcome(result: Result) -> str:
    return next((name for name in ("killed", "unreachable", "failed") if result.get(name)), "ok")


def survey(scenario: Scenario, folder: Path, port: int) -> Course:
    """Run the module undisturbed on one host."""
    with _hosts(scenario, 1, folder, port) as (lab, (host,)):
        before = scenario.state(host)
        host.inject()
        result = _run(lab, scenario)[host.name]
        assert _outcome(result) == "ok", result
        dummy, requests = host.injected()
        after = scenario.state(host)
    assert (before != after) == scenario.changes, (before, after)
    return Course(requests, before, after)


def disturb(cells: Sequence[Cell], course: Course, folder: Path, port: int) -> list[Finding]:
    """Strike one host with each fault, run the module again undisturbed, and say what came of it.

    Args:
        cells: all of one scenario, and either all of KILLS or none.
        course: of the scenario's undisturbed run.
        folder: for the lab.
        port: of the lab.
    """
    scenario = cells[0].scenario
    with _hosts(scenario, len(cells), folder, port) as (lab, hosts):
        for cell, host in zip(cells, hosts, strict=True):
            host.inject(KILLS.get(cell.kind, cell.kind), cell.at)
        disturbed = _run_and_kill(lab, scenario, hosts) if cells[0].kind in KILLS else _run(lab, scenario)
        findings = []
        for cell, host in zip(cells, hosts, strict=True):
            struck, dummy = host.injected()
            host.inject()
            _wait_until_calm(host)
            result = disturbed[host.name]
            findings.append(Finding(cell, struck, _outcome(result), _told(result) + _between(scenario, host, course)))
        again = _run(lab, scenario)
        for finding, host in zip(findings, hosts, strict=True):
            finding.problems += _unfinished(scenario, host, again[host.name], course)
        return findings


def _wait_until_calm(host: LabHost) -> None:
    """Wait until the host is up; the shell that its client lost is idle for long enough to be gone then."""
    deadline = time.monotonic() + UP_AGAIN
    while not host.is_up() and time.monotonic() < deadline:
        time.sleep(0.1)
    host.end_idle_shells()


def _told(result: Result) -> list[str]:
    """What is wrong with how a failure is told: it names the layer, and no programmer's error shows."""
    if _outcome(result) in ("ok", "killed"):
        return []
    message = str(result.get("msg"))
    problems = []
    if not any(re.search(rf"(?<!\w){re.escape(layer.value)}( failed|:)", message) for layer in Layer):
        problems.append(f"the error names no layer: {message}")
    if "exception" in result or "Traceback" in message:
        problems.append(f"the module broke: {message}")
    return problems


def _between(scenario: Scenario, host: LabHost, course: Course) -> list[str]:
    """What is wrong with the host as the fault left it. Half-way is a state only if the next run can tell."""
    state = scenario.state(host)
    allowed = (course.before, course.after, *scenario.settled)
    if not scenario.changes or state in allowed or "Journal" in left(host):
        return []
    return [f"half-way, and no journal: {state}"]


def _unfinished(scenario: Scenario, host: LabHost, result: Result, course: Course) -> list[str]:
    """What is wrong after the next run, which nothing disturbed."""
    problems = []
    if _outcome(result) != "ok":
        problems.append(f"the next run failed: {result.get('msg')}")
    if scenario.changes and scenario.state(host) != course.after:
        problems.append(f"the next run did not end it: {scenario.state(host)}")
    stays = left(host)
    # A probe's script that a lost connection left goes with the first probe after an hour.
    files = [name for name in stays.pop("files", []) if not SCRIPT.fullmatch(name)]
    if files or stays.keys() - {"Record"}:
        problems.append(f"left on the host: {', '.join([*files, *stays])}")
    return problems
