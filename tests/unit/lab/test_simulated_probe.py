# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's own probe, really run on simulated hosts: every operation, every state."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.unblock.updates.plugins.plugin_utils._host import probe
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError, Layer
from ansible_collections.unblock.updates.plugins.plugin_utils._host.exchange import compose
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.scan import Context, scan_hits
from tests.lab.direct_shell import PROBE_TIMEOUT, ask
from tests.lab.executors import simulated as simulated_executor
from tests.lab.executors.simulated import PROGRAMS, SimulatedHost
from tests.lab.model import ROOT, HostFile, HostModel, Windows, load_host
from tests.lab.simulated.findstr import findstr
from tests.lab.simulated.process import Process
from tests.lab.simulated.programs import taskkill

CASES = yaml.safe_load((Path(__file__).parents[2] / "fixtures/lab/every_read.yml").read_text(encoding="utf-8"))
EVERY_READ = load_host(ROOT / "hosts" / "every-read.yml")
SETUP = r"HKLM\SOFTWARE\Microsoft\Update Services\Server\Setup"


@pytest.fixture(scope="module")
def answer() -> dict[str, Any]:
    return ask(SimulatedHost(EVERY_READ), [case["read"] for case in CASES])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["read"]["id"])
def test_a_read(answer: dict[str, Any], case: dict[str, Any]) -> None:
    assert answer["reads"][case["read"]["id"]] == case["answer"]


def test_every_operation_and_state_is_among_them() -> None:
    seen = {(case["read"]["op"], case["answer"]["state"]) for case in CASES}
    assert seen >= {
        *(("reg_value", state) for state in ("ok", "absent", "denied", "skipped")),
        *(("reg_tree", state) for state in ("ok", "absent", "denied")),
        *(("file", state) for state in ("ok", "absent", "denied", "skipped")),
        *(("drive", state) for state in ("absent", "skipped")),
        *(("log", state) for state in ("ok", "absent", "denied", "too_large", "skipped")),
        *(("service", state) for state in ("ok", "absent")),
        *(("env", state) for state in ("ok", "absent", "skipped")),
    }


def test_the_probe_leaves_the_host_as_it_was() -> None:
    host = SimulatedHost(EVERY_READ)
    before = host.snapshot()
    ask(host, [case["read"] for case in CASES])
    assert before.differences(host.snapshot()) == []


def test_the_probe_removes_what_runs_left_that_lost_their_connection() -> None:
    old = [f"unblock-{'0' * 32}.js", f"unblock-{'1' * 32}-4711.tmp", "unblock-probe.js", "unblock-notes.txt"]
    bare = HostModel("sim", Windows("win2008", computer_name="A"))
    folder = SimulatedHost(bare).run("echo %TEMP%")[1].decode().strip()
    planted = tuple(HostFile(rf"{folder}\{name}", text="x", modified="2008-06-14T00:00:00Z") for name in old)
    host = SimulatedHost(dataclasses.replace(bare, files=planted))
    host.put(rf"{folder}\unblock-{'2' * 32}.js", b"of a run that is on its way")
    ask(host, [])
    left = host.run(r'dir /b "%TEMP%\unblock-*"')[1].decode().split()
    assert sorted(left) == [f"unblock-{'2' * 32}.js", "unblock-notes.txt", "unblock-probe.js"]


def test_the_free_space_of_a_drive_is_what_the_model_says_less_what_was_written() -> None:
    host = SimulatedHost(HostModel("sim", Windows("win2008", computer_name="A"), free_bytes=10_000_000))
    reads = [{"id": f"drive.{drive}", "op": "drive", "path": rf"{drive}:\\no such folder"} for drive in "cd"]

    def free() -> dict[str, Any]:
        return {name: read.get("free", read["state"]) for name, read in ask(host, reads)["reads"].items()}

    before = free()
    host.put(r"C:\\some.file", bytes(2_000_000))
    assert free() == {"drive.c": before["drive.c"] - 2_000_000, "drive.d": "absent"}
    assert 2_000_000 < before["drive.c"] <= 10_000_000


def simulated(windows: Windows, **more: Any) -> SimulatedHost:
    return SimulatedHost(HostModel("sim", windows, **more))


