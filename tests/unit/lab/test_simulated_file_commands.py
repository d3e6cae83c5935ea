# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cmd.exe of a simulated host does with files and directories: copy, del, dir, md, move, rd, ren, cd."""

from __future__ import annotations

import pytest

from tests.lab.executors.base import CommandLine
from tests.lab.executors.simulated import SimulatedHost
from tests.lab.model import HostFile, HostModel, Windows
from tests.unit.lab.waiting import wait_until

MODEL = HostModel(
    "sim",
    Windows("win2008", computer_name="SIM-1"),
    files=(
        HostFile(r"C:\Work\One.txt", text="one", created="2008-06-01T10:00:00Z"),
        HostFile(r"C:\Work\two words.txt", text="two"),
        HostFile(r"C:\Work\held.log", text="held", in_use="exclusive"),
        HostFile(r"C:\Work\Sub\deep.txt", text="deep"),
        HostFile(r"C:\Tree\a\b\leaf.txt", text="leaf"),
        HostFile(r"C:\Busy\a\held.log", text="held", in_use="shared"),
        HostFile(r"C:\Busy\free.txt", text="free"),
    ),
    free_bytes=1000,
)
NOT_THERE = b"The system cannot find the file specified.\r\n"
NO_PATH = b"The system cannot find the path specified.\r\n"
IN_USE = b"The process cannot access the file because it is being used by another process.\r\n"
NO_SPACE = b"There is not enough space on the disk.\r\n"
SYNTAX = b"The syntax of the command is incorrect.\r\n"
DUPLICATE = b"A duplicate file name exists, or the file\r\ncannot be found.\r\n"
COPIED, NOT_COPIED = b"        1 file(s) copied.\r\n", b"        0 file(s) copied.\r\n"


@pytest.fixture
def host() -> SimulatedHost:
    return SimulatedHost(MODEL)


def changes(host: SimulatedHost, command: str) -> tuple[tuple[int, bytes, bytes], set[str], set[str]]:
    """Run a command; returns its result, what is there that was not, and what is gone; in lower case."""
    before = host.snapshot()
    result = host.run(command)
    after = host.snapshot()
    old, new = (shot.files.keys() | shot.folders.keys() for shot in (before, after))
    return result, set(new - old), set(old - new)


