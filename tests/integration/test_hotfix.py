# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module hotfix over WinRM, with real processes on Wine hosts and with stand-ins on simulated ones."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.scenarios import LIBRARY
from tests.integration.ansible_run import ansible_playbook, kill, module_results, start_module
from tests.integration.conftest import free_port
from tests.lab.lab import DEFAULT_CACHE, Lab, Options
from tests.lab.packages import make_packages

SETTINGS = r"HKLM\SOFTWARE\Lab\Installer"
MODULE = "unblock.updates.hotfix"
KB954960 = "advisory=954960 action=apply_kb954960 accept_irreversible=true run_id=run-1 wait_for_installer=60 "
KB954960 += "install_timeout={{ install_timeout | default(120) }} as_system={{ as_system | default(false) }}"
KB954474 = "advisory=954474 action=apply_kb954474"
FORKS = ("-f", "16")

#: What would be done if whoever reads a log took it for a template.
TEMPLATE = "{{ 7 * 7 }}"


@dataclasses.dataclass(frozen=True)
class Case:
    """A host, the package that it gets and how that behaves there."""

    package: str = "kb954960-x64.exe"
    settings: dict[str, int | str] = dataclasses.field(default_factory=dict)
    model: str = "wsus-sp1-unpatched"
    variables: dict[str, Any] = dataclasses.field(default_factory=dict)


#: On hosts of both kinds: what an installer does as a real process, and how packages arrive.
EVERYWHERE = {
    "large": Case("kb954960-x64-large.exe"),
    "by-msi": Case("kb954960-x64.msi"),
    "fails": Case(settings={"ExitCode": 1603, "Log": f"no room in the database {TEMPLATE}"}),
    "crashes": Case(settings={"Crash": 1}),
    "hangs": Case(settings={"Delay": 60}, variables={"install_timeout": 5}),
}

#: On simulated hosts only, which cost less; Wine has no scheduler.
SIMULATED = {
    "first-release": Case("kb954960-x64-first.exe"),
    "nobody-vouches": Case(),
    "restarts": Case(settings={"AtRestart": 1}),
    "busy": Case(settings={"Busy": 1}),
    "does-nothing": Case(settings={"Replace": 0}),
    "as-system": Case(variables={"as_system": True}),
    "as-system-2003": Case("kb954960-x86.exe", model="wsus-sp1-2003", variables={"as_system": True}),
    "killed": Case(settings={"Delay": 8}),
}
SITE = Case("kb954474-x86.exe", model="cm-sp1-unpatched")

ON_SIMULATED = pytest.mark.parametrize("lab", ["simulated"], indirect=True)

Results = dict[str, dict[str, Any]]


def vouched(path: Path, allow_unsigned: bool = True) -> dict[str, Any]:
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return {"path": str(path), "sha256": sha256, "allow_unsigned": allow_unsigned}


@pytest.fixture(scope="module")
def packages() -> dict[str, Path]:
    return make_packages(DEFAULT_CACHE)


@pytest.fixture(scope="module", params=[pytest.param("wine", marks=pytest.mark.one_core), "simulated"])
def lab(
    request: pytest.FixtureRequest,
    lab_states: Path,
    tmp_path_factory: pytest.TempPathFactory,
    packages: dict[str, Path],
) -> Iterator[Lab]:
    """Hosts of this file's own, because they are changed."""
    cases = {**EVERYWHERE, **(SIMULATED if request.param == "simulated" else {}), "site": SITE}
    hosts = []
    for name, case in cases.items():
        product, architecture = case.package.split(".")[0].split("-")[:2]
        entry = vouched(packages[case.package], name != "nobody-vouches")
        variables = {"unblock_packages": {product: {architecture: entry}}, **case.variables}
        hosts.append({"host": case.model, "name": name, "group": "update_servers", "variables": variables})
    fleet = tmp_path_factory.mktemp("hotfix") / "fleet.yml"
    fleet.write_text(json.dumps({"hosts": hosts}), encoding="utf-8")
    options = Options(port=free_port(), executor=request.param)
    with Lab(fleet, lab_states / f"hotfix-{request.param}", options) as running:
        for name, case in cases.items():
            for setting, value in case.settings.items():
                kind = "REG_DWORD" if isinstance(value, int) else "REG_SZ"
                command = f'reg add {SETTINGS} /v {setting} /t {kind} /d "{value}" /f'
                assert running.host(name).run(command)[0] == 0
        yield running


