# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remedy runs that are killed amid a change, on simulated hosts: run again, they come to the same end."""

from __future__ import annotations

import re
import time
import typing as t
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.ansible_run import kill, start_playbook
from tests.integration.remedy_run import PLAYBOOK, extra_variables, remediate, set_installer, simulated_lab
from tests.lab.lab import Lab, LabHost

pytestmark = pytest.mark.one_core

KEY = r"HKLM\SOFTWARE\unblock\updates"
INSTALLER_SECONDS = 3


def has_value(host: LabHost, key: str, name: str) -> bool:
    return host.run(f'reg query "{key}" /v {name}')[0] == 0


def is_being_reset(host: LabHost) -> bool:
    return has_value(host, rf"{KEY}\954960", "Journal")


def is_being_installed(host: LabHost) -> bool:
    """The record is begun right before the installer, which takes its time."""
    return has_value(host, rf"{KEY}\954960", "Record")


def is_registered(host: LabHost) -> bool:
    return host.run(r"reg query HKLM\SOFTWARE\Wow6432Node\Microsoft\Updates /s | findstr KB954474")[0] == 0


def is_recorded(host: LabHost) -> bool:
    """The reset is done, but nobody has judged the host since."""
    return has_value(host, rf"{KEY}\954960", "Record") and not is_being_reset(host)


@dataclass(frozen=True)
class Step:
    """A point of a run at which it is killed.

    host: which is treated. reached: whether the run has come there. leaves: what must be cleaned up then.
    """

    host: str
    reached: Callable[[LabHost], bool]
    leaves: str


STEPS = {
    "the approvals are being reset": Step("wsus-rtm-replica", is_being_reset, "Journal"),
    "the reset is recorded": Step("wsus-rtm-replica", is_recorded, "Record"),
    "the package is being installed": Step("wsus-sp1-2003", is_being_installed, "Session"),
    "the hotfix is registered": Step("cm-sp1-unpatched", is_registered, "Session"),
}


def end_state(host: LabHost) -> dict[str, t.Any]:
    """Files with their versions, registry values and approvals, but for times and the names of runs."""
    changing = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}|20[0-9-]+T[0-9:.]+Z")
    found = host.snapshot()
    return {
        **{path: file.version for path, file in found.files.items()},
        **{str(key): changing.sub("", str(value)) for key, value in found.registry.items()},
        "approvals": b"" if host.name.startswith("cm-") else host.get(r"C:\lab\susdb.xml"),
    }


@pytest.fixture(scope="module")
def uninterrupted(lab_states: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, t.Any]]:
    """In what state a whole run leaves the hosts."""
    names = sorted({step.host for step in STEPS.values()})
    with started(lab_states) as lab:
        remedy = remediate(lab, tmp_path_factory.mktemp("whole"), "--limit", ",".join(names))
        assert set(remedy.statuses().values()) == {"fixed"}, remedy.run.output
        return {name: end_state(lab.host(name)) for name in names}


@contextmanager
def started(states: Path) -> Iterator[Lab]:
    """A fleet whose installers take their time."""
    with simulated_lab("remedy.yml", states) as lab:
        for step in STEPS.values():
            set_installer(lab.host(step.host), "Delay", INSTALLER_SECONDS)
        yield lab


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_run_that_was_killed_can_be_run_again(
    lab_states: Path, tmp_path: Path, uninterrupted: dict[str, dict[str, t.Any]], step: Step
) -> None:
    with started(lab_states) as lab:
        host = lab.host(step.host)
        arguments = ("--limit", host.name, "-e", extra_variables(lab, tmp_path / "killed"))
        process = start_playbook(PLAYBOOK, lab.inventory, *arguments)
        try:
            deadline = time.monotonic() + 120
            while not step.reached(host) and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.02)
            assert process.poll() is None, "the run was over before it was to be killed"
        finally:
            kill(process)
        assert step.leaves in str(host.snapshot().registry)
        time.sleep(INSTALLER_SECONDS)  # an installer goes on without whoever started it
        host.end_idle_shells()  # and after a while, what waits for more input is ended with its shell
        remedy = remediate(lab, tmp_path / "again", "--limit", host.name)
        assert remedy.run.code == 0, remedy.run.output
        assert remedy.statuses()[host.name] in ("fixed", "compliant")
        assert sorted(end_state(host).items() ^ uninterrupted[host.name].items()) == []
