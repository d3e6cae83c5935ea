# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fix on simulated hosts: what it refuses, what it runs, what it makes of the answer, what it leaves."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import ntpath
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Output, Progress, Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError, Layer
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy import hotfix, scheduled_task
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.host_state import Onlooker
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.hotfix import Hotfix
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.outcome import Remedy
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.plan import Options
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.inventory import Inventory
from tests.lab.direct_shell import Cut, CutShell, DirectShell
from tests.lab.executors.simulated import SimulatedHost
from tests.lab.model import ROOT, HostModel, load_host
from tests.lab.packages import MARK
from tests.unit.remedy.material import FIXTURES, TRUST, entry, patched
from tests.unit.rules.support import RULES, rule

UNPATCHED = load_host(ROOT / "hosts" / "wsus-sp1-unpatched.yml")
FIXED = load_host(ROOT / "hosts" / "wsus-sp1-fixed.yml")
RTM = load_host(ROOT / "hosts" / "wsus-rtm.yml")
SITE = load_host(ROOT / "hosts" / "cm-sp1-unpatched.yml")

INSTALLER = r"HKLM\SOFTWARE\Lab\Installer"
IN_PROGRESS = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Installer\InProgress"
RECORDS = r"HKLM\SOFTWARE\unblock\updates"
DLL = "wsus.client_dll.version"


def behaving(model: HostModel, **settings: int | str) -> HostModel:
    """A host on which the stand-in packages behave otherwise."""
    values = {
        name: {"type": "REG_SZ" if isinstance(value, str) else "REG_DWORD", "data": value}
        for name, value in settings.items()
    }
    return dataclasses.replace(model, registry={**model.registry, INSTALLER: values})


def package(folder: Path, name: str = "kb954960", architecture: str = "x64", size: int = 0, **header: int) -> Path:
    """A package that simulated hosts can run."""
    machine = {"x64": 0x8664, "x86": 0x14C}[architecture]
    path = patched(FIXTURES / "signed.exe", folder / f"{name}-{architecture}.exe", **{"machine": machine, **header})
    mark = {"name": name, "architecture": architecture, "kind": "exe", "payload": 0}
    path.write_bytes(path.read_bytes() + bytes(size) + MARK + json.dumps(mark).encode())
    return path


class Meddling(DirectShell):
    """A shell on whose way something alters commands, input or the host."""

    def __init__(self, host: SimulatedHost, meddle: Callable[[str, bytes], tuple[str, bytes]]) -> None:
        super().__init__(host)
        self._meddle = meddle

    def run(
        self,
        command: str,
        stdin: bytes | Iterable[bytes],
        timeout: float,
        max_bytes: int,
        progress: Progress | None = None,
    ) -> Output:
        whole = stdin if isinstance(stdin, bytes) else b"".join(stdin)
        return super().run(*self._meddle(command, whole), timeout, max_bytes, progress)


@dataclasses.dataclass
class Case:
    """A fix that is to be done on a host."""

    host: SimulatedHost
    packages: Mapping[str, Any]
    action: str = "apply_kb954960"
    advisory: str = "954960"
    shell: DirectShell | None = None
    strategy: str = "workaround"
    said: list[str] = dataclasses.field(default_factory=list)

    def run(self, **options: Any) -> Remedy:
        chosen: dict[str, Any] = {
            "packages": self.packages,
            "run_id": "run-1",
            "timeout": 60.0,
            "install_timeout": 60.0,
            "wait_for_installer": 30.0,
            "as_system": False,
            "accept_irreversible": True,
            "check_mode": False,
            "trust": TRUST,
            **options,
        }
        found = rule(self.advisory)
        shell = cast(Shell, self.shell or DirectShell(self.host))
        onlooker = Onlooker(shell, found, RULES, Inventory("wsus1", rtm_strategy=self.strategy), timeout=60.0)
        return Hotfix(onlooker, found.fixes[self.action], Options(**chosen), self.said.append).run()


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hotfix, "_BUSY_SECONDS", 0.01)
    monkeypatch.setattr(scheduled_task, "_POLL_SECONDS", 0.05)


@pytest.fixture
def case(tmp_path: Path) -> Callable[..., Case]:
    def make(model: HostModel = UNPATCHED, path: Path | None = None, **more: Any) -> Case:
        x64 = entry(path or package(tmp_path), allow_unsigned=True, **more)
        return Case(SimulatedHost(model), {"kb954960": {"x64": x64}})

    return make


