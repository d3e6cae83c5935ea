# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of a run's folder on a host: noted in the registry before it is made, and gone with its note afterwards.

PRIVATE to the collection: may change without notice.

So a run after one that was killed finds what that one left, and one that comes while another is at work keeps off.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import re
import secrets
import time

from ansible.utils.display import Display

from ansible_collections.unblock.updates.plugins.plugin_utils._host.compiler import COMPILERS
from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Output, Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError, Layer, printable
from ansible_collections.unblock.updates.plugins.plugin_utils._host.journal import (
    REG_BYTES,
    REG_TIMEOUT,
    add_command,
    encode,
    query_command,
    shown_value,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._registry import KEY, ROOT_KEY

_SESSION = "Session"

#: The one task of Windows' scheduler by which a run may have something done as SYSTEM.
TASK = "unblock-updates"

#: A full path that cmd.exe takes between quotation marks as it is, and that came here as it is.
_PATH = re.compile('[A-Za-z]:\\\\[^"%\r\n\0\ufffd]{1,200}')
_FOLDER = re.compile(_PATH.pattern + r"\\unblock-[0-9a-f]{32}")

#: Seconds before each try to remove the folder: a program that was terminated takes a moment to let go of its file.
_PAUSES = (0.0, 1.0, 3.0)

display = Display()


@dataclasses.dataclass(frozen=True)
class Found:
    """What a host has before a folder is made.

    Attributes:
        session: the note of a run that is at work or was killed; None for none.
        temp: full path of the account's folder for temporary files.
        compiler: full path of csc.exe; None if it is not there.
    """

    session: str | None
    temp: str
    compiler: str | None


def look(shell: Shell) -> Found:
    """Asks a host for all that making a folder depends on, in one command.

    Raises:
        HostError: layer working folder, if C(%TEMP%) cannot be used; any layer, if the host is gone.
    """
    listing = " & ".join(f'dir /b /s "{compiler}" 2>nul' for compiler in COMPILERS)
    command = f"{query_command(KEY, _SESSION)} 2>nul & set TEMP& {listing}"
    output = shell.run(command, b"", REG_TIMEOUT, REG_BYTES).stdout
    lines = [line.strip() for line in output.decode("utf-8", errors="replace").splitlines()]
    temp = next((line[5:] for line in lines if line.upper().startswith("TEMP=")), "").rstrip("\\")
    compilers = [line for line in lines if line.lower().endswith("\\csc.exe") and _PATH.fullmatch(line)]
    if not _PATH.fullmatch(temp):
        raise _error(
            shell,
            f"%TEMP% is no folder that can be used: {temp or 'not set'}",
            "Set TEMP for the account, to a folder whose name is ASCII if this one is not.",
        )
    return Found(shown_value(output, _SESSION), temp, compilers[0] if compilers else None)


def take_over(shell: Shell, session: str) -> str:
    """Removes the folder and the scheduled task of a run that was killed, and returns the folder's name.

    Args:
        shell: an open shell on the host.
        session: the note of that run.

    Raises:
        HostError: layer working folder, if files in it are in use: that run is still at work. Also if the note is none
            of this collection's.
    """
    folder = _noted(session)[0]
    if not _FOLDER.fullmatch(folder):
        raise _error(
            shell,
            rf"the value {_SESSION} in {KEY} names no folder of this collection: {printable(session, 200)}",
            f'Look at it, then remove it: reg delete "{KEY}" /v {_SESSION} /f',
        )
    # Moved to a name that the next run knows, too: a run can be cut off between the two steps.
    aside = f"{folder}.old"
    command = f'move "{folder}" "{aside}" >nul 2>nul & rmdir /s /q "{aside}" 2>nul & dir /b "{folder}*" 2>nul'
    left = shell.run(command, b"", REG_TIMEOUT, REG_BYTES).stdout
    if left.strip():
        raise _at_work(shell, session)
    shell.run(f"schtasks /delete /tn {TASK} /f >nul 2>nul", b"", REG_TIMEOUT, REG_BYTES)
    return folder


def make(shell: Shell, temp: str, run_id: str | None, left: str | None) -> tuple[str, str]:
    """Notes a folder with an unguessable name, makes it, and returns its full path and the note.

    Args:
        shell: an open shell on the host.
        temp: full path of the account's folder for temporary files.
        run_id: name of the run.
        left: the note of a killed run, which the new one replaces; None if there was none.

    Raises:
        HostError: layer working folder, if another run was quicker, or the account may not do that; nothing of this
            run is left then.
    """
    folder = rf"{temp}\unblock-{secrets.token_hex(16)}"
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    session = encode({"folder": folder, "run_id": run_id, "time": now})
    note = f"{add_command(KEY, _SESSION, session)} >nul"
    # Only where the value is still what this run saw. reg.exe cannot do both in one: within milliseconds two may pass.
    query = query_command(KEY, _SESSION)
    known = f'{query} 2>nul | findstr "{_name(_noted(left)[0])}" >nul && ' if left else f"{query} >nul 2>nul || "
    command = f'{known}{note} & mkdir "{folder}" & dir /b "{folder}*" & {query}'
    output = shell.run(command, b"", REG_TIMEOUT, REG_BYTES)
    shown = shown_value(output.stdout, _SESSION)
    if _name(folder).encode() not in output.stdout.splitlines() or shown != session:
        remove(shell, folder, session)
        if shown not in (None, session, left):
            raise _at_work(shell, str(shown))
        raise _error(
            shell,
            f"{folder} could not be noted in {KEY} and made: {said(output)}",
            "Use an administrator's account that may write to HKLM\\SOFTWARE and to its own %TEMP%.",
        )
    return folder, session


def keep(shell: Shell, folder: str) -> None:
    """Keeps other runs off, also while this one runs nothing there: Windows moves no folder that a process works in.

    ``Shell.release`` ends it, and so does the end of the shell: a run that was killed keeps nobody off for long.

    Raises:
        HostError: any layer, if the host is gone.
    """
    shell.hold(f'cd /d "{folder}" & findstr "^" >nul')


def remove(shell: Shell, folder: str, session: str) -> None:
    """Removes folder and note, and the key if nothing else stands in it. A failure is for the next run to mend."""
    command = f'rmdir /s /q "{folder}" & dir /b "{folder}*" 2>nul & reg query {ROOT_KEY} /s'
    name = _name(folder)
    try:
        for pause in _PAUSES:
            time.sleep(pause)
            output = shell.run(command, b"", REG_TIMEOUT, REG_BYTES).stdout
            lines = output.decode("utf-8", errors="replace").splitlines()
            if name not in lines:
                break
        else:
            display.warning(f"{shell.host}: {folder} could not be removed; the next run on the host removes it")
            return
        if shown_value(output, _SESSION) == session:  # else another run has taken over
            values = [line for line in lines if re.match(r"\s+\S.*?\sREG_[A-Z_]+", line)]
            what = f'"{KEY}" /v {_SESSION}' if len(values) > 1 else ROOT_KEY
            shell.run(f"reg delete {what} /f", b"", REG_TIMEOUT, REG_BYTES)
    except HostError as exc:
        display.warning(f"{shell.host}: {folder} may be left; the next run on the host removes it: {exc.observed}")


def clear_leftovers(shell: Shell, session: str | None) -> None:
    """Removes what a killed run left, where no workspace is opened: nothing stays on a host but records.

    Args:
        shell: an open shell on the host; used only if there is something.
        session: the note of a run, as the probe read it (C(host.session)); None for none.

    Raises:
        HostError: layer working folder, if another run works on the host; any layer, if the host is gone.
    """
    if session is not None:
        remove(shell, take_over(shell, session), session)


def said(output: Output) -> str:
    """What a command printed, in one line."""
    return printable((output.stdout + b" " + output.stderr).decode("utf-8", errors="replace"), 300) or "no output"


def _noted(session: str) -> tuple[str, str, str]:
    """Folder, run and time of a note; no folder if it is none of this collection's."""
    try:
        note = json.loads(session)
        return str(note["folder"]), str(note["run_id"]), str(note["time"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return "", "unknown", "unknown"


def _name(folder: str) -> str:
    return folder.rpartition("\\")[2]


def _at_work(shell: Shell, session: str) -> HostError:
    folder, run_id, since = _noted(session)
    return _error(
        shell,
        f"another run works here: {run_id}, since {since} (in {folder})",
        "Wait until it has ended. If it was killed, the host ends what it left with its shell, after some minutes "
        "(winrm get winrm/config/winrs: IdleTimeout); else end its processes there.",
    )


def _error(shell: Shell, observed: str, next_step: str) -> HostError:
    return HostError(Layer.WORKSPACE, shell.host, observed, next_step)
