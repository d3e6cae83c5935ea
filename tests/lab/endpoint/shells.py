# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shells and their commands, with the quotas and idle limits of WinRM 2.0."""

from __future__ import annotations

import dataclasses
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from tests.lab.endpoint.faults import (
    ACCESS_DENIED,
    COMMAND_NOT_FOUND,
    COMMAND_NOT_STARTED,
    SHELL_NOT_FOUND,
    TOO_MANY_OPERATIONS,
    TOO_MANY_SHELLS,
    FaultError,
)
from tests.lab.endpoint.wmi import WmiService
from tests.lab.executors.base import CommandLine, Executor, RunningCommand
from tests.lab.model import WinRM


def new_id() -> str:
    """Return an id as Windows writes it."""
    return str(uuid.uuid4()).upper()


@dataclass
class Shell:
    """An open shell of a client."""

    owner: str
    directory: str | None
    environment: dict[str, str]
    idle_timeout: float  # seconds
    id: str = field(default_factory=new_id)
    commands: dict[str, RunningCommand] = field(default_factory=dict)
    # Commands ever started. [MS-WSMV] 3.1.4.12 gives one back on Terminate; ansible-core's winrm.py knows that Windows
    # does not, and a client that copes with this copes with both.
    operations: int = 0
    last_used: float = field(default_factory=time.monotonic)

    def command(self, command_id: str) -> RunningCommand:
        """Return a command; raises FaultError."""
        try:
            return self.commands[command_id.upper()]
        except KeyError:
            raise FaultError(COMMAND_NOT_FOUND, command_id) from None


class ShellHost:
    """The WinRM service of one lab host: its settings, its shells, its executor, its WMI instances."""

    def __init__(self, settings: WinRM, executor: Executor, wmi: WmiService) -> None:
        self.settings = settings
        self.wmi = wmi
        self._executor = executor
        self._shells: dict[str, Shell] = {}
        self._lock = threading.RLock()

    def change(self, **fields: Any) -> None:
        """Change settings while the host runs."""
        with self._lock:
            self.settings = dataclasses.replace(self.settings, **fields)

    def _spend(self, name: str) -> bool:
        """Use up one of a setting that counts down; whether there was one."""
        left = getattr(self.settings, name)
        if left:
            self.change(**{name: left - 1})
        return bool(left)

    def create(
        self, owner: str, directory: str | None, environment: dict[str, str], idle_timeout: float | None
    ) -> Shell:
        """Open a shell; raises FaultError for a missing right or the quota."""
        with self._lock:
            if not self.settings.shell_allowed:
                raise FaultError(ACCESS_DENIED)
            if sum(shell.owner == owner for shell in self._shells.values()) >= self.settings.max_shells:
                raise FaultError(TOO_MANY_SHELLS, self.settings.max_shells, self.settings.wmi_faults)
            shell = Shell(owner, directory, environment, idle_timeout or self.settings.idle_timeout)
            self._shells[shell.id] = shell
            return shell

    def find(self, owner: str, shell_id: str) -> Shell:
        """Return a client's shell; raises FaultError."""
        with self._lock:
            shell = self._shells.get(shell_id.upper())
            if shell is not None and self._spend("lose_shell"):
                self._close(shell)
                shell = None
            if shell is None or shell.owner != owner:
                raise FaultError(SHELL_NOT_FOUND, shell_id)
            shell.last_used = time.monotonic()
            return shell

    def delete(self, shell: Shell) -> None:
        """Close a shell and end its commands."""
        with self._lock:
            self._close(shell)

    def start(self, shell: Shell, text: str, use_cmd: bool) -> str:
        """Start a command and return its id; raises FaultError."""
        with self._lock:
            if self._spend("quota_faults") or shell.operations >= self.settings.max_operations:
                raise FaultError(TOO_MANY_OPERATIONS, wmi=self.settings.wmi_faults)
            shell.operations += 1
        try:
            command = self._executor.start(CommandLine(text, use_cmd, shell.directory, shell.environment))
        except OSError as error:
            raise FaultError(COMMAND_NOT_STARTED, error) from error
        command_id = new_id()
        shell.commands[command_id] = command
        return command_id

    def end_commands(self) -> None:
        """End what runs in the shells; the shells stay."""
        with self._lock:
            for shell in self._shells.values():
                for command in shell.commands.values():
                    command.terminate()

    def remove_idle(self) -> None:
        """Close the shells that nobody used for their idle time."""
        now = time.monotonic()
        with self._lock:
            for shell in list(self._shells.values()):
                if now - shell.last_used > shell.idle_timeout:
                    self._close(shell)

    def close(self) -> None:
        """Close every shell."""
        with self._lock:
            for shell in list(self._shells.values()):
                self._close(shell)

    def _close(self, shell: Shell) -> None:
        self._shells.pop(shell.id, None)
        for command in shell.commands.values():
            command.terminate()