def record(host: SimulatedHost, advisory: str = "954960") -> Any:
    code, out, dummy = host.run(rf'reg query "{RECORDS}\{advisory}" /v Record')
    text = out.decode()
    return None if code else json.loads(text[text.index("{") : text.rindex("}") + 1])


def differences(host: SimulatedHost, before: Any) -> list[str]:
    """What is otherwise on the host, without what the lab notes itself."""
    return [str(difference) for difference in before.differences(host.snapshot())]


def test_the_update_is_installed_once(case: Callable[..., Case]) -> None:
    it = case()
    before = it.host.snapshot()
    first = it.run()
    assert first["outcome"] == "changed"
    assert first["message"] == (
        "kb954960-x64.exe ended with 0 (success); wsus.client_dll.version was 3.1.6001.65 and is 3.1.6001.66."
    )
    assert (first["before"][DLL], first["after"][DLL]) == ("3.1.6001.65", "3.1.6001.66")
    assert (first["exit_code"], first["irreversible"], first["log_tail"]) == (0, True, None)
    assert first["rule_version"] == rule("954960").version
    assert first["package"] is not None
    assert first["package"]["sha256"] == it.packages["kb954960"]["x64"]["sha256"]
    written = record(it.host)
    assert written == {
        "action": "apply_kb954960",
        "time": first["finished"],
        "rule_version": rule("954960").version,
        "run_id": "run-1",
    }
    changed = differences(it.host, before)
    assert [line for line in changed if "client.dll" not in line.lower() and "unblock" not in line] == []
    assert {"client.dll" in line.lower() for line in changed} == {True, False}  # the library and the record

    before = it.host.snapshot()
    second = it.run()
    assert (second["outcome"], second["exit_code"]) == ("unchanged", None)
    assert second["message"].startswith("KB954960 is installed on WSUS 3.0 SP1")
    assert differences(it.host, before) == []


def test_check_mode_predicts_and_alters_nothing(case: Callable[..., Case]) -> None:
    it = case()
    before = it.host.snapshot()
    would = it.run(check_mode=True)
    assert would["outcome"] == "would_change"
    assert would["message"].startswith("KB954960 would be installed by kb954960-x64.exe (its signature does not hold: ")
    assert '; allow_unsigned is set), with the arguments /q "{log}".' in would["message"]
    assert "KB954960 cannot be removed again but by removing WSUS." in would["message"]
    assert differences(it.host, before) == []
    did = it.run()
    assert (did["outcome"], did["package"], did["before"]) == ("changed", would["package"], would["before"])


def test_signer_and_time_stamp_are_shown() -> None:
    it = Case(SimulatedHost(UNPATCHED), {"kb954960": {"x64": entry(FIXTURES / "stamped.exe")}})
    would = it.run(check_mode=True)
    assert would["outcome"] == "would_change", would["message"]
    assert "stamped.exe (signed by Microsoft Corporation (Microsoft Corporation) on 2008-08-05)" in would["message"]
    assert would["package"] is not None
    assert (would["package"]["signer"], would["package"]["signed_at"]) == (
        "Microsoft Corporation",
        "2008-08-05T09:30:00Z",
    )


def test_nothing_is_asked_of_packages_where_there_is_nothing_to_do() -> None:
    it = Case(SimulatedHost(FIXED), {"kb954960": "nonsense"})
    before = it.host.snapshot()
    assert it.run()["outcome"] == "unchanged"
    assert differences(it.host, before) == []


