# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program that runs on a simulated host: its streams, its arguments, the programs that it starts."""

from __future__ import annotations

import dataclasses
import ntpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from tests.lab.simulated.errors import FILE_NOT_FOUND, WindowsError
from tests.lab.simulated.files import File
from tests.lab.simulated.machine import Machine
from tests.lab.simulated.running import State
from tests.lab.simulated.tokens import Token

_FIRST_WORD = re.compile(r'\s*(?:"([^"]*)"?|([^\s"]+))(.*)', re.DOTALL)
_VARIABLE = re.compile(r"%([^%=:]+)%")


class Killed(BaseException):
    """The client ended the command; raised where the program waits or writes."""


class Reader(Protocol):
    """Where a program reads from."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes, nothing at the end; waits for the first ones. May raise Killed."""


class Writer(Protocol):
    """Where a program writes to."""

    def write(self, data: bytes, /) -> object:
        """Take bytes; may wait, may raise Killed."""


class Nothing:
    """The device NUL."""

    def read(self, size: int = -1, /) -> bytes:
        """Return the end of file."""
        return b""

    def write(self, data: bytes, /) -> None:
        """Drop the bytes."""


NUL = Nothing()


@dataclass(frozen=True)
class Programs:
    """What a host can run."""

    system: Mapping[str, Program]  # those of system32, by their name without extension
    image: Callable[[File], Program | None]  # makes a program of a file that lies elsewhere; raises WindowsError


@dataclass(frozen=True)
class Process:
    """One program while it runs."""

    machine: Machine
    programs: Programs
    token: Token
    state: State
    arguments: str  # what stands behind the program's name, untouched
    stdin: Reader
    stdout: Writer
    stderr: Writer
    sleep: Callable[[float], None]  # seconds; raises Killed

    @property
    def environment(self) -> dict[str, str]:
        """The variables, by their name as it was set."""
        return self.state.environment

    def full_path(self, path: str) -> str:
        """Return the full form of a path that the program was given."""
        return ntpath.normpath(ntpath.join(self.state.directory, path))

    def all_variables(self) -> dict[str, str]:
        """Return the variables, with those that cmd.exe makes up itself."""
        made_up = {"CD": self.state.directory, "ERRORLEVEL": str(self.state.error_level)}
        return made_up | self.environment

    def expand(self, text: str) -> str:
        """Fill in %VARIABLES%; one that is not set stays as it stands."""
        variables = {name.lower(): value for name, value in self.all_variables().items()}
        return _VARIABLE.sub(lambda match: variables.get(match[1].lower(), match[0]), text)

    def print(self, text: str) -> None:
        """Write text to standard output, with line ends as Windows has them."""
        self.stdout.write(self._encode(text))

    def complain(self, text: str) -> None:
        """Write text to standard error."""
        self.stderr.write(self._encode(text))

    def _encode(self, text: str) -> bytes:
        return self.machine.oem_code_page.encode(text.replace("\n", "\r\n"))

    def find(self, name: str) -> Program | None:
        """Return a program by its name, with or without directory and extension; raises WindowsError if it is none."""
        directory, base = ntpath.split(name)
        system = ntpath.join(self.machine.environment["SystemRoot"], "system32")
        for path in (self.full_path(name), self.full_path(name + ".exe")):
            if ntpath.dirname(path).lower() != system.lower() and self.machine.disks.is_file(path):
                return self.programs.image(self.machine.disks.find(path))
        if directory and directory.lower() != system.lower():
            return None
        return self.programs.system.get(base.lower().removesuffix(".exe"))

    def with_streams(self, stdin: Reader, stdout: Writer, stderr: Writer) -> Process:
        """Return a process like this one with other streams."""
        return dataclasses.replace(self, stdin=stdin, stdout=stdout, stderr=stderr)

    def child(self, stdin: Reader, stdout: Writer) -> Process:
        """Return another cmd.exe at one side of a pipe: what it does to its directory stays with it."""
        return dataclasses.replace(self, stdin=stdin, stdout=stdout, state=self.state.copy())

    def run(self, program: Program, arguments: str) -> int:
        """Run a program on this one's streams and return its exit code."""
        state = self.state.copy()
        self.machine.started.append(getattr(program, "__name__", "program"))
        with self.machine.running.holding(state):
            return program(dataclasses.replace(self, arguments=arguments, state=state))

    def launch(self, command: str) -> int:
        """Run a command line without cmd.exe; raises WindowsError if there is no such program."""
        name, arguments = first_word(command)
        program = self.find(name)
        if program is None:
            raise WindowsError(FILE_NOT_FOUND)
        return self.run(program, arguments)


#: What a host can run: takes the process, returns the exit code.
Program = Callable[[Process], int]


def first_word(command: str) -> tuple[str, str]:
    """Split a command line into the program, without quotation marks, and the rest as it stands."""
    match = _FIRST_WORD.match(command)
    if match is None:
        return "", ""
    return match[1] if match[1] is not None else match[2], match[3]


def split_arguments(text: str) -> list[str]:
    """Split arguments as the C run-time of Windows programs does: quotation marks, backslashes before them."""
    arguments: list[str] = []
    current: str | None = None
    quoted = False
    for slashes, character in re.findall(r'(\\*)("|[^\\"]|$)', text):
        if not slashes and not character:
            continue
        if character == '"':
            current = (current or "") + "\\" * (len(slashes) // 2)
            if len(slashes) % 2:
                current += '"'
            else:
                quoted = not quoted
            continue
        if slashes:
            current = (current or "") + slashes
        if character.isspace() and not quoted:
            if current is not None:
                arguments.append(current)
            current = None
        else:
            current = (current or "") + character
    return arguments if current is None else [*arguments, current]
