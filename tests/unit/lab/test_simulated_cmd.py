# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cmd.exe of a simulated host: what it reads in a line, and what its built-in commands do."""

from __future__ import annotations

import re

import pytest

from tests.lab.executors.simulated import SimulatedHost
from tests.lab.model import HostFile, HostModel, Windows
from tests.lab.simulated.command_line import (
    Block,
    Command,
    Condition,
    If,
    Line,
    LineError,
    Pair,
    Redirection,
    parse,
    unwrap,
)
from tests.lab.simulated.process import first_word, split_arguments

WINDOWS = Windows("win2008", service_pack=2, computer_name="SIM-1")
FILES = (
    HostFile(r"C:\Logs\two words.txt", text="content\r\n"),
    HostFile(r"C:\Logs\held.log", text="x", in_use="exclusive"),
)
NOT_THERE = b"The system cannot find the file specified.\r\n"
NO_PATH = b"The system cannot find the path specified.\r\n"
IN_USE = b"The process cannot access the file because it is being used by another process.\r\n"


@pytest.fixture
def host() -> SimulatedHost:
    return SimulatedHost(HostModel("sim", WINDOWS, files=FILES, environment={"FOLDER": r"C:\Logs"}))


def one(text: str, *redirections: Redirection) -> Command:
    return Command(text, redirections)


@pytest.mark.parametrize(
    ("line", "parsed"),
    [
        ("echo a", one("echo a")),
        ("", None),
        ("a & b", Pair("&", one("a "), one("b"))),
        ("a &", one("a ")),
        ("a & b & c", Pair("&", Pair("&", one("a "), one("b ")), one("c"))),
        ("a && b || c", Pair("||", Pair("&&", one("a "), one("b ")), one("c"))),
        ("a || b && c", Pair("||", one("a "), Pair("&&", one("b "), one("c")))),
        ("a | b & c", Pair("&", Pair("|", one("a "), one("b ")), one("c"))),
        ('echo "a & b | c > d"', one('echo "a & b | c > d"')),
        ("echo a^&b^>c", one("echo a&b>c")),
        ('findstr "^" > "C:\\a b.js"', one('findstr "^" ', Redirection(1, r"C:\a b.js"))),
        ("a>x", one("a", Redirection(1, "x"))),
        (">x a", one("a", Redirection(1, "x"))),
        ("a >>x 2>nul", one("a  ", Redirection(1, "x", append=True), Redirection(2, "nul"))),
        ("a 2>&1 <in", one("a  ", Redirection(2, "&1"), Redirection(0, "in"))),
        ("echo 12>x", one("echo 12", Redirection(1, "x"))),
        ('dir "unclosed & b', one('dir "unclosed & b')),
        ("(a & b) > x & c", Pair("&", Block(Pair("&", one("a "), one("b")), (Redirection(1, "x"),)), one("c"))),
        ("echo (a)", one("echo (a)")),
        ("if errorlevel 1 a & b", If(Condition("errorlevel", ("1",)), Pair("&", one("a "), one("b")))),
        (
            "if errorlevel 0 if not errorlevel 1 a",
            If(Condition("errorlevel", ("0",)), If(Condition("errorlevel", ("1",), negated=True), one("a"))),
        ),
        ('IF NOT EXIST "C:\\a b" md x', If(Condition("exist", (r'"C:\a b"',), negated=True), one("md x"))),
        (
            'if /i "a"=="B" (x) else y',
            If(Condition("equal", ('"a"', '"B"'), ignore_case=True), Block(one("x")), one("y")),
        ),
        (
            "if defined X (x) > f else (y)",
            If(Condition("defined", ("X",)), Block(one("x"), (Redirection(1, "f"),)), Block(one("y"))),
        ),
        ("iffy x", one("iffy x")),
    ],
)
def test_a_line_is_read_as_cmd_does(line: str, parsed: Line | None) -> None:
    assert parse(line) == parsed


@pytest.mark.parametrize(("line", "word"), [("& a", "&"), ("a && & b", "&&"), ("a ||", "||"), ("(a", "("), ("()", ")")])
def test_a_line_that_cmd_refuses(host: SimulatedHost, line: str, word: str) -> None:
    with pytest.raises(LineError, match=re.escape(word)):
        parse(line)
    assert host.run(line) == (1, b"", f"{word} was unexpected at this time.\r\n".encode())


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (' /d /s /c "reg query "HKLM\\A B" > "C:\\x.tmp" 2>nul"', 'reg query "HKLM\\A B" > "C:\\x.tmp" 2>nul'),
        (" /c echo a", "echo a"),
        (' /C "C:\\a b.exe"', '"C:\\a b.exe"'),
        (' /s /c "C:\\a b.exe"', "C:\\a b.exe"),
        (' /c "exit 9"', "exit 9"),
        (' /c "hostname"', "hostname"),
        (' /c "echo a & echo b"', "echo a & echo b"),
        (' /c "a" "b"', 'a" "b'),
        ("/v:on /c ver", "ver"),
        ("", None),
    ],
)
def test_quotation_marks_around_a_command_go_as_cmd_says(arguments: str, command: str | None) -> None:
    assert unwrap(arguments, r"C:\a b.exe".__eq__) == command


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('a "b c" d', ["a", "b c", "d"]),
        (r'/c:"two words" "C:\x y\z.log"', ["/c:two words", r"C:\x y\z.log"]),
        (r'"a\\" b', ["a\\", "b"]),
        (r'"a \" b"', ['a " b']),
        (r"C:\a\b \\server\share", [r"C:\a\b", r"\\server\share"]),
        ('"" x', ["", "x"]),
        ("", []),
    ],
)
def test_arguments_are_split_as_the_c_run_time_does(text: str, words: list[str]) -> None:
    assert split_arguments(text) == words


