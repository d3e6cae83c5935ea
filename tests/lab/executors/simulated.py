# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The `simulated` executor: commands run in this process against a host model, for as many hosts as are wanted."""

from __future__ import annotations

import ntpath
import threading
from types import MappingProxyType

from tests.lab.executors.base import CommandLine, RunningCommand
from tests.lab.model import HostModel
from tests.lab.simulated.cmd import cmd, run_line
from tests.lab.simulated.errors import WindowsError
from tests.lab.simulated.findstr import findstr
from tests.lab.simulated.images import program_of
from tests.lab.simulated.machine import Machine, Snapshot
from tests.lab.simulated.powershell import powershell
from tests.lab.simulated.process import Killed, Process, Program, Programs, first_word
from tests.lab.simulated.programs import hostname, ping, taskkill
from tests.lab.simulated.reg import reg
from tests.lab.simulated.running import State
from tests.lab.simulated.schtasks import schtasks
from tests.lab.simulated.script_host import cscript
from tests.lab.simulated.services import sc
from tests.lab.simulated.shutdown import shutdown
from tests.lab.simulated.tokens import remote_token
from tests.lab.simulated.update_client import wuauclt
from tests.lab.simulated.whoami import whoami
from tests.lab.simulated.windows_installer import msiexec

SYSTEM_PROGRAMS: MappingProxyType[str, Program] = MappingProxyType(
    {
        "cmd": cmd,
        "cscript": cscript,
        "findstr": findstr,
        "hostname": hostname,
        "msiexec": msiexec,
        "ping": ping,
        "powershell": powershell,
        "reg": reg,
        "sc": sc,
        "schtasks": schtasks,
        "shutdown": shutdown,
        "taskkill": taskkill,
        "whoami": whoami,
        "wuauclt": wuauclt,
    }
)
PROGRAMS = Programs(SYSTEM_PROGRAMS, program_of)
STATUS_CONTROL_C_EXIT = 0xC000013A
RUN_TIMEOUT = 60.0  # seconds; nothing here is silent for so long


class _Input:
    """Standard input: what the client has sent, waited for."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._data = bytearray()
        self._ended = False
        self._killed = False

    def put(self, data: bytes) -> None:
        with self._changed:
            self._data += data
            self._changed.notify_all()

    def end(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def kill(self) -> None:
        with self._changed:
            self._killed = True
            self._changed.notify_all()

    def read(self, size: int = -1) -> bytes:
        with self._changed:
            self._changed.wait_for(lambda: self._data or self._ended or self._killed)
            if self._killed:
                raise Killed
            data = bytes(self._data if size < 0 else self._data[:size])
            del self._data[: len(data)]
            return data

    def sleep(self, seconds: float) -> None:
        with self._changed:
            if self._killed or seconds and self._changed.wait_for(lambda: self._killed, seconds):
                raise Killed


class _Output:
    """One output stream of the command."""

    def __init__(self, command: SimulatedCommand, stream: str) -> None:
        self._command = command
        self._stream = stream

    def write(self, data: bytes) -> None:
        self._command.input.sleep(0)
        self._command.feed(self._stream, data)


class SimulatedCommand(RunningCommand):
    """One command, in a thread of its own."""

    def __init__(self, machine: Machine, command: CommandLine) -> None:
        super().__init__()
        self.input = _Input()
        environment = machine.environment | command.environment
        self._process = Process(
            machine=machine,
            programs=PROGRAMS,
            token=remote_token(machine.model),
            state=State(environment, command.directory or environment["USERPROFILE"]),
            arguments="",
            stdin=self.input,
            stdout=_Output(self, "stdout"),
            stderr=_Output(self, "stderr"),
            sleep=self.input.sleep,
        )
        if not command.use_cmd and self._process.find(first_word(command.text)[0]) is None:
            raise FileNotFoundError(command.text)
        self._line = command.text
        self._use_cmd = command.use_cmd
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        code = 1
        running = self._process.machine.running
        try:
            with running.endable(self.terminate), running.holding(self._process.state):
                code = run_line(self._process, self._line) if self._use_cmd else self._process.launch(self._line)
        except Killed:
            code = STATUS_CONTROL_C_EXIT
        finally:
            self.input.end()  # whoever still waits for input has no reason to
            self.finish(code)

    def write(self, data: bytes) -> None:
        """Pass data to standard input."""
        self.input.put(data)

    def end_input(self) -> None:
        """Close standard input."""
        self.input.end()

    def kill(self) -> None:
        """End the command where it next waits, reads or writes."""
        self.input.kill()


class SimulatedHost:
    """One host, made from its model in a few milliseconds."""

    def __init__(self, model: HostModel) -> None:
        self.machine = Machine(model)

    def start(self, command: CommandLine) -> SimulatedCommand:
        """Start a command; raises OSError if it is a program that is not there."""
        return SimulatedCommand(self.machine, command)

    def run(self, command: str, stdin: bytes = b"") -> tuple[int, bytes, bytes]:
        """Run a command to its end; returns exit code, stdout, stderr."""
        return self.start(CommandLine(command)).communicate(stdin, RUN_TIMEOUT)

    def put(self, path: str, data: bytes) -> None:
        """Lay a file down, with the directories that it needs, as if it had always been there."""
        folder = ntpath.dirname(path)
        if not self.machine.disks.is_directory(folder):
            self.machine.disks.make_directory(folder)
        self.machine.disks.write(path, data)

    def get(self, path: str) -> bytes:
        """Return a file's content; raises FileNotFoundError."""
        try:
            with self.machine.disks.open(path) as stream:
                return stream.read()
        except WindowsError as error:
            raise FileNotFoundError(path) from error

    def append(self, path: str, data: bytes) -> None:
        """Add to a file as the program does that keeps it open; raises FileNotFoundError."""
        try:
            self.machine.disks.extend(path, data)
        except WindowsError as error:
            raise FileNotFoundError(path) from error

    def file_version(self, path: str) -> str:
        """Return the version of a library; raises FileNotFoundError, or ValueError if it has none."""
        try:
            version = self.machine.disks.find(path).version
        except WindowsError as error:
            raise FileNotFoundError(path) from error
        if version is None:
            raise ValueError(f"{path} has no version")
        return version

    def started(self) -> list[str]:
        """Return the names of the programs that ran, oldest first."""
        return list(self.machine.started)

    def snapshot(self) -> Snapshot:
        """Return a picture of every file and registry value, to be compared with another."""
        return self.machine.snapshot()
