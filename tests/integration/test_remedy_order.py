# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is remedied when: three levels of WSUS servers and two of ConfigMgr sites, on simulated hosts."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.integration.conftest import FLEETS, free_port
from tests.integration.remedy_run import Remedy, remediate, set_installer
from tests.lab.lab import Lab, Options

LEVELS = [
    ["wsus-top", "cm-central"],
    ["wsus-middle-1", "wsus-middle-2", "cm-child"],
    ["wsus-leaf-1", "wsus-leaf-2", "wsus-leaf-3"],
]
HOSTS = set(itertools.chain.from_iterable(LEVELS))
#: Two branches below one server, where that is enough.
BRANCHES = {"wsus-top", "wsus-middle-1", "wsus-leaf-1", "wsus-middle-2", "wsus-leaf-3"}
ABOVE = {
    "wsus-middle-1": "wsus-top",
    "wsus-middle-2": "wsus-top",
    "wsus-leaf-1": "wsus-middle-1",
    "wsus-leaf-2": "wsus-middle-1",
    "wsus-leaf-3": "wsus-middle-2",
    "cm-child": "cm-central",
}


@pytest.fixture
def fleet(lab_states: Path) -> Iterator[Lab]:
    """A fleet that nothing was done to."""
    options = Options(port=free_port(), executor="simulated")
    with Lab(FLEETS / "hierarchy.yml", lab_states / "hierarchy", options) as running:
        yield running


def done(remedy: Remedy) -> set[str]:
    return {name for name, status in remedy.statuses().items() if status == "fixed"}


def limit(*names: str) -> tuple[str, str]:
    return "--limit", ",".join(sorted(names))


def reason(remedy: Remedy, name: str) -> str:
    return str(remedy.verdict(name)["reason"])


def test_servers_are_remedied_from_the_top_down_as_check_mode_predicts(fleet: Lab, tmp_path: Path) -> None:
    before = {name: fleet.host(name).snapshot() for name in HOSTS}
    predicted = remediate(fleet, tmp_path / "check", "--check")
    assert predicted.run.code == 0, predicted.run.output
    assert set(predicted.statuses().values()) == {"would_fix"}
    assert {name: before[name].differences(fleet.host(name).snapshot()) for name in HOSTS} == {n: [] for n in HOSTS}

    real = remediate(fleet, tmp_path / "real")
    assert real.run.code == 0, real.run.output
    assert done(real) == HOSTS
    assert real.actions("changed") == predicted.actions("would_change") and len(real.actions("changed")) == len(HOSTS)
    remedies = {name: real.verdict(name)["remedy"] for name in HOSTS}
    for name, above in ABOVE.items():
        assert remedies[above]["finished"] <= remedies[name]["started"], (above, name)
    assert real.host("wsus-leaf-1")["wsus"]["upstream_server"] == "WSUS-MIDDLE-1"
    assert real.host("wsus-leaf-1")["wsus"]["is_replica"] is True, "a replica is put back"

    after = {name: fleet.host(name).snapshot() for name in HOSTS}
    again = remediate(fleet, tmp_path / "again")
    assert again.run.code == 0, again.run.output
    assert set(again.statuses().values()) == {"compliant"}
    assert again.actions("changed", "would_change", "failed", "skipped", "reboot_required") == set()
    assert {name: after[name].differences(fleet.host(name).snapshot()) for name in HOSTS} == {n: [] for n in HOSTS}


@pytest.mark.one_core
def test_below_a_middle_that_fails_nothing_is_done_and_other_branches_go_on(fleet: Lab, tmp_path: Path) -> None:
    set_installer(fleet.host("wsus-middle-1"), "ExitCode", 1603)
    before = {name: fleet.host(name).snapshot() for name in ("wsus-leaf-1", "wsus-leaf-2")}
    remedy = remediate(fleet, tmp_path)
    assert remedy.run.code == 2
    assert "fix_failed: wsus-middle-1." in remedy.run.output.rpartition("TASK [Write the fleet report]")[2]
    assert done(remedy) == HOSTS - {"wsus-middle-1", "wsus-leaf-1", "wsus-leaf-2"}
    assert "1603" in reason(remedy, "wsus-middle-1")
    for name, picture in before.items():
        assert remedy.verdict(name)["status"] == "non_compliant"
        assert "wsus-middle-1 above it was not remedied" in reason(remedy, name)
        assert picture.differences(fleet.host(name).snapshot()) == []


