# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The workspace on a simulated host: leaves nothing, finds what a killed run left, keeps off where another works."""

from __future__ import annotations

import contextlib
import re
import typing as t

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._host import workspace as module
from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Output, Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError, Layer
from ansible_collections.unblock.updates.plugins.plugin_utils._host.journal import write_value
from ansible_collections.unblock.updates.plugins.plugin_utils._host.workspace import Workspace
from ansible_collections.unblock.updates.plugins.plugin_utils._registry import KEY
from tests.lab.direct_shell import Cut, CutShell, DirectShell
from tests.lab.executors.simulated import SimulatedHost
from tests.lab.model import load_host
from tests.unit.host.fakes import HOSTS

NONCE = "0123456789abcdef" * 2


@pytest.fixture
def host() -> SimulatedHost:
    return SimulatedHost(load_host(HOSTS / "wsus-rtm.yml"))


def shell_on(host: SimulatedHost) -> Shell:
    return t.cast(Shell, DirectShell(host))


def open_on(shell: Shell, run_id: str | None = "run 1") -> t.ContextManager[Workspace]:
    return Workspace.open(shell, run_id=run_id, timeout=30)


def temporary_folder(host: SimulatedHost) -> str:
    return host.run("set TEMP")[1].decode().partition("=")[2].strip()


def test_folder_and_note_are_there_as_long_as_it_is_open(host: SimulatedHost) -> None:
    before = host.snapshot()
    with open_on(shell_on(host)) as workspace:
        assert re.fullmatch(r"C:\\.*\\unblock-[0-9a-f]{32}", workspace.folder)
        assert workspace.run("cd").stdout.decode().strip() == workspace.folder
        workspace.run("echo x > left.txt")
        noted = host.run(f'reg query "{KEY}" /v Session')[1].decode()
        assert workspace.folder.replace("\\", "\\u005c") in noted and '"run_id":"run 1"' in noted
    assert host.snapshot() == before


@pytest.mark.parametrize("name", ["R&D (x86)", "a ^ b!c; ~"])
def test_it_may_lie_in_a_folder_of_any_name(host: SimulatedHost, name: str) -> None:
    class Elsewhere(DirectShell):
        """The shell of an account with another folder for temporary files."""

        def run(self, command: str, *arguments: t.Any, **keywords: t.Any) -> Output:
            return super().run(f'set "TEMP=C:\\{name}"& {command}', *arguments, **keywords)

    host.run(f'mkdir "C:\\{name}"')
    with open_on(t.cast(Shell, Elsewhere(host))) as workspace:
        assert workspace.folder.startswith(f"C:\\{name}\\unblock-")
        assert workspace.run("cd").stdout.decode().strip() == workspace.folder
    assert host.run(f'dir /b "C:\\{name}"')[1] == b""


def test_it_is_removed_after_a_failure_too(host: SimulatedHost) -> None:
    before = host.snapshot()
    with pytest.raises(ZeroDivisionError), open_on(shell_on(host)) as workspace:
        workspace.run(f"echo {1 // 0}")
    assert host.snapshot() == before


def test_records_and_other_keys_stay(host: SimulatedHost) -> None:
    shell = shell_on(host)
    write_value(shell, rf"{KEY}\954960", "Record", {"action": "x"})
    before = host.snapshot()
    with open_on(shell):
        pass
    assert host.snapshot() == before


@pytest.mark.parametrize("commands", range(1, 7))
def test_the_next_run_removes_what_a_killed_one_left(host: SimulatedHost, commands: int) -> None:
    before = host.snapshot()
    # Open takes two commands, so does the end; the run in between leaves files.
    with pytest.raises(Cut), open_on(t.cast(Shell, CutShell(host, commands))) as workspace:
        workspace.run("echo x > left.txt")
        workspace.run("mkdir sub & echo y > sub\\left.txt")
        if commands == 6:
            raise Cut
    with open_on(shell_on(host)) as second:
        names = host.run(f'dir /b "{temporary_folder(host)}\\unblock-*"')[1].decode().split()
        assert names == [second.folder.rpartition("\\")[2]]
    assert host.snapshot() == before


