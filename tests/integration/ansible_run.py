# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs Ansible as a user does: its own commands, the lab's inventory, nothing patched."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import typing as t
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
_BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Run:
    """What a command printed and how it ended."""

    code: int
    output: str


def type_command(folder: Path, *words: str, **environment: str) -> Run:
    """Runs a command in a folder; environment variables are added to those of the tests."""
    return _run(*words, folder=folder, **environment)


def ansible_playbook(playbook: str | Path, inventory: Path, *arguments: str, **environment: str) -> Run:
    """Runs a playbook; environment variables are added to those of the tests."""
    return _run("ansible-playbook", str(playbook), "-i", str(inventory), *arguments, **environment)


def module_results(inventory: Path, pattern: str, module: str, *arguments: str) -> dict[str, dict[str, t.Any]]:
    """Runs one module on the hosts of a pattern; returns its result for each host by name."""
    # ansible-core itself has no callback that writes JSON: read what its default for this command prints.
    output = _run("ansible", pattern, "-i", str(inventory), "-m", module, *arguments).output
    results = {}
    for printed in re.finditer(r"(?m)^(\S+) \| ([A-Z]+)!? => ", output):
        result, dummy = json.JSONDecoder().raw_decode(output, printed.end())
        # Not every release leaves these two in the text.
        results[printed[1]] = result | {"failed": printed[2] == "FAILED", "unreachable": printed[2] == "UNREACHABLE"}
    assert results, output
    return results


def start_playbook(playbook: str | Path, inventory: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Starts a playbook in a process group of its own and does not wait for it; what it prints is lost."""
    return _start("ansible-playbook", str(playbook), "-i", str(inventory), *arguments)


def start_module(inventory: Path, pattern: str, module: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Starts one module on the hosts of a pattern as C(start_playbook) starts a playbook."""
    return _start("ansible", pattern, "-i", str(inventory), "-m", module, *arguments)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kills a command with all its workers, which some releases put into sessions of their own."""
    family = [process.pid]
    for pid in family:
        family += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split())
    for pid in family:
        os.kill(pid, signal.SIGKILL)
    process.wait()


def _start(command: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(_BIN / command), *arguments],
        cwd=REPOSITORY, env=_settings(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


def _run(command: str, *arguments: str, folder: Path = REPOSITORY, **environment: str) -> Run:
    process = subprocess.run(
        [str(_BIN / command), *arguments],
        cwd=folder, env=_settings(**environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=600, check=False,
    )  # fmt: skip
    return Run(process.returncode, process.stdout)


def _settings(**environment: str) -> dict[str, str]:
    return {
        **os.environ,
        "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_LOCALHOST_WARNING": "0",
        "PATH": f"{_BIN}:{os.environ['PATH']}",
        **environment,
    }