@pytest.mark.parametrize(
    ("command", "result", "new", "gone"),
    [
        (r"md C:\New", (0, b"", b""), {r"c:\new"}, set()),
        (r'mkdir "C:\New\two words\x"', (0, b"", b""), {r"c:\new", r"c:\new\two words", r"c:\new\two words\x"}, set()),
        (r"md C:\Work", (1, b"", b"A subdirectory or file C:\\Work already exists.\r\n"), set(), set()),
        (r"rd C:\Work\Sub", (145, b"", b"The directory is not empty.\r\n"), set(), set()),
        (r"rd C:\Absent", (2, b"", NOT_THERE), set(), set()),
        (r"rmdir /s /q C:\Tree", (0, b"", b""), set(), {
            *(r"c:\tree", r"c:\tree\a", r"c:\tree\a\b", r"c:\tree\a\b\leaf.txt"),
        }),
        (r"rd /s C:\Tree", (1, b"", SYNTAX), set(), set()),
        (r"copy C:\Work\One.txt C:\Work\Sub", (0, COPIED, b""), {r"c:\work\sub\one.txt"}, set()),
        (r'copy /y /b "C:\Work\two words.txt" C:\Work\three.txt', (0, COPIED, b""), {r"c:\work\three.txt"}, set()),
        (r"copy C:\Work\absent.txt C:\Work\x", (1, NOT_COPIED, NOT_THERE), set(), set()),
        (r"copy \\server\share\kb.exe C:\Work\x", (1, NOT_COPIED, NO_PATH), set(), set()),
        (r"copy C:\Work\held.log C:\Work\x", (1, NOT_COPIED, IN_USE), set(), set()),
        (r"copy C:\Work\One.txt C:\Absent\x", (1, NOT_COPIED, NO_PATH), set(), set()),
        (r"copy C:\Work\One.txt+C:\Work\x C:\y", (1, b"", SYNTAX), set(), set()),
        (r"move C:\Work\One.txt C:\Tree", (0, b"        1 file(s) moved.\r\n", b""), {r"c:\tree\one.txt"}, {
            r"c:\work\one.txt",
        }),
        (r"move /y C:\Work\One.txt C:\Tree\a\b\leaf.txt", (0, b"        1 file(s) moved.\r\n", b""), set(), {
            r"c:\work\one.txt",
        }),
        (r"move C:\Tree C:\Aside", (0, b"        1 dir(s) moved.\r\n", b""), {
            *(r"c:\aside", r"c:\aside\a", r"c:\aside\a\b", r"c:\aside\a\b\leaf.txt"),
        }, {r"c:\tree", r"c:\tree\a", r"c:\tree\a\b", r"c:\tree\a\b\leaf.txt"}),
        (r"move C:\Busy C:\Aside", (1, b"", b"Access is denied.\r\n"), set(), set()),
        (r"move C:\Absent C:\Aside", (1, b"", NOT_THERE), set(), set()),
        (r"ren C:\Work\One.txt Other.txt", (0, b"", b""), {r"c:\work\other.txt"}, {r"c:\work\one.txt"}),
        (r"ren C:\Work\One.txt held.log", (1, b"", DUPLICATE), set(), set()),
        (r"ren C:\Work\One.txt C:\Other.txt", (1, b"", SYNTAX), set(), set()),
        (r"del /q C:\Work\Sub", (0, b"", b""), set(), {r"c:\work\sub\deep.txt"}),
    ],
)  # fmt: skip
def test_a_change(
    host: SimulatedHost, command: str, result: tuple[int, bytes, bytes], new: set[str], gone: set[str]
) -> None:
    assert changes(host, command) == (result, new, gone)


def test_rd_leaves_what_is_in_use_and_the_directories_around_it(host: SimulatedHost) -> None:
    (code, _stdout, stderr), _new, gone = changes(host, r"rd /s /q C:\Busy")
    assert (code, gone) == (145, {r"c:\busy\free.txt"})
    assert rb"C:\Busy\a\held.log - " + IN_USE in stderr


def test_the_failure_of_rd_does_not_reach_errorlevel(host: SimulatedHost) -> None:
    assert host.run(r"rd C:\Absent 2>nul & if errorlevel 1 echo seen")[1] == b""
    assert host.run(r"rd C:\Absent 2>nul || echo seen")[1] == b"seen\r\n"


def test_a_copy_is_made_now_and_was_changed_when_its_source_was(host: SimulatedHost) -> None:
    host.run(r"copy C:\Work\One.txt C:\Work\copy.txt")
    files = host.snapshot().files
    source, copy = files[r"c:\work\one.txt"], files[r"c:\work\copy.txt"]
    assert (copy.modified, copy.content) == (source.modified, source.content)
    assert copy.created > source.created


def test_moved_files_keep_what_they_were(host: SimulatedHost) -> None:
    before = host.snapshot().files[r"c:\tree\a\b\leaf.txt"]
    host.run(r"move C:\TREE C:\Aside")
    after = host.snapshot().files[r"c:\aside\a\b\leaf.txt"]
    assert (after.path, after.content, after.created) == (r"C:\Aside\a\b\leaf.txt", before.content, before.created)