def test_a_folder_half_moved_by_a_killed_run_is_removed(host: SimulatedHost) -> None:
    before = host.snapshot()
    shell = shell_on(host)
    folder = rf"{temporary_folder(host)}\unblock-{NONCE}"
    write_value(shell, KEY, "Session", {"folder": folder, "run_id": "x", "time": "y"})
    host.run(f'mkdir "{folder}.old" & echo x > "{folder}.old\\a"')
    with open_on(shell):
        pass
    assert host.snapshot() == before


def test_where_files_are_in_use_another_run_is_at_work(host: SimulatedHost) -> None:
    class Busy(DirectShell):
        """A host where nothing in the other run's folder can be moved."""

        def run(self, command: str, *arguments: t.Any, **keywords: t.Any) -> Output:
            if command.startswith("move "):
                return Output(f"unblock-{NONCE}\r\n".encode(), b"Access is denied.", 0)
            return super().run(command, *arguments, **keywords)

    folder = rf"{temporary_folder(host)}\unblock-{NONCE}"
    session = {"folder": folder, "run_id": "night shift", "time": "2026-11-21T02:00:00Z"}
    write_value(shell_on(host), KEY, "Session", session)
    before = host.snapshot()
    with pytest.raises(HostError, match="night shift, since 2026-11-21T02:00:00Z") as caught:
        open_on(t.cast(Shell, Busy(host))).__enter__()
    assert caught.value.layer is Layer.WORKSPACE
    assert host.snapshot() == before


@pytest.mark.parametrize(
    "folder", [r"C:\Windows", r"C:\unblock-x", rf"C:\a\..\unblock-{NONCE}\b", f'C:\\x" & del "\\unblock-{NONCE}', ""]
)
def test_a_note_that_names_something_else_is_not_acted_upon(host: SimulatedHost, folder: str) -> None:
    write_value(shell_on(host), KEY, "Session", {"folder": folder, "run_id": "x", "time": "y"})
    before = host.snapshot()
    with pytest.raises(HostError, match="names no folder of this collection"):
        open_on(shell_on(host)).__enter__()
    assert host.snapshot() == before


def test_a_run_keeps_others_off_also_between_its_commands(host: SimulatedHost) -> None:
    with open_on(shell_on(host), "first") as first:
        before = host.snapshot()
        with pytest.raises(HostError, match="another run works here: first, since 20") as caught:
            open_on(shell_on(host), "second").__enter__()
        assert caught.value.layer is Layer.WORKSPACE and "Wait until it has ended" in caught.value.next_step
        assert host.snapshot() == before
        assert first.run("cd").stdout.decode().strip() == first.folder
    with open_on(shell_on(host), "second"):
        pass


def test_a_run_whose_shell_is_gone_keeps_nobody_off_and_leaves_the_next_one_alone(host: SimulatedHost) -> None:
    shell = shell_on(host)
    first = open_on(shell, "first")
    first.__enter__()
    shell.release()  # as the service does to a shell that nobody used for its idle time
    with open_on(shell_on(host), "second") as second:
        first.__exit__(None, None, None)
        assert b"second" in host.run(f'reg query "{KEY}" /v Session')[1]
        assert second.run("cd").stdout.decode().strip() == second.folder


@pytest.mark.parametrize("killed", [False, True], ids=["fresh", "after a killed run"])
def test_of_two_runs_that_come_at_once_one_works(host: SimulatedHost, killed: bool) -> None:
    class Late(DirectShell):
        """Between what its run sees and what it does about it, another run opens a workspace."""

        def run(self, command: str, *arguments: t.Any, **keywords: t.Any) -> Output:
            if " & mkdir " in command:
                stack.enter_context(open_on(shell_on(host), "quicker"))
            return super().run(command, *arguments, **keywords)

    before = host.snapshot()
    if killed:
        folder = rf"{temporary_folder(host)}\unblock-{NONCE}"
        write_value(shell_on(host), KEY, "Session", {"folder": folder, "run_id": "killed", "time": "y"})
    with contextlib.ExitStack() as stack:
        with pytest.raises(HostError, match="another run works here: quicker, since 20"):
            open_on(t.cast(Shell, Late(host)), "later").__enter__()
        names = host.run(f'dir /b "{temporary_folder(host)}\\unblock-*"')[1].split()
        assert len(names) == 1 and names[0] in host.run(f'reg query "{KEY}" /v Session')[1]
    assert host.snapshot() == before


