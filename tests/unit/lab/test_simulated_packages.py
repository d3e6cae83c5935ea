# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the stand-in packages do on a simulated host, run as .exe and by msiexec."""

from __future__ import annotations

import dataclasses
import json
import time
from datetime import datetime, timezone
from typing import Any

import pytest

from tests.lab.executors.base import CommandLine
from tests.lab.executors.simulated import SimulatedHost
from tests.lab.model import Account, HostFile, HostModel, Windows
from tests.lab.packages import CLIENT_DLL, MARK
from tests.unit.lab.waiting import wait_until

SETUP = r"HKLM\SOFTWARE\Microsoft\Update Services\Server\Setup"
SITE = r"HKLM\SOFTWARE\Wow6432Node\Microsoft\SMS\Setup"
TARGET = "C:\\Program Files\\Update Services\\"
DLL = rf"{TARGET}WebServices\ClientWebService\bin\{CLIENT_DLL}"
SUCCESSES = [0, 1641, 3010]
FAILURES = [1602, 1603, 1618, 1619, 1642, 0x80240017]


def text(data: str) -> dict[str, Any]:
    return {"type": "REG_SZ", "data": data}


def number(data: int) -> dict[str, Any]:
    return {"type": "REG_DWORD", "data": data}


def content(name: str, architecture: str = "x64", kind: str = "exe") -> bytes:
    """A package as the simulated host sees it: anything, and the mark."""
    fields = {"name": name, "architecture": architecture, "kind": kind, "payload": 0}
    return b"MZ".ljust(2048, b"\0") + MARK + json.dumps(fields).encode()


def host(release: str = "3.1.6001.65", behaviour: dict[str, Any] | None = None, **more: Any) -> SimulatedHost:
    model = HostModel(
        "sim",
        Windows("win2008", computer_name="SIM-1"),
        registry={
            SETUP: {"VersionString": text(release), "TargetDir": text(TARGET)},
            SITE: {"Full Version": text("4.00.6221.1000")},
            r"HKLM\SOFTWARE\Lab\Installer": behaviour or {},
        },
        files=(HostFile(DLL, version="3.1.6001.65", created="2008-02-01T00:00:00Z"),),
    )
    machine = SimulatedHost(dataclasses.replace(model, **more))
    machine.put(r"C:\P\kb954960.exe", content("kb954960"))
    machine.put(r"C:\P\kb954960.msi", content("kb954960", kind="msi"))
    machine.put(r"C:\P\kb954474.exe", content("kb954474", "x86"))
    machine.put(r"C:\P\setup.exe", content("wsus_setup"))
    return machine


def version(machine: SimulatedHost) -> str | None:
    return machine.machine.disks.find(DLL).version


def test_kb954960_raises_the_library_and_writes_its_log() -> None:
    machine = host()
    assert machine.run(r'start "" /wait "C:\P\kb954960.exe" /q "C:\P\install.log"') == (0, b"", b"")
    dll = machine.machine.disks.find(DLL)
    assert dll.version == "3.1.6001.66"
    assert (datetime.now(timezone.utc) - dll.created).total_seconds() < 60  # what the time of a fix is read from
    assert machine.get(r"C:\P\install.log") == b"Installation completed successfully.\r\nReturning 0.\r\n"


def test_an_msi_does_the_same_and_its_log_is_utf_16() -> None:
    machine = host()
    assert machine.run(r'msiexec /i "C:\P\kb954960.msi" /qn /norestart /l*v "C:\P\install.log"')[0] == 0
    assert version(machine) == "3.1.6001.66"
    assert machine.get(r"C:\P\install.log").decode("utf-16").startswith("Installation completed successfully.")


def test_kb954474_registers_itself_where_update_exe_does() -> None:
    machine = host()
    assert machine.run(r"C:\P\kb954474.exe /quiet /norestart /log:C:\P\install.log")[0] == 0
    found = machine.run(r"reg query HKLM\SOFTWARE\Wow6432Node\Microsoft\Updates /s")[1]
    assert rb"SP2\KB954474" in found
    assert machine.get(r"C:\P\install.log").startswith(b"Installation completed")


def test_the_setup_of_wsus_makes_service_pack_1_of_the_first_release() -> None:
    machine = host("3.0.6000.374")
    assert machine.run(r"C:\P\setup.exe /q CONTENT_LOCAL=1")[0] == 0
    assert b"3.1.6001.65" in machine.run(f'reg query "{SETUP}" /v VersionString')[1]
    temp = machine.machine.environment["TEMP"]
    assert machine.get(rf"{temp}\WSUSSetup.log").startswith(b"Installation completed")


