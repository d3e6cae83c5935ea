# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The .NET Framework 2.0 of the lab's hosts, and the stand-in for the administration API of WSUS."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from winrm.protocol import Protocol

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
SUSDB = r"C:\lab\susdb.xml"
ADMINISTRATION = Path(__file__).parents[1] / "fixtures" / "lab" / "administration.cs"
UPDATE = "0b7e4f6a-1c2d-4e3f-8a9b-54c0de950001"
LICENSED = "0b7e4f6a-1c2d-4e3f-8a9b-54c0de950004"
EXPIRED = "0b7e4f6a-1c2d-4e3f-8a9b-54c0de950005"
IN_REPLICA_MODE = "InvalidOperationException: Cannot perform this action when the server is in replica mode"


@pytest.fixture(scope="module", params=["wine", "simulated"])
def lab(request: pytest.FixtureRequest, lab_states: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Hosts of this file's own, which it changes."""
    fleet = tmp_path_factory.mktemp("dot_net") / "fleet.yml"
    fleet.write_text(FLEET, encoding="utf-8")
    state = lab_states / f"dot-net-{request.param}"
    with Lab(fleet, state, Options(port=free_port(), executor=request.param)) as running:
        yield running


@pytest.fixture
def host(lab: Lab) -> LabHost:
    return lab.host("wsus-rtm-replica")


def compile_program(host: LabHost, name: str, source: str, *options: str) -> tuple[int, str]:
    """Compile a C# program in C:\\work; returns the compiler's exit code and what it said."""
    host.put(rf"C:\work\{name}.cs", source.encode("ascii"))
    code, stdout, stderr = host.run(
        rf"cd /d C:\work & {CSC} /nologo /target:exe /out:{name}.exe {' '.join(options)} {name}.cs"
    )
    return code, (stdout + stderr).decode()


def program(body: str, arguments: str = "string[] arguments") -> str:
    return f"using System; using System.IO; class Program {{ static int Main({arguments}) {{ {body} }} }}"


# Compiling


def test_a_program_gets_arguments_and_standard_streams_as_they_are(host: LabHost) -> None:
    body = """
        foreach (string argument in arguments) Console.WriteLine("<" + argument + ">");
        Stream input = Console.OpenStandardInput(), error = Console.OpenStandardError();
        byte[] buffer = new byte[65536];
        for (int count; (count = input.Read(buffer, 0, buffer.Length)) > 0; ) error.Write(buffer, 0, count);
        return 0;"""
    assert compile_program(host, "copy", program(body)) == (0, "")
    data = bytes(range(256)) * 16384
    code, stdout, stderr = host.run(r'C:\work\copy.exe one "two  three" "say \"x\"" a\b "c d\\" ""', data)
    assert stdout.decode().splitlines() == ["<one>", "<two  three>", '<say "x">', r"<a\b>", "<c d\\>", "<>"]
    assert stdout.endswith(b"\r\n")
    assert (code, stderr) == (0, data)


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ("return 3010;", 3010, ""),
        ("Environment.Exit(unchecked((int)0x80240017)); return 0;", 0x80240017, ""),
        ('throw new Exception("it broke");', 0xE0434F4D, "Unhandled Exception: System.Exception: it broke"),
        ("System.Diagnostics.Process.GetCurrentProcess().Kill(); return 0;", 0xFFFFFFFF, ""),
    ],
)
def test_every_exit_code_arrives_whole(host: LabHost, body: str, code: int, said: str) -> None:
    assert compile_program(host, "ends", program(body)) == (0, "")
    found, stdout, stderr = host.run(r"C:\work\ends.exe")
    assert (found, stdout) == (code, b"")
    assert said in stderr.decode() if said else stderr == b""


def test_a_program_works_in_the_directory_of_its_command(host: LabHost) -> None:
    body = 'File.WriteAllText("made.txt", File.ReadAllText("given.txt") + File.Exists("absent")); return 0;'
    assert compile_program(host, "works", program(body)) == (0, "")
    host.put(r"C:\elsewhere\given.txt", b"given ")
    assert host.run(r"cd /d C:\elsewhere & C:\work\works.exe")[0] == 0
    assert host.get(r"C:\elsewhere\made.txt") == b"given False"


def test_several_sources_make_one_program(host: LabHost) -> None:
    host.put(r"C:\work\part.cs", b"class Part { internal const int Code = 42; }")
    assert compile_program(host, "whole", program("return Part.Code;"), "part.cs") == (0, "")
    assert host.run(r"C:\work\whole.exe")[0] == 42


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (program("var number = 3; return number;"), "not part of the C# 2.0 language specification"),
        (program("Func<int, int> same = x => x; return same(0);"), "CS1644"),
        ("class Program { public int Number { get; set; } static void Main() { } }", "CS1644"),
        ("using System.Linq; " + program("return 0;").replace("using System; using System.IO; ", ""), "CS0234"),
        (program('return "no number";'), "CS0029"),
    ],
)
def test_what_csharp_2_does_not_know_is_refused(host: LabHost, source: str, said: str) -> None:
    host.run(r"del C:\work\wrong.exe")
    code, output = compile_program(host, "wrong", source)
    assert code == 1
    assert said in output
    assert host.run(r"dir /b C:\work\wrong.exe")[0] == 1