@pytest.mark.one_core
def test_below_a_server_that_cannot_be_reached_nothing_is_done(fleet: Lab, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yml"
    wrong.write_text("all: {hosts: {wsus-middle-1: {ansible_password: wrong}}}\n", encoding="utf-8")
    remedy = remediate(fleet, tmp_path, "-i", str(wrong), *limit(*BRANCHES))
    assert remedy.run.code == 2
    assert remedy.statuses()["wsus-middle-1"] == "unreachable"
    assert done(remedy) == BRANCHES - {"wsus-middle-1", "wsus-leaf-1"}
    assert "wsus-middle-1 above it could not be judged" in reason(remedy, "wsus-leaf-1")


@pytest.mark.one_core
def test_a_server_that_is_lost_amid_the_change_holds_back_those_below(fleet: Lab, tmp_path: Path) -> None:
    """The task that installs finds the host gone; the play goes on with the others and still reports."""
    gone = tmp_path / "gone.yml"
    gone.write_text(
        "- name: Let the host vanish\n"
        "  ansible.builtin.set_fact:\n"
        "    ansible_port: 1\n"
        "  when: inventory_hostname == 'wsus-middle-1' and not ansible_check_mode\n",
        encoding="utf-8",
    )
    remedy = remediate(fleet, tmp_path, *limit(*BRANCHES), remediate_pre_tasks_file=str(gone))
    assert remedy.run.code == 2
    assert remedy.statuses()["wsus-middle-1"] == "unreachable"
    assert done(remedy) == BRANCHES - {"wsus-middle-1", "wsus-leaf-1"}
    assert "wsus-middle-1 above it was not remedied" in reason(remedy, "wsus-leaf-1")


@pytest.mark.one_core
def test_a_canary_that_fails_stops_the_run(fleet: Lab, tmp_path: Path) -> None:
    set_installer(fleet.host("wsus-top"), "ExitCode", 1603)
    remedy = remediate(fleet, tmp_path, *limit("wsus-top", "cm-central", "wsus-middle-2"), remediate_canary=1)
    assert remedy.run.code == 2
    assert remedy.verdict("wsus-top")["status"] == "fix_failed"
    assert done(remedy) == set()
    assert "wsus-top went ahead as canary and failed" in reason(remedy, "cm-central")
    assert "wsus-top above it was not remedied" in reason(remedy, "wsus-middle-2")


@pytest.mark.one_core
def test_too_many_failures_stop_the_rest(fleet: Lab, tmp_path: Path) -> None:
    for name in ("cm-central", "wsus-middle-1"):
        set_installer(fleet.host(name), "ExitCode", 1603)
    remedy = remediate(fleet, tmp_path, unblock_serial=1, unblock_max_fail_percentage=20)
    assert remedy.run.code == 2
    assert "2 of 8 hosts failed (cm-central, wsus-middle-1), more than the 20 %" in reason(remedy, "wsus-leaf-3")
    assert done(remedy) == {"wsus-top", "wsus-middle-2"}


@pytest.mark.one_core
def test_a_hierarchy_that_contradicts_itself_is_told_before_anything_changes(fleet: Lab, tmp_path: Path) -> None:
    top = fleet.host("wsus-top")
    database = top.get(r"C:\lab\susdb.xml").decode("utf-8")
    assert 'upstream=""' in database
    top.put(r"C:\lab\susdb.xml", database.replace('upstream=""', 'upstream="WSUS-LEAF-3"').encode("utf-8"))
    mistaken = tmp_path / "mistaken.yml"
    mistaken.write_text("all: {hosts: {wsus-leaf-1: {unblock_wsus_upstream: wsus-top}}}\n", encoding="utf-8")
    before = {name: fleet.host(name).snapshot() for name in HOSTS}
    remedy = remediate(fleet, tmp_path, "-i", str(mistaken))
    assert remedy.run.code == 2
    said = " ".join(remedy.run.output.rpartition("TASK [Write the fleet report]")[2].split())
    assert "wsus-leaf-1 synchronizes from WSUS-MIDDLE-1, but by the inventory from wsus-top." in said
    for name in ("wsus-top", "wsus-middle-2", "wsus-leaf-3"):
        assert f"{name} -> " in said
    assert set(remedy.statuses().values()) == {"non_compliant"}
    assert {name: before[name].differences(fleet.host(name).snapshot()) for name in HOSTS} == {n: [] for n in HOSTS}


@pytest.mark.one_core
def test_outside_of_the_window_nothing_is_done(fleet: Lab, tmp_path: Path) -> None:
    before = {name: fleet.host(name).snapshot() for name in HOSTS}
    # A window of one minute, half a day away whatever the time is.
    opens = datetime.now(timezone.utc) + timedelta(hours=12)
    closed = [{"from": f"{opens:%H:%M}", "to": f"{opens + timedelta(minutes=1):%H:%M}"}]
    open_branch = tmp_path / "open.yml"
    hosts = {name: {"remediate_window": [{"from": "00:00", "to": "24:00"}]} for name in ("cm-central", "wsus-leaf-1")}
    hosts |= {name: {"remediate_window": closed} for name in HOSTS - hosts.keys()}
    open_branch.write_text(json.dumps({"all": {"hosts": hosts}}), encoding="utf-8")
    remedy = remediate(fleet, tmp_path, "-i", str(open_branch))
    assert remedy.run.code == 0, remedy.run.output
    assert done(remedy) == {"cm-central"}
    assert "the maintenance window (remediate_window) is closed" in reason(remedy, "wsus-top")
    assert "wsus-middle-1 above it was skipped" in reason(remedy, "wsus-leaf-1")
    for name in HOSTS - {"cm-central"}:
        assert before[name].differences(fleet.host(name).snapshot()) == [], name
