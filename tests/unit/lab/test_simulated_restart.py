# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restarts of a simulated host, and what its update agent writes."""

from __future__ import annotations

import re
import threading
import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.lab.executors.base import CommandLine
from tests.lab.executors.simulated import STATUS_CONTROL_C_EXIT, SimulatedHost
from tests.lab.model import HostFile, HostModel, Windows
from tests.lab.simulated.restart import pend_rename
from tests.unit.lab.waiting import wait_until

LOG = r"C:\WINDOWS\WindowsUpdate.log"
NO_DELAY = {r"HKLM\SOFTWARE\Lab\UpdateClient": {"Delay": {"type": "REG_DWORD", "data": 0}}}


def host(version: str = "win2008", **more: Any) -> SimulatedHost:
    files = (HostFile(r"C:\A\new.dll", text="new"), HostFile(r"C:\A\old.dll", text="old", in_use="shared"))
    services = {"wuauserv": "running", "WsusService": "running"}
    more = {"files": files, "services": services} | more
    return SimulatedHost(HostModel("sim", Windows(version, computer_name="SIM-1"), **more))


@pytest.mark.parametrize("command", ["shutdown /r /t 0", 'shutdown /r /f /t 0 /d p:2:4 /c "a reason"'])
def test_shutdown_tells_the_host_when_its_delay_is_over(command: str) -> None:
    machine = host()
    due = threading.Event()
    machine.machine.on_restart = due.set
    assert machine.run(command) == (0, b"", b"")
    assert due.wait(10)


@pytest.mark.parametrize(
    ("version", "code", "second", "third"),
    [
        ("win2003", 1, b"A system shutdown is in progress.(1115)\r\n", b"shutdown was in progress.(1116)\r\n"),
        ("win2008", None, b"A system shutdown has already been scheduled.(1190)\r\n", b"in progress.(1116)\r\n"),
    ],
)
def test_one_restart_at_a_time_that_can_be_called_off(
    version: str, code: int | None, second: bytes, third: bytes
) -> None:
    machine = host(version)
    machine.machine.on_restart = lambda: pytest.fail("it was called off")
    assert machine.run("shutdown /r /t 60")[0] == 0
    assert machine.run("shutdown /r /t 60") == (code or 1190, b"", second)
    assert machine.run("shutdown /a")[0] == 0
    found, _stdout, stderr = machine.run("shutdown /a")
    assert (found, stderr.endswith(third)) == (code or 1116, True)


def test_a_shutdown_that_is_no_restart_is_refused() -> None:
    assert host().run("shutdown /s /t 0") == (1, b"", b"The syntax of the command is incorrect.\r\n")


def test_a_restart_ends_commands_and_changes_the_boot_time() -> None:
    machine = host()
    before = machine.machine.boot_time
    commands = [machine.start(CommandLine(line)) for line in ("ping -n 60 x > nul & echo on", 'findstr "^"')]
    machine.machine.restart()
    for command in commands:
        output = command.take(65536, 5.0, eager=False)
        assert output is not None
        assert (output.stdout, output.exit_code) == (b"", STATUS_CONTROL_C_EXIT)
    assert machine.machine.boot_time > before
    assert machine.run("hostname")[0] == 0


def test_pending_renames_are_done_once_at_the_start() -> None:
    machine = host()
    pend_rename(machine.machine.registry, r"C:\A\absent.dll", r"C:\A\other.dll")
    pend_rename(machine.machine.registry, r"C:\A\new.dll", r"C:\A\target.dll")
    pend_rename(machine.machine.registry, r"C:\A\target.dll", r"C:\A\last.dll")
    machine.machine.restart()
    files = machine.snapshot().files
    assert (r"c:\a\new.dll" in files, r"c:\a\target.dll" in files) == (False, False)
    assert machine.get(r"C:\A\last.dll") == b"new"
    before = machine.snapshot()
    machine.machine.restart()
    assert before.differences(machine.snapshot()) == []


def test_a_file_in_use_is_replaced_at_the_start() -> None:
    machine = host()
    pend_rename(machine.machine.registry, r"C:\A\new.dll", r"C:\A\old.dll")
    machine.machine.restart()
    assert machine.get(r"C:\A\old.dll") == b"new"


def agent(**values: Any) -> SimulatedHost:
    kinds = {str: "REG_SZ", int: "REG_DWORD"}
    settings = {name: {"type": kinds[type(data)], "data": data} for name, data in values.items()}
    return host(registry={r"HKLM\SOFTWARE\Lab\UpdateClient": settings})


@pytest.mark.parametrize(
    ("answer", "evidence"), [("healthy", "Added update"), ("refused", "0x8024400E"), (None, "Added update")]
)
def test_a_detection_is_told_in_the_log_with_its_own_time(answer: str | None, evidence: str) -> None:
    machine = agent(**({"Answer": answer} if answer else {}), Delay=0)
    machine.put(LOG, b"earlier\r\n")
    asked = datetime.now() - timedelta(seconds=1)
    assert machine.run("wuauclt /detectnow") == (0, b"", b"")
    wait_until(lambda: machine.get(LOG) != b"earlier\r\n")
    first, *lines = machine.get(LOG).decode().splitlines()
    assert first == "earlier"
    assert any(evidence in line for line in lines)
    last = re.match(r"(\S+)\t(\S+):(\d{3})\t", lines[-1])
    assert last
    assert asked < datetime.fromisoformat(f"{last[1]} {last[2]}.{last[3]}") <= datetime.now()
    times = [line[:23] for line in lines]
    assert times == sorted(times)


def test_a_detection_takes_its_time() -> None:
    machine = agent(Delay=60)
    machine.run("wuauclt /detectnow")
    assert LOG.lower() not in machine.snapshot().files


def test_without_its_service_the_agent_does_nothing() -> None:
    machine = host(services={"wuauserv": "stopped"}, registry=NO_DELAY)
    assert machine.run("wuauclt /detectnow")[0] == 0
    time.sleep(0.2)
    assert LOG.lower() not in machine.snapshot().files
