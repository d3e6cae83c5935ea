# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Wine hosts: shims, registry, PE versions, services, policies, snapshots. Every test looks at content."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.lab.executors.wine_prefix import Clone
from tests.lab.lab import Lab, LabHost

pytestmark = pytest.mark.one_core

SCRIPT = r'findstr "^" > "%TEMP%\{0}" & cscript //nologo //E:JScript "%TEMP%\{0}" & del "%TEMP%\{0}"'
LOG = r'"C:\Program Files\Update Services\LogFiles\SoftwareDistribution.log"'


def run_script(host: LabHost, text: str, name: str = "lab.js") -> list[str]:
    _code, stdout, stderr = host.run(SCRIPT.format(name), text.replace("\n", "\r\n").encode("ascii"))
    assert stderr == b""
    return stdout.decode().splitlines()


@pytest.fixture
def host(lab: Lab) -> LabHost:
    return lab.host("wsus-sp1-unpatched")


# findstr


@pytest.mark.parametrize(
    ("arguments", "stdin", "expected", "code"),
    [
        ('"^"', b"a\r\n\r\nb", b"a\r\n\r\nb\r\n", 0),
        ('/n "^"', b"a\r\n\r\n", b"1:a\r\n2:\r\n", 0),
        ('/n /i /c:"DEF g" /c:"zzz"', b"abc\r\nxdef G\r\nZZZ\r\n", b"2:xdef G\r\n3:ZZZ\r\n", 0),
        ('/c:"def"', b"DEF\r\n", b"", 1),
        ('/l "a.c"', b"abc\r\na.c\r\n", b"a.c\r\n", 0),
        ('/i "one two"', b"ONE\r\nthree\r\nTwo\r\n", b"ONE\r\nTwo\r\n", 0),
        ('/v /c:"a"', b"a\r\nb\r\n", b"b\r\n", 0),
        ('/c:"aab"', b"aaab\r\n", b"aaab\r\n", 0),
        ('/i /c:"0x8024400e"', b"error = 0x8024400E,\r\n", b"error = 0x8024400E,\r\n", 0),
    ],
)
def test_findstr_on_standard_input(host: LabHost, arguments: str, stdin: bytes, expected: bytes, code: int) -> None:
    assert host.run(f"findstr {arguments}", stdin) == (code, expected, b"")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [('"a.*b"', b"regular expressions"), ("/r abc", b"switch not supported"), ("", b"Bad command line")],
)
def test_findstr_refuses_what_it_cannot_do(host: LabHost, arguments: str, message: bytes) -> None:
    code, stdout, stderr = host.run(f"findstr {arguments}", b"a.*b\r\nabc\r\n")
    assert (code, stdout) == (2, b"")
    assert message in stderr


def test_findstr_refuses_a_line_that_windows_would_cut(host: LabHost) -> None:
    assert host.run('findstr "^"', b"x" * 8191 + b"\r\n")[0] == 0
    code, _stdout, stderr = host.run('findstr "^"', b"x" * 8192 + b"\r\n")
    assert code == 2
    assert b"too long" in stderr


def test_findstr_reads_a_log_that_its_writer_holds_open(host: LabHost) -> None:
    code, stdout, stderr = host.run(f'findstr /n /i /c:"throwexception" {LOG}')
    assert (code, stderr) == (0, b"")
    assert re.fullmatch(rb"4:2008-06-14 02:10:44\.029 UTC\tWarning\t.*ErrorCode=InvalidCookie.*\r\n", stdout)


def test_findstr_says_which_file_it_cannot_open(lab: Lab) -> None:
    code, stdout, stderr = lab.host("awkward-log-locked").run(f'findstr /c:"x" {LOG}')
    assert (code, stdout) == (1, b"")
    assert stderr == b"FINDSTR: Cannot open " + LOG.strip('"').encode() + b"\r\n"


def test_findstr_names_the_file_when_there_are_several(host: LabHost) -> None:
    code, stdout, stderr = host.run(r'cd C:\windows & findstr /n /i /c:"[MAIL]" nosuch.ini win.ini')
    assert stderr == b"FINDSTR: Cannot open nosuch.ini\r\n"
    assert (code, stdout) == (0, b"win.ini:1:[mail]\r\n")