@pytest.mark.parametrize("command", [r"move C:\Tree C:\Aside", r"ren C:\Tree Aside", r"rd /s /q C:\Tree"])
def test_the_directory_of_a_running_program_cannot_go(host: SimulatedHost, command: str) -> None:
    running = host.start(CommandLine(r"cd /d C:\Tree & ping -n 60 x > nul"))
    wait_until(lambda: host.machine.running.is_directory(r"C:\Tree"))
    assert host.run(command)[2].endswith(IN_USE)
    assert r"c:\tree" in host.snapshot().folders
    running.terminate()
    wait_until(lambda: not running.running)
    assert host.run(command)[0] == 0


@pytest.mark.parametrize(
    ("command", "result"),
    [
        (r"dir /b C:\Work", (0, b"held.log\r\nOne.txt\r\nSub\r\ntwo words.txt\r\n", b"")),
        (r"dir /b C:\Work\*.txt", (0, b"One.txt\r\ntwo words.txt\r\n", b"")),
        (r'dir /b "C:\T*"', (0, b"Tree\r\n", b"")),
        (r"dir /b /s C:\Work\one.txt", (0, b"C:\\Work\\One.txt\r\n", b"")),
        (r"dir /b /s C:\Tree", (0, b"C:\\Tree\\a\r\nC:\\Tree\\a\\b\r\nC:\\Tree\\a\\b\\leaf.txt\r\n", b"")),
        (r"dir /b C:\Absent C:\Work\one.txt C:\Tree", (0, b"One.txt\r\na\r\n", b"")),
        (r"dir /b C:\Absent*", (1, b"", b"File Not Found\r\n")),
        (r"dir C:\Work", (1, b"", SYNTAX)),
    ],
)
def test_dir_lists(host: SimulatedHost, command: str, result: tuple[int, bytes, bytes]) -> None:
    assert host.run(command) == result


@pytest.mark.parametrize(
    ("command", "stdout"),
    [
        (r"cd C:\Work & cd", b"C:\\Work\r\n"),
        (r"cd /d C:\Work\two words.txt\..\Sub & type deep.txt & cd .. & cd", b"deepC:\\Work\r\n"),
        (r'cd "C:\Work" & type One.txt', b"one"),
        (r"cd C:\Work & cmd /c cd Sub & cd", b"C:\\Work\r\n"),
        (r"(cd C:\Work | rem) & cd", b"C:\\Users\\Administrator\r\n"),
        (r"cd C:\Absent 2>nul || cd", b"C:\\Users\\Administrator\r\n"),
        (r"cd C:\Work & echo %CD%", b"C:\\Users\\Administrator\r\n"),
    ],
)
def test_cd_changes_the_directory_of_its_own_cmd(host: SimulatedHost, command: str, stdout: bytes) -> None:
    assert host.run(command)[1] == stdout


def test_another_drive_is_entered_with_d_only() -> None:
    host = SimulatedHost(HostModel("sim", MODEL.windows, files=(HostFile(r"D:\Data\x.txt", text="x"),)))
    assert host.run(r"cd D:\Data & cd")[1] == b"C:\\Users\\Administrator\r\n"
    assert host.run(r"cd /d D:\Data & cd")[1] == b"D:\\Data\r\n"


def test_a_full_disk_takes_no_more(host: SimulatedHost) -> None:
    assert host.run('findstr "^" > C:\\Work\\big.txt', b"x" * 600 + b"\r\n")[0] == 0
    assert host.run(r"copy C:\Work\big.txt C:\Work\again.txt") == (1, NOT_COPIED, NO_SPACE)
    assert host.run('findstr "^" > C:\\Work\\more.txt', b"x" * 600 + b"\r\n") == (1, b"", NO_SPACE)
    assert host.run(r"del C:\Work\big.txt & copy C:\Work\One.txt C:\Work\again.txt")[0] == 0


def test_the_text_of_errors_is_in_the_hosts_language() -> None:
    host = SimulatedHost(HostModel("sim", Windows("win2003", language="de-DE", computer_name="DE-1")))
    assert host.run(r"rd C:\WINDOWS")[2].decode("cp850") == "Das Verzeichnis ist nicht leer.\r\n"
