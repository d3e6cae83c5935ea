# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cmd.exe: runs command lines, with the built-in commands that a user of the collection meets."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextlib import ExitStack

from tests.lab.simulated.command_line import Command, Redirection, Step, parse, unwrap
from tests.lab.simulated.errors import ACCESS_DENIED, FILE_NOT_FOUND, PATH_NOT_FOUND, SHARING_VIOLATION, WindowsError
from tests.lab.simulated.messages import text
from tests.lab.simulated.process import NUL, Process, Reader, Writer, first_word, split_arguments

CHUNK = 1 << 16  # bytes
_ERROR_TEXTS = {
    FILE_NOT_FOUND: "file_not_found",
    PATH_NOT_FOUND: "path_not_found",
    ACCESS_DENIED: "access_denied",
    SHARING_VIOLATION: "file_in_use",
}
_BUILT_IN = re.compile(r"@?\s*([a-z]+)(?=[\s/.:\\,;=+]|$)(.*)", re.IGNORECASE | re.DOTALL)


class _Exit(Exception):
    def __init__(self, code: int) -> None:
        self.code = code


def cmd(process: Process) -> int:
    """Run `cmd [/d] [/s] /c COMMAND`."""
    command = unwrap(process.arguments)
    return 0 if command is None else run_line(process, command)


def run_line(process: Process, line: str) -> int:
    """Run a line and return the exit code of its last command."""
    code = 0
    try:
        for step in parse(process.expand(line)):
            if step.operator == "&&" and code or step.operator == "||" and not code:
                continue
            process.sleep(0)
            code = _run_step(process, step)
    except _Exit as end:
        return end.code
    return code


def _run_step(process: Process, step: Step) -> int:
    """Run commands joined by |, one after the other: none of those known here needs its neighbour to be alive."""
    source: Reader = process.stdin
    for command in step.commands[:-1]:
        pipe = io.BytesIO()
        _run_command(process.with_streams(source, pipe, process.stderr), command)
        source = io.BytesIO(pipe.getvalue())
    return _run_command(process.with_streams(source, process.stdout, process.stderr), step.commands[-1])


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


def _run_command(process: Process, command: Command) -> int:
    with ExitStack() as stack:
        try:
            for redirection in command.redirections:
                process = _redirected(process, redirection, stack)
        except WindowsError as error:
            process.complain(text(process, _ERROR_TEXTS[error.code]) + "\n")
            return 1
        return _dispatch(process, command.text)


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
    if match and (built_in := BUILT_INS.get(match[1].lower())):
        return built_in(process, match[2])
    name, arguments = first_word(command.removeprefix("@"))
    program = process.find(name)
    if program is None:
        process.complain(text(process, "not_recognized").format(name=name) + "\n")
        return 1  # what cmd /c makes of 9009
    return process.run(program, arguments)


def _echo(process: Process, arguments: str) -> int:
    process.print((arguments[1:] if arguments.strip() else "ECHO is on.") + "\n")
    return 0


def _type(process: Process, arguments: str) -> int:
    code = 0
    for name in split_arguments(arguments):
        if name.lower() == "nul":
            continue
        try:
            with process.machine.disks.open(process.full_path(name)) as stream:
                while data := stream.read(CHUNK):
                    process.stdout.write(data)
        except WindowsError as error:
            process.complain(text(process, _ERROR_TEXTS[error.code]) + "\n")
            code = 1
    return code


def _delete(process: Process, arguments: str) -> int:
    """del: a missing file is told, but is no failure."""
    code = 0
    disks = process.machine.disks
    for name in split_arguments(re.sub(r"(?<!\S)/[a-z](?::\w+)?(?=\s|$)", "", arguments, flags=re.IGNORECASE)):
        path = process.full_path(name)
        paths = disks.matching(path)
        if not paths:
            process.complain(text(process, "could_not_find").format(path=path) + "\n")
        for path in paths:
            try:
                disks.delete(path)
            except WindowsError as error:
                process.complain(f"{path}\n{text(process, _ERROR_TEXTS[error.code])}\n")
                code = 1
    return code


def _ver(process: Process, arguments: str) -> int:
    windows = process.machine.windows
    process.print(f"\nMicrosoft Windows [Version {windows.kernel}.{windows.build}]\n")
    return 0


def _set(process: Process, arguments: str) -> int:
    prefix = arguments.strip().lower()
    lines = [
        f"{name}={value}\n" for name, value in sorted(process.environment.items()) if name.lower().startswith(prefix)
    ]
    process.print("".join(lines))
    return 0 if lines else 1


def _exit(process: Process, arguments: str) -> int:
    match = re.fullmatch(r"\s*(?:/b)?\s*(-?\d+)?\s*", arguments, re.IGNORECASE)
    raise _Exit(int(match[1]) if match and match[1] else 0)


BUILT_INS: dict[str, Callable[[Process, str], int]] = {
    "del": _delete,
    "echo": _echo,
    "erase": _delete,
    "exit": _exit,
    "rem": lambda process, arguments: 0,
    "set": _set,
    "type": _type,
    "ver": _ver,
}