@pytest.mark.parametrize(
    ("settings", "outcome", "code", "words"),
    [
        ({"AtRestart": 1}, "reboot_required", 3010, "wsus.client_dll.version is still 3.1.6001.65"),
        ({"ExitCode": 1641}, "reboot_required", 1641, "success; the installer started a restart"),
        ({"ExitCode": 0x00240005}, "reboot_required", 0x00240005, "a restart is needed"),
        ({"AtRestart": 1, "ExitCode": 0}, "reboot_required", 0, "and a restart is needed"),
        ({"ExitCode": 1602}, "failed", 1602, "cancelled"),
        ({"ExitCode": 1603}, "failed", 1603, "fatal error during the installation"),
        ({"ExitCode": 1619}, "failed", 1619, "the package cannot be opened"),
        ({"ExitCode": 1642}, "failed", 1642, "the product that the patch is for is not there"),
        ({"ExitCode": 0x80240017}, "failed", 0x80240017, "the update is not applicable"),
        ({"ExitCode": 4242}, "failed", 4242, "a code that is not known"),
        ({"Crash": 1}, "failed", 0xC0000005, "a code that is not known"),
        # What an installer says of itself is not believed.
        ({"Replace": 0}, "failed", 0, "(success), but wsus.client_dll.version is still 3.1.6001.65"),
        ({"ExitCode": 0x00240006}, "failed", 0x00240006, "(0x00240006)), but wsus.client_dll.version is still"),
    ],
)  # fmt: skip
def test_what_the_installer_says(
    case: Callable[..., Case], settings: dict[str, Any], outcome: str, code: int, words: str
) -> None:
    it = case(behaving(UNPATCHED, **settings))
    done = it.run()
    assert (done["outcome"], done["exit_code"]) == (outcome, code), done["message"]
    assert words in done["message"]
    assert (record(it.host) is None) == (outcome == "failed")
    assert (done["log_tail"] is None) == (outcome != "failed" or "Crash" in settings)
    code, out, dummy = it.host.run(r'dir /b "%TEMP%\unblock*"')
    assert out == b""


def test_the_log_of_a_failure_is_shown(case: Callable[..., Case]) -> None:
    done = case(behaving(UNPATCHED, ExitCode=1603, Log="Fehler\nGröße stimmt nicht")).run()
    assert done["log_tail"] == "Fehler\nGröße stimmt nicht"
    assert done["next_step"] == "Look at the installer's log."


def test_a_restart_that_is_pending_is_the_hint(case: Callable[..., Case]) -> None:
    manager = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager"
    names = {"PendingFileRenameOperations": {"type": "REG_MULTI_SZ", "data": [r"\??\C:\a.tmp", r"\??\C:\a.dll"]}}
    model = behaving(UNPATCHED, Replace=0)
    assert "32-bit package" in case(model).run()["next_step"]
    model = dataclasses.replace(model, registry={**model.registry, manager: names})
    assert "PendingFileRenameOperations is set" in case(model).run()["next_step"]


def test_the_operators_codes_and_arguments(case: Callable[..., Case]) -> None:
    own = {"success_codes": [4242], "arguments": r'/q "C:\own.log"', "log": r"%SystemDrive%\own.log"}
    done = case(behaving(UNPATCHED, ExitCode=4242, Log="own words"), **own).run()
    assert (done["outcome"], done["log_tail"]) == ("failed", "own words")
    assert "but wsus.client_dll.version is still" in done["message"]


def test_another_installation_is_waited_for(case: Callable[..., Case]) -> None:
    it = case(behaving(UNPATCHED, Busy=2))
    assert it.run()["outcome"] == "changed"
    assert (
        it.said.count("kb954960-x64.exe ended with 1618 (another installation is running), waiting for it to end") == 2
    )


def test_progress_is_told(case: Callable[..., Case]) -> None:
    class Slow(DirectShell):
        """A shell on which every command that is watched goes on for 31 s."""

        def run(
            self,
            command: str,
            stdin: bytes | Iterable[bytes],
            timeout: float,
            max_bytes: int,
            progress: Progress | None = None,
        ) -> Output:
            if progress:
                progress(31.0)
            return super().run(command, stdin, timeout, max_bytes)

    it = case()
    it.shell = Slow(it.host)
    assert it.run()["outcome"] == "changed"
    running, rest = it.said[1].split(" (", 1)
    assert (it.said[0], running, it.said[2]) == (
        "kb954960-x64.exe is on its way for 31 s",
        "running kb954960-x64.exe",
        "kb954960-x64.exe is running for 31 s",
    )
    assert rest.endswith("; allow_unsigned is set)")


def test_progress_of_a_task_is_told_as_often(case: Callable[..., Case], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduled_task, "PROGRESS_SECONDS", 0.4)
    it = case(behaving(UNPATCHED, Delay=1))
    assert it.run(as_system=True)["outcome"] == "changed"
    told = it.said.count("kb954960-x64.exe is running for 0 s") + it.said.count("kb954960-x64.exe is running for 1 s")
    assert 2 <= told <= 5


