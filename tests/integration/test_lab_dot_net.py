# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The .NET Framework 2.0 of Wine hosts, and the stand-in for the administration API of WSUS on hosts of both kinds.

That of simulated hosts: tests/unit/lab/test_simulated_dot_net.py.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from winrm.protocol import Protocol

from tests.integration.approval_hosts import DATABASE, UPDATE_ID, is_declined, server
from tests.integration.conftest import free_port
from tests.lab.lab import Lab, LabHost, Options
from tests.lab.susdb import OFFICE_2003_SP1, change_database, plant_fault

pytestmark = pytest.mark.one_core

FLEET = """
hosts:
  - {host: wsus-rtm-replica, group: update_servers}
  - {host: wsus-top, group: update_servers}
  - {host: wsus-german, group: update_servers}
  - {host: wsus-absent, group: update_servers}
"""
CSC = r"%windir%\Microsoft.NET\Framework\v2.0.50727\csc.exe"
API = r"C:\Program Files\Update Services\Api\Microsoft.UpdateServices.Administration.dll"
ADMINISTRATION = (Path(__file__).parents[1] / "fixtures" / "lab" / "administration.cs").read_text(encoding="ascii")
LICENSED = "0b7e4f6a-1c2d-4e3f-8a9b-54c0de950004"
EXPIRED = "0b7e4f6a-1c2d-4e3f-8a9b-54c0de950005"
IN_REPLICA_MODE = "InvalidOperationException: Cannot perform this action when the server is in replica mode"

PROGRAM = """
using System;
using System.IO;
using System.Threading;

static class P
{
    static int Main(string[] arguments)
    {
        switch (arguments[0])
        {
            case "copy":
                foreach (string argument in arguments) Console.WriteLine("<" + argument + ">");
                Stream input = Console.OpenStandardInput(), error = Console.OpenStandardError();
                byte[] buffer = new byte[65536];
                for (int count; (count = input.Read(buffer, 0, buffer.Length)) > 0; ) error.Write(buffer, 0, count);
                return 3010;
            case "exit":
                Environment.Exit(unchecked((int)0x80240017));
                return 0;
            case "die":
                System.Diagnostics.Process.GetCurrentProcess().Kill();
                return 0;
            case "files":
                File.WriteAllText("made.txt", File.ReadAllText("given.txt") + File.Exists("absent"));
                return 0;
            case "beat":
                for (int beat = 0; beat < 600; beat++)
                {
                    File.WriteAllText("beat", beat.ToString());
                    Thread.Sleep(50);
                }
                return 0;
            default:
                throw new Exception("it broke");
        }
    }
}
"""


def start(executor: str, lab_states: Path, directory: Path) -> Lab:
    fleet = directory / "fleet.yml"
    fleet.write_text(FLEET, encoding="utf-8")
    return Lab(fleet, lab_states / f"dot-net-{executor}", Options(port=free_port(), executor=executor))


@pytest.fixture(scope="module")
def wine(lab_states: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with start("wine", lab_states, tmp_path_factory.mktemp("wine")) as lab:
        yield lab


@pytest.fixture(scope="module")
def simulated(lab_states: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with start("simulated", lab_states, tmp_path_factory.mktemp("simulated")) as lab:
        yield lab


def compile_program(host: LabHost, name: str, source: str, *options: str) -> tuple[int, str]:
    """Compile a C# program in C:\\work; returns the compiler's exit code and what it said."""
    host.put(rf"C:\work\{name}.cs", source.encode("ascii"))
    code, stdout, stderr = host.run(
        rf"cd /d C:\work & {CSC} /nologo /target:exe /out:{name}.exe {' '.join(options)} {name}.cs"
    )
    return code, (stdout + stderr).decode()


# Compiling and running


@pytest.fixture(scope="module")
def host(wine: Lab) -> LabHost:
    """A host with PROGRAM as C:\\work\\p.exe."""
    host = wine.host("wsus-rtm-replica")
    assert compile_program(host, "p", PROGRAM) == (0, "")
    return host


def test_arguments_streams_and_a_code_of_more_than_8_bits_pass(host: LabHost) -> None:
    data = bytes(range(256)) * 16384
    code, stdout, stderr = host.run(r'C:\work\p.exe copy "two  three" "say \"x\"" a\b "c d\\" ""', data)
    assert stdout.decode().splitlines() == ["<copy>", "<two  three>", '<say "x">', r"<a\b>", "<c d\\>", "<>"]
    assert stdout.endswith(b"\r\n")
    assert (code, stderr) == (3010, data)


@pytest.mark.parametrize(
    ("verb", "code", "said"),
    [
        ("exit", 0x80240017, ""),
        ("throw", 0xE0434F4D, "Unhandled Exception: System.Exception: it broke"),
        ("die", 0xFFFFFFFF, ""),
    ],
)
def test_an_end_by_other_ways_than_a_code(host: LabHost, verb: str, code: int, said: str) -> None:
    found, stdout, stderr = host.run(rf"C:\work\p.exe {verb}")
    assert (found, stdout) == (code, b"")
    assert said in stderr.decode() if said else stderr == b""


def test_a_program_works_in_the_directory_of_its_command(host: LabHost) -> None:
    host.put(r"C:\elsewhere\given.txt", b"given ")
    assert host.run(r"cd /d C:\elsewhere & C:\work\p.exe files")[0] == 0
    assert host.get(r"C:\elsewhere\made.txt") == b"given False"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("class P { static void Main() { var number = 3; } }", "not part of the C# 2.0 language specification"),
        ("class P { public int Number { get; set; } static void Main() { } }", "CS1644"),
        ("using System.Linq; class P { static void Main() { } }", "CS0234"),
        ('class P { static int Main() { return "no number"; } }', "CS0029"),
    ],
)
def test_what_csharp_2_does_not_know_is_refused(host: LabHost, source: str, said: str) -> None:
    code, output = compile_program(host, "wrong", source)
    assert code == 1
    assert said in output
    assert host.run(r"dir /b C:\work\wrong.exe")[0] == 1


