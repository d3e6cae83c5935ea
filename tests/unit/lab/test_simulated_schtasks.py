# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks of a simulated host: the forms of both generations, and programs that run as SYSTEM."""

from __future__ import annotations

import pytest

from tests.lab.executors.simulated import SimulatedHost
from tests.lab.model import HostModel, Windows
from tests.unit.lab.waiting import wait_until

TIMES = {"win2003": "23:59:00", "win2008": "23:59"}
FILES = {"win2003": r"c:\windows\tasks\job.job", "win2008": r"c:\windows\system32\tasks\job"}
VERSIONS = list(TIMES)


def host(version: str, language: str = "en-US") -> SimulatedHost:
    return SimulatedHost(HostModel("sim", Windows(version, language=language, computer_name="SIM-1")))


def create(version: str, command: str = "cmd", more: str = "") -> str:
    return rf'schtasks /create /tn job /tr "{command}" /sc once /st {TIMES[version]} /ru SYSTEM {more}'


@pytest.mark.parametrize("version", VERSIONS)
def test_a_task_runs_its_program_as_system(version: str) -> None:
    machine = host(version)
    lines = ["@whoami > C:\\out.new", "@echo %TEMP%>> C:\\out.new", "@ren C:\\out.new out"]
    machine.put(r"C:\Job folder\run.cmd", "\r\n".join(lines).encode())
    assert machine.run(create(version, r"\"C:\Job folder\run.cmd\"") + " & schtasks /run /tn job")[0] == 0
    wait_until(lambda: r"c:\out" in machine.snapshot().files)
    assert machine.get(r"C:\out").splitlines() == [b"nt authority\\system", b"C:\\WINDOWS\\TEMP"]
    assert machine.run("schtasks /delete /tn job /f")[0] == 0
    assert machine.run("schtasks /run /tn job") == (
        *(1, b""),
        b"ERROR: The system cannot find the file specified.\r\n",
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_a_task_that_was_made_is_a_file_until_it_is_deleted(version: str) -> None:
    machine = host(version)
    machine.run(create(version) + " & schtasks /delete /tn job /f")
    before = machine.snapshot()
    machine.run(create(version))
    (difference,) = before.differences(machine.snapshot())
    assert difference.startswith(f"file {FILES[version]}: absent")
    machine.run("schtasks /delete /tn job /f")
    assert before.differences(machine.snapshot()) == []


@pytest.mark.parametrize(
    ("version", "command", "message"),
    [
        ("win2003", create("win2003", more="/f"), "Invalid argument/option. - '/f'."),
        ("win2003", create("win2003", more="/rl highest"), "Invalid argument/option. - '/rl'."),
        ("win2003", create("win2008"), "Invalid Starttime value."),
        ("win2003", "schtasks /query /tn job /fo csv /nh", "Invalid argument/option. - '/tn'."),
        ("win2008", create("win2003"), "Invalid Starttime value."),
        ("win2008", create("win2008").replace("/st 23:59", ""), "Invalid syntax. Mandatory options are missing."),
        ("win2008", create("win2008", "x" * 262), "Value for '/TR' option cannot be more than 261 character(s)."),
        ("win2008", "schtasks /delete /tn job", "Invalid syntax. Mandatory options are missing."),
        ("win2008", "schtasks /run /tn none", "The system cannot find the file specified."),
        ("win2008", "schtasks /frobnicate", "Invalid syntax. Mandatory options are missing."),
    ],
)
def test_what_schtasks_refuses(version: str, command: str, message: str) -> None:
    machine = host(version)
    before = machine.snapshot()
    assert machine.run(command) == (1, b"", f"ERROR: {message}\r\n".encode())
    assert before.differences(machine.snapshot()) == []


def test_the_longest_command_is_taken() -> None:
    assert host("win2008").run(create("win2008", "x" * 261))[0] == 0


def test_server_2008_replaces_a_task_with_f_only() -> None:
    machine = host("win2008")
    machine.run(create("win2008"))
    code, _stdout, stderr = machine.run(create("win2008", "other"))
    assert (code, b"already exists" in stderr) == (1, True)
    assert machine.run(create("win2008", "other", "/f"))[0] == 0
    assert machine.machine.tasks["job"].command == "other"


@pytest.mark.parametrize(
    ("version", "language", "ready", "running"),
    [
        ("win2003", "en-US", '"job","Never",""', '"job","Never","Running"'),
        ("win2008", "en-US", r'"\job","N/A","Ready"', r'"\job","N/A","Running"'),
        ("win2008", "de-DE", r'"\job","Nicht zutreffend","Bereit"', r'"\job","Nicht zutreffend","Wird ausgeführt"'),
    ],
)
def test_query_shows_the_state_in_the_hosts_language(version: str, language: str, ready: str, running: str) -> None:
    machine = host(version, language)
    query = "schtasks /query /fo csv /nh"
    machine.run(create(version, "ping -n 60 x"))
    assert machine.run(query)[1].decode("cp850") == ready + "\r\n"
    machine.run("schtasks /run /tn job")
    assert machine.run(query)[1].decode("cp850") == running + "\r\n"
    machine.run("schtasks /end /tn job")
    wait_until(lambda: not machine.machine.tasks["job"].running)
    assert machine.run(query)[1].decode("cp850") == ready + "\r\n"


def test_a_task_whose_program_is_not_there_says_so_in_its_result() -> None:
    machine = host("win2008")
    machine.run(create("win2008", r"C:\absent.exe") + " & schtasks /run /tn job")
    task = machine.machine.tasks["job"]
    wait_until(lambda: not task.running)
    assert task.result == 0x80070002


def test_a_restart_ends_a_task() -> None:
    machine = host("win2003")
    machine.run(create("win2003", "ping -n 60 x") + " & schtasks /run /tn job")
    assert machine.machine.tasks["job"].running
    machine.machine.restart()
    assert not machine.machine.tasks["job"].running
