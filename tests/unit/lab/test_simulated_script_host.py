# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cscript of a simulated host: the language as JScript has it, the automation objects, their errors."""

from __future__ import annotations

import dataclasses
import textwrap

import pytest

from tests.lab.executors.simulated import SimulatedHost
from tests.lab.model import HostFile, HostModel, Windows

MODEL = HostModel(
    "sim",
    Windows("win2008", computer_name="SIM-1"),
    registry={
        r"HKLM\SOFTWARE\Lab": {
            "": {"type": "REG_SZ", "data": "default"},
            "Text": {"type": "REG_SZ", "data": "Größe"},
            "Path": {"type": "REG_EXPAND_SZ", "data": r"%SystemDrive%\Logs"},
            "Large": {"type": "REG_DWORD", "data": 0x80000000},
            "Several": {"type": "REG_MULTI_SZ", "data": ["a", "b"]},
            "Raw": {"type": "REG_BINARY", "data": "00ff"},
        },
        r"HKLM\SOFTWARE\Closed": {"Text": {"type": "REG_SZ", "data": "x"}},
    },
    denied_keys=(r"HKLM\SOFTWARE\Closed",),
    free_bytes=5 << 30,
    files=(
        HostFile(r"C:\Logs\two.txt", text="first ü\r\nsecond\r\n", encoding="cp1252", created="2008-07-01T09:00:00Z"),
        HostFile(r"C:\Logs\empty.txt", text=""),
        HostFile(r"C:\Logs\lib.dll", version="3.1.6001.66", modified="2008-07-02T09:00:00Z"),
        HostFile(r"C:\Logs\held.dll", version="3.1.6001.66", in_use="exclusive"),
    ),
)
OBJECTS = 'var shell = new ActiveXObject("WScript.Shell"), fso = new ActiveXObject("Scripting.FileSystemObject");\r\n'


def run(script: str, host: SimulatedHost | None = None, arguments: str = "") -> tuple[int, list[str], str]:
    """Run a script on a host; returns exit code, lines of output, standard error."""
    host = host or SimulatedHost(MODEL)
    command = rf'findstr "^" > C:\Logs\s.js & cscript //nologo //E:JScript C:\Logs\s.js {arguments}'
    code, stdout, stderr = host.run(command, (OBJECTS + textwrap.dedent(script)).encode("cp1252"))
    return code, stdout.decode("ascii").splitlines(), stderr.decode("cp437")


def evaluate(expression: str) -> str:
    """Return what an expression is, or the number of the error that it raises."""
    script = f"try {{ WScript.Echo(String({expression})); }} catch (error) {{ WScript.Echo('error ' + error.number); }}"
    code, lines, stderr = run(script)
    assert (code, stderr, len(lines)) == (0, "", 1)
    return lines[0]


def hresult(number: int) -> str:
    return f"error {number - (1 << 32)}"


