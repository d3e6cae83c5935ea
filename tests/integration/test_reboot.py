# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module `reboot` against simulated hosts that restart, and against those that do not."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

import pytest

from tests.integration.ansible_run import REPOSITORY, module_results
from tests.integration.conftest import free_port
from tests.lab.lab import Lab, Options

Results = dict[str, dict[str, t.Any]]
MODULE = "unblock.updates.reboot"
ARGUMENTS = ("-a", "pre_reboot_delay=2 reboot_timeout=20", "--forks", "7")
HOW = {"hangs": "hangs", "stays-down": "stays_down", "keeps-boot-time": "keeps_boot_time"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    options = Options(executor="simulated", port=free_port(), network="127.63.0.0/16")
    with Lab(REPOSITORY / "tests/lab/fleets/restart.yml", tmp_path_factory.mktemp("restart"), options) as lab:
        for name, restart in HOW.items():
            lab.host(name).change(restart=restart, down_for=8.0)
        lab.host("no-right-to-wmi").change(wmi_denied=True)
        yield lab


@pytest.fixture(scope="module")
def foreseen(lab: Lab) -> Results:
    """What check mode says, asked before anything is restarted."""
    before = lab.host("restarts").snapshot()
    results = module_results(lab.inventory, "update_servers", MODULE, *ARGUMENTS, "--check")
    assert before.differences(lab.host("restarts").snapshot()) == []
    assert not [entry for entry in lab.host("restarts").requests() if entry["action"] == "Command"]
    return results


@pytest.fixture(scope="module")
def results(lab: Lab, foreseen: Results) -> Results:
    assert lab.host("scheduled-already").run("shutdown /r /t 300")[0] == 0
    return module_results(lab.inventory, "update_servers", MODULE, *ARGUMENTS)


def test_check_mode_reads_the_boot_time_and_restarts_nothing(foreseen: Results, results: Results) -> None:
    said = foreseen["restarts"]
    assert (said["changed"], said["rebooted"], said["boot_time_after"]) == (True, False, None)
    assert said["boot_time_before"] is not None
    assert said["boot_time_before"] == results["restarts"]["boot_time_before"]


def test_a_restarted_host_has_another_boot_time(lab: Lab, results: Results) -> None:
    said = results["restarts"]
    assert (said["failed"], said["changed"], said["rebooted"]) == (False, True, True)
    assert said["boot_time_after"] > said["boot_time_before"]
    assert 2 <= said["elapsed"] <= 20
    again = module_results(lab.inventory, "restarts", MODULE, "--check")
    assert again["restarts"]["boot_time_before"] == said["boot_time_after"], "the host tells the same to the next task"


@pytest.mark.one_core
@pytest.mark.parametrize(
    ("name", "layer", "words"),
    [
        ("hangs", "restart", "the host never went down within 20 s"),
        ("stays-down", "restart", "the host did not come up within 20 s; last seen: TCP: "),
        ("keeps-boot-time", "restart", "came back with the same boot time"),
        ("scheduled-already", "restart", "refused with code 1190: a restart is scheduled already"),
        ("no-right-to-wmi", "WS-Man", "the account has no right to this WMI namespace"),
    ],
)
def test_what_kept_a_host_from_being_restarted_is_told(results: Results, name: str, layer: str, words: str) -> None:
    said = results[name]
    assert said["error"]["layer"] == layer
    assert words in said["error"]["observed"]
    assert (said["failed"], said["rebooted"], said["boot_time_after"]) == (True, False, None)
    assert said["changed"] == (name in HOW), "a host that was asked to restart may have done so"


def test_a_host_that_cannot_be_reached_is_not_taken_for_one_that_is_restarting(results: Results) -> None:
    said = results["never-answers"]
    assert (said["unreachable"], said["changed"], said["boot_time_before"]) == (True, False, None)
    assert said["error"]["layer"] == "TCP"