def hosts_of(lab: Lab, *names: str) -> list[str]:
    """Those of some hosts that are in the lab."""
    return [name for name in names if name in EVERYWHERE or lab.options.executor == "simulated"]


@pytest.fixture(scope="module")
def foreseen(lab: Lab) -> Results:
    """What check mode says, before anything is changed; it alters nothing."""
    names = [*hosts_of(lab, "large", "by-msi", "first-release", "nobody-vouches"), "site"]
    before = {name: lab.host(name).snapshot() for name in names}
    results = module_results(lab.inventory, ",".join(names[:-1]), MODULE, "-a", KB954960, "--check", *FORKS)
    results |= module_results(lab.inventory, "site", MODULE, "-a", KB954474, "--check")
    assert {name: before[name].differences(lab.host(name).snapshot()) for name in names} == dict.fromkeys(names, [])
    return results


@pytest.fixture(scope="module")
def results(lab: Lab, foreseen: Results) -> Results:
    """What became of every host but the one whose controller is killed."""
    results = module_results(lab.inventory, "all:!site:!killed", MODULE, "-a", KB954960, *FORKS)
    return results | module_results(lab.inventory, "site", MODULE, "-a", KB954474)


def outcomes(results: Results) -> dict[str, str]:
    """What became of each host; why it has no remedy at all, if it has none."""
    return {
        name: result["remedy"]["outcome"] if "remedy" in result else result["msg"] for name, result in results.items()
    }


def test_check_mode_refuses_what_is_refused_and_foresees_the_rest(foreseen: Results) -> None:
    said = outcomes(foreseen)
    refused = {"first-release", "nobody-vouches"} & foreseen.keys()
    assert {name for name, outcome in said.items() if outcome == "failed"} == refused
    assert {outcome for name, outcome in said.items() if outcome != "failed"} == {"would_change"}
    assert all(foreseen[name]["changed"] is (outcome == "would_change") for name, outcome in said.items())


def test_what_became_of_every_host(results: Results) -> None:
    changed = {"large", "by-msi", "busy", "as-system", "as-system-2003", "site"}
    failed = {"first-release", "nobody-vouches", "fails", "crashes", "hangs", "does-nothing"}
    expected = {
        "restarts": "reboot_required",
        **dict.fromkeys(changed, "changed"),
        **dict.fromkeys(failed, "failed"),
    }
    assert outcomes(results) == {name: expected[name] for name in results}, [r["msg"] for r in results.values()]
    for name, result in results.items():
        assert (result["failed"], result["changed"]) == (name in failed, name not in failed)


def test_the_installed_update_is_seen(results: Results) -> None:
    for name in {"large", "by-msi", "busy", "as-system", "as-system-2003"} & results.keys():
        remedy = results[name]["remedy"]
        assert remedy["before"]["wsus.client_dll.version"] == "3.1.6001.65"
        assert remedy["after"]["wsus.client_dll.version"] == "3.1.6001.66"
        assert (remedy["exit_code"], remedy["log_tail"]) == (0, None)
    assert results["large"]["remedy"]["package"]["size"] > 10_000_000
    site = results["site"]["remedy"]
    assert (site["before"]["configmgr.hotfixes"], site["after"]["configmgr.hotfixes"]) == ("none", "KB954474")


def check_why(result: dict[str, Any], code: int | None, words: str, log: str | None) -> None:
    remedy = result["remedy"]
    assert remedy["exit_code"] == code, remedy["message"]
    assert words in remedy["message"]
    assert log in remedy["log_tail"] if log else remedy["log_tail"] is None


@pytest.mark.parametrize(
    ("name", "code", "words", "log"),
    [
        ("fails", 1603, "fatal error during the installation", f"no room in the database {TEMPLATE}"),
        ("crashes", 0xC0000005, "a code that is not known", None),
        ("hangs", None, "had not ended after 5 s and was terminated", None),
    ],
)
def test_why(results: Results, name: str, code: int | None, words: str, log: str | None) -> None:
    check_why(results[name], code, words, log)