@pytest.mark.parametrize(
    "name",
    [
        "JSON",
        "Map",
        "Promise",
        "Symbol",
        "console",
        "lab",
        "globalThis",
        "''.trim",
        "''.startsWith",
        "[].forEach",
        "[].indexOf",
        "Object.keys",
        "Object.defineProperty",
        "Array.isArray",
        "Date.now",
        "(function () {}).bind",
    ],
)
def test_the_library_is_no_younger_than_ecmascript_3(name: str) -> None:
    assert evaluate(f"typeof {name}") == "undefined"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("'a-b'.split('-').join('+')", "a+b"),
        ("'x1y22'.replace(/[0-9]+/g, function (digits) { return '<' + digits + '>'; })", "x<1>y<22>"),
        ("'a:  4  RUNNING'.match(/:\\s+([0-9])/)[1]", "4"),
        ("[3, 1, 2].sort().reverse().concat([0]).slice(1).join()", "2,1,0"),
        ("({a: 1}).hasOwnProperty('a')", "true"),
        ("new Date(Date.UTC(2008, 5, 14, 12)).getUTCHours()", "12"),
        ("parseInt('0x1F', 16) + Math.max(1, 2)", "33"),
        ("escape('ü')", "%FC"),
        ("isNaN(NaN) && isFinite(1)", "true"),
        ("[] instanceof Array", "true"),
    ],
)
def test_what_ecmascript_3_has_works(expression: str, value: str) -> None:
    assert evaluate(expression) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (r"shell.RegRead('HKLM\\SOFTWARE\\Lab\\')", "default"),
        (r"escape(shell.RegRead('HKLM\\SOFTWARE\\Lab\\text'))", "Gr%F6%DFe"),
        (r"shell.RegRead('HKEY_LOCAL_MACHINE\\SOFTWARE\\Lab\\Path')", r"C:\Logs"),
        (r"shell.RegRead('HKLM\\SOFTWARE\\Lab\\Large')", "-2147483648"),
        (r"new VBArray(shell.RegRead('HKLM\\SOFTWARE\\Lab\\Several')).toArray().join('+')", "a+b"),
        (r"new VBArray(shell.RegRead('HKLM\\SOFTWARE\\Lab\\Raw')).toArray().join('+')", "0+255"),
        (r"typeof shell.RegRead('HKLM\\SOFTWARE\\Lab\\Several').length", "undefined"),
        (r"shell.RegRead('HKLM\\SOFTWARE\\Lab\\Absent')", hresult(0x80070002)),
        (r"shell.RegRead('HKLM\\SOFTWARE\\Absent\\Text')", hresult(0x80070002)),
        (r"shell.RegRead('HKLM\\SOFTWARE\\Closed\\Text')", hresult(0x80070005)),
        (r"shell.RegRead('HKXX\\SOFTWARE\\Text')", hresult(0x80070003)),
        ("new VBArray('text')", hresult(0x800A1395)),
        ("shell.ExpandEnvironmentStrings('%systemdrive% %NOT_SET% 100%')", "C: %NOT_SET% 100%"),
        ("shell.Run('cmd /c exit 3010', 0, true)", "3010"),
        ("shell.Run('%COMSPEC% /c exit 3010', 0, false)", "0"),
        ("shell.Run('nosuch.exe', 0, true)", hresult(0x80070002)),
        ("shell.Run('hostname', 0, true)", "0"),
    ],
)
def test_the_shell_object(expression: str, value: str) -> None:
    assert evaluate(expression) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (r"fso.FileExists('c:\\logs\\TWO.txt')", "true"),
        (r"fso.FileExists('C:\\Logs')", "false"),
        (r"fso.FolderExists('C:\\Logs')", "true"),
        (r"fso.FolderExists('C:\\Logs\\two.txt')", "false"),
        (r"fso.GetFile('C:\\Logs\\two.txt').Size", "17"),
        (r"new Date(fso.GetFile('C:\\Logs\\two.txt').DateCreated).getTime()", "1214902800000"),
        (r"new Date(fso.GetFile('C:\\Logs\\lib.dll').DateLastModified).getTime()", "1214989200000"),
        (r"fso.GetFileVersion('C:\\Logs\\lib.dll')", "3.1.6001.66"),
        (r"fso.GetFileVersion('C:\\Logs\\two.txt') === ''", "true"),
        (r"fso.GetFileVersion('C:\\Logs\\held.dll')", hresult(0x80070020)),
        (r"fso.GetFile('C:\\Logs\\absent.txt')", hresult(0x800A0035)),
        (r"fso.GetFile('C:\\Absent\\absent.txt')", hresult(0x800A004C)),
        (r"fso.OpenTextFile('C:\\Logs\\absent.txt', 1)", hresult(0x800A0035)),
        (r"fso.OpenTextFile('C:\\Logs\\held.dll', 1)", hresult(0x800A0046)),
        (r"fso.OpenTextFile('C:\\Logs\\two.txt', 2)", hresult(0x800A0036)),
        (r"escape(fso.OpenTextFile('C:\\Logs\\two.txt', 1).ReadLine())", "first%20%FC"),
        (r"fso.OpenTextFile('C:\\Logs\\two.txt').Read(3)", "fir"),
        (r"escape(fso.OpenTextFile('C:\\Logs\\two.txt').ReadAll())", "first%20%FC%0D%0Asecond%0D%0A"),
        (r"fso.OpenTextFile('C:\\Logs\\empty.txt').AtEndOfStream", "true"),
        (r"fso.OpenTextFile('C:\\Logs\\empty.txt').ReadAll()", hresult(0x800A003E)),
        (r"fso.GetDrive('C:').AvailableSpace > 5368700000", "true"),
        (r"fso.GetDrive('c').FreeSpace - fso.GetDrive('C:\\').AvailableSpace", "0"),
        (r"fso.GetDrive(fso.GetDriveName('C:\\Logs\\two.txt')).FreeSpace > 0", "true"),
        (r"fso.GetDriveName('\\\\server\\share\\x')", "\\\\server\\share"),
        (r"fso.GetDrive('Q:')", hresult(0x800A0044)),
        (r"fso.GetDrive('C:\\Logs')", hresult(0x800A0044)),
        (r"fso.DeleteFolder('C:\\Absent')", hresult(0x800A004C)),
        (r"fso.DeleteFolder('C:\\Logs')", hresult(0x800A0046)),
        (r"fso.DeleteFile('C:\\Logs\\absent.txt', true)", hresult(0x800A0035)),
        (r"fso.DeleteFile('C:\\Logs\\held.dll', true)", hresult(0x800A0046)),
        ("new ActiveXObject('No.Such.Thing')", hresult(0x800A01AD)),
    ],
)
def test_the_file_system_object(expression: str, value: str) -> None:
    assert evaluate(expression) == value


def test_a_text_stream_is_read_to_its_end() -> None:
    code, lines, stderr = run(
        r"""
        var stream = fso.OpenTextFile("C:\\Logs\\two.txt", 1, false, 0), kept = [];
        stream.Skip(6);
        while (!stream.AtEndOfStream) { kept.push(escape(stream.ReadLine())); }
        try { stream.Read(1); } catch (error) { kept.push(error.number & 0xFFFF); }
        stream.Close();
        WScript.Echo(kept.join());
        """
    )
    assert (code, lines, stderr) == (0, ["%FC,second,62"], "")