@pytest.mark.parametrize(("options", "said"), [("/unsafe x.cs", "CS2007"), ("/nologo", "CS2008")])
def test_the_compiler_refuses_what_it_does_not_know(host: LabHost, options: str, said: str) -> None:
    code, stdout, dummy = host.run(f"{CSC} {options}")
    assert code == 1
    assert said in stdout.decode()


def test_a_host_without_the_framework_neither_compiles_nor_runs(lab: Lab, host: LabHost) -> None:
    compile_program(host, "three", program("return 3;"))
    without = lab.host("wsus-absent")
    assert without.run(rf"dir /b {CSC}")[0] == 1
    without.put(r"C:\work\three.exe", host.get(r"C:\work\three.exe"))
    assert without.run(r"C:\work\three.exe")[0] not in (0, 3)


def test_a_program_ends_with_the_command_that_started_it(host: LabHost) -> None:
    """It writes a file again and again, so the file tells whether it lives; it is asked for beside WinRM."""
    body = """
        for (int beat = 0; beat < 600; beat++) {
            File.WriteAllText("beat", beat.ToString());
            System.Threading.Thread.Sleep(50);
        }
        return 0;"""
    assert compile_program(host, "beats", program(body)) == (0, "")
    client = Protocol(host.url, "ntlm", username=host.account.user, password=host.account.password)
    shell = client.open_shell(working_directory=r"C:\work")
    command = client.run_command(shell, r"C:\work\beats.exe")
    time.sleep(1.5)
    client.cleanup_command(shell, command)
    client.close_shell(shell)
    time.sleep(0.5)
    beat = int(host.get(r"C:\work\beat"))
    time.sleep(1)
    assert 0 < beat < 60
    assert int(host.get(r"C:\work\beat")) == beat


# The administration API


@pytest.fixture
def administer(lab: Lab) -> Iterator[Administer]:
    """Call the API on a host whose database is as it was at first; afterwards it is so again."""
    caller = Administer(lab)
    yield caller
    for host, data in caller.databases.items():
        lab.host(host).put(SUSDB, data)