def test_arguments_that_a_batch_file_cannot_hold_are_refused(case: Callable[..., Case]) -> None:
    it = case(arguments="/q /größe")
    assert it.run(check_mode=True)["outcome"] == "would_change"
    refused = it.run(check_mode=True, as_system=True)
    assert "the arguments /q /größe cannot stand in the batch file of a task" in refused["message"]


def test_another_installation_is_not_waited_for_without_end(case: Callable[..., Case]) -> None:
    done = case(behaving(UNPATCHED, Busy=9)).run(wait_for_installer=0)
    assert (done["outcome"], done["exit_code"]) == ("failed", 1618)
    assert done["next_step"] == "Wait until it has ended and try again."


def test_an_installation_of_windows_installer_is_waited_for(case: Callable[..., Case]) -> None:
    script = {"": {"type": "REG_SZ", "data": r"C:\WINDOWS\Installer\inprogressinstallinfo.ipi"}}
    model = dataclasses.replace(UNPATCHED, registry={**UNPATCHED.registry, IN_PROGRESS: script})
    it = case(model)
    assert r"once the installation that is running there has ended (C:\WINDOWS" in it.run(check_mode=True)["message"]
    refused = it.run(wait_for_installer=0)
    assert refused["outcome"] == "failed"
    assert "installer failed: another installation is running" in refused["message"]

    def end_it(command: str, stdin: bytes) -> tuple[str, bytes]:
        if it.said:
            it.host.run(f'reg delete "{IN_PROGRESS}" /f')
        return command, stdin

    it.shell = Meddling(it.host, end_it)
    assert it.run()["outcome"] == "changed"
    assert it.said


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    first = package(tmp_path, machine=0x14C, built=1215604800)  # 2008-07-09 12:00
    model = dataclasses.replace(
        UNPATCHED,
        dot_net=False,
        susdb=None,
        free_bytes=1 << 20,
        account=dataclasses.replace(UNPATCHED.account, rights="filtered"),
    )
    it = Case(SimulatedHost(model), {"kb954960": {"x64": entry(first)}})
    before = it.host.snapshot()
    for check_mode in (True, False):
        done = it.run(check_mode=check_mode, accept_irreversible=False)
        assert done["outcome"] == "failed"
        for words in (
            "Unblock_packages.kb954960.x64 (kb954960-x64.exe) has no signature that counts: ",
            "KB954960 was not accepted as irreversible: KB954960 cannot be removed again but by removing WSUS",
            "the .NET Framework 2.0 is not there",
            " MiB free, 64 MiB are needed",
            "was made for x86, and not for x64",
            "was built on 2008-07-09, before 2008-08-01: The packages that came out before 1 August 2008",
            "the account's integrity level is medium (S-1-16-8192), not high (S-1-16-12288)",
        ):
            assert words in done["message"]
        assert "remediate_accept_irreversible" in done["next_step"]
        assert differences(it.host, before) == []


def test_a_package_for_another_host_is_no_package(tmp_path: Path) -> None:
    it = Case(SimulatedHost(UNPATCHED), {"kb954960": {"x86": entry(package(tmp_path, architecture="x86"))}})
    done = it.run(check_mode=True)
    assert (done["outcome"], done["package"]) == ("failed", None)
    assert done["message"] == "Unblock_packages has no kb954960 for x64, only x86."


def altering(part: str, alter: Callable[[bytes], bytes]) -> Callable[[str, bytes], tuple[str, bytes]]:
    return lambda command, stdin: (command, alter(stdin) if part in command else stdin)


@pytest.mark.parametrize(
    ("alter", "words"),
    [
        (lambda data: b"\0" + data[1:], "kb954960-x64.exe has 5194 bytes and SHA-256"),
        (lambda data: data[:-1], "kb954960-x64.exe has 5193 bytes and SHA-256"),
    ],
    ids=["altered", "truncated"],
)
def test_what_does_not_arrive_whole_is_not_run(
    case: Callable[..., Case], alter: Callable[[bytes], bytes], words: str
) -> None:
    it = case()
    size = Path(it.packages["kb954960"]["x64"]["path"]).stat().st_size
    before = it.host.snapshot()
    it.shell = Meddling(it.host, altering('"receive"', alter))
    done = it.run()
    assert (done["outcome"], done["exit_code"]) == ("failed", None)
    assert words.replace("5194", str(size)).replace("5193", str(size - 1)) in done["message"]
    assert differences(it.host, before) == []


