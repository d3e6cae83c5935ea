# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What arrives in a child process is what was meant: through WinRM and Wine's cmd.exe, many values at a time."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from ansible_collections.unblock.updates.plugins.plugin_utils._host import workspace
from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Output, Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError
from ansible_collections.unblock.updates.plugins.plugin_utils._host.journal import write_value
from ansible_collections.unblock.updates.plugins.plugin_utils._host.workspace import Workspace
from ansible_collections.unblock.updates.plugins.plugin_utils._registry import KEY
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy import scheduled_task
from tests.integration.conftest import FLEETS, free_port
from tests.integration.winrm_shell import winrm_shell
from tests.lab.executors.wine_tools import program
from tests.lab.lab import Lab, LabHost, Options

pytestmark = pytest.mark.one_core

#: A command line of cmd.exe has room for 8,191 characters.
MOST_CHARACTERS = 7000

AWKWARD = [
    "two  words", " ", "it's", "a&b", "a & b", "100^2", "^", "!x!", "a|b", "<in >out", "(x86)", ")", "a,b;c=d", "~@#$`",
    "\\\\server\\share\\x", "\\", "/c", "-", "&&", "||", "&calc&", "Größe 日本語 ñ", "é" * 300, "x" * 300, "'", "\t",
]  # fmt: skip

few = settings(max_examples=10, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
characters = st.sampled_from(" &^!|<>()[]{}@,;=~'`+#$-/\\\taZ09éßñ日本") | st.characters(
    codec="utf-8", exclude_characters='"%\r\n\0', exclude_categories=["Cs", "Cc", "Cn", "Co"]
)
values = st.text(characters, min_size=1, max_size=60)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabHost]:
    options = Options(executor="wine", port=free_port(), network="127.95.0.0/16")
    with Lab(FLEETS / "approval-reset.yml", tmp_path_factory.mktemp("quoting"), options) as lab:
        host = lab.host("alone")
        host.put(r"C:\arguments.exe", program(options.cache, "arguments").read_bytes())
        yield host


@pytest.fixture(scope="module")
def shell(host: LabHost) -> Iterator[Shell]:
    with winrm_shell(host) as shell:
        yield shell


def run(shell: Shell, line: str) -> bytes:
    """What a command line prints."""
    return shell.run(line, b"", timeout=60, max_bytes=1 << 20).stdout


def arrived(output: bytes) -> list[str]:
    """The arguments of each process in turn, and its working directory."""
    return [bytes.fromhex(line).decode("utf-16-be") for line in output.decode("ascii").splitlines()]


@few
@example(AWKWARD)
@given(st.lists(values, min_size=10, max_size=60))
def test_arguments_arrive_as_they_are_or_are_refused(shell: Shell, meant: list[str]) -> None:
    for value in meant:
        if value.endswith("\\"):
            with pytest.raises(ValueError, match="not usable"):
                workspace._quoted(value)
    meant = [value for value in meant if not value.endswith("\\")]
    while sum(len(value) + 3 for value in meant) > MOST_CHARACTERS:
        meant.pop()
    line = " ".join([r"C:\arguments.exe", *map(workspace._quoted, meant)])
    assert arrived(run(shell, line))[:-1] == meant


FOLDERS = ["R&D (x86)", "a ^ b!c", "it's; 50=50, ~ @ [x] {y} `z` $ #", "n" * 150]


class Elsewhere:
    """The shell of an account with another folder for temporary files."""

    def __init__(self, shell: Shell, temp: str) -> None:
        self._shell = shell
        self._temp = temp

    def __getattr__(self, name: str) -> t.Any:
        return getattr(self._shell, name)

    def run(self, command: str, *arguments: t.Any, **keywords: t.Any) -> Output:
        return self._shell.run(f'set "TEMP={self._temp}"& {command}', *arguments, **keywords)


@pytest.mark.parametrize("name", FOLDERS)
@pytest.mark.parametrize("kernel", [(5, 2), (6, 0)], ids=["2003", "2008"])
def test_a_task_gets_the_path_of_its_program_whatever_the_folder_is_called(
    shell: Shell, name: str, kernel: tuple[int, int]
) -> None:
    command = scheduled_task._create(rf"C:\{name}", kernel)[-1]
    (path,) = (
        value for value in arrived(run(shell, command.replace("schtasks", r"C:\arguments.exe", 1))) if name in value
    )
    assert re.fullmatch(rf'"C:\\{re.escape(name)}\\[a-z]+\.(cmd|bat)"', path)


@pytest.mark.parametrize("name", FOLDERS)
def test_a_workspace_lies_in_any_folder_for_temporary_files(shell: Shell, name: str) -> None:
    temp = rf"C:\{name}"
    run(shell, f'mkdir "{temp}"')
    with Workspace.open(t.cast(Shell, Elsewhere(shell, temp)), run_id=name, timeout=60) as opened:
        assert opened.folder.rpartition("\\")[0] == temp
        output = opened.run(rf'copy C:\arguments.exe x.exe >nul & "{opened.folder}\x.exe" "{opened.folder}"')
        assert arrived(output.stdout) == [opened.folder, opened.folder]
    assert run(shell, rf'dir /b "{temp}"') == b""


def test_a_folder_whose_name_does_not_arrive_is_refused(shell: Shell) -> None:
    """Wine's cmd.exe prints in the code page of the system, also where the shell asks for UTF-8."""
    with pytest.raises(HostError, match="%TEMP% is no folder that can be used") as caught:
        Workspace.open(t.cast(Shell, Elsewhere(shell, r"C:\Größe")), run_id="x", timeout=60).__enter__()
    assert "to a folder whose name is ASCII" in caught.value.next_step


@few
@example([*AWKWARD, '"', "%TEMP%", "%", '\\"', "a\r\nb"])
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=40), max_size=12))
def test_notes_in_the_registry_are_read_back_as_they_were_written(shell: Shell, texts: list[str]) -> None:
    assume(sum(map(len, texts)) < 600)
    write_value(shell, KEY, "Noted", {"texts": texts})