def test_findstr_streams_a_big_log_fast(host: LabHost) -> None:
    lines = [
        b"2008-06-14 02:59:57.642 UTC\tInfo\tw3wp.%d\tSome.Component\tnothing here" % number for number in range(400)
    ]
    lines[200] = (
        b"2008-06-14 02:59:57.642 UTC\tError\tw3wp.12\tClientImplementation.SyncUpdates\tSystem.ArgumentException"
    )
    block = b"\r\n".join(lines) + b"\r\n"
    path = host.prefix / "drive_c" / "windows" / "temp" / "big.log"
    path.write_bytes(block * 1500)
    try:
        started = time.monotonic()
        _code, stdout, _stderr = host.run(
            r'findstr /n /i /c:"clientimplementation.syncupdates" C:\windows\temp\big.log'
        )
        wall = time.monotonic() - started
    finally:
        path.unlink()
    found = stdout.splitlines()
    assert len(found) == 1500
    assert found[-1].startswith(b"%d:2008-06-14" % (1499 * 400 + 201))
    assert wall < 60, "45 MB"


# cscript


def test_cscript_runs_jscript_of_any_name_and_passes_the_exit_code(host: LabHost) -> None:
    text = 'WScript.Echo("hello " + (1 + 1));\nWScript.Echo(typeof JSON);\n'
    assert run_script(host, text) == ["hello 2", "undefined"]
    assert run_script(host, text, "a name.txt") == ["hello 2", "undefined"]
    host.run(r'findstr "^" > %TEMP%\code.js', b"WScript.Quit(3010);\r\n")
    assert host.run(r"cscript //nologo //E:JScript %TEMP%\code.js")[0] == 3010
    host.run(r"del %TEMP%\code.js")


def test_cscript_refuses_batch_mode_and_a_missing_file(host: LabHost) -> None:
    code, stdout, stderr = host.run("cscript //nologo //B x.js")
    assert (code, stdout, stderr) == (1, b"", b'Input Error: Unknown option "//B" specified.\r\n')
    code, stdout, stderr = host.run(r"cscript //nologo C:\nosuch.js")
    assert (code, stdout) == (1, b"")
    assert b"Can not find script file" in stderr


def test_script_host_switched_off_by_policy(lab: Lab, host: LabHost) -> None:
    text = b'WScript.Echo("ran");\r\n'
    command = r'findstr "^" > %TEMP%\p.js & cscript //nologo //E:JScript %TEMP%\p.js'
    with host.script_host_disabled():
        code, stdout, stderr = host.run(command, text)
    assert (code, stdout) == (1, b"")
    assert b"Windows Script Host access is disabled on this machine" in stderr
    assert host.run(command, text) == (0, b"ran\r\n", b"")
    host.run(r"del %TEMP%\p.js")
    assert lab.host("awkward-script-host-off").run(command, text)[:2] == (1, b"")


# What the model says is what the host answers


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("wsus-absent", "Microsoft Windows 5.2.3790"),
        ("wsus-sp1-unpatched", "Microsoft Windows 6.0.6001"),
        ("wsus-sp2", "Microsoft Windows 6.0.6002"),
        ("wsus-4", "Microsoft Windows 6.2.9200"),
    ],
)
def test_windows_version(lab: Lab, name: str, line: str) -> None:
    assert lab.host(name).run("ver")[1].decode().split("\r\n")[1] == line


def test_file_versions_are_real(lab: Lab) -> None:
    text = """\
var files = new ActiveXObject("Scripting.FileSystemObject");
var setup = "HKLM\\\\SOFTWARE\\\\Microsoft\\\\Update Services\\\\Server\\\\Setup\\\\";
var target = new ActiveXObject("WScript.Shell").RegRead(setup + "TargetDir");
var path = target + "WebServices\\\\ClientWebService\\\\bin\\\\Microsoft.UpdateServices.WebServices.Client.Dll";
WScript.Echo(files.FileExists(path) ? files.GetFileVersion(path) : "absent");
if (files.FileExists(path)) WScript.Echo(new Date(files.GetFile(path).DateCreated).getUTCFullYear());
"""
    expected = {
        "wsus-sp1-unpatched": ["3.1.6001.65", "2008"],
        "wsus-sp1-fixed": ["3.1.6001.66", "2008"],
        "wsus-rtm": ["3.0.6000.374", "2007"],
        "wsus-sp2": ["3.1.7600.226", "2009"],
        "wsus-german": ["3.1.6001.65", "2008"],
        "wsus-dll-missing": ["absent"],
    }
    assert {name: run_script(lab.host(name), text) for name in expected} == expected