def test_what_was_altered_on_the_host_is_not_run(case: Callable[..., Case]) -> None:
    it = case()
    path = Path(it.packages["kb954960"]["x64"]["path"])
    before = it.host.snapshot()

    def exchange(command: str, stdin: bytes) -> tuple[str, bytes]:
        if " start " in command:
            folder = command.split('"')[1]
            it.host.put(ntpath.join(folder, "kb954960-x64.exe"), path.read_bytes() + b" ")
        return command, stdin

    it.shell = Meddling(it.host, exchange)
    done = it.run()
    assert (done["outcome"], done["exit_code"], done["after"]) == ("failed", None, {})
    assert "transfer failed: kb954960-x64.exe has" in done["message"]
    assert differences(it.host, before) == []


def test_what_was_altered_on_the_controller_is_not_run(case: Callable[..., Case]) -> None:
    it = case()
    path = Path(it.packages["kb954960"]["x64"]["path"])
    path.write_bytes(path.read_bytes() + b" ")
    done = it.run()
    assert done["outcome"] == "failed"
    assert "on the controller, not " in done["message"]


def test_a_large_package_arrives_as_it_is(case: Callable[..., Case], tmp_path: Path) -> None:
    path = package(tmp_path, size=10 << 20)
    it = case(path=path)
    digest = ""

    def look(command: str, stdin: bytes) -> tuple[str, bytes]:
        nonlocal digest
        if " start " in command:
            content = it.host.get(ntpath.join(command.split('"')[1], "kb954960-x64.exe"))
            digest = hashlib.sha256(content).hexdigest()
        return command, stdin

    it.shell = Meddling(it.host, look)
    assert it.run()["outcome"] == "changed"
    assert digest == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_drive_that_fills_up_on_the_way(tmp_path: Path, case: Callable[..., Case]) -> None:
    path = package(tmp_path, size=1 << 20)
    it = case(dataclasses.replace(UNPATCHED, free_bytes=70 << 20), path)

    def fill(command: str, stdin: bytes) -> tuple[str, bytes]:
        if '"receive"' in command:
            it.host.put(r"C:\filler", bytes((69 << 20) + 512 * 1024))
        return command, stdin

    before = it.host.snapshot()
    it.shell = Meddling(it.host, fill)
    done = it.run()
    assert (done["outcome"], done["exit_code"]) == ("failed", None)
    assert "transfer failed: kb954960-x64.exe could not be written or read: System.IO.IOException" in done["message"]
    it.host.run(r"del C:\filler")
    assert differences(it.host, before) == []
    it.shell = None
    assert it.run()["outcome"] == "changed"


@pytest.mark.parametrize("share", [r"D:\updates\kb.exe", r"\\srv\updates$\a & b\kb.exe"])
def test_a_package_that_the_host_reads_itself(tmp_path: Path, share: str) -> None:
    path = package(tmp_path)
    value = {"remote_path": share, "sha256": entry(path)["sha256"]}
    it = Case(SimulatedHost(UNPATCHED), {"kb954960": {"x64": value}})
    assert "only remote_path is given" in it.run(check_mode=True)["message"]
    value["allow_unsigned"] = True
    missing = it.run(check_mode=True)
    assert (missing["outcome"], share in missing["message"]) == ("failed", True)
    assert "CredSSP" in missing["next_step"]
    it.host.put(share, path.read_bytes() + b"x")
    assert it.run(check_mode=True)["outcome"] == "would_change"  # what the host reads is compared when it has it
    before = it.host.snapshot()
    other = it.run()
    assert (other["outcome"], "transfer failed" in other["message"]) == ("failed", True)
    assert differences(it.host, before) == []
    it.host.put(share, path.read_bytes())
    assert it.run()["outcome"] == "changed"


def test_the_processor_of_what_the_host_reads_is_looked_at_there(tmp_path: Path) -> None:
    path = package(tmp_path, machine=0x14C)
    value = {"remote_path": r"D:\kb.exe", "sha256": entry(path)["sha256"], "allow_unsigned": True}
    it = Case(SimulatedHost(UNPATCHED), {"kb954960": {"x64": value}})
    it.host.put(r"D:\kb.exe", path.read_bytes())
    before = it.host.snapshot()
    done = it.run()
    assert (done["outcome"], done["exit_code"]) == ("failed", None)
    assert "was made for x86, and not for x64" in done["message"]
    assert differences(it.host, before) == []


