# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""findstr, reg and sc of a simulated host: what they print, and the codes that they end with."""

from __future__ import annotations

import dataclasses
import time

import pytest

from tests.lab.executors.simulated import SimulatedHost
from tests.lab.model import HostFile, HostModel, Windows

LOG = "first\r\nAn Error here\r\n\r\nanother ERROR and error\r\nGröße: nothing\r\nlast error"
REGISTRY = {
    r"HKLM\SOFTWARE\Lab": {
        "": {"type": "REG_SZ", "data": "default"},
        "Text": {"type": "REG_SZ", "data": "some text"},
        "Number": {"type": "REG_DWORD", "data": 8530},
        "Several": {"type": "REG_MULTI_SZ", "data": ["a", "b"]},
        "Raw": {"type": "REG_BINARY", "data": "00ab"},
        "Path": {"type": "REG_EXPAND_SZ", "data": r"%SystemRoot%\x"},
    },
    r"HKLM\SOFTWARE\Lab\Two\Deep": {"Leaf": {"type": "REG_SZ", "data": "x"}},
    r"HKLM\SOFTWARE\Lab\One": {},
    r"HKLM\SOFTWARE\Shut\Open": {"Seen": {"type": "REG_SZ", "data": "yes"}},
    r"HKLM\SOFTWARE\Shut\Closed": {"Secret": {"type": "REG_SZ", "data": "no"}},
}
MODEL = HostModel(
    "sim",
    Windows("win2008", computer_name="SIM-1"),
    registry=REGISTRY,
    denied_keys=(r"HKLM\SOFTWARE\Shut\Closed",),
    files=(
        HostFile(r"C:\Logs\a.log", text=LOG, encoding="cp1252"),
        HostFile(r"C:\Logs\b.log", text="no\r\nerror\r\n"),
        HostFile(r"C:\Logs\held.log", text="error", in_use="exclusive"),
        HostFile(r"C:\Logs\huge.log", size=64 << 20),
    ),
    services={"WsusService": "running", "Stopped": "stopped", "Off": "disabled"},
)


def windows(version: str, language: str = "en-US") -> SimulatedHost:
    return SimulatedHost(dataclasses.replace(MODEL, windows=Windows(version, language=language, computer_name="SIM-1")))


@pytest.fixture
def host() -> SimulatedHost:
    return SimulatedHost(MODEL)


@pytest.mark.parametrize(
    ("arguments", "code", "lines"),
    [
        (r'/i /n /c:"error" C:\Logs\a.log', 0, ["2:An Error here", "4:another ERROR and error", "6:last error"]),
        (r'/c:"error" C:\Logs\a.log', 0, ["another ERROR and error", "last error"]),
        (r'/n /c:"first" /c:"last" C:\Logs\a.log', 0, ["1:first", "6:last error"]),
        (r'/in "Größe:" C:\Logs\a.log', 0, ["5:Größe: nothing"]),
        (r'"here nothing" C:\Logs\a.log', 0, ["An Error here", "Größe: nothing"]),
        (r'/l "^" C:\Logs\a.log', 1, []),
        (r'/c:"never" C:\Logs\a.log', 1, []),
        (r"/n /c:error C:\Logs\a.log C:\Logs\b.log", 0, None),
    ],
)
def test_findstr_finds(host: SimulatedHost, arguments: str, code: int, lines: list[str] | None) -> None:
    if lines is None:
        prefixed = [r"C:\Logs\a.log:4:another ERROR and error", r"C:\Logs\a.log:6:last error", r"C:\Logs\b.log:2:error"]
        lines = prefixed
    expected = "".join(f"{line}\r\n" for line in lines).encode("cp1252")
    assert host.run("findstr " + arguments) == (code, expected, b"")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("a.b C:\\Logs\\a.log", "regular expressions are not supported here: use /C: or /L"),
        ("/x error C:\\Logs\\a.log", "switch not supported here"),
        ("/n", "Bad command line"),
    ],
)
def test_findstr_refuses_what_it_could_only_get_wrong(host: SimulatedHost, arguments: str, message: str) -> None:
    assert host.run("findstr " + arguments) == (2, b"", f"FINDSTR: {message}\r\n".encode())