def as_reg_shows(value: Mapping[str, Any]) -> str:
    if value["type"] == "REG_DWORD":
        return f"{value['data']:#x}"
    if value["type"] == "REG_MULTI_SZ":
        return "\\0".join(value["data"])
    return str(value["data"])


def test_every_registry_value_of_every_host_reads_back(lab: Lab) -> None:
    for member in lab.members:
        if member.model is None:
            continue
        keys = [key for key in member.model.full_registry if key not in member.model.denied_keys]
        output = lab.host(member.name).run(" & ".join(f'reg query "{key}"' for key in keys))[1].decode()
        found = set(re.findall(r"^    (.*?)    (REG_\w+)    (.*?)\r$", output, re.MULTILINE))
        for key in keys:
            for name, value in member.model.full_registry[key].items():
                assert (name, value["type"], as_reg_shows(value)) in found, f"{member.name} {key}"


def test_services(lab: Lab) -> None:
    assert b"STATE              : 4  RUNNING" in lab.host("wsus-sp1-fixed").run("sc query WsusService")[1]
    assert lab.host("wsus-absent").run("sc query WsusService")[0] != 0
    host = lab.host("wsus-sp1-fixed")
    host.run("net stop W3SVC")
    assert b"STATE              : 1  STOPPED" in host.run("sc query W3SVC")[1]
    host.run("net start W3SVC")
    assert b"STATE              : 4  RUNNING" in host.run("sc query W3SVC")[1]


def test_german_host(lab: Lab) -> None:
    host = lab.host("wsus-german")
    assert host.run("echo %ProgramFiles%& echo %COMPUTERNAME%")[1].split(b"\r\n")[:2] == [
        rb"C:\Programme",
        b"WSUS-BERLIN",
    ]
    language = host.run(r"reg query HKLM\SYSTEM\CurrentControlSet\Control\Nls\Language /v InstallLanguage")[1]
    assert b"InstallLanguage    REG_SZ    0407" in language
    path = r'"D:\Programme\Update Services\LogFiles\SoftwareDistribution.log"'
    stdout = host.run(f'findstr /c:"SyncUpdates" /c:"bei System" {path}')[1].decode("utf-8")
    assert "Schlüssel im Wörterbuch" in stdout
    assert "   bei System.Collections.Hashtable.Insert" in stdout


def test_architecture(lab: Lab) -> None:
    assert lab.host("wsus-absent").run("echo %PROCESSOR_ARCHITECTURE%")[1] == b"x86\r\n"
    assert lab.host("wsus-sp1-unpatched").run("echo %PROCESSOR_ARCHITECTURE%")[1] == b"AMD64\r\n"


def test_denied_key_is_not_an_absent_one(lab: Lab) -> None:
    text = """\
var shell = new ActiveXObject("WScript.Shell");
function read(path) { try { return shell.RegRead(path); } catch (error) { return String(error.number); } }
WScript.Echo(read("HKLM\\\\SOFTWARE\\\\unblock\\\\updates\\\\954960\\\\Record"));
WScript.Echo(read("HKLM\\\\SOFTWARE\\\\unblock\\\\updates\\\\0\\\\Record"));
"""
    assert run_script(lab.host("awkward-key-denied"), text) == ["-2147024891", "-2147024894"]


def test_huge_log_is_sparse(lab: Lab) -> None:
    path = next(lab.host("awkward-log-huge").prefix.rglob("SoftwareDistribution.log"))
    status = path.stat()
    assert status.st_size == 2 << 30
    assert status.st_blocks == 0


def test_hosts_do_not_share_what_they_write(lab: Lab) -> None:
    first, second = lab.host("wsus-sp1-fixed"), lab.host("wsus-rtm")
    first.run(r"echo mine>> C:\windows\win.ini & reg add HKLM\SOFTWARE\Mine /f")
    try:
        assert b"mine" in first.run(r"type C:\windows\win.ini")[1]
        assert b"mine" not in second.run(r"type C:\windows\win.ini")[1]
        assert second.run(r"reg query HKLM\SOFTWARE\Mine")[0] != 0
    finally:
        first.run(r"reg delete HKLM\SOFTWARE\Mine /f")