@pytest.mark.parametrize("version", ["win2003", "win2008"])
@pytest.mark.parametrize("settings", [{}, {"ExitCode": 1603}], ids=["success", "failure"])
def test_as_system(case: Callable[..., Case], version: str, settings: dict[str, int]) -> None:
    windows = dataclasses.replace(UNPATCHED.windows, version=version)
    it = case(dataclasses.replace(behaving(UNPATCHED, **settings), windows=windows))
    done = it.run(as_system=True)
    assert (done["outcome"], done["exit_code"]) == (("failed", 1603) if settings else ("changed", 0)), done["message"]
    assert (done["log_tail"] is not None) == bool(settings)
    code, out, dummy = it.host.run("schtasks /query /fo csv /nh")
    assert b"unblock" not in out
    assert "as SYSTEM" in case().run(check_mode=True, as_system=True)["message"]


def test_as_system_what_was_altered_is_not_run(case: Callable[..., Case]) -> None:
    it = case()
    path = Path(it.packages["kb954960"]["x64"]["path"])

    def exchange(command: str, stdin: bytes) -> tuple[str, bytes]:
        if "schtasks /run" in command:
            it.host.put(ntpath.join(command.split('"')[1], "kb954960-x64.exe"), path.read_bytes() + b" ")
        return command, stdin

    it.shell = Meddling(it.host, exchange)
    done = it.run(as_system=True)
    assert (done["outcome"], done["after"]) == ("failed", {})
    assert "transfer failed: kb954960-x64.exe has" in done["message"]


def test_as_system_a_host_that_is_gone_at_the_end_hides_no_outcome(case: Callable[..., Case]) -> None:
    it = case()

    def cut(command: str, stdin: bytes) -> tuple[str, bytes]:
        if "schtasks /end" in command:
            raise HostError(Layer.TCP, "h", "connection reset", "")
        return command, stdin

    it.shell = Meddling(it.host, cut)
    done = it.run(as_system=True)
    assert (done["outcome"], done["exit_code"]) == ("changed", 0), done["message"]


def test_a_task_that_cannot_be_made_installs_nothing(case: Callable[..., Case]) -> None:
    it = case()
    before = it.host.snapshot()
    it.shell = Meddling(it.host, lambda command, stdin: (command.replace("/ru SYSTEM", "/ru other"), stdin))
    done = it.run(as_system=True)
    assert (done["outcome"], done["exit_code"]) == ("failed", None)
    assert "installer failed: schtasks could not make and start a task: " in done["message"]
    assert "service Schedule" in done["next_step"]
    assert [line for line in differences(it.host, before) if "tasks" not in line.lower()] == []


def test_a_task_of_a_killed_run_starts_nothing_when_its_own_time_comes(case: Callable[..., Case]) -> None:
    it, gone = case(), False

    def kill(command: str, stdin: bytes) -> tuple[str, bytes]:
        nonlocal gone
        gone |= "type code.txt" in command
        if gone:
            raise Cut
        return command, stdin

    it.shell = Meddling(it.host, kill)
    with pytest.raises(Cut):
        it.run(as_system=True)
    wait_for_the_task(it.host)
    (folder,) = it.host.run(r"dir /b /s /ad %TEMP%\unblock-*")[1].decode().splitlines()
    assert it.host.get(rf"{folder}\code.txt").strip() == b"0"
    it.host.run(rf"del {folder}\code.txt & schtasks /run /tn unblock-updates")
    wait_for_the_task(it.host)
    with pytest.raises(FileNotFoundError):
        it.host.get(rf"{folder}\code.txt")
    it.shell = None
    assert it.run(as_system=True)["outcome"] == "unchanged"
    assert it.host.run(r"dir /b %TEMP%\unblock* 2>nul & schtasks /query /fo csv /nh")[1] == b""


