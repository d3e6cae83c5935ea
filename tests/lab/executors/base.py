# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the endpoint asks of an executor: start a command, feed it, read it, end it.

An executor is the part of a lab host behind the WS-Man endpoint. The endpoint knows only this file.
"""

from __future__ import annotations

import abc
import threading
import time
from dataclasses import dataclass, field
from typing import Protocol

PIPE_SIZE = 1 << 20  # bytes kept of an output stream before its writer has to wait, as with a real pipe


@dataclass(frozen=True)
class CommandLine:
    """One command as the client asked for it."""

    text: str  # program and arguments, unquoted by nobody
    use_cmd: bool = True  # through cmd.exe /c, as WinRM does unless WINRS_SKIP_CMD_SHELL is TRUE
    directory: str | None = None  # Windows path
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Output:
    """What one Receive carries."""

    stdout: bytes
    stderr: bytes
    exit_code: int | None  # None while the command runs


class RunningCommand(abc.ABC):
    """A started command. Sub-classes call feed and finish from their own threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._streams = {"stdout": bytearray(), "stderr": bytearray()}
        self._exit_code: int | None = None
        self._abandoned = False

    @abc.abstractmethod
    def write(self, data: bytes) -> None:
        """Pass data to the command's standard input."""

    @abc.abstractmethod
    def end_input(self) -> None:
        """Close the command's standard input."""

    @abc.abstractmethod
    def kill(self) -> None:
        """End the command with every process that it started."""

    def terminate(self) -> None:
        """End the command and let no writer wait for a reader any more."""
        with self._changed:
            self._abandoned = True
            self._changed.notify_all()
        self.kill()

    def feed(self, stream: str, data: bytes) -> None:
        """Add output; waits while the client has not fetched what is already there."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._streams[stream]) < PIPE_SIZE or self._abandoned)
            self._streams[stream] += data
            self._changed.notify_all()

    def finish(self, exit_code: int) -> None:
        """Say that the command has ended and all its output was fed."""
        with self._changed:
            self._exit_code = exit_code & 0xFFFFFFFF
            self._changed.notify_all()

    @property
    def running(self) -> bool:
        """Whether the command has not ended yet."""
        return self._exit_code is None

    def take(self, limit: int, timeout: float, eager: bool) -> Output | None:
        """Wait for output as a Receive does.

        Returns when the command is done, when `limit` bytes are there (any byte, if `eager`) or after `timeout`
        seconds; None if there was nothing by then.
        """
        deadline = time.monotonic() + timeout
        with self._changed:
            while self.running and self._waiting() < (1 if eager else limit):
                remaining = deadline - time.monotonic()
                if remaining <= 0 or not self._changed.wait(remaining):
                    break
            stdout = self._cut("stdout", limit)
            stderr = self._cut("stderr", limit - len(stdout))
            done = not self.running and not self._waiting()
            self._changed.notify_all()
            if not (stdout or stderr or done):
                return None
            return Output(stdout, stderr, self._exit_code if done else None)

    def communicate(self, stdin: bytes, timeout: float) -> tuple[int, bytes, bytes]:
        """Give the command its whole input and return exit code, stdout, stderr.

        Raises TimeoutError, and ends it, when nothing came for `timeout` seconds.
        """
        if stdin:
            self.write(stdin)
        self.end_input()
        stdout = stderr = b""
        while True:
            output = self.take(1 << 20, timeout, eager=False)
            if output is None:
                self.terminate()
                raise TimeoutError(f"the command printed nothing for {timeout:g} s")
            stdout, stderr = stdout + output.stdout, stderr + output.stderr
            if output.exit_code is not None:
                return output.exit_code, stdout, stderr

    def _waiting(self) -> int:
        return sum(len(data) for data in self._streams.values())

    def _cut(self, stream: str, limit: int) -> bytes:
        data = bytes(self._streams[stream][:limit])
        del self._streams[stream][: len(data)]
        return data


class Executor(Protocol):
    """One lab host."""

    def start(self, command: CommandLine) -> RunningCommand:
        """Start a command; raises OSError if the host cannot start any."""

    def put(self, path: str, data: bytes) -> None:
        """Write a file, named by its Windows path; folders come into being."""

    def get(self, path: str) -> bytes:
        """Return what is in a file; raises OSError or an error of the executor's own if it cannot be read."""

    def append(self, path: str, data: bytes) -> None:
        """Add to a file as the program does that keeps it open; raises OSError if it is not there."""

    def file_version(self, path: str) -> str:
        """Return the version of a library, A.B.C.D; raises OSError, or ValueError if the file has none."""

    def started(self) -> list[str]:
        """Return the names of the programs that ran, oldest first; raises an error of its own if nobody counts them."""
