# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cmd.exe: runs command lines, with the built-in commands that a user of the collection meets."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextlib import ExitStack

from tests.lab.simulated import file_commands
from tests.lab.simulated.command_line import Block, Command, Condition, If, Line, LineError, Redirection, parse, unwrap
from tests.lab.simulated.errors import WindowsError
from tests.lab.simulated.messages import system_text, text
from tests.lab.simulated.process import NUL, Process, Reader, Writer, first_word

_BUILT_IN = re.compile(r"([a-z]+)(?=[\s/.:\\,;=+]|$)(.*)", re.IGNORECASE | re.DOTALL)
#: These leave ERRORLEVEL as it is, whatever they did.
_SILENT = ("echo", "rd", "rem", "rmdir")


class Exit(Exception):
    """The line asked for the end of its cmd.exe or batch file."""

    def __init__(self, code: int) -> None:
        self.code = code


def cmd(process: Process) -> int:
    """Run `cmd [/d] [/s] /c COMMAND`."""
    command = unwrap(process.arguments, lambda name: _is_program(process, name))
    return 0 if command is None else run_line(process, command)


def _is_program(process: Process, name: str) -> bool:
    try:
        return process.find(name) is not None
    except WindowsError:
        return False


def run_line(process: Process, line: str) -> int:
    """Run a line and return the exit code of its last command; variables are filled in before anything runs."""
    try:
        return run_command(process, process.expand(line))
    except Exit as end:
        return end.code


def run_command(process: Process, line: str) -> int:
    """Run a line without variables; raises Exit."""
    try:
        parsed = parse(line)
    except LineError as error:
        process.complain(text(process, "unexpected").format(word=error) + "\n")
        return 1
    return _run(process, parsed) if parsed else 0


def _run(process: Process, line: Line) -> int:
    process.sleep(0)
    if isinstance(line, If):
        chosen = line.then if _holds(process, line.condition) else line.otherwise
        return _run(process, chosen) if chosen else 0
    if isinstance(line, (Command, Block)):
        return _redirect_and_run(process, line)
    if line.operator == "|":
        return _run_pipe(process, line.left, line.right)
    code = _run(process, line.left)
    if line.operator == "&&" and code or line.operator == "||" and not code:
        return code
    return _run(process, line.right)


def _run_pipe(process: Process, left: Line, right: Line) -> int:
    """Run one side after the other: none of the programs known here needs its neighbour to be alive."""
    pipe = io.BytesIO()
    _run(process.child(process.stdin, pipe), left)
    return _run(process.child(io.BytesIO(pipe.getvalue()), process.stdout), right)


def _holds(process: Process, condition: Condition) -> bool:
    if condition.kind == "errorlevel":
        result = process.state.error_level >= int(condition.words[0])
    elif condition.kind == "exist":
        result = _exists(process, condition.words[0].replace('"', ""))
    elif condition.kind == "defined":
        result = condition.words[0].lower() in map(str.lower, process.environment)
    else:
        left, right = (word.lower() if condition.ignore_case else word for word in condition.words)
        result = left == right
    return result != condition.negated


def _exists(process: Process, name: str) -> bool:
    disks, path = process.machine.disks, process.full_path(name)
    if name.endswith("\\"):
        return disks.is_directory(path)
    return disks.is_directory(path) or bool(disks.matching(path))


class _FileWriter:
    """Collects what a command prints; the file is there, empty, from the start."""

    def __init__(self, process: Process, path: str, append: bool) -> None:
        self._disks, self._path = process.machine.disks, path
        self._buffer = io.BytesIO()
        self._disks.write(path, b"", append)

    def write(self, data: bytes) -> None:
        self._buffer.write(data)

    def close(self) -> None:
        self._disks.write(self._path, self._buffer.getvalue(), append=True)


def _redirect_and_run(process: Process, command: Command | Block) -> int:
    redirected = process
    try:
        with ExitStack() as stack:
            for redirection in command.redirections:
                redirected = _redirected(redirected, redirection, stack)
            if isinstance(command, Block):
                return _run(redirected, command.body)
            return _dispatch(redirected, command.text)
    except WindowsError as error:  # of a redirection; commands tell their own
        process.complain(system_text(process, error) + "\n")
        process.state.error_level = 1
        return 1


def _redirected(process: Process, redirection: Redirection, stack: ExitStack) -> Process:
    streams: list[Reader | Writer] = [process.stdin, process.stdout, process.stderr]
    target = redirection.target
    if target.startswith("&"):
        streams[redirection.stream] = streams[int(target[1])]
    elif target.lower() == "nul":
        streams[redirection.stream] = NUL
    elif redirection.stream == 0:
        streams[0] = stack.enter_context(process.machine.disks.open(process.full_path(target)))
    else:
        file = _FileWriter(process, process.full_path(target), redirection.append)
        stack.callback(file.close)
        streams[redirection.stream] = file
    stdin, stdout, stderr = streams
    return process.with_streams(stdin, stdout, stderr)  # type: ignore[arg-type]


