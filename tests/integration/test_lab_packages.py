# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in packages: real files, and on both kinds of host the behaviour that the registry there asks for."""

from __future__ import annotations

import json
import re
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

import pytest

from tests.integration.conftest import free_port
from tests.lab.lab import DEFAULT_CACHE, Lab, LabHost, Options
from tests.lab.packages import CLIENT_DLL, MARK, PACKAGES, make_packages

pytestmark = pytest.mark.one_core

FLEET = """
hosts:
  - {host: wsus-sp1-unpatched, group: update_servers}
  - {host: wsus-sp1-unpatched, name: wsus-sp1-for-msi, group: update_servers}
  - {host: wsus-sp1-2003, group: update_servers}
  - {host: wsus-rtm, group: update_servers}
  - {host: wsus-german, group: update_servers}
  - {host: cm-sp1-unpatched, group: update_servers}
  - {host: cm-rtm-remote-provider, group: update_servers}
"""
SETTINGS = r"HKLM\SOFTWARE\Lab\Installer"
BIN = r"C:\Program Files\Update Services\WebServices\ClientWebService\bin"
SETUP = r'"HKLM\SOFTWARE\Microsoft\Update Services\Server\Setup"'
RENAMES = r'"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager" /v PendingFileRenameOperations'
MACHINES = {"x86": 0x14C, "x64": 0x8664}


@pytest.fixture(scope="module")
def packages() -> dict[str, Path]:
    return make_packages(DEFAULT_CACHE)


@pytest.fixture(scope="module", params=["wine", "simulated"])
def lab(request: pytest.FixtureRequest, lab_states: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Hosts of this file's own: they are changed, and each test takes one that it can use as the last one left it."""
    fleet = tmp_path_factory.mktemp("packages") / "fleet.yml"
    fleet.write_text(FLEET, encoding="utf-8")
    state = lab_states / f"packages-{request.param}"
    with Lab(fleet, state, Options(port=free_port(), executor=request.param)) as running:
        yield running


@contextmanager
def installer(host: LabHost, **settings: int | str) -> Iterator[None]:
    """Let packages behave otherwise for the length of a with statement."""
    for name, value in settings.items():
        kind = "REG_DWORD" if isinstance(value, int) else "REG_SZ"
        host.run(f'reg add {SETTINGS} /v {name} /t {kind} /d "{value}" /f')
    try:
        yield
    finally:
        host.run(f"reg delete {SETTINGS} /f")


def install(host: LabHost, package: Path, arguments: str) -> int:
    """Run a package from a folder of its own, and return its exit code."""
    host.put(rf"C:\staged\{package.name}", package.read_bytes())
    program = rf'"C:\staged\{package.name}"'
    if package.suffix == ".msi":
        program = f"msiexec /i {program}"
    return host.run(f'start "" /wait {program} {arguments}')[0]


def library(host: LabHost, folder: str = BIN) -> str:
    """The version in the library's resource, as the host's own script host reads it."""
    path = rf"{folder}\{CLIENT_DLL}".replace("\\", "\\\\")
    script = f'WScript.Echo(new ActiveXObject("Scripting.FileSystemObject").GetFileVersion("{path}"));\r\n'
    host.put(r"C:\staged\version.js", script.encode("ascii"))
    return host.run(r"cscript //nologo //E:JScript C:\staged\version.js")[1].decode().strip()


# The files


def test_headers_tell_the_truth(packages: dict[str, Path]) -> None:
    assert packages.keys() == PACKAGES.keys()
    for name, path in packages.items():
        data, package = path.read_bytes(), PACKAGES[name]
        assert path.name == name
        fields = json.loads(data[data.rindex(MARK) + len(MARK) :])
        assert (fields["name"], fields["architecture"], fields["kind"]) == (
            package.name,
            package.architecture,
            package.kind,
        )
        if package.kind == "msi":
            assert data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
            continue
        (header,) = struct.unpack_from("<I", data, 0x3C)
        signature, machine, built = struct.unpack_from("<4sHxxI", data, header)
        assert (data[:2], signature, machine) == (b"MZ", b"PE\0\0", MACHINES[package.architecture])
        assert datetime.fromtimestamp(built, timezone.utc) == package.built
        payload = data[data.rindex(MARK) - fields["payload"] : data.rindex(MARK)]
        assert payload[:2] == (b"" if package.name == "kb954474" else b"MZ")
    assert packages["kb954960-x64-large.exe"].stat().st_size > 10_000_000


# KB954960


@pytest.mark.parametrize(("name", "package"), [("wsus-sp1-unpatched", "x64"), ("wsus-sp1-2003", "x86")])
def test_kb954960_raises_the_library(lab: Lab, packages: dict[str, Path], name: str, package: str) -> None:
    host = lab.host(name)
    assert library(host) == "3.1.6001.65"
    with installer(host, Replace=0):
        assert install(host, packages[f"kb954960-{package}.exe"], r'/q "C:\staged\a log.txt"') == 0
    assert library(host) == "3.1.6001.65"
    with installer(host, ExitCode=1603, Log="Error 1603. It broke."):
        assert install(host, packages[f"kb954960-{package}.exe"], r'/q "C:\staged\a log.txt"') == 1603
    assert host.get(r"C:\staged\a log.txt").splitlines() == [b"Error 1603. It broke."]
    assert library(host) == "3.1.6001.65"

    assert install(host, packages[f"kb954960-{package}.exe"], r'/q "C:\staged\a log.txt"') == 0
    assert library(host) == "3.1.6001.66"
    assert host.get(r"C:\staged\a log.txt").splitlines() == [b"Installation completed successfully.", b"Returning 0."]


def test_kb954960_finds_wsus_on_another_drive(lab: Lab, packages: dict[str, Path]) -> None:
    host = lab.host("wsus-german")
    assert install(host, packages["kb954960-x86.exe"], "/q") == 0
    assert library(host, r"D:\Programme\Update Services\WebServices\ClientWebService\bin") == "3.1.6001.66"


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        (
            "wsus-sp1-unpatched",
            [
                ("kb954960-x64.exe", "", 87),
                ("kb954960-x64.exe", "/q /unheard-of", 87),
                ("kb954960-x86.exe", "/q", 1633),
                ("kb954474-x86.exe", "/quiet", 1642),
                ("wsus_setup-x64.exe", "/q", 1642),
            ],
        ),
        ("wsus-sp1-2003", [("kb954960-x64.exe", "/q", 216)]),
        ("cm-sp1-unpatched", [("kb954960-x64.exe", "/q", 1642)]),
    ],
)
def test_what_packages_refuse(
    lab: Lab, packages: dict[str, Path], name: str, refused: list[tuple[str, str, int]]
) -> None:
    host = lab.host(name)
    before = host.snapshot()
    for package, arguments, code in refused:
        assert install(host, packages[package], arguments) == code
    changed = before.differences(host.snapshot())
    # The packages that were laid down, and the log of WSUS' setup.
    assert [line for line in changed if "staged" not in line and "setup.log" not in line.lower()] == []


