# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be so on a host before an installer may run there.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host.compiler import (
    COMPILER_READS,
    COMPILERS,
    compiler_answer,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy import token
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.outcome import Problem
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.packages import PackageSpec
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Read
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings

#: Room on the drive of %TEMP%, in sizes of the package: it, what it unpacks there, what it keeps for its removal.
_ROOM_PACKAGES = 4
_ROOM_BYTES = 64 * 1024 * 1024

_WHOAMI_TIMEOUT = 60.0
_WHOAMI_BYTES = 256 * 1024

#: The default value of this key names the script of an installation that Windows Installer has not ended.
_IN_PROGRESS: Read = {
    "id": "fix.in_progress",
    "op": "reg_value",
    "key": r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Installer\InProgress",
    "value": "",
}
_PENDING_RENAMES: Read = {
    "id": "fix.pending_renames",
    "op": "reg_value",
    "key": r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager",
    "value": "PendingFileRenameOperations",
}


def check_reads(specs: t.Iterable[PackageSpec]) -> list[Read]:
    """What to ask a host for beside what the rule asks, before it is changed.

    Args:
        specs: the packages that it may take; it depends on its answer which.
    """
    return [
        {"id": "fix.temp", "op": "drive", "path": "%TEMP%"},
        *COMPILER_READS,
        _IN_PROGRESS,
        *({"id": _remote_id(spec), "op": "file", "path": spec.remote_path} for spec in specs if spec.remote_path),
    ]


def busy_reads() -> list[Read]:
    """What tells whether another installation is running."""
    return [_IN_PROGRESS]


def after_reads() -> list[Read]:
    """What tells whether a restart is pending."""
    return [_PENDING_RENAMES]


def running_installation(readings: Readings) -> str | None:
    """The script of an installation that is running on the host; None if there is none, or it cannot be told."""
    return (readings.text(_IN_PROGRESS["id"]) or "unnamed") if readings.state(_IN_PROGRESS["id"]) == "ok" else None


def is_restart_pending(readings: Readings) -> bool:
    """Whether files are to be replaced when the host restarts."""
    return readings.state(_PENDING_RENAMES["id"]) in ("ok", "too_large")


def remote_size(readings: Readings, spec: PackageSpec) -> int | Problem:
    """The size of a package that the host reads itself, bytes; or why it cannot."""
    answer = readings.read(_remote_id(spec))
    if answer["state"] == "ok":
        return int(answer["size"])
    said = answer.get("error", {}).get("message") or answer["state"]
    return Problem(
        f"{spec.label} ({spec.source_name}) cannot be read by the host: {spec.remote_path} is {said}",
        "Correct remote_path, or give the account the right to read it. A share of another server can be read from a "
        "remote session only with CredSSP or Kerberos delegation; path needs neither.",
    )


def missing_framework(readings: Readings) -> tuple[Problem, ...]:
    """A problem if no compiler of the .NET Framework 2.0 is on the host."""
    state = compiler_answer(readings.read)["state"]
    if state == "ok":
        return ()
    return (
        Problem(
            f"the .NET Framework 2.0 is not there: {COMPILERS[-1]} is {state}",
            "Install the .NET Framework 2.0, which WSUS 3.0 itself requires.",
        ),
    )


def missing_room(readings: Readings, size: int) -> tuple[Problem, ...]:
    """A problem if the drive of %TEMP% has too little room for a package of so many bytes."""
    answer, wanted = readings.read("fix.temp"), _ROOM_PACKAGES * size + _ROOM_BYTES
    if answer["state"] != "ok":
        said = answer.get("error", {}).get("message") or answer["state"]
        return (Problem(f"the free space on the drive of %TEMP% could not be read ({said})", "Check TEMP there."),)
    if answer["free"] >= wanted:
        return ()
    words = f"{answer['path']} has {_mebibytes(answer['free'])} MiB free, {_mebibytes(wanted)} MiB are needed"
    return (Problem(words, "Make room on that drive."),)


def missing_rights(shell: Shell, kernel: tuple[int, int]) -> tuple[Problem, ...]:
    """A problem if the account has not an administrator's full rights on the host.

    Raises:
        HostError: if the host cannot be asked.
    """
    output = shell.run(token.COMMAND, b"", _WHOAMI_TIMEOUT, _WHOAMI_BYTES)
    missing = token.missing_rights(output.stdout.decode("utf-8", errors="replace"), kernel)
    if missing is None:
        return ()
    return (
        Problem(
            missing,
            "Use a domain account of the group Administrators or the built-in Administrator; other local accounts need "
            "LocalAccountTokenFilterPolicy=1 on Windows Server 2008.",
        ),
    )


def _remote_id(spec: PackageSpec) -> str:
    return f"fix.remote_{spec.architecture}"


def _mebibytes(size: float) -> int:
    return int(size // (1024 * 1024))
