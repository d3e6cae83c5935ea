# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A shell for the collection's probe that leads straight to a lab host, without WinRM between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, cast

from ansible_collections.unblock.updates.plugins.plugin_utils._host import probe
from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Output, Progress, Shell
from tests.lab.executors.base import CommandLine, RunningCommand
from tests.lab.executors.simulated import SimulatedHost

PROBE_TIMEOUT = 60.0  # seconds; nothing here ever waits for it


class DirectHost(Protocol):
    """A host that runs commands: tests.lab.lab.LabHost and SimulatedHost are."""

    def run(self, command: str, stdin: bytes = b"") -> tuple[int, bytes, bytes]:
        """Run a command; returns exit code, stdout, stderr."""


class DirectShell:
    """Stands for the collection's Shell."""

    host = "lab host"

    def __init__(self, host: DirectHost) -> None:
        self._host = host
        self._held: RunningCommand | None = None

    def run(
        self,
        command: str,
        stdin: bytes | Iterable[bytes],
        timeout: float,
        max_bytes: int,
        progress: Progress | None = None,
    ) -> Output:
        """Run one command as the collection's Shell does; nothing here lasts long enough to be told of."""
        code, stdout, stderr = self._host.run(command, stdin if isinstance(stdin, bytes) else b"".join(stdin))
        return Output(stdout, stderr, code)

    def hold(self, command: str) -> None:
        """Let a command wait for input as the collection's Shell does, on a host in this process."""
        if isinstance(self._host, SimulatedHost):
            self._held = self._host.start(CommandLine(command))

    def release(self) -> None:
        """End it, and return when nothing of it is in use any more."""
        if self._held:
            self._held.terminate()
            self._held.take(1, PROBE_TIMEOUT, eager=False)


class Cut(BaseException):
    """The controller is gone: nothing that the collection catches."""


class CutShell(DirectShell):
    """The shell of a controller that is killed after so many commands, before the answer of the last one has come."""

    def __init__(self, host: DirectHost, commands: int) -> None:
        super().__init__(host)
        self._left = commands

    def run(self, *arguments: Any, **keywords: Any) -> Output:
        """Run one command, or be killed."""
        if not self._left:
            raise Cut
        self._left -= 1
        output = super().run(*arguments, **keywords)
        if not self._left:
            raise Cut
        return output


def ask(host: DirectHost, reads: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Run the collection's probe on a host and return its answer."""
    return probe.ask(cast(Shell, DirectShell(host)), reads, PROBE_TIMEOUT)