@pytest.mark.parametrize("name", [r"C:\Logs\absent.log", r"C:\Logs\held.log"])
def test_findstr_ends_with_1_on_a_file_that_it_cannot_open(host: SimulatedHost, name: str) -> None:
    assert host.run(f"findstr error {name}") == (1, b"", f"FINDSTR: Cannot open {name}\r\n".encode())
    code, stdout, _stderr = host.run(rf"findstr no {name} C:\Logs\b.log")
    assert (code, stdout) == (0, b"C:\\Logs\\b.log:no\r\n")


@pytest.mark.parametrize("size", [1, 8191])
def test_findstr_passes_every_line_on_and_ends_the_last_one(host: SimulatedHost, size: int) -> None:
    data = b"x" * size + b"\r\n\r\nend"
    assert host.run('findstr "^"', data) == (0, data + b"\r\n", b"")


def test_findstr_refuses_a_line_of_standard_input_that_windows_would_cut(host: SimulatedHost) -> None:
    code, stdout, stderr = host.run('findstr "^"', b"x" * 8192 + b"\r\n")
    assert (code, stdout, stderr) == (2, b"", b"FINDSTR: line of standard input is too long\r\n")


def test_findstr_counts_lines_across_blocks() -> None:
    lines = [f"line {number} of many, some of which hold a word" for number in range(60_000)]
    lines[59_990] += " ANCHOR"
    big = HostFile(r"C:\big.log", text="\r\n".join(lines))
    host = SimulatedHost(dataclasses.replace(MODEL, files=(big,)))
    assert len(big.text or "") > 2 << 20
    assert host.run(r"findstr /i /n /c:anchor C:\big.log")[1] == f"59991:{lines[59_990]}\r\n".encode()


def test_findstr_reads_a_sparse_file_in_pieces(host: SimulatedHost) -> None:
    assert host.run(r"findstr error C:\Logs\huge.log") == (1, b"", b"")


VALUES_2008 = (
    "\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Lab\r\n"
    "    (Default)    REG_SZ    default\r\n"
    "    Text    REG_SZ    some text\r\n"
    "    Number    REG_DWORD    0x2152\r\n"
    "    Several    REG_MULTI_SZ    a\\0b\r\n"
    "    Raw    REG_BINARY    00AB\r\n"
    "    Path    REG_EXPAND_SZ    %SystemRoot%\\x\r\n"
)
VALUES_2003 = (
    VALUES_2008.replace("    ", "\t")
    .replace("\n\t", "\n    ")
    .replace("(Default)", "<NO NAME>")
    .replace("a\\0b", "a\\0b\\0\\0")
)
DEEP_2008 = (
    "\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Lab\\One\r\n"
    "\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Lab\\Two\r\n"
    "\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Lab\\Two\\Deep\r\n    Leaf    REG_SZ    x\r\n"
)
SUB_KEYS = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Lab\\One\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Lab\\Two\r\n"
HEADER = "\r\n! REG.EXE VERSION 3.0\r\n"


@pytest.mark.parametrize(
    ("version", "arguments", "text"),
    [
        ("win2008", r"HKLM\SOFTWARE\Lab", VALUES_2008 + "\r\n" + SUB_KEYS),
        ("win2008", r"HKLM\SOFTWARE\Lab /s", VALUES_2008 + DEEP_2008 + "\r\n"),
        ("win2008", r"HKLM\SOFTWARE\Lab\Two", "\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Lab\\Two\\Deep\r\n"),
        ("win2008", r"hklm\software\lab\two /S", DEEP_2008.split("\r\n\r\n", 2)[2].join(["\r\n", "\r\n"])),
        (
            "win2008",
            r'"HKEY_LOCAL_MACHINE\SOFTWARE\Lab" /v text',
            "\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Lab\r\n    Text    REG_SZ    some text\r\n\r\n",
        ),
        ("win2003", r"HKLM\SOFTWARE\Lab", HEADER + VALUES_2003 + "\r\n" + SUB_KEYS),
        (
            "win2003",
            r"HKLM\SOFTWARE\Lab\Two /s",
            HEADER
            + "\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Lab\\Two\r\n"
            + "\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Lab\\Two\\Deep\r\n    Leaf\tREG_SZ\tx\r\n\r\n",
        ),
    ],
)
def test_reg_prints_as_its_generation_does(version: str, arguments: str, text: str) -> None:
    code, stdout, stderr = windows(version).run("reg query " + arguments)
    assert (code, stderr) == (0, b"")
    if "two /S" in arguments:  # the key is named as it was asked for
        assert stdout.decode().lower() == text.lower()
    else:
        assert stdout.decode() == text