@pytest.mark.parametrize(
    ("windows", "arch", "wow64", "code_page"),
    [
        (Windows("win2003", arch="x86", computer_name="A"), "x86", False, "1252"),
        (Windows("win2008", arch="x64", computer_name="B"), "AMD64", False, "1252"),
        (Windows("win2008", arch="x64", wow64=True, computer_name="C"), "x86", True, "1252"),
        (
            Windows("win2003", arch="x86", language="ja-JP", ansi_code_page="932", computer_name="D"),
            "x86",
            False,
            "932",
        ),
    ],
)
def test_the_probe_describes_its_host(windows: Windows, arch: str, wow64: bool, code_page: str) -> None:
    description = ask(simulated(windows), [{"id": "a", "op": "env", "name": "OS"}])["probe"]
    assert (description["arch"], description["wow64"], description["ansi_code_page"]) == (arch, wow64, code_page)


@pytest.mark.parametrize(("entries", "state"), [(4096, "ok"), (4097, "too_large")])
def test_a_list_without_end_spoils_no_answer(entries: int, state: str) -> None:
    names = {"type": "REG_MULTI_SZ", "data": [rf"\??\C:\spool\{number}" for number in range(entries)]}
    host = simulated(
        Windows("win2003", arch="x86", computer_name="A"), registry={r"HKLM\SYSTEM\Session": {"Renames": names}}
    )
    reads = ask(host, [{"id": "a", "op": "reg_value", "key": r"HKLM\SYSTEM\Session", "value": "Renames"}])["reads"]
    assert (reads["a"]["state"], len(reads["a"].get("data", ()))) == (state, entries if state == "ok" else 0)


def test_a_32_bit_probe_does_not_see_the_native_keys() -> None:
    registry = {
        SETUP: {"VersionString": {"type": "REG_SZ", "data": "3.1.6001.65"}},
        r"HKLM\SOFTWARE\Wow6432Node\Microsoft\SMS\Setup": {
            "Full Version": {"type": "REG_SZ", "data": "4.00.6221.1000"}
        },
    }
    reads = [
        {"id": "native", "op": "reg_value", "key": SETUP, "value": "VersionString"},
        {"id": "other", "op": "reg_value", "key": r"HKLM\SOFTWARE\Microsoft\SMS\Setup", "value": "Full Version"},
        {
            "id": "os",
            "op": "reg_value",
            "key": r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion",
            "value": "CurrentVersion",
        },
    ]
    windows = Windows("win2008", arch="x64", computer_name="C")
    native = ask(simulated(windows, registry=registry), reads)["reads"]
    assert [native[read["id"]].get("data") for read in reads] == ["3.1.6001.65", None, "6.0"]
    seen = ask(simulated(dataclasses.replace(windows, wow64=True), registry=registry), reads)["reads"]
    assert [seen[read["id"]].get("data") for read in reads] == [None, "4.00.6221.1000", "6.0"]
    assert seen["native"]["state"] == "absent"


def test_a_german_server_2003_is_read_by_numbers() -> None:
    windows = Windows("win2003", language="de-DE", computer_name="DE-1")
    registry = {r"HKLM\SOFTWARE\Größe\Unter": {"Wert": {"type": "REG_SZ", "data": "x"}}}
    host = simulated(windows, services={"WsusService": "running", "Halt": "stopped"}, registry=registry)
    reads = [
        {"id": "running", "op": "service", "name": "WsusService"},
        {"id": "stopped", "op": "service", "name": "Halt"},
        {"id": "absent", "op": "service", "name": "Nie"},
        {"id": "tree", "op": "reg_tree", "key": "HKLM\\SOFTWARE\\Größe", "max_bytes": 1000},
    ]
    answers = ask(host, reads)["reads"]
    assert answers["running"] == {"state": "ok", "status": "running", "start": 2}
    assert answers["stopped"] == {"state": "ok", "status": "stopped", "start": 3}
    assert answers["absent"]["state"] == "absent"
    lines = answers["tree"]["text"].split("\r\n")
    assert lines[1] == "! REG.EXE VERSION 3.0"
    assert lines[5:7] == ["HKEY_LOCAL_MACHINE\\SOFTWARE\\Gr\u201d\u00e1e\\Unter", "    Wert\tREG_SZ\tx"]