def _dispatch(process: Process, command: str) -> int:
    match = _BUILT_IN.match(command)
    name = match[1].lower() if match else ""
    built_in = BUILT_INS.get(name)
    code = built_in(process, match[2]) if match and built_in else _launch(process, command)
    if name not in _SILENT:
        process.state.error_level = code - (1 << 32) if code >= 1 << 31 else code
    return code


def _launch(process: Process, command: str) -> int:
    """Run a program, and say what Windows says if it cannot be started."""
    name, arguments = first_word(command)
    try:
        program = process.find(name)
    except WindowsError as error:
        process.complain(system_text(process, error) + "\n")
        return 1
    if program is None:
        process.complain(text(process, "not_recognized").format(name=name) + "\n")
        return 1  # what cmd /c makes of 9009
    return process.run(program, arguments)


def _echo(process: Process, arguments: str) -> int:
    process.print((arguments[1:] if arguments.strip() else "ECHO is on.") + "\n")
    return 0


def _ver(process: Process, arguments: str) -> int:
    windows = process.machine.windows
    process.print(f"\nMicrosoft Windows [Version {windows.kernel}.{windows.build}]\n")
    return 0


def _set(process: Process, arguments: str) -> int:
    """set, set PREFIX, set NAME=VALUE, set "NAME=VALUE"; an empty value removes the variable."""
    words = arguments.strip()
    if words.startswith('"'):
        words = words[1:].rpartition('"')[0]
    name, assigns, value = words.partition("=")
    variables = process.environment
    if assigns:
        for old in [old for old in variables if old.lower() == name.lower()]:
            del variables[old]
        if value:
            variables[name] = value
        return 0
    lines = [f"{key}={variables[key]}\n" for key in sorted(variables) if key.lower().startswith(name.lower())]
    process.print("".join(lines))
    return 0 if lines else 1


def _change_directory(process: Process, arguments: str) -> int:
    """cd [/d] [PATH]: quotation marks are not needed. Another drive is entered with /d only."""
    match = re.fullmatch(r"\s*(/d(?=\s|$))?\s*(.*?)\s*", arguments, re.IGNORECASE | re.DOTALL)
    name = match[2].replace('"', "") if match else ""
    if not name:
        process.print(process.state.directory + "\n")
        return 0
    path = process.full_path(name)
    if not process.machine.disks.is_directory(path):
        process.complain(text(process, "path_not_found") + "\n")
        return 1
    if match and match[1] or path[:2].lower() == process.state.directory[:2].lower():
        process.state.directory = path
    return 0


def _start(process: Process, arguments: str) -> int:
    """start ["TITLE"] /wait PROGRAM: the first word in quotation marks is the window's title."""
    match = re.fullmatch(r'\s*(?:"[^"]*")?((?:\s*/\w+)*)\s*(.*)', arguments, re.IGNORECASE | re.DOTALL)
    switches = set(match[1].lower().split()) if match else set()
    if match is None or not match[2] or "/wait" not in switches or not switches <= {"/wait", "/b", "/min"}:
        process.complain("start: only `start /wait PROGRAM` is known here\n")
        return 1
    return _launch(process, match[2])


def _if(process: Process, arguments: str) -> int:
    """An if that the line's parser did not understand."""
    process.complain(text(process, "syntax") + "\n")
    return 1


def _exit(process: Process, arguments: str) -> int:
    match = re.fullmatch(r"\s*(?:/b)?\s*(-?\d+)?\s*", arguments, re.IGNORECASE)
    raise Exit(int(match[1]) if match and match[1] else process.state.error_level)


BUILT_INS: dict[str, Callable[[Process, str], int]] = {
    "cd": _change_directory,
    "chdir": _change_directory,
    "copy": file_commands.copy,
    "del": file_commands.delete,
    "dir": file_commands.list_directory,
    "echo": _echo,
    "erase": file_commands.delete,
    "exit": _exit,
    "if": _if,
    "md": file_commands.make_directory,
    "mkdir": file_commands.make_directory,
    "move": file_commands.move,
    "rd": file_commands.remove_directory,
    "rem": lambda process, arguments: 0,
    "ren": file_commands.rename,
    "rename": file_commands.rename,
    "rmdir": file_commands.remove_directory,
    "set": _set,
    "start": _start,
    "type": file_commands.show,
    "ver": _ver,
}