@pytest.mark.parametrize(
    ("version", "language", "arguments", "message"),
    [
        (
            "win2008",
            "en-US",
            r"HKLM\Absent",
            "ERROR: The system was unable to find the specified registry key or value.\n",
        ),
        (
            "win2008",
            "en-US",
            r"HKLM\SOFTWARE\Lab /v No",
            "ERROR: The system was unable to find the specified registry key or value.\n",
        ),
        ("win2008", "en-US", r"HKLM\SOFTWARE\Shut\Closed", "ERROR: Access is denied.\n"),
        ("win2003", "en-US", r"HKLM\SOFTWARE\Shut\Closed", "\nError:  Access is denied.\n"),
        (
            "win2008",
            "de-DE",
            r"HKLM\Absent",
            "FEHLER: Der angegebene Registrierungsschlüssel bzw. Wert wurde nicht gefunden.\n",
        ),
        ("win2008", "en-US", r"HKXX\Absent", "ERROR: reg: this form of the command is not known here\n"),
        ("win2008", "en-US", r"HKLM\SOFTWARE /f Lab /k", "ERROR: reg: this form of the command is not known here\n"),
    ],
)
def test_reg_fails_with_1_and_says_why(version: str, language: str, arguments: str, message: str) -> None:
    code, stdout, stderr = windows(version, language).run("reg query " + arguments)
    assert (code, stdout) == (1, b"")
    assert stderr.decode("cp850") == message.replace("\n", "\r\n")


def test_reg_fails_at_a_closed_key_below_the_one_that_was_asked_for(host: SimulatedHost) -> None:
    code, stdout, stderr = host.run(r"reg query HKLM\SOFTWARE\Shut /s")
    assert (code, stderr) == (1, b"ERROR: Access is denied.\r\n")
    assert b"no" not in stdout
    listed = host.run(r"reg query HKLM\SOFTWARE\Shut")[1].decode().split()
    assert listed == [rf"HKEY_LOCAL_MACHINE\SOFTWARE\Shut\{name}" for name in ("Closed", "Open")]


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ("/t REG_DWORD /d 0", "    New    REG_DWORD    0x0"),
        ("/t reg_dword /d 0x10", "    New    REG_DWORD    0x10"),
        ('/d "two words"', "    New    REG_SZ    two words"),
        (r"/t REG_MULTI_SZ /d a\0b", r"    New    REG_MULTI_SZ    a\0b"),
        ("/t REG_BINARY /d 00aB", "    New    REG_BINARY    00AB"),
        (r"/t REG_EXPAND_SZ /d ^%SystemRoot^%\x", r"    New    REG_EXPAND_SZ    %SystemRoot%\x"),
        (r'/d "{\"a\":\"b c\",\"d\":[1]}"', '    New    REG_SZ    {"a":"b c","d":[1]}'),
        (r'/d "C:\dir\\"', "    New    REG_SZ    C:\\dir\\"),
        (r'/d "\\server\share"', r"    New    REG_SZ    \\server\share"),
        ("/d a^&b^|c", "    New    REG_SZ    a&b|c"),
        ('/d "a&b|c>d"', "    New    REG_SZ    a&b|c>d"),
        ("", "    New    REG_SZ    "),
    ],
)
def test_reg_sets_and_deletes_one_value(host: SimulatedHost, options: str, line: str) -> None:
    key = r"HKLM\SOFTWARE\Lab"
    before = host.snapshot()
    assert host.run(f"reg add {key} /v New {options} /f")[:2] == (0, b"The operation completed successfully.\r\n")
    assert line in host.run(f"reg query {key} /v New")[1].decode().split("\r\n")
    assert host.run(f"reg delete {key} /v New /f")[0] == 0
    assert before.differences(host.snapshot()) == []
    assert host.run(f"reg delete {key} /v New /f")[0] == 1


