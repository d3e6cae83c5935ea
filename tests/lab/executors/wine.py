# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The `wine` executor: commands run in a Wine prefix, with real cmd, registry, files and PE versions."""

from __future__ import annotations

import contextlib
import os
import queue
import select
import signal
import struct
import subprocess
import tempfile
import threading
from pathlib import Path

from tests.lab.executors.base import CommandLine, RunningCommand
from tests.lab.executors.wine_tools import unix_path, wine_command, wine_environment

LAUNCHER = r"C:\windows\system32\winrshost.exe"
CMD = r"C:\windows\system32\cmd.exe"
FIXED_FILE_INFO = bytes.fromhex("bd04effe")  # signature of VS_FIXEDFILEINFO in a version resource
POLL = 100  # milliseconds after which a reader looks whether the command has ended


class WineCommand(RunningCommand):
    """One command inside a prefix, under the launcher that keeps its exit code (tests/lab/wine/winrshost.c)."""

    def __init__(self, prefix: Path, command: CommandLine) -> None:
        super().__init__()
        descriptor, self._exit_code_file = tempfile.mkstemp(prefix="lab-exit-")
        os.close(descriptor)
        self._ended = threading.Event()
        self._input: queue.Queue[bytes | None] = queue.Queue(maxsize=64)
        line = f'"{CMD}" /s /c "{command.text}"' if command.use_cmd else command.text
        environment = wine_environment(prefix) | {
            "LAB_COMMAND": line,
            "LAB_DIRECTORY": command.directory or "",
            "LAB_ENVIRONMENT": "\n".join(f"{name}={value}" for name, value in command.environment.items()),
            "LAB_EXIT_CODE": "\\\\?\\unix" + self._exit_code_file,
        }
        self._process = subprocess.Popen(
            [*wine_command(), LAUNCHER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=prefix / "drive_c" / "windows" / "temp",
            bufsize=0,
            start_new_session=True,
        )
        self._readers = [
            threading.Thread(target=self._read, args=(name,), daemon=True) for name in ("stdout", "stderr")
        ]
        for reader in self._readers:
            reader.start()
        threading.Thread(target=self._write, daemon=True).start()
        threading.Thread(target=self._wait, daemon=True).start()

    def write(self, data: bytes) -> None:
        """Queue data for standard input; dropped once the command has ended."""
        while self.running:
            with contextlib.suppress(queue.Full):
                self._input.put(data, timeout=0.2)
                return

    def end_input(self) -> None:
        """Close standard input after what is queued."""
        while self.running:
            with contextlib.suppress(queue.Full):
                self._input.put(None, timeout=0.2)
                return

    def kill(self) -> None:
        """Kill the launcher; its job takes every process of the command along."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGKILL)

    def _read(self, name: str) -> None:
        """Feed a stream to its end, or until the command has ended and the pipe, still open elsewhere, is empty."""
        pipe = getattr(self._process, name)
        poll = select.poll()  # select() refuses the high descriptors of an endpoint with a thousand hosts
        poll.register(pipe, select.POLLIN)
        while True:
            ended = self._ended.is_set()  # asked first: what was written before the end is in the pipe by now
            if not poll.poll(0 if ended else POLL):
                if ended:
                    return
            elif data := pipe.read(65536):
                self.feed(name, data)
            else:
                return

    def _write(self) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        with contextlib.suppress(OSError):
            while (data := self._input.get()) is not None:
                pipe.write(data)
        with contextlib.suppress(OSError):
            pipe.close()

    def _wait(self) -> None:
        status = self._process.wait()
        self._ended.set()
        for reader in self._readers:
            reader.join()
        text = Path(self._exit_code_file).read_text(encoding="ascii").strip()
        os.unlink(self._exit_code_file)
        self.finish(int(text) if text else 1 if status >= 0 else 0xC000013A)  # killed: STATUS_CONTROL_C_EXIT
        with contextlib.suppress(queue.Full):
            self._input.put_nowait(None)


class WineHost:
    """A prefix that is booted and kept up."""

    def __init__(self, prefix: Path, environment: dict[str, str]) -> None:
        self.prefix = prefix
        self.environment = environment

    def start(self, command: CommandLine) -> WineCommand:
        """Start a command with the host's own environment under the client's."""
        merged = CommandLine(command.text, command.use_cmd, command.directory, self.environment | command.environment)
        return WineCommand(self.prefix, merged)

    def put(self, path: str, data: bytes) -> None:
        """Write a file, named by its Windows path; folders come into being."""
        file = unix_path(self.prefix, path, self.prefix)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)

    def get(self, path: str) -> bytes:
        """Return what is in a file; raises OSError."""
        return unix_path(self.prefix, path, self.prefix).read_bytes()

    def append(self, path: str, data: bytes) -> None:
        """Add to a file beside the program that keeps it open; raises OSError."""
        with unix_path(self.prefix, path, self.prefix).open("r+b") as file:
            file.seek(0, os.SEEK_END)
            file.write(data)

    def file_version(self, path: str) -> str:
        """Return the version of a library; raises OSError, or ValueError if it has none."""
        head, signature, rest = self.get(path).partition(FIXED_FILE_INFO)
        if not signature:
            raise ValueError(f"{path} has no version")
        # The version of the structure itself, then that of the file: two words, the more significant one first.
        high, low = struct.unpack_from("<II", rest, 4)
        return f"{high >> 16}.{high & 0xFFFF}.{low >> 16}.{low & 0xFFFF}"

    def started(self) -> list[str]:
        """Raise NotImplementedError: nobody counts the programs of Wine."""
        raise NotImplementedError
