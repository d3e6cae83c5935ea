# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""csc.exe of a simulated host, and the programs that it compiled, both run by mono."""

from __future__ import annotations

import dataclasses
import time

import pytest

from tests.lab.executors.base import CommandLine
from tests.lab.executors.simulated import STATUS_CONTROL_C_EXIT, SimulatedHost
from tests.lab.model import HostFile, HostModel, Windows
from tests.lab.simulated import csc, files, machine
from tests.lab.simulated.dot_net import is_assembly
from tests.unit.lab.waiting import wait_until

needs_mono = pytest.mark.skipif(not files.has_mono(), reason="mono-mcs and mono-runtime are not installed")
CSC = r"C:\WINDOWS\Microsoft.NET\Framework\v2.0.50727\csc.exe"
API = r"C:\Program Files\Update Services\Api\Microsoft.UpdateServices.Administration.dll"
DATABASE = (
    '<susdb version="3.0.6000.374" replica="true" upstream="top" port="8530" user_role="administrator" '
    'consistent="false"></susdb>'
)
MODEL = HostModel(
    "sim",
    Windows("win2003", arch="x86", computer_name="SIM-1"),
    files=(
        HostFile(r"C:\Work\input.txt", text="from the host"),
        HostFile(r"C:\Work\old.txt", text="old"),
        HostFile(r"C:\Work\held.log", text="held", in_use="exclusive"),
        HostFile(API, assembly="Microsoft.UpdateServices.Administration"),
        HostFile(r"C:\lab\susdb.xml", text=DATABASE),
    ),
    dot_net=True,
)
PROGRAM = """
using System;
using System.IO;
using System.Threading;

static class P
{
    static int Main(string[] words)
    {
        switch (words[0])
        {
            case "echo":
                Console.WriteLine(string.Join("|", words));
                Console.Error.WriteLine("to stderr");
                return 3010;
            case "copy":
                byte[] buffer = new byte[65536];
                int count;
                using (Stream input = Console.OpenStandardInput(), output = Console.OpenStandardOutput())
                    while ((count = input.Read(buffer, 0, buffer.Length)) > 0)
                        output.Write(buffer, 0, count);
                return 0;
            case "files":
                File.WriteAllText("New.txt", File.ReadAllText("input.txt") + ", read");
                File.Delete("old.txt");
                Console.Write(File.Exists("held.log"));
                return 0;
            case "fill":
                try { File.WriteAllBytes("big.bin", new byte[1 << 20]); }
                catch (IOException) { Console.Write("full"); }
                return 0;
            case "sleep":
                File.WriteAllText("started.txt", "x");
                Console.Write("asleep");
                Thread.Sleep(60000);
                return 0;
            case "die":
                System.Diagnostics.Process.GetCurrentProcess().Kill();
                return 0;
            default:
                throw new InvalidOperationException("no such verb");
        }
    }
}
"""


@pytest.fixture(scope="module")
def compiled() -> bytes:
    """The program, as csc.exe of one host made it."""
    host = SimulatedHost(MODEL)
    host.put(r"C:\Work\p.cs", PROGRAM.encode())
    assert host.run(rf"cd /d C:\Work & {CSC} /nologo /target:exe /out:p.exe p.cs") == (0, b"", b"")
    return host.get(r"C:\Work\p.exe")


@pytest.fixture
def host(compiled: bytes) -> SimulatedHost:
    machine = SimulatedHost(MODEL)
    machine.put(r"C:\Work\p.exe", compiled)
    return machine


@needs_mono
def test_arguments_streams_and_a_code_of_32_bits_pass(host: SimulatedHost) -> None:
    result = host.run(r'C:\Work\p.exe echo "two words" C:\x\y')
    assert result == (3010, b"echo|two words|C:\\x\\y\r\n", b"to stderr\r\n")


@needs_mono
def test_standard_input_is_streamed_byte_by_byte(host: SimulatedHost) -> None:
    data = bytes(range(256)) * 4096
    assert host.run(r"C:\Work\p.exe copy", data) == (0, data, b"")


@needs_mono
def test_files_of_the_working_directory_are_the_hosts(host: SimulatedHost) -> None:
    before = host.snapshot()
    assert host.run(r"cd /d C:\Work & p.exe files") == (0, b"False", b"")
    assert host.get(r"C:\Work\new.txt") == b"from the host, read"
    changed = [line.split(":")[1] for line in before.differences(host.snapshot())]
    assert changed == [r"\work\new.txt", r"\work\old.txt"]


@needs_mono
def test_a_file_stays_whatever_the_case_of_the_name_it_was_made_by(host: SimulatedHost) -> None:
    assert host.run(r"copy C:\Work\input.txt C:\WORK\Copy.txt >nul & cd /d C:\Work & p.exe files")[0] == 0
    assert host.get(r"C:\Work\copy.txt") == b"from the host"


