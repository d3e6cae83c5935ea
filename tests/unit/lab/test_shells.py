# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shells, quotas and Receive with an executor whose commands do what the test says."""

from __future__ import annotations

import threading

import pytest

from tests.lab.endpoint.faults import (
    ACCESS_DENIED,
    COMMAND_NOT_FOUND,
    COMMAND_NOT_STARTED,
    SHELL_NOT_FOUND,
    TOO_MANY_OPERATIONS,
    TOO_MANY_SHELLS,
    Fault,
    FaultError,
)
from tests.lab.endpoint.shells import ShellHost
from tests.lab.endpoint.wmi import WmiService
from tests.lab.executors.base import PIPE_SIZE, CommandLine, RunningCommand
from tests.lab.model import WinRM


class Command(RunningCommand):
    """A command whose output the test feeds."""

    def __init__(self, line: CommandLine) -> None:
        super().__init__()
        self.line = line
        self.killed = False
        self.input = b""

    def write(self, data: bytes) -> None:
        self.input += data

    def end_input(self) -> None:
        """Nothing waits for the end."""

    def kill(self) -> None:
        self.killed = True


class Executor:
    """Starts such commands."""

    def __init__(self) -> None:
        self.commands: list[Command] = []

    def start(self, command: CommandLine) -> Command:
        if command.text == "broken":
            raise FileNotFoundError("no host")
        self.commands.append(Command(command))
        return self.commands[-1]


@pytest.fixture
def executor() -> Executor:
    return Executor()


@pytest.fixture
def host(executor: Executor) -> ShellHost:
    return ShellHost(WinRM(), executor, WmiService({}))


def fault_of(call: pytest.ExceptionInfo[FaultError]) -> Fault:
    return call.value.fault


def test_quota_of_shells_counts_per_user(host: ShellHost) -> None:
    shells = [host.create("anna", None, {}, None) for _number in range(5)]
    with pytest.raises(FaultError) as error:
        host.create("anna", None, {}, None)
    assert fault_of(error) is TOO_MANY_SHELLS
    host.create("bert", None, {}, None)
    host.delete(shells[0])
    host.create("anna", None, {}, None)


def test_a_shell_belongs_to_its_user(host: ShellHost) -> None:
    shell = host.create("anna", None, {}, None)
    assert host.find("anna", shell.id.lower()) is shell
    with pytest.raises(FaultError) as error:
        host.find("bert", shell.id)
    assert fault_of(error) is SHELL_NOT_FOUND


def test_operations_are_never_given_back(host: ShellHost) -> None:
    host.change(max_operations=2)
    shell = host.create("anna", None, {}, None)
    for _number in range(2):
        shell.commands.pop(host.start(shell, "ver", True)).finish(0)
    with pytest.raises(FaultError) as error:
        host.start(shell, "ver", True)
    assert fault_of(error) is TOO_MANY_OPERATIONS
    assert host.start(host.create("anna", None, {}, None), "ver", True)


def test_command_carries_what_the_shell_was_opened_with(host: ShellHost, executor: Executor) -> None:
    shell = host.create("anna", r"C:\x", {"A": "1"}, None)
    command_id = host.start(shell, "ver", False)
    assert executor.commands[0].line == CommandLine("ver", False, r"C:\x", {"A": "1"})
    assert shell.command(command_id.lower()) is executor.commands[0]
    with pytest.raises(FaultError) as error:
        shell.command("other")
    assert fault_of(error) is COMMAND_NOT_FOUND


def test_executor_that_cannot_start(host: ShellHost) -> None:
    with pytest.raises(FaultError, match="no host") as error:
        host.start(host.create("anna", None, {}, None), "broken", True)
    assert fault_of(error) is COMMAND_NOT_STARTED


def test_closing_a_shell_ends_its_commands(host: ShellHost, executor: Executor) -> None:
    shell = host.create("anna", None, {}, None)
    host.start(shell, "ver", True)
    host.delete(shell)
    assert executor.commands[0].killed


def test_idle_shells_are_removed_and_used_ones_stay(host: ShellHost, executor: Executor) -> None:
    idle, used = host.create("anna", None, {}, 60.0), host.create("anna", None, {}, 60.0)
    host.start(idle, "ver", True)
    for shell in (idle, used):
        shell.last_used -= 61.0
    host.find("anna", used.id)
    host.remove_idle()
    assert executor.commands[0].killed
    assert host.find("anna", used.id) is used
    with pytest.raises(FaultError):
        host.find("anna", idle.id)


def test_counted_knobs_run_out(host: ShellHost) -> None:
    shell = host.create("anna", None, {}, None)
    host.change(quota_faults=2)
    for _number in range(2):
        with pytest.raises(FaultError) as error:
            host.start(shell, "ver", True)
        assert fault_of(error) is TOO_MANY_OPERATIONS
    assert host.start(shell, "ver", True)
    assert host.settings.quota_faults == 0
    host.change(lose_shell=1)
    with pytest.raises(FaultError) as error:
        host.find("anna", shell.id)
    assert fault_of(error) is SHELL_NOT_FOUND
    assert host.settings.lose_shell == 0


def test_missing_right(host: ShellHost) -> None:
    host.change(shell_allowed=False)
    with pytest.raises(FaultError) as error:
        host.create("anna", None, {}, None)
    assert fault_of(error) is ACCESS_DENIED


def command() -> Command:
    return Command(CommandLine("ver"))


def test_receive_waits_for_the_end_of_a_short_command() -> None:
    running = command()
    running.feed("stdout", b"one")
    threading.Timer(0.05, lambda: (running.feed("stderr", b"two"), running.finish(3010))).start()
    output = running.take(1000, 5, eager=False)
    assert output is not None
    assert (output.stdout, output.stderr, output.exit_code) == (b"one", b"two", 3010)


def test_receive_gives_what_is_there_when_the_time_is_over() -> None:
    running = command()
    assert running.take(1000, 0.05, eager=False) is None
    running.feed("stdout", b"one")
    output = running.take(1000, 0.05, eager=False)
    assert output is not None
    assert (output.stdout, output.exit_code) == (b"one", None)


def test_receive_is_cut_to_its_limit_and_ends_with_the_last_part() -> None:
    running = command()
    running.feed("stdout", b"a" * 25)
    running.feed("stderr", b"b" * 5)
    running.finish(-1)
    parts = [running.take(10, 5, eager=False) for _number in range(3)]
    assert [(len(part.stdout), len(part.stderr), part.exit_code) for part in parts if part] == [
        (10, 0, None),
        (10, 0, None),
        (5, 5, 0xFFFFFFFF),
    ]


def test_writer_waits_for_a_slow_reader_until_the_command_is_ended() -> None:
    running = command()
    running.feed("stdout", b"x" * PIPE_SIZE)
    writer = threading.Thread(target=running.feed, args=("stdout", b"y"))
    writer.start()
    writer.join(0.1)
    assert writer.is_alive()
    running.terminate()
    writer.join(5)
    assert not writer.is_alive()
    assert running.killed