@pytest.mark.parametrize(
    ("package", "release", "code"),
    [
        ("kb954960.exe /q", "3.0.6000.374", 1642),
        ("kb954960.exe /q", "3.2.7600.226", 1642),
        ("setup.exe /q", "3.1.6001.65", 1642),
        ("kb954960.exe", "3.1.6001.65", 87),
        ("kb954960.exe /q /frobnicate", "3.1.6001.65", 87),
        ("kb954474.exe /quiet x.log", "3.1.6001.65", 87),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(package: str, release: str, code: int) -> None:
    machine = host(release)
    before = machine.snapshot()
    assert machine.run(rf"C:\P\{package}")[0] == code
    assert [line for line in before.differences(machine.snapshot()) if "wsussetup.log" not in line] == []


@pytest.mark.parametrize("command", [r"C:\P\kb954960.exe /q", r"msiexec /i C:\P\kb954960.msi /qn"])
@pytest.mark.parametrize("code", SUCCESSES + FAILURES)
def test_a_code_is_answered_and_only_a_success_changes_the_library(command: str, code: int) -> None:
    machine = host(behaviour={"ExitCode": number(code)})
    assert machine.run(command)[0] == code
    assert version(machine) == ("3.1.6001.66" if code in SUCCESSES else "3.1.6001.65")


def test_a_failure_writes_the_log_that_is_wanted() -> None:
    machine = host(behaviour={"ExitCode": number(1603), "Log": text("Error 1714: previous version")})
    assert machine.run(r"C:\P\kb954960.exe /q C:\P\install.log")[0] == 1603
    assert machine.get(r"C:\P\install.log") == b"Error 1714: previous version\r\n"


def test_a_busy_installer_is_free_after_so_many_runs() -> None:
    machine = host(behaviour={"Busy": number(2)})
    assert [machine.run(r"C:\P\kb954960.exe /q")[0] for dummy in range(3)] == [1618, 1618, 0]


def test_a_crash_changes_nothing_and_its_code_is_below_zero() -> None:
    machine = host(behaviour={"Crash": number(1)})
    before = machine.snapshot()
    assert machine.run(r"C:\P\kb954960.exe /q C:\P\install.log")[0] == 0xC0000005
    assert machine.run(r"C:\P\kb954960.exe /q & if not errorlevel 1 echo below")[1] == b"below\r\n"
    assert before.differences(machine.snapshot()) == []


def test_a_delay_can_be_killed_and_has_changed_nothing() -> None:
    machine = host(behaviour={"Delay": number(60)})
    started = time.monotonic()
    command = machine.start(CommandLine(r"C:\P\kb954960.exe /q"))
    command.terminate()
    wait_until(lambda: not command.running)
    assert time.monotonic() - started < 10
    assert version(machine) == "3.1.6001.65"


def test_a_success_that_changes_nothing() -> None:
    machine = host(behaviour={"Replace": number(0)})
    assert machine.run(r"C:\P\kb954960.exe /q")[0] == 0
    assert version(machine) == "3.1.6001.65"


def test_a_library_in_use_is_replaced_when_windows_starts() -> None:
    machine = host(behaviour={"AtRestart": number(1)})
    assert machine.run(r"C:\P\kb954960.exe /q")[0] == 3010
    assert version(machine) == "3.1.6001.65"
    session_manager = (
        r'reg query "HKLM\SYSTEM\CurrentControlSet\Control\Session Manager" /v PendingFileRenameOperations'
    )
    assert machine.run(session_manager)[1].count(CLIENT_DLL.encode()) == 2
    machine.machine.restart()
    assert version(machine) == "3.1.6001.66"
    assert machine.run(session_manager)[0] == 1
    assert DLL.lower() + ".new" not in machine.snapshot().files


def test_an_x64_package_does_not_run_on_x86() -> None:
    machine = host(windows=Windows("win2008", arch="x86", computer_name="SIM-1"))
    assert machine.run(r"C:\P\kb954960.exe /q")[0] == 216
    assert machine.run(r"msiexec /i C:\P\kb954960.msi /qn")[0] == 1633
    assert version(machine) == "3.1.6001.65"


@pytest.mark.parametrize(("release", "code"), [("win2003", 5), ("win2008", 740)])
def test_without_full_rights_a_package_does_not_run(release: str, code: int) -> None:
    machine = host(windows=Windows(release, computer_name="SIM-1"), account=Account("operator", rights="filtered"))
    assert machine.run(r"C:\P\kb954960.exe /q")[0] == code
    assert machine.run(r"msiexec /i C:\P\kb954960.msi /qn")[0] == 1603
    assert version(machine) == "3.1.6001.65"


def test_a_full_disk_fails_the_installation() -> None:
    machine = host(free_bytes=16384)
    machine.put(r"C:\P\ballast", b"x" * (machine.machine.disks.free("C:\\")))
    machine.machine.disks.delete(DLL)
    machine.put(r"C:\P\more ballast", b"x" * (machine.machine.disks.free("C:\\")))
    assert machine.run(r"C:\P\kb954960.exe /q")[0] == 112


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (r"/i C:\P\absent.msi /qn", 1619),
        (r"/i C:\P\kb954960.exe /qn", 1620),
        (r"/i C:\P\kb954960.msi", 1639),
        ("/qn", 1639),
        (r"/i C:\P\kb954960.msi /qn /frobnicate", 1639),
    ],
)
def test_msiexec_refuses(arguments: str, code: int) -> None:
    machine = host()
    assert machine.run(f"msiexec {arguments}")[0] == code
    assert version(machine) == "3.1.6001.65"
