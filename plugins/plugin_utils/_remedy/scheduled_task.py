# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a package as SYSTEM: some installers refuse the remote session of an administrator.

PRIVATE to the collection: may change without notice.

A task of Windows' scheduler runs a batch file in the workspace, whose last step names the exit code in a file; nothing
that schtasks prints is looked at, because it is translated. Windows Server 2003 knows neither C(/f) with C(/create) nor
times without seconds (win32 documentation of schtasks).
"""

from __future__ import annotations

import contextlib
import re
import secrets
import time
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import (
    PROGRESS_SECONDS,
    Output,
    Progress,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import (
    UNREACHABLE_LAYERS,
    HostError,
    Layer,
    printable,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._host.session import TASK
from ansible_collections.unblock.updates.plugins.plugin_utils._host.workspace import Workspace

_HERE = "%CD%"
_BATCH = "run.cmd"
_STARTED = "started.txt"
_CHECKED = "checked.txt"
_CODE = "code.txt"
_CHECKED_BYTES = 65536
_VISTA = (6, 0)
_POLL_SECONDS = 5.0
_LOST = UNREACHABLE_LAYERS | {Layer.SHELL, Layer.WS_MAN}


def run_as_system(
    workspace: Workspace,
    name: str,
    sha256: str,
    line: t.Callable[[str], str],
    *,
    kernel: tuple[int, int],
    timeout: float,
    progress: Progress,
) -> int:
    """Runs a command line as SYSTEM, right after the digest of a file in the workspace was compared there.

    Args:
        workspace: with the program C(transfer).
        name: of the file.
        sha256: 64 hexadecimal digits that it must have.
        line: one command of cmd.exe, given the folder; in a batch file that is C(%CD%), in any code page.
        kernel: the host's version of Windows, such as C((5, 2)).
        timeout: seconds until the task is ended.
        progress: called about every ``PROGRESS_SECONDS`` while it runs.

    Returns:
        The command's exit code, 32 bits without a sign.

    Raises:
        HostError: layer transfer, if the file differs; installer, if the task cannot be made; script, if it does not
            end in time.
    """
    nonce = secrets.token_hex(16)
    batch = _batch(workspace.check_command(nonce, name, sha256, _HERE), line(_HERE))
    workspace.run(f'del /q {_CODE} {_STARTED} 2>nul & findstr "^" > {_BATCH}', stdin=batch)
    output = workspace.run(" & ".join((*_create(workspace.folder, kernel), f"schtasks /run /tn {TASK}")))
    try:
        if output.code != 0:
            raise HostError(
                Layer.INSTALLER,
                workspace.shell.host,
                f"schtasks could not make and start a task: {printable(_text(output.stdout + output.stderr), 200)}",
                "Check that the service Schedule runs on the host.",
            )
        code = _wait(workspace, timeout, progress)
        checked = Output(workspace.read(_CHECKED, 0, _CHECKED_BYTES), b"", code)
        workspace.require_checked(checked, nonce, name, sha256)
        return code
    finally:
        # What became of the package counts. A task that stays is replaced by that of the next run.
        with contextlib.suppress(HostError):
            workspace.run(f"schtasks /end /tn {TASK} >nul 2>nul & schtasks /delete /tn {TASK} /f >nul 2>nul")


def _batch(check: str, line: str) -> bytes:
    """Runs once, also where the controller is gone when the task's own time comes.

    The exit code is written under another name first: a file that is there is whole.
    """
    lines = (
        'cd /d "%~dp0"',
        f"if exist {_STARTED} exit",
        f"echo started > {_STARTED}",
        f"{check} > {_CHECKED}",
        f"if errorlevel 0 if not errorlevel 1 {line}",
        ">code.new echo %ERRORLEVEL%",
        f"ren code.new {_CODE}",
    )
    return "".join(f"@{text}\r\n" for text in lines).encode("ascii", errors="replace")


def _create(folder: str, kernel: tuple[int, int]) -> tuple[str, ...]:
    """The commands that make the task, on whose name another may stand. It would start in the last minute of a day."""
    # To cmd.exe, which knows no \", the path stands outside of the quotation marks.
    path = re.sub(r"[&|<>^()]", r"^\g<0>", rf"{folder}\{_BATCH}")
    command = rf'schtasks /create /tn {TASK} /tr "\"{path}\"" /sc once /ru SYSTEM'
    if kernel < _VISTA:
        return f"schtasks /delete /tn {TASK} /f >nul 2>nul", f"{command} /st 23:59:00"
    return (f"{command} /st 23:59 /f",)


def _wait(workspace: Workspace, timeout: float, progress: Progress) -> int:
    started, due = time.monotonic(), PROGRESS_SECONDS
    while (elapsed := time.monotonic() - started) < timeout:
        code = _code(workspace)
        if code is not None:
            return code
        if elapsed >= due:
            progress(elapsed)
            due += PROGRESS_SECONDS
        time.sleep(_POLL_SECONDS)
    raise HostError(
        Layer.SCRIPT,
        workspace.shell.host,
        f"the task had not ended after {timeout:g} s and was ended",
        "Raise install_timeout for this host, or look for what slows it down.",
    )


def _code(workspace: Workspace) -> int | None:
    """The exit code, once there is one. Some installers restart WinRM: the shell is opened anew then."""
    try:
        match = re.match(r"\s*(-?[0-9]{1,10})\s*$", _text(workspace.run(f"type {_CODE} 2>nul").stdout))
        return int(match.group(1)) & 0xFFFFFFFF if match else None
    except HostError as exc:
        if exc.layer not in _LOST:
            raise
    try:
        workspace.shell.close()
        workspace.shell.connect()
    except HostError as exc:
        if exc.layer not in _LOST:
            raise
    return None


def _text(output: bytes) -> str:
    return output.decode("utf-8", errors="replace")