def test_text_is_read_in_the_hosts_own_code_page() -> None:
    japanese = dataclasses.replace(
        MODEL,
        windows=Windows("win2003", language="ja-JP", ansi_code_page="932", computer_name="JP-1"),
        files=(HostFile(r"C:\Logs\a.txt", text="テスト" * 30_000, encoding="cp932"),),
    )
    script = r"""
        var stream = fso.OpenTextFile("C:\\Logs\\a.txt", 1), parts = [];
        while (!stream.AtEndOfStream) { parts.push(stream.Read(1001)); }
        var text = parts.join("");
        WScript.Echo(text.length + " " + text.charCodeAt(0).toString(16) + " " + text.charCodeAt(89999).toString(16));
    """
    assert run(script, SimulatedHost(japanese)) == (0, ["90000 30c6 30c8"], "")


def test_a_deleted_file_or_folder_is_gone() -> None:
    host = SimulatedHost(MODEL)
    host.put(r"C:\Gone\Sub\x.txt", b"x")
    run(r"fso.DeleteFolder('C:\\GONE', true);", host)
    assert not {path for path in host.snapshot().folders if path.startswith(r"c:\gone")}
    run(r"fso.DeleteFile('C:\\Logs\\TWO.txt');", host)
    assert host.run(r"type C:\Logs\two.txt")[0] == 1


def test_the_script_host_tells_the_script_where_and_how_it_was_started() -> None:
    script = (
        "WScript.Echo(WScript.ScriptFullName, WScript.Arguments.Count, WScript.Arguments.Item(1));"
        "try { WScript.Arguments.Item(2); } catch (error) { WScript.Echo(error.number & 0xFFFF); }"
    )
    assert run(script, arguments='one "two words"') == (0, [r"C:\Logs\s.js 2 two words", "5"], "")


@pytest.mark.parametrize(
    "script",
    [
        "WScript.Echo('before'); WScript.Quit(42); WScript.Echo('after');",
        "WScript.Echo('before'); try { WScript.Quit(42); } catch (error) { WScript.Echo('caught'); } shell.Run('ver');",
        "WScript.Echo('before'); (function () { try { WScript.Quit(42); } finally { } }());",
    ],
)
def test_quit_ends_the_script_whatever_it_catches(script: str) -> None:
    assert run(script) == (42, ["before"], "")


@pytest.mark.parametrize("script", ["nothing.here();", "var = 1;", "throw new Error('on purpose');", "shell.NoSuch();"])
def test_an_error_that_nobody_catches_is_told(script: str) -> None:
    code, lines, stderr = run(script)
    assert (code, lines) == (1, [])
    assert stderr.startswith(r"C:\Logs\s.js: ")
    assert "Error" in stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("//B C:\\x.js", 'Input Error: Unknown option "//B" specified.'),
        ("//nologo", "Input Error: There is no script file specified."),
        ("//nologo //E:JScript C:\\absent.js", 'Input Error: Can not find script file "C:\\absent.js".'),
    ],
)
def test_cscript_refuses_what_it_cannot_run(arguments: str, message: str) -> None:
    assert SimulatedHost(MODEL).run("cscript " + arguments) == (1, b"", f"{message}\r\n".encode())


@pytest.mark.parametrize("hive", ["HKLM", "HKCU"])
@pytest.mark.parametrize("value", ["/t REG_DWORD /d 0", "/t REG_SZ /d 0"])
def test_a_policy_switches_the_script_host_off(hive: str, value: str) -> None:
    host = SimulatedHost(MODEL)
    key = rf"{hive}\Software\Microsoft\Windows Script Host\Settings"
    host.run(f'reg add "{key}" /v Enabled {value} /f')
    code, lines, stderr = run("WScript.Echo('runs');", host)
    assert (code, lines) == (1, [])
    assert stderr.startswith("CScript Error: Windows Script Host access is disabled on this machine.")
    host.run(f'reg add "{key}" /v Enabled /t REG_DWORD /d 1 /f')
    assert run("WScript.Echo('runs');", host) == (0, ["runs"], "")


def test_what_a_started_program_prints_is_not_the_scripts() -> None:
    assert run("shell.Run('hostname', 0, true); WScript.Echo('only this');") == (0, ["only this"], "")


def test_echo_joins_its_arguments_as_com_makes_text_of_them() -> None:
    assert run("WScript.Echo(1, 'two', true, false, 2.5);") == (0, ["1 two -1 0 2.5"], "")


def test_two_scripts_have_nothing_in_common() -> None:
    host = SimulatedHost(MODEL)
    assert run("left = 1; Array.prototype.left = 2;", host)[0] == 0
    assert run("WScript.Echo(typeof left, typeof [].left);", host)[1] == ["undefined undefined"]
