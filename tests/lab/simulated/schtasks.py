# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""schtasks: tasks of SYSTEM that run when they are told to, in the forms of Server 2003 and of Server 2008.

Sources: MicrosoftDocs/win32, TaskSchd/schtasks.md, for options; the form of times and the messages are recalled.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.lab.simulated.background import Sleep, start_in_background
from tests.lab.simulated.errors import ACCESS_DENIED, FILE_NOT_FOUND, WindowsError
from tests.lab.simulated.messages import system_text, text
from tests.lab.simulated.process import NUL, Process, split_arguments
from tests.lab.simulated.running import State
from tests.lab.simulated.tasks import Task
from tests.lab.simulated.tokens import system_token

FAILURE = 1
MAX_COMMAND = 261  # characters
SYSTEM_NAMES = ("", "system", r"nt authority\system")
_FLAGS = ("f", "nh", "z", "v1", "it", "np")
#: What each verb takes on Server 2003; behind it, what came with Server 2008.
_OPTIONS = {
    "create": ({"ru", "sc", "tn", "tr", "st", "sd"}, {"f", "rl", "z", "v1"}),
    "run": ({"tn"}, {"i"}),
    "end": ({"tn"}, set()),
    "query": ({"fo", "nh"}, {"tn"}),
    "delete": ({"tn", "f"}, set()),
}


class _Refused(Exception):
    """The text is what schtasks says."""


def schtasks(process: Process) -> int:
    """Run one verb; any refusal ends with 1."""
    words = split_arguments(process.arguments)
    verb = words[0][1:].lower() if words else ""
    try:
        if verb not in _OPTIONS:
            raise _Refused(text(process, "invalid_syntax"))
        options = _options(process, verb, words[1:])
        if not process.token.elevated:
            raise _Refused(system_text(process, WindowsError(ACCESS_DENIED)))
        _VERBS[verb](process, options)
    except _Refused as refusal:
        process.complain(f"{text(process, 'error')}: {refusal}\n")
        return FAILURE
    return 0


def _options(process: Process, verb: str, words: list[str]) -> dict[str, str]:
    older, newer = _OPTIONS[verb]
    known = older if _is_2003(process) else older | newer
    options: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        name = word[1:].lower()
        if not word.startswith("/") or name not in known:
            raise _Refused(text(process, "invalid_option") + f" - '{word}'.")
        options[name] = "" if name in _FLAGS else next(rest, "")
    return options


def _is_2003(process: Process) -> bool:
    return process.machine.windows.version == "win2003"


def _create(process: Process, options: dict[str, str]) -> None:
    """Make a task that runs once; each generation takes the time in its own form only."""
    if not {"tn", "tr", "sc", "st", "ru"} <= options.keys() or options["sc"].lower() != "once":
        raise _Refused(text(process, "invalid_syntax"))
    if options["ru"].lower() not in SYSTEM_NAMES:
        raise _Refused("only tasks of SYSTEM are known here")
    if len(options["tr"]) > MAX_COMMAND:
        raise _Refused(text(process, "too_long").format(option="/TR", limit=MAX_COMMAND))
    if not re.fullmatch(r"\d\d:\d\d:\d\d" if _is_2003(process) else r"\d\d:\d\d", options["st"]):
        raise _Refused(text(process, "invalid_start_time"))
    name = options["tn"].strip("\\")
    if name.lower() in process.machine.tasks and "f" not in options:
        raise _Refused(text(process, "task_exists").format(name=name))
    process.machine.tasks[name.lower()] = Task(name, options["tr"])
    process.machine.disks.write(_file(process, name), options["tr"].encode("utf-16"))
    process.print(text(process, "task_created").format(name=name) + "\n")


def _file(process: Process, name: str) -> str:
    """Where the scheduler keeps a task: what is left behind shows in a picture of the disks."""
    root = process.machine.environment["SystemRoot"]
    folder = rf"{root}\Tasks" if _is_2003(process) else rf"{root}\system32\Tasks"
    if not process.machine.disks.is_directory(folder):
        process.machine.disks.make_directory(folder)
    return rf"{folder}\{name}.job" if _is_2003(process) else rf"{folder}\{name}"


def _find(process: Process, options: dict[str, str]) -> Task:
    try:
        return process.machine.tasks[options.get("tn", "").strip("\\").lower()]
    except KeyError:
        raise _Refused(system_text(process, WindowsError(FILE_NOT_FOUND))) from None


def _run(process: Process, options: dict[str, str]) -> None:
    """Start a task; schtasks does not wait for it."""
    task = _find(process, options)
    process.print(text(process, "task_started").format(name=task.name) + "\n")
    if task.running:  # another instance is not started
        return
    machine, programs = process.machine, process.programs
    system = machine.environment["SystemRoot"]
    own = {"TEMP": rf"{system}\TEMP", "TMP": rf"{system}\TEMP", "USERNAME": f"{machine.windows.computer_name}$"}
    own["USERPROFILE"] = rf"{system}\system32\config\systemprofile"
    task.running = True

    def work(sleep: Sleep) -> None:
        state = State(machine.environment | own, rf"{system}\system32")
        of_system = Process(machine, programs, system_token(machine.model), state, "", NUL, NUL, NUL, sleep)
        try:
            with machine.running.holding(state):
                task.result = of_system.launch(task.command)
        except WindowsError as error:
            task.result = 0x80070000 | error.code
        finally:
            task.running = False

    task.end = start_in_background(machine, work)


def _end(process: Process, options: dict[str, str]) -> None:
    task = _find(process, options)
    task.end()
    process.print(text(process, "task_ended").format(name=task.name) + "\n")


def _query(process: Process, options: dict[str, str]) -> None:
    """List tasks; Server 2003 cannot ask for one, and shows no state while a task does not run."""
    if options.get("fo", "").lower() != "csv" or "nh" not in options:
        raise _Refused("only /fo csv /nh is known here: tables are in the host's language")
    tasks = [_find(process, options)] if "tn" in options else list(process.machine.tasks.values())
    for task in tasks:
        if _is_2003(process):
            state = text(process, "task_running") if task.running else ""
            process.print(f'"{task.name}","{text(process, "never")}","{state}"\n')
        else:
            state = text(process, "task_running" if task.running else "task_ready")
            process.print(f'"\\{task.name}","{text(process, "not_available")}","{state}"\n')


def _delete(process: Process, options: dict[str, str]) -> None:
    """Forget a task; if it runs, it goes on. Without /f schtasks would ask."""
    if "f" not in options:
        raise _Refused(text(process, "invalid_syntax"))
    task = _find(process, options)
    del process.machine.tasks[task.name.lower()]
    process.machine.disks.delete(_file(process, task.name))
    process.print(text(process, "task_deleted").format(name=task.name) + "\n")


_VERBS: dict[str, Callable[[Process, dict[str, str]], None]] = {
    "create": _create,
    "delete": _delete,
    "end": _end,
    "query": _query,
    "run": _run,
}