@pytest.mark.parametrize("code", [1641, 3010, 1602, 1618, 2359302, 0x80240017 - (1 << 32)])
def test_any_exit_code_arrives_whole(lab: Lab, packages: dict[str, Path], code: int) -> None:
    host = lab.host("wsus-sp1-unpatched")
    with installer(host, Replace=0):
        host.run(f"reg add {SETTINGS} /v ExitCode /t REG_DWORD /d {code & 0xFFFFFFFF} /f")
        assert install(host, packages["kb954960-x64.exe"], "/q") == code & 0xFFFFFFFF


def test_a_busy_installer_is_free_after_some_runs(lab: Lab, packages: dict[str, Path]) -> None:
    host = lab.host("wsus-sp1-unpatched")
    with installer(host, Busy=2, Replace=0):
        assert [install(host, packages["kb954960-x64.exe"], "/q") for dummy in range(3)] == [1618, 1618, 0]


def test_a_package_can_take_time_and_crash(lab: Lab, packages: dict[str, Path]) -> None:
    host = lab.host("wsus-rtm")
    with installer(host, Crash=1):
        assert install(host, packages["wsus_setup-x86.exe"], "/q") == 0xC0000005
    assert library(host) == "3.0.6000.374"
    with installer(host, Delay=2, ExitCode=1603):
        started = time.monotonic()
        assert install(host, packages["wsus_setup-x86.exe"], "/q") == 1603
        assert time.monotonic() - started > 2
    assert library(host) == "3.0.6000.374"


def test_a_library_that_is_replaced_at_the_next_start(lab: Lab, packages: dict[str, Path]) -> None:
    host = lab.host("wsus-sp1-unpatched")
    before = library(host)
    with installer(host, AtRestart=1):
        assert install(host, packages["kb954960-x64.exe"], "/q") == 3010
    assert library(host) == before
    assert f"{BIN}\\{CLIENT_DLL}.new" in host.run(f"reg query {RENAMES}")[1].decode()
    assert host.get(rf"{BIN}\{CLIENT_DLL}.new")[:2] == b"MZ"
    host.run(f'reg delete {RENAMES} /f & del "{BIN}\\{CLIENT_DLL}.new"')


def test_windows_installer_package(lab: Lab, packages: dict[str, Path]) -> None:
    host = lab.host("wsus-sp1-for-msi")
    assert library(host) == "3.1.6001.65"
    assert install(host, packages["kb954960-x64.msi"], r'/qn /norestart /l*v "C:\staged\msi log.txt"') == 0
    assert library(host) == "3.1.6001.66"
    assert host.get(r"C:\staged\msi log.txt")


# The others


def test_wsus_setup_makes_a_service_pack_1_of_it(lab: Lab, packages: dict[str, Path]) -> None:
    host = lab.host("wsus-rtm")
    assert install(host, packages["kb954960-x86.exe"], "/q") == 1642
    assert install(host, packages["wsus_setup-x86.exe"], "/q CONTENT_LOCAL=1") == 0
    assert re.search(rb"VersionString\s+REG_SZ\s+3\.1\.6001\.65\r", host.run(f"reg query {SETUP} /v VersionString")[1])
    assert library(host) == "3.1.6001.65"
    assert b"Returning 0." in host.run(r'type "%TEMP%\WSUSSetup.log"')[1]
    assert install(host, packages["kb954960-x86.exe"], "/q") == 0
    assert library(host) == "3.1.6001.66"


@pytest.mark.parametrize(
    ("name", "software"),
    [("cm-sp1-unpatched", r"HKLM\SOFTWARE\Wow6432Node"), ("cm-rtm-remote-provider", r"HKLM\SOFTWARE")],
)
def test_kb954474_registers_itself(lab: Lab, packages: dict[str, Path], name: str, software: str) -> None:
    host = lab.host(name)
    arguments = r'/quiet /norestart /log:"C:\staged\a log.txt"'
    assert b"KB954474" not in host.run(rf"reg query {software}\Microsoft\Updates /s")[1]
    assert install(host, packages["kb954474-x86.exe"], arguments) == 0
    assert b"KB954474" in host.run(rf"reg query {software}\Microsoft\Updates /s")[1]
    assert b"Returning 0." in host.get(r"C:\staged\a log.txt")