@pytest.mark.parametrize(
    ("command", "parts"),
    [
        (r'"C:\a b\x.exe" /c "y"', (r"C:\a b\x.exe", ' /c "y"')),
        ("  sc query X", ("sc", " query X")),
        ("", ("", "")),
    ],
)
def test_the_program_stands_first(command: str, parts: tuple[str, str]) -> None:
    assert first_word(command) == parts


@pytest.mark.parametrize(
    ("command", "code", "stdout", "stderr"),
    [
        ("echo a  b", 0, b"a  b\r\n", b""),
        ("@echo off", 0, b"off\r\n", b""),
        ("echo.", 0, b"\r\n", b""),
        ("echo", 0, b"ECHO is on.\r\n", b""),
        ("echo %folder%\\%NOT_SET%", 0, b"C:\\Logs\\%NOT_SET%\r\n", b""),
        ("echo a& echo b 1>&2", 0, b"a\r\n", b"b \r\n"),
        ("ver", 0, b"\r\nMicrosoft Windows [Version 6.0.6002]\r\n", b""),
        ("hostname", 0, b"SIM-1\r\n", b""),
        (r"C:\WINDOWS\system32\HOSTNAME.EXE", 0, b"SIM-1\r\n", b""),
        (r'type "%FOLDER%\two words.txt"', 0, b"content\r\n", b""),
        (r"type nul", 0, b"", b""),
        (r"type C:\Logs\absent.txt", 1, b"", NOT_THERE),
        (r"type C:\Absent\absent.txt", 1, b"", NO_PATH),
        (r"type C:\Logs\held.log", 1, b"", IN_USE),
        ("exit 3010", 3010, b"", b""),
        ("exit /b 5 & echo never", 5, b"", b""),
        ("rem nothing", 0, b"", b""),
        ("echo a & exit -1", 0xFFFFFFFF, b"a \r\n", b""),
        ("set COMPUTERNAME", 0, b"COMPUTERNAME=SIM-1\r\n", b""),
        ("set NOT_SET", 1, b"", b""),
        ("cmd /c exit 7 & echo on", 0, b"on\r\n", b""),
        ("cmd /c exit 7 && echo on", 7, b"", b""),
        ("cmd /c exit 7 || echo else", 0, b"else\r\n", b""),
        ("ver > nul && echo well", 0, b"well\r\n", b""),
        ("cmd", 0, b"", b""),
        ('%COMSPEC% /d /s /c "echo "a b" & hostname"', 0, b'"a b" \r\nSIM-1\r\n', b""),
        (r"echo x > C:\Absent\x.txt", 1, b"", NO_PATH),
        (r"findstr x < C:\Logs\absent.txt", 1, b"", NOT_THERE),
        (r"echo x > C:\Logs\held.log", 1, b"", IN_USE),
        (r"del C:\Logs\absent.txt", 0, b"", b"Could Not Find C:\\Logs\\absent.txt\r\n"),
        (r"del /q C:\Logs\held.log", 1, b"", b"C:\\Logs\\held.log\r\n" + IN_USE),
    ],
)
def test_a_command(host: SimulatedHost, command: str, code: int, stdout: bytes, stderr: bytes) -> None:
    assert host.run(command) == (code, stdout, stderr)


@pytest.mark.parametrize("command", ["nosuch /x", r"C:\Logs\findstr.exe x", "wmic os get version"])
def test_an_unknown_program_is_refused_as_cmd_refuses_it(host: SimulatedHost, command: str) -> None:
    code, stdout, stderr = host.run(command)
    assert (code, stdout) == (1, b"")
    name = command.split()[0].encode()
    assert stderr.startswith(b"'" + name + b"' is not recognized as an internal or external command,\r\n")


def test_messages_are_in_the_hosts_language_and_oem_code_page() -> None:
    german = SimulatedHost(HostModel("sim", Windows("win2003", language="de-DE", computer_name="DE-1")))
    code, _stdout, stderr = german.run("schlüssel")
    assert code == 1
    assert stderr.decode("cp850").startswith('Der Befehl "schlüssel" ist entweder falsch geschrieben')