@pytest.mark.one_core
@ON_SIMULATED
@pytest.mark.parametrize(
    ("name", "code", "words", "log"),
    [
        ("first-release", None, "was built on 2008-07-09, before 2008-08-01", None),
        ("nobody-vouches", None, "has no signature that counts: it is not signed", None),
        ("restarts", 3010, "success; a restart is needed", None),
        ("does-nothing", 0, "(success), but wsus.client_dll.version is still 3.1.6001.65", "Returning 0."),
    ],
)
def test_why_on_simulated_hosts(results: Results, name: str, code: int | None, words: str, log: str | None) -> None:
    check_why(results[name], code, words, log)


def test_nothing_is_left_but_the_record(lab: Lab, results: Results) -> None:
    for name, outcome in outcomes(results).items():
        host = lab.host(name)
        assert host.run(r'dir /b "%TEMP%\unblock*" 2>nul')[1] == b"", name
        listing = host.run(r"reg query HKLM\SOFTWARE\unblock /s")[1].decode()
        assert "Session" not in listing
        assert ("Record" in listing) == (outcome in ("changed", "reboot_required")), name
        assert host.run("schtasks /query /fo csv /nh 2>nul")[1] == b""


def test_a_second_run_changes_nothing(lab: Lab, results: Results) -> None:
    names = hosts_of(lab, "large", "by-msi", "restarts")
    before = {name: lab.host(name).snapshot() for name in names}
    again = module_results(lab.inventory, ",".join(names), MODULE, "-a", KB954960, *FORKS)
    assert outcomes(again) == dict.fromkeys(names, "unchanged")
    assert not any(result["changed"] for result in again.values())
    assert {name: before[name].differences(lab.host(name).snapshot()) for name in names} == dict.fromkeys(names, [])


@ON_SIMULATED
def test_a_log_is_no_template(lab: Lab, results: Results, tmp_path: Path) -> None:
    """A variable is what a playbook makes of a result, and is where a template in it would be filled in."""
    tasks = [
        {"unblock.updates.hotfix": dict(pair.split("=", 1) for pair in KB954960.split(" ", 5)[:5])},
        {"ansible.builtin.set_fact": {"tail": "{{ done.remedy.log_tail }}"}},
        {"ansible.builtin.copy": {"content": "{{ tail }}", "dest": str(tmp_path / "tail")}, "delegate_to": "localhost"},
    ]
    tasks[0] |= {"register": "done", "ignore_errors": True}
    tasks[2] |= {"vars": {"ansible_connection": "local"}}
    playbook = tmp_path / "play.yml"
    playbook.write_text(json.dumps([{"hosts": "fails", "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
    run = ansible_playbook(playbook, lab.inventory)
    assert run.code == 0, run.output
    assert (tmp_path / "tail").read_text(encoding="utf-8") == f"no room in the database {TEMPLATE}"


@pytest.mark.one_core
def test_what_failed_can_be_run_again(lab: Lab, results: Results) -> None:
    names = ("hangs", "crashes")
    for name in names:
        assert results[name]["failed"]
        lab.host(name).run(f"reg delete {SETTINGS} /f")
    again = module_results(lab.inventory, ",".join(names), MODULE, "-a", KB954960, *FORKS)
    assert outcomes(again) == dict.fromkeys(names, "changed"), {name: again[name]["msg"] for name in names}


@pytest.mark.one_core
@ON_SIMULATED
def test_a_killed_controller_is_no_harm(lab: Lab) -> None:
    """SIGKILL for Ansible with all its workers; the installer, which it had started, goes on for a while.

    As long as the shell that it runs in lives, a second run is refused.
    """
    host = lab.host("killed")

    def left() -> str:
        return host.run(r"reg query HKLM\SOFTWARE\unblock /s")[1].decode()

    process = start_module(lab.inventory, "killed", MODULE, "-a", KB954960)
    deadline = time.monotonic() + 60
    while "Record" not in left():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.2)
    time.sleep(1)  # then the installer itself begins
    kill(process)
    second = module_results(lab.inventory, "killed", MODULE, "-a", KB954960)["killed"]
    assert second["failed"] and "another run works here: run-1, since 20" in second["msg"]
    while host.file_version(LIBRARY) == "3.1.6001.65":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    host.end_idle_shells()
    again = module_results(lab.inventory, "killed", MODULE, "-a", KB954960)["killed"]
    assert again["remedy"]["outcome"] == "unchanged"
    assert ("Session" in left(), '"action":"apply_kb954960"' in left()) == (False, True)
    assert host.run(r'dir /b "%TEMP%\unblock*" 2>nul')[1] == b""