def test_the_compiler_refuses_switches_that_it_does_not_know(host: LabHost) -> None:
    code, stdout, dummy = host.run(f"{CSC} /unsafe x.cs")
    assert (code, "CS2007" in stdout.decode()) == (1, True)


def test_a_host_without_the_framework_neither_compiles_nor_runs(wine: Lab, host: LabHost) -> None:
    without = wine.host("wsus-absent")
    assert without.run(rf"dir /b {CSC}")[0] == 1
    without.put(r"C:\work\p.exe", host.get(r"C:\work\p.exe"))
    assert without.run(r"C:\work\p.exe copy")[0] not in (0, 3010)


def test_a_program_ends_with_the_command_that_started_it(host: LabHost) -> None:
    """It writes a file again and again, so the file tells whether it lives; it is asked for beside WinRM."""
    client = Protocol(host.url, "ntlm", username=host.account.user, password=host.account.password)
    shell = client.open_shell(working_directory=r"C:\work")
    command = client.run_command(shell, r"C:\work\p.exe beat")
    deadline = time.monotonic() + 60
    while host.run(r"dir /b C:\work\beat")[0]:
        assert time.monotonic() < deadline
    client.cleanup_command(shell, command)
    client.close_shell(shell)
    deadline = time.monotonic() + 60
    before, beat = b"", host.get(r"C:\work\beat")
    while beat != before:
        assert time.monotonic() < deadline
        time.sleep(1)
        before, beat = beat, host.get(r"C:\work\beat")


# The administration API