def test_hosts_see_their_own_disks_only(host: LabHost) -> None:
    text = """\
var files = new ActiveXObject("Scripting.FileSystemObject");
WScript.Echo([files.DriveExists("C:"), files.DriveExists("Z:")]);
"""
    assert run_script(host, text) == ["true,false"]


# Snapshots


def test_snapshot_of_a_host_that_nobody_changes(host: LabHost) -> None:
    before = host.snapshot()
    assert len(before.files) > 800
    assert len(before.registry) > 20_000
    run_script(host, 'WScript.Echo("x");\n')
    host.run(f'findstr /c:"x" {LOG}')
    assert before.differences(host.snapshot()) == []


CHANGES = [
    (
        r"reg add HKLM\SOFTWARE\Odd /v Value /d 1 /f",
        r"reg delete HKLM\SOFTWARE\Odd /f",
        "HKEY_LOCAL_MACHINE.*Odd.*Value",
    ),
    (r"reg add HKCU\Software\Odd /f", r"reg delete HKCU\Software\Odd /f", "HKEY_USERS.*Odd"),
    (
        r'reg add "HKLM\SOFTWARE\Microsoft\Update Services\Server\Setup" /v VersionString /d 3.1.6001.66 /f',
        r'reg add "HKLM\SOFTWARE\Microsoft\Update Services\Server\Setup" /v VersionString /d 3.1.6001.65 /f',
        'VersionString.*"3.1.6001.65" -> "3.1.6001.66"',
    ),
    (
        r"echo x> C:\windows\temp\odd.txt",
        r"del C:\windows\temp\odd.txt",
        "file drive_c/windows/temp/odd.txt: absent",
    ),
    (r"mkdir C:\odd", r"rmdir C:\odd", "file drive_c/odd: absent -> .*directory"),
    (
        r"ren C:\windows\system.ini odd.ini",
        r"ren C:\windows\odd.ini system.ini",
        "file .*/system.ini: .* -> absent",
    ),
]


def test_snapshot_shows_every_change_and_its_end(host: LabHost) -> None:
    before = host.snapshot()
    for change, _undo, _line in CHANGES:
        host.run(change)
    differences = before.differences(host.snapshot())
    for _change, undo, _line in CHANGES:
        host.run(undo)
    for _change, _undo, line in CHANGES:
        assert any(re.match(f".*{line}", difference) for difference in differences), line
    assert before.differences(host.snapshot()) == []


def test_snapshot_sees_a_byte_changed_in_place(host: LabHost) -> None:
    before = host.snapshot()
    (library,) = host.prefix.rglob("Microsoft.UpdateServices.WebServices.Client.Dll")
    content = library.read_bytes()
    library.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    differences = before.differences(host.snapshot())
    library.write_bytes(content)
    assert [line.split(":")[0] for line in differences] == [f"file {library.relative_to(host.prefix)}"]


LAYERS = ("template", "programs", "model")


def test_copied_clone_where_mounts_are_not_allowed(tmp_path: Path) -> None:
    for number, text in enumerate(LAYERS):
        layer = tmp_path / text
        (layer / "drive_c" / "windows").mkdir(parents=True)
        (layer / "drive_c" / "windows" / f"only-{text}.dll").write_text(text, encoding="ascii")
        (layer / "system.reg").write_text(f"registry {number}", encoding="ascii")
    (tmp_path / "template" / "drive_c" / "windows" / "both.exe").write_text("old", encoding="ascii")
    (tmp_path / "template" / "drive_c" / "windows" / "settings.ini").write_text("own", encoding="ascii")
    (tmp_path / "programs" / "drive_c" / "windows" / "both.exe").write_text("new", encoding="ascii")
    clone = Clone(tmp_path / "host", [tmp_path / name for name in LAYERS])
    clone.prefix.mkdir(parents=True)
    clone.copy_layers()
    windows = clone.prefix / "drive_c" / "windows"
    assert {path.name for path in windows.glob("only-*")} == {f"only-{text}.dll" for text in LAYERS}
    assert (windows / "both.exe").read_text(encoding="ascii") == "new"
    assert (tmp_path / "template" / "drive_c" / "windows" / "both.exe").read_text(encoding="ascii") == "old"
    assert (clone.prefix / "system.reg").read_text(encoding="ascii") == "registry 2"
    assert (clone.prefix / "system.reg").stat().st_nlink == 1
    assert (windows / "settings.ini").stat().st_nlink == 1, "programs write such files in place"
    assert (windows / "only-template.dll").stat().st_nlink == 2