class Administer:
    """Calls of the API by a program compiled on the host."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self.databases: dict[str, bytes] = {}

    def database(self, host: str) -> bytes:
        """Return the database as it is."""
        data = self._lab.host(host).get(SUSDB)
        self.databases.setdefault(host, data)
        return data

    def change(self, host: str, data: bytes) -> None:
        """Replace the database."""
        self.database(host)
        self._lab.host(host).put(SUSDB, data)

    def __call__(self, host: str, calls: str, update: str = UPDATE) -> dict[str, str]:
        """Make calls, see administration.cs; returns their answers, of equal calls the last."""
        target = self._lab.host(host)
        if target.run(r"dir /b C:\work\administration.exe")[0]:
            source = ADMINISTRATION.read_text(encoding="ascii")
            assert compile_program(target, "administration", source, f'/r:"{API}"') == (0, "")
        self.database(host)
        code, stdout, stderr = target.run(rf"C:\work\administration.exe {update} {calls}")
        if code not in (0, 0xFFFFFFFF):
            raise AssertionError(f"{code}: {stderr.decode()}")
        return dict(line.split(" ", 1) for line in stdout.decode().splitlines())


def test_what_a_server_says_of_itself(administer: Administer) -> None:
    assert administer("wsus-rtm-replica", "server") == {
        "server": "WSUS-7 3.0.6000.374 Administrator True False [WSUS-HQ] "
    }
    assert administer("wsus-top", "server") == {
        "server": "WSUS-TOP 3.1.6001.65 Administrator False True [] "
        "wsus-middle-1.corp.example,wsus-middle-2.corp.example"
    }


def test_a_replica_refuses_changes_until_a_saved_configuration_says_otherwise(administer: Administer) -> None:
    answers = administer("wsus-rtm-replica", "decline approve NotApproved accept unsaved false")
    assert answers == {
        "decline": IN_REPLICA_MODE,
        "approve": IN_REPLICA_MODE,
        "accept": IN_REPLICA_MODE,
        "unsaved": "True",
    }
    assert administer("wsus-rtm-replica", "replica false decline replica true") == {
        "replica": "True",
        "decline": "done",
    }
    assert b'consistent="false"' in administer.database("wsus-rtm-replica")


def test_a_server_cannot_be_a_replica_of_microsoft(administer: Administer) -> None:
    assert administer("wsus-top", "both server")["both"].startswith("InvalidOperationException")
    assert b'replica="false"' in administer.database("wsus-top")


def test_declining_approving_and_declining_puts_the_approvals_in_order(administer: Administer) -> None:
    assert administer("wsus-top", "state") == {"state": "False All Computers=NotApproved,Desktops=Install"}
    assert administer("wsus-top", "approve NotApproved decline state") == {
        "approve": "NotApproved",
        "decline": "done",
        "state": "True ",
    }
    assert b'consistent="false"' in administer.database("wsus-top"), "it was not declined when it was approved"
    assert administer("wsus-top", "approve NotApproved state") == {
        "approve": "NotApproved",
        "state": "False All Computers=NotApproved",
    }
    assert b'consistent="false"' in administer.database("wsus-top")
    administer("wsus-top", "decline")
    assert b'consistent="true"' in administer.database("wsus-top")


def test_an_update_is_a_snapshot_until_it_is_refreshed(administer: Administer) -> None:
    assert administer("wsus-top", "stale decline stale")["stale"] == "False True"
    assert administer("wsus-top", "stale")["stale"] == "True False"


def test_updates_are_found_by_text_and_state(administer: Administer) -> None:
    similar = "Office 2003 Service Pack 1|Office 2003 Service Pack 1 for Multilingual User Interface Pack"
    assert administer("wsus-top", f'titles "{OFFICE_2003_SP1.lower()}" Any') == {"titles": similar}
    assert administer("wsus-top", 'titles "Service Pack 1" Declined') == {"titles": "Visio 2003 Service Pack 1"}
    assert administer("wsus-top", "missing")["missing"].startswith("WsusObjectNotFoundException")


@pytest.mark.parametrize(("update", "action"), [(LICENSED, "Install"), (EXPIRED, "Install"), (EXPIRED, "NotApproved")])
def test_unlicensed_and_expired_updates_cannot_be_approved(administer: Administer, update: str, action: str) -> None:
    before = administer.database("wsus-top")
    assert administer("wsus-top", f"approve {action}", update)["approve"].startswith("InvalidOperationException")
    assert administer.database("wsus-top") == before


def test_an_accepted_licence_lets_an_update_be_approved(administer: Administer) -> None:
    assert administer("wsus-top", "accept approve Install", LICENSED) == {"accept": "done", "approve": "Install"}


def test_roles(administer: Administer) -> None:
    administer.change("wsus-top", change_database(administer.database("wsus-top"), user_role="reporter"))
    answers = administer("wsus-top", "state decline")
    assert answers["state"].startswith("False")
    assert answers["decline"].startswith("SecurityException")
    administer.change("wsus-top", change_database(administer.database("wsus-top"), user_role="unauthorized"))
    assert administer("wsus-top", "state")["state"].startswith("SecurityException")


def test_titles_are_in_the_servers_language_unless_english_is_asked_for(lab: Lab) -> None:
    host = lab.host("wsus-german")
    api = API.replace(r"C:\Program Files", r"D:\Programme")
    source = ADMINISTRATION.read_text(encoding="ascii")
    assert compile_program(host, "administration", source, f'/r:"{api}"') == (0, "")
    calls = 'titles "2003 Service Pack 1" NotApproved local "Service Pack 1 (lokal)"'
    stdout = host.run(rf"C:\work\administration.exe {UPDATE} {calls}")[1].decode()
    assert stdout.splitlines() == [
        "titles Office 2003 Service Pack 1 for Multilingual User Interface Pack",
        "local Office 2003 Service Pack 1 (lokal)",
    ]


def test_planted_faults(administer: Administer) -> None:
    pristine = administer.database("wsus-top")

    fault = {"exception": "InvalidOperationException", "message": "It broke."}
    administer.change("wsus-top", plant_fault(pristine, "Decline", at=2, **fault))
    assert administer("wsus-top", "decline")["decline"] == "done"
    assert administer("wsus-top", "approve NotApproved decline state") == {
        "approve": "NotApproved",
        "decline": "InvalidOperationException: It broke.",
        "state": "False All Computers=NotApproved",
    }
    assert administer("wsus-top", "decline")["decline"] == "done"

    administer.change("wsus-top", plant_fault(pristine, "Save", exception="WsusInvalidDataException", message="No."))
    assert administer("wsus-top", "replica true server")["replica"] == "WsusInvalidDataException: No."

    administer.change("wsus-top", plant_fault(pristine, "Decline", kill=True, after=True))
    assert administer("wsus-top", "stale decline state") == {"stale": "False True"}
    assert administer("wsus-top", "state") == {"state": "True "}

    administer.change("wsus-top", plant_fault(pristine, "Decline", kill=True))
    assert administer("wsus-top", "decline") == {}
    assert administer("wsus-top", "state")["state"].startswith("False")