def test_output_goes_to_a_file_and_more_is_added(host: SimulatedHost) -> None:
    command = r"echo one>C:\Logs\new.txt& echo two>> C:\Logs\new.txt& type C:\Logs\new.txt & del C:\Logs\n*.txt"
    before = host.snapshot()
    assert host.run(command) == (0, b"one\r\ntwo\r\n", b"")
    assert before.differences(host.snapshot()) == []


def test_both_streams_can_go_to_one_file(host: SimulatedHost) -> None:
    host.run(r"type C:\Logs\absent.txt > C:\Logs\all.txt 2>&1")
    assert host.run(r"type C:\Logs\all.txt") == (0, NOT_THERE, b"")


def test_del_takes_wildcards_and_switches(host: SimulatedHost) -> None:
    host.run(r"echo 1 > C:\Logs\p-1.js & echo 2 > C:\Logs\p-1-2.tmp & echo 3 > C:\Logs\q.tmp")
    assert host.run(r'del /f /q "C:\Logs\p-1*" 2>nul') == (0, b"", b"")
    left = {path for path in host.snapshot().files if path.startswith(r"c:\logs")}
    assert left == {r"c:\logs\two words.txt", r"c:\logs\held.log", r"c:\logs\q.tmp"}


def test_relative_paths_start_at_the_directory_of_the_shell(host: SimulatedHost) -> None:
    host.run("echo here > note.txt")
    assert host.run(r'type "C:\Users\Administrator\note.txt"')[1] == b"here \r\n"


def test_standard_input_flows_through_a_pipe(host: SimulatedHost) -> None:
    assert host.run('findstr "^" | findstr /c:"two"', b"one\r\ntwo\r\n") == (0, b"two\r\n", b"")


@pytest.mark.parametrize(
    ("command", "stdout"),
    [
        ("cmd /c exit 7 & if errorlevel 7 echo seven", b"seven\r\n"),
        ("cmd /c exit 7 & if errorlevel 8 echo eight", b""),
        ("cmd /c exit 7 & if not errorlevel 1 echo well & echo on", b""),
        ("cmd /c exit -5 & if errorlevel 0 echo counted", b""),
        ("cmd /c exit 7 & echo on & if errorlevel 7 echo still", b"on \r\nstill\r\n"),
        ("cmd /c exit 7 & ver > nul & if errorlevel 7 echo still", b""),
        ("cmd /c exit 7 & echo %ERRORLEVEL%", b"0\r\n"),
        (r'if exist "%FOLDER%\two words.txt" (echo file) else echo none', b"file\r\n"),
        (r"if exist C:\Logs\*.log echo some", b"some\r\n"),
        (r"if exist C:\Logs echo directory", b"directory\r\n"),
        (r"if exist C:\Logs\ echo directory", b"directory\r\n"),
        (r"if exist C:\Logs\held.log\ echo directory", b""),
        (r"if not exist C:\Absent\x.txt echo none", b"none\r\n"),
        ('if "%COMPUTERNAME%"=="SIM-1" echo it', b"it\r\n"),
        ('if "a"=="A" (echo same) else (echo other)', b"other\r\n"),
        ('if /i "a"=="A" (echo same) else (echo other)', b"same\r\n"),
        ("if defined folder echo set", b"set\r\n"),
        ("set X=1& set X", b"X=1\r\n"),
        ('set "X=a b" & set x= & if not defined X echo gone', b"gone\r\n"),
        ("(echo a & echo b) | findstr b", b"b\r\n"),
        ('start "" /wait cmd /c exit 3010 & if errorlevel 3010 echo restart', b"restart\r\n"),
        ('start "a title" /wait hostname', b"SIM-1\r\n"),
    ],
)
def test_conditions_and_blocks(host: SimulatedHost, command: str, stdout: bytes) -> None:
    assert host.run(command)[1] == stdout


def test_a_failure_below_zero_is_no_success(host: SimulatedHost) -> None:
    """Windows compares the exit code as a signed number: that of a crash is below zero."""
    assert host.run("cmd /c exit -1073741819 & if not errorlevel 1 echo less")[1] == b"less\r\n"


def test_start_waits_or_is_refused(host: SimulatedHost) -> None:
    code, _stdout, stderr = host.run('start "" hostname')
    assert (code, stderr) == (1, b"start: only `start /wait PROGRAM` is known here\r\n")


def test_an_if_that_is_none_is_refused(host: SimulatedHost) -> None:
    assert host.run("if errorlevel x echo y") == (1, b"", b"The syntax of the command is incorrect.\r\n")


def test_a_program_runs_from_any_folder_if_it_is_one(host: SimulatedHost) -> None:
    refused = (1, b"", b"This program cannot be run: it is no valid Win32 application.\r\n")
    assert host.run(r'"C:\Logs\two words.txt"') == refused
    assert host.run(r'cd C:\Logs & "two words.txt"') == refused
    host.put(r"C:\Logs\tool.cmd", b"@echo from %~dp0\r\n")
    for command in (r"C:\Logs\tool.cmd", r"cd C:\Logs & tool.cmd", r"cmd /c C:\Logs\tool.cmd"):
        assert host.run(command)[1] == b"from C:\\Logs\\\r\n"
