# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The `simulated` executor: streams, ends and kills of its commands, many hosts at once."""

from __future__ import annotations

import resource
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.lab.direct_shell import ask
from tests.lab.executors.base import PIPE_SIZE, CommandLine, RunningCommand
from tests.lab.executors.simulated import STATUS_CONTROL_C_EXIT, SimulatedHost
from tests.lab.model import HostFile, HostModel, Windows

MODEL = HostModel(
    "sim",
    Windows("win2008", computer_name="SIM-1"),
    files=(HostFile(r"C:\big.log", text="0123456789abcde\n" * (4 * PIPE_SIZE // 16)),),
    environment={"LAB": "of the host"},
)


def take(command: RunningCommand, timeout: float = 10.0, eager: bool = True) -> tuple[bytes, int | None]:
    output = command.take(65536, timeout, eager)
    assert output is not None, "the command did not answer in time"
    return output.stdout, output.exit_code


@pytest.fixture
def host() -> SimulatedHost:
    return SimulatedHost(MODEL)


def test_standard_input_is_streamed(host: SimulatedHost) -> None:
    lines = b"".join(b"%07d:abcdef\r\n" % number for number in range(1 << 17))
    command = host.start(CommandLine('findstr "^"'))
    command.write(lines[: 1 << 20])
    command.write(lines[1 << 20 :])
    received = b""
    while len(received) < 1 << 19:  # output comes before the input has ended
        received += take(command)[0]
    command.end_input()
    code = None
    while code is None:
        data, code = take(command)
        received += data
    assert (received, code) == (lines, 0)


def test_a_command_waits_for_its_input(host: SimulatedHost) -> None:
    command = host.start(CommandLine('findstr "^" & echo end'))
    assert command.take(65536, 0.2, eager=True) is None
    assert command.running
    command.end_input()
    assert take(command, eager=False) == (b"end\r\n", 0)


def test_a_writer_waits_for_its_reader(host: SimulatedHost) -> None:
    command = host.start(CommandLine(r"type C:\big.log"))
    time.sleep(0.3)
    assert command.running
    received, code = b"", None
    while code is None:
        data, code = take(command)
        received += data
    assert (len(received), code) == (4 * PIPE_SIZE, 0)


@pytest.mark.parametrize(
    "line", ["ping -n 60 127.0.0.1 > nul & echo after", 'findstr "^" & echo after', r"type C:\big.log & echo after"]
)
def test_a_killed_command_ends_at_once_and_does_no_more(host: SimulatedHost, line: str) -> None:
    command = host.start(CommandLine(line))
    time.sleep(0.2)
    assert command.running
    start = time.monotonic()
    command.terminate()
    received, code = b"", None
    while code is None:
        data, code = take(command)
        received += data
    assert time.monotonic() - start < 30.0
    assert code == STATUS_CONTROL_C_EXIT
    assert b"after" not in received


def test_a_killed_command_writes_nothing_more(host: SimulatedHost) -> None:
    command = host.start(CommandLine(r"ping -n 60 127.0.0.1 & echo x > C:\after.txt"))
    assert take(command)[0].startswith(b"Reply")
    command.terminate()
    while command.running:
        time.sleep(0.01)
    assert r"c:\after.txt" not in host.snapshot().files


def test_a_killed_script_ends_where_it_runs_a_program(host: SimulatedHost) -> None:
    script = b'var shell = new ActiveXObject("WScript.Shell");\r\nWScript.Echo("started");\r\n'
    script += b'try { shell.Run("ping -n 60 x", 0, true); } catch (error) { WScript.Echo("caught"); }\r\n'
    command = host.start(CommandLine(r'findstr "^" > C:\s.js & cscript //nologo C:\s.js & echo after'))
    command.write(script)
    command.end_input()
    assert take(command) == (b"started\r\n", None)
    command.terminate()
    assert take(command, eager=False) == (b"", STATUS_CONTROL_C_EXIT)


def test_without_cmd_the_program_is_started_itself(host: SimulatedHost) -> None:
    assert take(host.start(CommandLine("hostname", use_cmd=False)), eager=False) == (b"SIM-1\r\n", 0)
    with pytest.raises(FileNotFoundError):
        host.start(CommandLine("ver", use_cmd=False))


def test_the_clients_environment_lies_over_the_hosts(host: SimulatedHost) -> None:
    command = CommandLine("echo %LAB% %OWN%", environment={"OWN": "of the client"})
    assert take(host.start(command), eager=False)[0] == b"of the host of the client\r\n"
    command = CommandLine("echo %LAB%", environment={"LAB": "changed"})
    assert take(host.start(command), eager=False)[0] == b"changed\r\n"


def test_the_clients_directory_is_where_the_command_starts(host: SimulatedHost) -> None:
    command = host.start(CommandLine("findstr /n /c:0 big.log", directory="C:\\"))
    assert take(command)[0].startswith(b"1:0123456789abcde\n")
    command.terminate()


def test_hosts_of_one_model_share_its_files_and_nothing_else() -> None:
    first, second = SimulatedHost(MODEL), SimulatedHost(MODEL)
    first.run(r"echo x > C:\new.txt & reg add HKLM\SOFTWARE\New /v A /d b /f")
    changes = second.snapshot().differences(first.snapshot())
    assert [line.rpartition(": absent -> ")[0] for line in changes] == [
        r"file c:\new.txt",
        r"registry ('hkey_local_machine\\software\\new', '')",
        r"registry ('hkey_local_machine\\software\\new', 'a')",
    ]
    assert second.snapshot() == SimulatedHost(MODEL).snapshot()
    assert first.snapshot().files[r"c:\big.log"] is second.snapshot().files[r"c:\big.log"]


def test_many_threads_probe_many_hosts() -> None:
    hosts = [SimulatedHost(HostModel("sim", Windows("win2008", computer_name=f"SIM-{number}"))) for number in range(60)]
    reads = [
        {"id": "name", "op": "env", "name": "COMPUTERNAME"},
        {
            "id": "tree",
            "op": "reg_tree",
            "key": r"HKLM\SYSTEM\CurrentControlSet\Control\ComputerName",
            "max_bytes": 999,
        },
    ]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda host: ask(host, reads)["reads"], hosts))
    for number, answer in enumerate(answers):
        assert answer["name"] == {"state": "ok", "data": f"SIM-{number}"}
        assert f"    ComputerName    REG_SZ    SIM-{number}\r\n" in answer["tree"]["text"]


def test_probes_of_one_host_do_not_disturb_each_other(host: SimulatedHost) -> None:
    read = {"id": "tree", "op": "reg_tree", "key": r"HKLM\SYSTEM\CurrentControlSet\Control", "max_bytes": 9999}
    before = host.snapshot()
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda dummy: ask(host, [read])["reads"]["tree"], range(30)))
    assert all(answer == answers[0] for answer in answers)
    assert "ComputerName" in answers[0]["text"]
    assert before.differences(host.snapshot()) == []


def test_a_finished_command_leaves_no_thread(host: SimulatedHost) -> None:
    before = threading.active_count()
    for _number in range(20):
        host.run("hostname")
    deadline = time.monotonic() + 60
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before


def test_a_thousand_hosts_fit_into_one_process() -> None:
    before = resident()
    hosts = [SimulatedHost(MODEL) for dummy in range(1000)]
    assert resident() - before < 200 << 20  # the file alone has 4 MiB
    assert hosts[999].run("hostname")[1] == b"SIM-1\r\n"


def resident() -> int:
    """Bytes of memory that this process holds now, not the most that it ever held."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()
