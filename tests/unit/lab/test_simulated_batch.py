# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Batch files of a simulated host."""

from __future__ import annotations

import pytest

from tests.lab.executors.simulated import SimulatedHost
from tests.lab.model import HostModel, Windows


@pytest.fixture
def host() -> SimulatedHost:
    return SimulatedHost(HostModel("sim", Windows("win2003", computer_name="SIM-1")))


@pytest.mark.parametrize(
    ("lines", "code", "stdout"),
    [
        (["@echo %COMPUTERNAME% 100%%"], 0, b"SIM-1 100%\r\n"),
        (["@echo [%NOT_SET%]"], 0, b"[]\r\n"),
        (["@cd /d %~dp0", "", "@cd"], 0, b"C:\\Tools\r\n"),
        (["@cmd /c exit 3010", "@echo %ERRORLEVEL%"], 0, b"3010\r\n"),
        (["@cmd /c exit -1073741819", "@echo %ERRORLEVEL%"], 0, b"-1073741819\r\n"),
        (["@cmd /c exit 5", "@if errorlevel 0 if not errorlevel 1 echo well", "@echo %ERRORLEVEL%"], 0, b"5\r\n"),
        (["echo a"], 0, b"\r\nC:\\Documents and Settings\\Administrator>echo a\r\na\r\n"),
        (["@exit /b 7", "@echo never"], 7, b""),
        (["@cmd /c exit 9"], 9, b""),
        (["@>x.new echo 0", "@ren x.new x.txt", "@type x.txt"], 0, b"0\r\n"),
    ],
)
def test_lines_run_one_after_the_other(host: SimulatedHost, lines: list[str], code: int, stdout: bytes) -> None:
    host.put(r"C:\Tools\run.cmd", "".join(f"{line}\r\n" for line in lines).encode())
    assert host.run(r"C:\Tools\run.cmd") == (code, stdout, b"")


def test_what_a_batch_file_does_to_its_directory_stays_with_it(host: SimulatedHost) -> None:
    """cmd runs it in its own process: there it would stay, but every command here is a cmd /c of its own."""
    host.put(r"C:\Tools\run.bat", b"@cd /d C:\\Tools\r\n")
    assert host.run(r'cmd /c "C:\Tools\run.bat" & cd')[1] == b"C:\\Documents and Settings\\Administrator\r\n"