def wait_for_the_task(host: SimulatedHost) -> None:
    deadline = time.monotonic() + 20
    while b"Ready" not in host.run("schtasks /query /fo csv /nh")[1]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_an_upgrade_leaves_the_next_step_to_the_rule(tmp_path: Path) -> None:
    setup = entry(package(tmp_path, "wsus_setup", "x86"), allow_unsigned=True)
    it = Case(SimulatedHost(RTM), {"wsus_setup": {"x86": setup}}, "upgrade_wsus", strategy="upgrade")
    done = it.run()
    assert done["outcome"] == "changed", done["message"]
    assert (done["before"]["wsus.release"], done["after"]["wsus.release"]) == ("3.0", "3.0 SP1")
    assert "apply" not in done["message"]
    assert it.run()["outcome"] == "unchanged"


def test_configmgr_takes_the_32_bit_package(tmp_path: Path) -> None:
    path = package(tmp_path, "kb954474", "x86")
    packages = {"kb954474": {"x86": entry(path, allow_unsigned=True)}}
    it = Case(SimulatedHost(SITE), packages, "apply_kb954474", "954474", shell=WithoutProvider(SimulatedHost(SITE)))
    it.host = cast(WithoutProvider, it.shell).simulated
    done = it.run()
    assert done["outcome"] == "changed", done["message"]
    assert (done["before"]["configmgr.hotfixes"], done["after"]["configmgr.hotfixes"]) == ("none", "KB954474")
    assert record(it.host, "954474")["action"] == "apply_kb954474"


class WithoutProvider(DirectShell):
    """A shell over which the SMS provider cannot be asked."""

    def __init__(self, host: SimulatedHost) -> None:
        super().__init__(host)
        self.simulated = host

    def request(self, resource_uri: str, action: str, body: str) -> bytes:
        raise HostError(Layer.WS_MAN, self.host, "no provider", "None.", 0x8004100E)


class Lost(Meddling):
    """A shell whose host is gone from some command on."""

    def connect(self) -> None:
        raise HostError(Layer.TCP, self.host, "connection refused", "Wait.")


@pytest.mark.parametrize("part", [" start ", 'csc.exe" /nologo'])
def test_a_host_that_is_lost_on_the_way_has_failed(case: Callable[..., Case], part: str) -> None:
    it = case()

    def lose(command: str, stdin: bytes) -> tuple[str, bytes]:
        if part in command:
            raise HostError(Layer.TCP, "wsus1", "reset", "Wait.")
        return command, stdin

    it.shell = Lost(it.host, lose)
    done = it.run()
    assert (done["outcome"], done["exit_code"]) == ("failed", None)
    assert "TCP failed: reset" in done["message"]
    it.shell = None
    assert it.run()["outcome"] == "changed"


def test_an_installer_that_does_not_end_has_failed(case: Callable[..., Case]) -> None:
    it = case()

    def overdue(command: str, stdin: bytes) -> tuple[str, bytes]:
        if " start " in command:
            it.host.put(ntpath.join(command.split('"')[1], "install.log"), b"waiting for ever\r\n")
            raise HostError(Layer.SCRIPT, "wsus1", "the command had not ended after 60 s", "Raise it.")
        return command, stdin

    it.shell = Meddling(it.host, overdue)
    done = it.run()
    assert (done["outcome"], done["exit_code"], done["log_tail"]) == ("failed", None, "waiting for ever")
    assert "the command had not ended after 60 s" in done["message"]


@pytest.mark.parametrize(("settings", "outcome"), [({"ExitCode": 1641}, "reboot_required"), ({}, "failed")])
def test_a_host_that_is_gone_after_the_installer_cannot_be_judged(
    case: Callable[..., Case], settings: dict[str, int], outcome: str
) -> None:
    it = case(behaving(UNPATCHED, **settings))
    probes = 0

    def restart(command: str, stdin: bytes) -> tuple[str, bytes]:
        nonlocal probes
        probes += "cscript" in command
        if probes > 1:
            raise HostError(Layer.TCP, "wsus1", "reset", "Wait.")
        return command, stdin

    it.shell = Meddling(it.host, restart)
    done = it.run()
    assert (done["outcome"], done["after"], done["next_step"]) == (outcome, {}, "Wait.")
    assert "and afterwards TCP failed: reset" in done["message"]


def test_without_a_record_nothing_is_run(case: Callable[..., Case]) -> None:
    it = case()
    before = it.host.snapshot()
    it.shell = Meddling(it.host, lambda command, stdin: (command.replace("/v Record /t", "/x Record /t"), stdin))
    done = it.run()
    assert (done["outcome"], done["exit_code"]) == ("failed", None)
    assert "registry failed" in done["message"]
    assert differences(it.host, before) == []


