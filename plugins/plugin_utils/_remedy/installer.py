# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts a package into a workspace on a host and runs it there.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import dataclasses

from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Progress
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError, Layer, printable
from ansible_collections.unblock.updates.plugins.plugin_utils._host.workspace import Workspace
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.packages import (
    PackageFile,
    PackageSpec,
    read_head,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.portable_executable import HEAD_BYTES
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.scheduled_task import run_as_system
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Installer

_LOG = "install.log"
_LOG_PLACEHOLDER = "{log}"

#: Of an installer's log, the last so many bytes are read, and so many lines and characters of them are shown.
_TAIL_BYTES = 16 * 1024
_TAIL_LINES = 40
_TAIL_CHARACTERS = 4000


@dataclasses.dataclass(frozen=True)
class Job:
    """One package that is to be run on one host.

    Attributes:
        spec: the operator's entry.
        installer: how it is run.
        kernel: the host's version of Windows, such as C((6, 0)).
        as_system: run it as SYSTEM by a scheduled task.
        timeout: seconds that it may take to arrive, and again to run.
    """

    spec: PackageSpec
    installer: Installer
    kernel: tuple[int, int]
    as_system: bool
    timeout: float

    def arguments(self, folder: str) -> str:
        """The installer's command line in a folder."""
        return self.installer.arguments.replace(_LOG_PLACEHOLDER, rf"{folder}\{_LOG}")

    def line(self, folder: str) -> str:
        """The command that starts it and ends with its exit code."""
        package = rf'"{folder}\{self.spec.staged_name}"'
        program = f"msiexec /i {package}" if self.spec.kind == "msi" else package
        # Without start, cmd.exe does not wait for a program that has windows.
        return f'start "" /wait {program} {self.arguments(folder)}'.rstrip()


def stage(workspace: Workspace, job: Job, progress: Progress) -> PackageFile:
    """Brings the package into the workspace and compares its digest there.

    Returns:
        What its beginning says.

    Raises:
        HostError: if it did not arrive as it is.
        OSError: if it cannot be read on the controller.
    """
    spec, name = job.spec, job.spec.staged_name
    if spec.remote_path is None and spec.path is not None:
        workspace.send(spec.path, name, spec.sha256, timeout=job.timeout, progress=progress)
    else:
        output = workspace.run(f'copy /y /b "{spec.remote_path}" {name}', timeout=job.timeout, progress=progress)
        if output.code != 0:
            raise HostError(
                Layer.TRANSFER,
                workspace.shell.host,
                f"{spec.remote_path} could not be copied: {_said(output.stdout + output.stderr)}",
                "Check that the account may read it from a remote session, and that the drive of %TEMP% has room.",
            )
        workspace.check(name, spec.sha256)
    return read_head(spec, workspace.read(name, 0, HEAD_BYTES))


def run(workspace: Workspace, job: Job, progress: Progress) -> int:
    """Runs the package, right after its digest was compared where it lies.

    Returns:
        Its exit code, 32 bits without a sign.

    Raises:
        HostError: layer transfer, if the package is not what it was; script, if it did not end in time.
    """
    name, sha256 = job.spec.staged_name, job.spec.sha256
    if job.as_system:
        return run_as_system(
            workspace, name, sha256, job.line, kernel=job.kernel, timeout=job.timeout, progress=progress
        )
    line = job.line(workspace.folder)
    return workspace.run_checked(name, sha256, line, timeout=job.timeout, progress=progress).code


def log_tail(workspace: Workspace, job: Job, code_page: str | None) -> str | None:
    """The last lines of the installer's log, at most 4,000 characters; None if it cannot be read.

    Args:
        workspace: in which it ran.
        job: what was run.
        code_page: the host's ANSI code page, such as C(1252).
    """
    path = job.installer.log
    if job.as_system:
        path = path.replace("%TEMP%", r"%windir%\Temp")  # SYSTEM has a folder of its own
    try:
        if path != _LOG_PLACEHOLDER:
            workspace.run(f'copy /y /b "{path}" {_LOG}')
        return decode_tail(workspace.read(_LOG, -_TAIL_BYTES, _TAIL_BYTES), code_page)
    except HostError:
        return None


def decode_tail(data: bytes, code_page: str | None) -> str:
    """Text of the end of a log that may be UTF-16 or in the host's code page, cut to whole lines."""
    text = _decode(data, code_page).replace("\r\n", "\n").replace("\r", "\n")
    clean = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    lines = [line.rstrip() for line in clean.split("\n") if line.strip()]
    if len(data) == _TAIL_BYTES:
        lines = lines[1:]  # cut off somewhere
    shown = "\n".join(lines[-_TAIL_LINES:])
    return shown if len(shown) <= _TAIL_CHARACTERS else "..." + shown[3 - _TAIL_CHARACTERS :]


def _decode(data: bytes, code_page: str | None) -> str:
    # Windows Installer writes UTF-16: in text of any language, blanks and digits leave zeros at odd places.
    if data[1::2].count(0) * 8 > len(data[1::2]):
        return data.decode("utf-16-le", errors="replace").lstrip("\ufeff")
    for encoding in ("utf-8", f"cp{code_page}"):
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("latin-1")


def _said(output: bytes) -> str:
    return printable(output.decode("utf-8", errors="replace"), 200) or "no output"
