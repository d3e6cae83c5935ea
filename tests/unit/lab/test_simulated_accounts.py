# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a command of a simulated host runs as, and what that account may change."""

from __future__ import annotations

import csv
import io

import pytest

from tests.lab.executors.simulated import SimulatedHost
from tests.lab.model import Account, HostModel, Windows

COMMAND = "whoami /groups /fo csv /nh"


def host(version: str = "win2008", rights: str = "administrator", language: str = "en-US") -> SimulatedHost:
    account = Account("Administrator" if rights == "administrator" else "operator", rights=rights)
    return SimulatedHost(HostModel("sim", Windows(version, language=language, computer_name="SIM-1"), account))


def groups(machine: SimulatedHost, encoding: str = "ascii") -> dict[str, tuple[str, str, str]]:
    """The groups by identifier: name, kind, attributes."""
    code, stdout, _stderr = machine.run(COMMAND)
    assert code == 0
    rows = csv.reader(io.StringIO(stdout.decode(encoding)))
    return {sid: (name, kind, attributes) for name, kind, sid, attributes in rows}


@pytest.mark.parametrize(
    ("version", "rights", "there", "absent"),
    [
        ("win2008", "administrator", {"S-1-5-32-544", "S-1-16-12288"}, {"S-1-16-8192"}),
        ("win2008", "filtered", {"S-1-5-32-544", "S-1-16-8192"}, {"S-1-16-12288"}),
        ("win2008", "user", {"S-1-5-32-545", "S-1-16-8192"}, {"S-1-5-32-544", "S-1-16-12288"}),
        ("win2003", "administrator", {"S-1-5-32-544"}, {"S-1-16-12288", "S-1-16-8192"}),
        ("win2003", "user", {"S-1-5-32-545"}, {"S-1-5-32-544", "S-1-16-8192"}),
    ],
)
def test_the_token_shows_in_the_identifiers(version: str, rights: str, there: set[str], absent: set[str]) -> None:
    found = groups(host(version, rights)).keys()
    assert there <= found
    assert not absent & found


def test_an_administrators_row_reads_as_windows_writes_it() -> None:
    stdout = host().run(COMMAND)[1].decode()
    assert (
        '"BUILTIN\\Administrators","Alias","S-1-5-32-544",'
        '"Mandatory group, Enabled by default, Enabled group, Group owner"\r\n' in stdout
    )
    assert groups(host(rights="filtered"))["S-1-5-32-544"][2] == "Group used for deny only"


def test_names_and_attributes_are_translated_and_identifiers_are_not() -> None:
    german, english = groups(host(language="de-DE"), "cp850"), groups(host())
    assert german.keys() == english.keys()
    assert german["S-1-5-32-544"] == (
        r"VORDEFINIERT\Administratoren",
        "Alias",
        "Verbindliche Gruppe, Standardmäßig aktiviert, Aktivierte Gruppe, Gruppenbesitzer",
    )
    assert german["S-1-1-0"][:2] == ("Jeder", "Bekannte Gruppe")


def test_the_account_itself() -> None:
    assert host().run("whoami") == (0, b"sim-1\\administrator\r\n", b"")
    assert host().run("whoami /user /fo csv /nh")[1].endswith(b'-500"\r\n')
    assert host(rights="user").run("whoami /user /fo csv /nh")[1].startswith(b'"sim-1\\operator","S-1-5-21-')


def test_other_forms_are_refused() -> None:
    assert host().run("whoami /groups") == (1, b"", b"ERROR: Invalid argument/option.\r\n")


@pytest.mark.parametrize("rights", ["filtered", "user"])
@pytest.mark.parametrize(
    ("command", "code"),
    [
        (r"reg add HKLM\SOFTWARE\Lab /v X /d 1 /f", 1),
        (r"reg delete HKLM\SOFTWARE\Microsoft /f", 1),
        ("shutdown /r /t 60", 5),
        ("schtasks /create /tn x /tr y /sc once /st 23:59 /ru SYSTEM", 1),
    ],
)
def test_without_an_administrators_full_rights_the_machine_stays_as_it_is(rights: str, command: str, code: int) -> None:
    machine = host(rights=rights)
    before = machine.snapshot()
    found, _stdout, stderr = machine.run(command)
    assert (found, b"Access is denied." in stderr) == (code, True)
    assert before.differences(machine.snapshot()) == []


def test_a_user_may_change_his_own_registry() -> None:
    machine = host(rights="user")
    assert machine.run(r"reg add HKCU\Software\Lab /v X /d 1 /f & reg query HKCU\Software\Lab /v X")[0] == 0