class Administer:
    """Calls of the API by a program compiled on the host, see administration.cs."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._pristine: dict[str, bytes] = {}

    def on(self, name: str) -> LabHost:
        """Return a host that has the program, and whose database is as it was at first."""
        host = self._lab.host(name)
        api, database = API, DATABASE
        if name == "wsus-german":
            api, database = api.replace(r"C:\Program Files", r"D:\Programme"), database.replace("C:", "D:")
        if name not in self._pristine:
            assert compile_program(host, "administration", ADMINISTRATION, f'/r:"{api}"') == (0, "")
            self._pristine[name] = host.get(database)
        host.put(database, self._pristine[name])
        return host


@pytest.fixture(scope="module", params=["wine", "simulated"])
def administer(request: pytest.FixtureRequest) -> Administer:
    return Administer(request.getfixturevalue(request.param))


@pytest.fixture
def top(administer: Administer) -> LabHost:
    """A server that synchronizes from Microsoft."""
    return administer.on("wsus-top")


def call(host: LabHost, calls: str, update: str = UPDATE_ID) -> list[str]:
    """Make calls on one IUpdateServer and one IUpdate; returns a line for each, with its name and its answer."""
    code, stdout, stderr = host.run(rf"C:\work\administration.exe {update} {calls}")
    assert code in (0, 0xFFFFFFFF), stderr.decode()
    return stdout.decode().splitlines()


def test_a_replica_refuses_changes_until_a_saved_configuration_says_otherwise(administer: Administer) -> None:
    host = administer.on("wsus-rtm-replica")
    calls = "server decline approve NotApproved accept unsaved false replica false decline replica true"
    assert call(host, calls) == [
        "server WSUS-7 3.0.6000.374 Administrator True False [WSUS-HQ] ",
        f"decline {IN_REPLICA_MODE}",
        f"approve {IN_REPLICA_MODE}",
        f"accept {IN_REPLICA_MODE}",
        "unsaved True",
        "replica False",
        "decline done",
        "replica True",
    ]
    assert (server(host)["replica"], is_declined(host), server(host)["consistent"]) == ("true", True, "false")


def test_a_server_below_microsoft_cannot_be_a_replica(top: LabHost) -> None:
    names = "wsus-middle-1.corp.example,wsus-middle-2.corp.example"
    described, both = call(top, "server both")
    assert described == f"server WSUS-TOP 3.1.6001.65 Administrator False True [] {names}"
    assert both.startswith("both InvalidOperationException")
    assert server(top)["replica"] == "false"


def test_declining_approving_and_declining_puts_the_approvals_in_order(top: LabHost) -> None:
    assert call(top, "state stale decline stale state") == [
        "state False All Computers=NotApproved,Desktops=Install",
        "stale False True",
        "decline done",
        "stale False True",  # an update says what it was when it was asked for
        "state True ",
    ]
    assert server(top)["consistent"] == "false"
    assert call(top, "approve NotApproved state decline state") == [
        "approve NotApproved",
        "state False All Computers=NotApproved",
        "decline done",
        "state True ",
    ]
    assert server(top)["consistent"] == "true"


def test_approving_without_declining_before_puts_nothing_in_order(top: LabHost) -> None:
    assert call(top, "approve NotApproved decline") == ["approve NotApproved", "decline done"]
    assert (is_declined(top), server(top)["consistent"]) == (True, "false")


def test_updates_are_found_by_text_and_state(top: LabHost) -> None:
    similar = "Office 2003 Service Pack 1|Office 2003 Service Pack 1 for Multilingual User Interface Pack"
    *titles, missing = call(top, f'titles "{OFFICE_2003_SP1.lower()}" Any titles "Service Pack 1" Declined missing')
    assert titles == [f"titles {similar}", "titles Visio 2003 Service Pack 1"]
    assert missing.startswith("missing WsusObjectNotFoundException")


def test_titles_are_in_the_servers_language_unless_english_is_asked_for(administer: Administer) -> None:
    calls = 'titles "2003 Service Pack 1" NotApproved local "Service Pack 1 (lokal)"'
    assert call(administer.on("wsus-german"), calls) == [
        "titles Office 2003 Service Pack 1 for Multilingual User Interface Pack",
        "local Office 2003 Service Pack 1 (lokal)",
    ]


def test_unlicensed_and_expired_updates_cannot_be_approved(top: LabHost) -> None:
    refused, *rest = call(top, "approve Install accept approve Install", LICENSED)
    assert refused.startswith("approve InvalidOperationException")
    assert rest == ["accept done", "approve Install"]
    before = top.get(DATABASE)
    for answer in call(top, "approve Install approve NotApproved", EXPIRED):
        assert answer.startswith("approve InvalidOperationException")
    assert top.get(DATABASE) == before


def test_roles(top: LabHost) -> None:
    for role, state in (("reporter", "state False"), ("unauthorized", "state SecurityException")):
        top.put(DATABASE, change_database(top.get(DATABASE), user_role=role))
        read, declined = call(top, "state decline")
        assert read.startswith(state) and declined.startswith("decline SecurityException")
    assert not is_declined(top)


def test_planted_faults(top: LabHost) -> None:
    pristine = top.get(DATABASE)

    fault = {"exception": "InvalidOperationException", "message": "It broke."}
    top.put(DATABASE, plant_fault(pristine, "Decline", at=2, **fault))
    answers = call(top, "decline approve NotApproved decline") + call(top, "decline")  # counted over both
    assert [answers[0], *answers[2:]] == [
        "decline done",
        "decline InvalidOperationException: It broke.",
        "decline done",
    ]

    top.put(DATABASE, plant_fault(pristine, "Save", exception="WsusInvalidDataException", message="No."))
    assert call(top, "replica true") == ["replica WsusInvalidDataException: No."]

    for after in (False, True):
        top.put(DATABASE, plant_fault(pristine, "Decline", kill=True, after=after))
        assert call(top, "stale decline state") == ["stale False True"]
        assert is_declined(top) is after