def test_a_closed_registry_stops_it_before_anything_is_made(host: SimulatedHost) -> None:
    class Denied(DirectShell):
        """reg add fails, as it does for an account that is no administrator."""

        def run(self, command: str, *arguments: t.Any, **keywords: t.Any) -> Output:
            return super().run(
                re.sub(r"reg add .*? /f >nul", "reg add X:\\\\ /f 2>nul", command), *arguments, **keywords
            )

    before = host.snapshot()
    with pytest.raises(HostError, match="could not be noted") as caught:
        open_on(t.cast(Shell, Denied(host))).__enter__()
    assert caught.value.layer is Layer.WORKSPACE
    assert host.snapshot() == before


def test_without_the_framework_the_compiler_is_named() -> None:
    bare = SimulatedHost(load_host(HOSTS / "wsus-absent.yml"))
    with pytest.raises(HostError, match="csc.exe") as caught, open_on(shell_on(bare)) as workspace:
        workspace.compile("transfer")
    assert caught.value.layer is Layer.DOT_NET


@pytest.mark.parametrize("argument", ['a"b', "%TEMP%", "a\nb", "ends\\", ""])
def test_what_a_command_line_cannot_carry_is_refused(host: SimulatedHost, argument: str) -> None:
    with open_on(shell_on(host)) as workspace, pytest.raises(ValueError, match="not usable"):
        workspace.call("transfer", argument)


@pytest.mark.parametrize("name", ["..\\x", "a b", ".hidden", "", "x" * 101, "a/b", "con:"])
def test_names_of_files_stay_in_the_folder(host: SimulatedHost, name: str) -> None:
    with open_on(shell_on(host)) as workspace, pytest.raises(ValueError, match="not usable as a file"):
        workspace.check(name, "0" * 64)


def frame(nonce: str, json: str) -> bytes:
    return f"UNBLOCK BEGIN {nonce}\r\nUNBLOCK DATA {json}\r\nUNBLOCK END {nonce} 1\r\n".encode()


class Talking(DirectShell):
    """A host whose program answers what the test says."""

    def __init__(self, host: SimulatedHost, answer: t.Callable[[str], bytes]) -> None:
        super().__init__(host)
        self._answer = answer

    def run(self, command: str, *arguments: t.Any, **keywords: t.Any) -> Output:
        match = re.search(r'transfer\.exe" ([0-9a-f]{32}) ', command)
        return Output(self._answer(match[1]), b"", 0) if match else super().run(command, *arguments, **keywords)


@pytest.mark.parametrize(
    ("answer", "layer", "words"),
    [
        (lambda nonce: b"Zugriff verweigert\r\n", Layer.DOT_NET, "answered nothing: Zugriff verweigert"),
        (lambda nonce: frame("f" * 32, "{}"), Layer.DOT_NET, "another request"),
        (lambda nonce: frame(nonce, "[]"), Layer.DOT_NET, "no object"),
        (lambda nonce: frame(nonce, '{"size": 1'), Layer.DOT_NET, "not what the program writes"),
        (lambda nonce: frame(nonce, '{"size": 1}'), Layer.TRANSFER, "something else"),
        (lambda nonce: frame(nonce, f'{{"size": 1, "sha256": "{"0" * 64}", "x": 1}}'), Layer.TRANSFER, "unknown key"),
        (lambda nonce: frame(nonce, f'{{"size": 1, "sha256": "{"1" * 64}"}}'), Layer.TRANSFER, "not 0000"),
        (
            lambda nonce: frame(nonce, '{"failed": {"type": "System.IO.IOException", "message": "voll", "code": 112}}'),
            Layer.TRANSFER,
            r"System.IO.IOException \(0x00000070\): voll",
        ),
    ],
)
def test_what_a_program_may_answer(
    host: SimulatedHost, answer: t.Callable[[str], bytes], layer: Layer, words: str
) -> None:
    shell = t.cast(Shell, Talking(host, answer))
    with pytest.raises(HostError, match=words) as caught, open_on(shell) as workspace:
        workspace.check("package.exe", "0" * 64)
    assert caught.value.layer is layer


def test_programs_are_c_sharp_2_in_ascii_that_cmd_passes_on() -> None:
    for program in t.get_args(module.Program):
        source = module._source(program)
        assert source.isascii() and b"\n" not in source.replace(b"\r\n", b"")
        assert max(map(len, source.split(b"\r\n"))) < 8000
