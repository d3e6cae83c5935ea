# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of the lab, and what it leaves behind: nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.integration.conftest import FLEETS, free_port
from tests.lab.executors.wine_prefix import processes_of
from tests.lab.lab import REPOSITORY, Lab, LabError, Options

pytestmark = pytest.mark.one_core


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.lab", *arguments],
        cwd=REPOSITORY,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / ("deeper-than-a-socket-may-lie-" * 4) / "lab"


def test_up_status_again_down(state: Path) -> None:
    port = str(free_port())
    arguments = ("up", "--fleet", str(FLEETS / "one.yml"), "--state", str(state), "--port", port, "--auth", "basic")
    try:
        up = command(*arguments)
        assert (up.returncode, up.stderr) == (0, "")
        assert "wsus-sp1-unpatched is up" in up.stdout
        assert f"inventory: {state / 'inventory.yml'}" in up.stdout

        inventory = yaml.safe_load((state / "inventory.yml").read_text(encoding="utf-8"))["all"]
        assert inventory["vars"]["ansible_winrm_transport"] == "basic"
        assert inventory["vars"]["ansible_port"] == int(port)
        host = inventory["children"]["update_servers"]["hosts"]["wsus-sp1-unpatched"]
        assert host["ansible_host"] == "127.54.0.1"

        lab = Lab.running(state)
        prefix = lab.host("wsus-sp1-unpatched").prefix
        lab.host("wsus-sp1-unpatched").run(r"echo x> C:\left-over.txt")
        status = command("status", "--state", str(state))
        assert status.stdout.split()[:3] == ["wsus-sp1-unpatched", "127.54.0.1", port]

        assert command(*arguments).returncode == 0, "a second up replaces the first"
        assert not (prefix / "drive_c" / "left-over.txt").exists(), "each start is pristine"
    finally:
        down = command("down", "--state", str(state))
    assert (down.returncode, down.stderr) == (0, "")
    assert list((state / "hosts").iterdir()) == []
    assert processes_of(prefix) == []
    assert str(state) not in Path("/proc/mounts").read_text(encoding="utf-8")
    assert command("status", "--state", str(state)).returncode == 1
    with pytest.raises(LabError, match="no lab runs"):
        Lab.running(state)


def test_what_differs_from_a_picture_is_shown(state: Path, tmp_path: Path) -> None:
    picture = str(tmp_path / "picture")
    with Lab(FLEETS / "one.yml", state, Options(port=free_port(), executor="simulated")) as lab:
        assert command("picture", "--state", str(state), picture).returncode == 0
        same = command("changes", "--state", str(state), picture)
        assert (same.returncode, same.stdout, same.stderr) == (0, "", "")
        lab.host("wsus-sp1-unpatched").put(r"C:\new.txt", b"new")
        changed = command("changes", "--state", str(state), picture)
        assert changed.returncode == 1
        assert changed.stdout.startswith(r"wsus-sp1-unpatched: file c:\new.txt: absent -> ")


def test_down_where_nothing_runs(state: Path) -> None:
    assert command("down", "--state", str(state)).returncode == 0


def test_port_in_use_is_said_before_anything_is_started(lab: Lab, state: Path) -> None:
    port = str(lab.options.listen_port)
    run = command("up", "--fleet", str(FLEETS / "one.yml"), "--state", str(state), "--port", port)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == f"lab: 127.54.0.1 port {port}: Address already in use; choose another --port\n"
    assert not state.exists()


def test_missing_programs_are_named_with_their_packages(state: Path) -> None:
    run = command("up", "--fleet", str(FLEETS / "one.yml"), "--state", str(state), "--port", str(free_port()), PATH="")
    assert run.returncode == 1
    assert run.stderr.startswith("lab: the wine lab needs: apt-get install ")
    assert "gcc-mingw-w64-x86-64" in run.stderr


def test_wrong_fleet_file(state: Path, tmp_path: Path) -> None:
    path = tmp_path / "fleet.yml"
    path.write_text("hosts: [{host: wsus-absent}]\n", encoding="utf-8")
    run = command("up", "--fleet", str(path), "--state", str(state))
    assert run.returncode == 1
    assert run.stderr.startswith(f"lab: {path}: $.hosts[0]")