def test_reg_makes_and_deletes_keys(host: SimulatedHost) -> None:
    key = r"HKLM\SOFTWARE\unblock"
    before = host.snapshot()
    assert host.run(rf"reg add {key}\updates /f")[0] == 0
    assert host.run(rf"reg add {key}\updates\deep /v X /d 1 /f")[0] == 0
    assert host.run(rf"reg query {key} /s")[1].split() == [
        rb"HKEY_LOCAL_MACHINE\SOFTWARE\unblock\updates",
        rb"HKEY_LOCAL_MACHINE\SOFTWARE\unblock\updates\deep",
        *(b"X", b"REG_SZ", b"1"),
    ]
    assert host.run(rf"reg delete {key} /f")[:2] == (0, b"The operation completed successfully.\r\n")
    assert before.differences(host.snapshot()) == []
    missing = b"ERROR: The system was unable to find the specified registry key or value.\r\n"
    assert host.run(rf"reg delete {key} /f") == (1, b"", missing)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (r"add HKLM\SOFTWARE\Lab /v Text /d new", "reg: to overwrite without /f is not known here"),
        (r"delete HKLM\SOFTWARE\Lab /v Text", "reg: to delete without /f is not known here"),
        (r"add HKLM\SOFTWARE\Lab /v New /t REG_DWORD /d ten /f", "The syntax of the command is incorrect."),
        (r"add HKLM\SOFTWARE\Lab /v New /t REG_NUMBER /d 1 /f", "The syntax of the command is incorrect."),
        (r"add HKLM\SOFTWARE\Shut\Closed /v New /d 1 /f", "Access is denied."),
        (r"delete HKLM\SOFTWARE\Shut\Closed /f", "Access is denied."),
    ],
)
def test_reg_refuses_a_change(host: SimulatedHost, arguments: str, message: str) -> None:
    before = host.snapshot()
    assert host.run(f"reg {arguments}") == (1, b"", f"ERROR: {message}\r\n".encode())
    assert before.differences(host.snapshot()) == []


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("WsusService", "4  RUNNING "),
        ("wsusservice", "4  RUNNING "),
        ("Stopped", "1  STOPPED "),
        ("Off", "1  STOPPED "),
    ],
)
def test_sc_names_the_state_by_number(host: SimulatedHost, name: str, state: str) -> None:
    code, stdout, stderr = host.run(f'sc query "{name}"')
    assert (code, stderr) == (0, b"")
    lines = stdout.decode().split("\r\n")
    assert lines[:2] == [
        "",
        "SERVICE_NAME: " + next(known for known in MODEL.services if known.lower() == name.lower()),
    ]
    assert lines[2:4] == [
        "        TYPE               : 10  WIN32_OWN_PROCESS ",
        "        STATE              : " + state,
    ]
    assert lines[5] == "        WIN32_EXIT_CODE    : 0  (0x0)"


def test_sc_is_translated_but_for_its_numbers() -> None:
    german = windows("win2003", "de-DE")
    lines = german.run("sc query WsusService")[1].decode().split("\r\n")
    assert lines[2:4] == [
        "        TYP                : 10  WIN32_OWN_PROCESS ",
        "        STATUS             : 4  RUNNING ",
    ]
    code, stdout, _stderr = german.run("sc query nope")
    assert code == 1060
    assert stdout.startswith(b"[SC] EnumQueryServicesStatus:OpenService FEHLER 1060:\r\n")


def test_sc_knows_a_service_that_is_absent_and_no_other_verbs(host: SimulatedHost) -> None:
    code, stdout, _stderr = host.run("sc query nope")
    assert code == 1060
    assert b"FAILED 1060:\r\n\r\nThe specified service does not exist" in stdout
    assert host.run("sc stop WsusService")[0] == 1639


def test_ping_takes_a_second_for_each_further_answer(host: SimulatedHost) -> None:
    start = time.monotonic()
    code, stdout, _stderr = host.run("ping -n 2 127.0.0.1")
    assert (code, stdout.count(b"Reply from 127.0.0.1")) == (0, 2)
    assert time.monotonic() - start >= 1.0