def test_a_log_in_a_code_page_of_two_bytes() -> None:
    text = "2008-06-14\tエラー\tThrowException ID=1\r\n普通の行\r\n"
    host = simulated(
        Windows("win2003", language="ja-JP", ansi_code_page="932", computer_name="JP-1"),
        files=(HostFile(r"C:\ログ\server.log", text=text, encoding="cp932"),),
    )
    read = {
        "id": "log",
        "op": "log",
        "paths": [r"C:\ログ\server.log"],
        "anchors": ["throwexception"],
        "max_bytes": 1000,
        "max_scan_bytes": 1000,
    }
    log = ask(host, [read])["reads"]["log"]
    assert log["head"] == "2008-06-14\tエラー\tThrowException ID=1"
    assert log["lines"] == "1:2008-06-14\tエラー\tThrowException ID=1\r\n"
    assert log["size"] == len(text.encode("cp932"))


def test_a_file_that_is_closed_to_the_account_is_denied_not_absent() -> None:
    host = load_host(ROOT / "hosts" / "awkward-log-locked.yml")
    path = next(file.path for file in host.files if file.in_use)
    log = {"id": "log", "op": "log", "paths": [path], "anchors": ["error"], "max_bytes": 99, "max_scan_bytes": 9999}
    assert ask(SimulatedHost(host), [log])["reads"]["log"]["state"] == "denied"


def test_a_search_past_its_deadline_ends_as_truncated_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    line = b"7:ThrowException ID=1\r\n"
    written = threading.Semaphore(0)

    def search_without_end(process: Process) -> int:
        if "/c:" not in process.arguments:
            return findstr(process)
        process.stdout.write(line + b"8:cut of")
        written.release()
        while True:
            process.sleep(3600)

    def late_taskkill(process: Process) -> int:
        assert written.acquire(timeout=60)
        return taskkill(process)

    programs = {**PROGRAMS.system, "findstr": search_without_end, "taskkill": late_taskkill}
    monkeypatch.setattr(simulated_executor, "PROGRAMS", dataclasses.replace(PROGRAMS, system=programs))
    monkeypatch.setattr(probe, "_SEARCH_SHARE", 0.001 / PROBE_TIMEOUT)
    host = simulated(Windows("win2003", computer_name="A"), files=(HostFile(r"C:\a.log", text="x\r\n"),))
    before = host.snapshot()
    log = {"op": "log", "paths": [r"C:\a.log"], "anchors": ["id"], "max_bytes": 999, "max_scan_bytes": 9}
    reads = ask(host, [{**log, "id": "one"}, {**log, "id": "two"}, {"id": "os", "op": "env", "name": "OS"}])["reads"]
    for read in (reads["one"], reads["two"]):
        assert (read["state"], read["size"], read["truncated"]) == ("ok", 3, True)
        assert read["ended"] is True
        # Of what is truncated the first line does not count: here it is empty, and nothing that was found is lost.
        assert read["lines"] == f"\r\n{line.decode()}"
        assert scan_hits(read["lines"], (), Context(), read["head"], truncated=True).lines == 1
    assert reads["os"]["state"] == "ok"
    assert before.differences(host.snapshot()) == []


def test_a_script_run_by_hand_searches_as_long_as_it_takes() -> None:
    assert b"search_seconds" not in compose([], "0" * 32).partition(b"\r\n")[0]
    assert compose([], "0" * 32, 90).startswith(
        b'var REQUEST = {"nonce": "' + b"0" * 32 + b'", "search_seconds": 90.000, '
    )


def test_a_switched_off_script_host_is_named() -> None:
    host = SimulatedHost(load_host(ROOT / "hosts" / "awkward-script-host-off.yml"))
    before = host.snapshot()
    with pytest.raises(HostError, match="Enabled is 0 in HKLM") as caught:
        ask(host, [{"id": "a", "op": "env", "name": "OS"}])
    assert caught.value.layer is Layer.SCRIPT_HOST
    assert before.differences(host.snapshot()) == []