def test_a_record_that_cannot_be_written_again_is_no_success(case: Callable[..., Case]) -> None:
    it = case()
    written = 0

    def deny(command: str, stdin: bytes) -> tuple[str, bytes]:
        nonlocal written
        written += "/v Record /t" in command
        if written < 2:
            return command, stdin
        # What was written first may be what is to be written now, if that is the same second.
        return rf"reg delete {RECORDS}\954960 /v Record /f >nul & " + command.replace(
            "/v Record /t", "/x Record /t"
        ), stdin

    it.shell = Meddling(it.host, deny)
    done = it.run()
    assert (done["outcome"], done["after"][DLL]) == ("failed", "3.1.6001.66")
    assert "and afterwards registry failed" in done["message"]


@pytest.mark.parametrize("settings", [{"ExitCode": 1603}, {"Replace": 0}], ids=["failed", "did_nothing"])
@pytest.mark.parametrize("text", ['{"action":"other","time":"2008-07-01T00:00:00Z"}', "nonsense"])
def test_after_a_failure_the_record_is_what_it_was(
    case: Callable[..., Case], settings: dict[str, int], text: str
) -> None:
    it = case(behaving(UNPATCHED, **settings))
    escaped = text.replace('"', '\\"')
    it.host.run(rf'reg add "{RECORDS}\954960" /v Record /t REG_SZ /d "{escaped}" /f')
    during = None

    def look(command: str, stdin: bytes) -> tuple[str, bytes]:
        nonlocal during
        if " start " in command:
            during = record(it.host)
        return command, stdin

    it.shell = Meddling(it.host, look)
    assert it.run()["outcome"] == "failed"
    assert during is not None and (during["action"], during["run_id"]) == ("apply_kb954960", "run-1")
    assert record(it.host) == (None if text == "nonsense" else json.loads(text))


def test_what_a_killed_run_left_is_removed_where_nothing_is_to_be_done() -> None:
    it = Case(SimulatedHost(FIXED), {})
    it.host.run(r"mkdir %windir%\system32\Tasks")
    before = it.host.snapshot()
    folder = rf"{it.host.run('echo %TEMP%')[1].decode().strip()}\unblock-{'0' * 32}"
    note = json.dumps({"folder": folder, "run_id": "killed", "time": "x"}).replace("\\", "\\u005c").replace('"', '\\"')
    it.host.run(f'reg add "{RECORDS}" /v Session /t REG_SZ /d "{note}" /f & mkdir "{folder}"')
    it.host.run("schtasks /create /tn unblock-updates /tr x /sc once /st 23:59 /ru SYSTEM")
    left = it.host.snapshot()
    assert it.run(check_mode=True)["outcome"] == "unchanged"
    assert differences(it.host, left) == []
    assert it.run()["outcome"] == "unchanged"
    assert differences(it.host, before) == []


def test_a_run_that_is_cut_off_anywhere_can_be_run_again(case: Callable[..., Case]) -> None:
    """After each command that a run sends: the next run ends in the same state, and nothing but the record is left."""
    whole = case()
    assert whole.run()["outcome"] == "changed"
    expected = state(whole.host)
    outcomes = set()
    for commands in range(1, 100):
        it = case()
        it.shell = CutShell(it.host, commands)
        try:
            it.run()
        except Cut:
            it.shell = None
            again = it.run()
            outcomes.add(again["outcome"])
            assert state(it.host) == expected, f"cut off after {commands} commands"
        else:
            break
    assert (commands > 10, outcomes) == (True, {"changed", "unchanged"})


def state(host: SimulatedHost) -> tuple[Any, ...]:
    """All that a fix leaves: the record without its time, the library, other values, files and tasks."""
    noted = {name: value for name, value in (record(host) or {}).items() if name != "time"}
    left = host.run(r"dir /b %TEMP%\unblock* 2>nul & schtasks /query /fo csv /nh")[1]
    values = host.run(rf'reg query "{RECORDS}" /s')[1].count(b"REG_SZ")
    folder = r"C:\Program Files\Update Services\WebServices\ClientWebService\bin"
    return noted, left, values, host.file_version(rf"{folder}\Microsoft.UpdateServices.WebServices.Client.Dll")