@needs_mono
def test_a_program_is_killed_with_its_command_and_what_it_wrote_stays(host: SimulatedHost) -> None:
    command = host.start(CommandLine(r"cd /d C:\Work & p.exe sleep & echo after"))
    output = command.take(65536, 30.0, eager=True)
    assert output is not None
    assert output.stdout == b"asleep"
    assert host.run(r"del C:\Work\p.exe")[2].endswith(b"Access is denied.\r\n")  # it runs
    wait_until(lambda: r"c:\work\started.txt" in host.snapshot().files)  # what it writes is there while it runs
    started = time.monotonic()
    command.terminate()
    output = command.take(65536, 30.0, eager=True)
    assert output is not None
    assert (output.stdout, output.exit_code) == (b"", STATUS_CONTROL_C_EXIT)
    assert time.monotonic() - started < 30
    assert host.get(r"C:\Work\started.txt") == b"x"
    assert host.run(r"del C:\Work\p.exe") == (0, b"", b"")


@needs_mono
def test_input_that_a_program_did_not_read_keeps_nobody_waiting(host: SimulatedHost) -> None:
    command = host.start(CommandLine(r"C:\Work\p.exe echo"))  # its standard input is never closed
    output = command.take(65536, 30.0, eager=False)
    assert output is not None
    assert output.exit_code == 3010


@needs_mono
@pytest.mark.parametrize(("verb", "code", "stderr"), [("die", 0xFFFFFFFF, b""), ("x", 0xE0434F4D, b"no such verb")])
def test_an_end_without_a_code(host: SimulatedHost, verb: str, code: int, stderr: bytes) -> None:
    result = host.run(rf"C:\Work\p.exe {verb}")
    assert (result[0], result[1], stderr in result[2]) == (code, b"", True)


@needs_mono
def test_a_full_disk_fails_the_write(compiled: bytes) -> None:
    host = SimulatedHost(dataclasses.replace(MODEL, free_bytes=1 << 19))
    host.put(r"C:\Work\p.exe", compiled)
    code, stdout, _stderr = host.run(r"cd /d C:\Work & p.exe fill")
    assert (code, stdout.endswith(b"full")) == (0, True)  # mono itself says something in front


@needs_mono
def test_a_program_finds_the_api_of_wsus_and_its_database(host: SimulatedHost) -> None:
    source = """
    using System;
    using Microsoft.UpdateServices.Administration;
    static class Q
    {
        static void Main()
        {
            IUpdateServerConfiguration configuration = AdminProxy.GetUpdateServer().GetConfiguration();
            Console.Write(configuration.IsReplicaServer);
            configuration.IsReplicaServer = false;
            configuration.Save();
        }
    }
    """
    host.put(r"C:\Work\q.cs", source.encode())
    assert host.run(rf'cd /d C:\Work & {CSC} /nologo /out:q.exe "/r:{API}" q.cs') == (0, b"", b"")
    assert host.run(r"C:\Work\q.exe") == (0, b"True", b"")
    assert b'replica="false"' in host.get(r"C:\lab\susdb.xml")
    assert host.run(r"C:\Work\q.exe")[1] == b"False"


@needs_mono
@pytest.mark.parametrize(
    ("arguments", "source", "said"),
    [
        ("/nologo /out:x.exe x.cs", "class X { static void Main() { int y = ; } }", b"x.cs(1,"),
        ("/nologo /out:x.exe x.cs", "class X { static void Main() { var y = 1; } }", b"error CS"),  # C# 3
        ("/nologo /out:x.exe absent.cs", "", b"error CS2001"),
        ("/nologo /out:x.exe /r:absent.dll x.cs", "class X { static void Main() { } }", b"error CS2001"),
        ("/nologo /optimize /out:x.exe x.cs", "class X { static void Main() { } }", b"error CS2007"),
        ("/nologo /out:x.exe", "", b"error CS2008"),
    ],
)
def test_what_the_compiler_refuses(arguments: str, source: str, said: bytes) -> None:
    host = SimulatedHost(MODEL)
    host.put(r"C:\Work\x.cs", source.encode())
    code, stdout, stderr = host.run(rf"cd /d C:\Work & {CSC} {arguments}")
    assert (code, said in stdout, stderr) == (1, True, b"")
    assert r"c:\work\x.exe" not in host.snapshot().files


@needs_mono
def test_a_source_is_compiled_once_for_all_hosts(compiled: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csc, "MONO_COMPILER", "/absent/mcs.exe")
    host = SimulatedHost(MODEL)
    host.put(r"C:\Work\p.cs", PROGRAM.encode())
    assert host.run(rf"cd /d C:\Work & {CSC} /nologo /target:exe /out:p.exe p.cs")[0] == 0
    assert host.get(r"C:\Work\p.exe") == compiled


def test_without_mono_there_is_no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "has_mono", lambda: False)
    assert SimulatedHost(MODEL).run(f'dir /b /s "{CSC}"') == (1, b"", b"File Not Found\r\n")


@pytest.mark.parametrize(
    "data",
    [b"", b"MZ", files.LIBRARY, b"MZ".ljust(60, b"\0") + (64).to_bytes(4, "little") + b"PE\0\0".ljust(512, b"\0")],
)
def test_what_is_no_net_program(data: bytes) -> None:
    assert not is_assembly(data)
