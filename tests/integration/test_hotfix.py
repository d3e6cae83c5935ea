# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module hotfix over WinRM, with real processes on Wine hosts and with stand-ins on simulated ones."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.ansible_run import module_results
from tests.integration.conftest import free_port
from tests.lab.lab import DEFAULT_CACHE, Lab, Options
from tests.lab.packages import make_packages

SETTINGS = r"HKLM\SOFTWARE\Lab\Installer"
MODULE = "unblock.updates.hotfix"
KB954960 = "advisory=954960 action=apply_kb954960 accept_irreversible=true run_id=run-1 wait_for_installer=60 "
KB954960 += "install_timeout={{ install_timeout | default(120) }} as_system={{ as_system | default(false) }}"
KB954474 = "advisory=954474 action=apply_kb954474"

#: How the installer behaves on a host, and which package it gets if not the plain one.
HOSTS: dict[str, tuple[dict[str, int | str], str]] = {
    "plain": ({}, "kb954960-x64.exe"),
    "by-msi": ({}, "kb954960-x64.msi"),
    "large": ({}, "kb954960-x64-large.exe"),
    "first-release": ({}, "kb954960-x64-first.exe"),
    "nobody-vouches": ({}, "kb954960-x64.exe"),
    "restarts": ({"AtRestart": 1}, "kb954960-x64.exe"),
    "fails": ({"ExitCode": 1603, "Log": "no room in the database"}, "kb954960-x64.exe"),
    "crashes": ({"Crash": 1}, "kb954960-x64.exe"),
    "hangs": ({"Delay": 60}, "kb954960-x64.exe"),
    "busy": ({"Busy": 1}, "kb954960-x64.exe"),
    "does-nothing": ({"Replace": 0}, "kb954960-x64.exe"),
    # Wine's schtasks does nothing; a simulated host has a scheduler.
    "as-system": ({}, "kb954960-x64.exe"),
}

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
    fleet = tmp_path_factory.mktemp("hotfix") / "fleet.yml"
    variables = {
        name: {"unblock_packages": {"kb954960": {"x64": vouched(packages[file], name != "nobody-vouches")}}}
        for name, (dummy, file) in HOSTS.items()
    }
    variables["hangs"]["install_timeout"] = 5  # type: ignore[assignment]
    variables["as-system"]["as_system"] = True  # type: ignore[assignment]
    sites = {"unblock_packages": {"kb954474": {"x86": vouched(packages["kb954474-x86.exe"])}}}
    hosts = [
        *(
            {"host": "wsus-sp1-unpatched", "name": name, "group": "update_servers", "variables": values}
            for name, values in variables.items()
            if name != "as-system" or request.param == "simulated"
        ),
        {"host": "cm-sp1-unpatched", "name": "site", "group": "update_servers", "variables": sites},
    ]
    fleet.write_text(json.dumps({"hosts": hosts}), encoding="utf-8")
    options = Options(port=free_port(), executor=request.param)
    with Lab(fleet, lab_states / f"hotfix-{request.param}", options) as running:
        for host in hosts:
            for name, value in HOSTS.get(str(host["name"]), ({}, ""))[0].items():
                kind = "REG_DWORD" if isinstance(value, int) else "REG_SZ"
                command = f'reg add {SETTINGS} /v {name} /t {kind} /d "{value}" /f'
                assert running.host(str(host["name"])).run(command)[0] == 0
        yield running


@pytest.fixture(scope="module")
def foreseen(lab: Lab) -> Results:
    """What check mode says, before anything is changed; it alters nothing."""
    names = ("plain", "by-msi", "first-release", "nobody-vouches", "site")
    before = {name: lab.host(name).snapshot() for name in names}
    results = module_results(lab.inventory, ",".join(names[:-1]), MODULE, "-a", KB954960, "--check")
    results |= module_results(lab.inventory, "site", MODULE, "-a", KB954474, "--check")
    assert {name: before[name].differences(lab.host(name).snapshot()) for name in names} == dict.fromkeys(names, [])
    return results


@pytest.fixture(scope="module")
def results(lab: Lab, foreseen: Results) -> Results:
    """What became of every host."""
    results = module_results(lab.inventory, "all:!site", MODULE, "-a", KB954960)
    return results | module_results(lab.inventory, "site", MODULE, "-a", KB954474)


def outcomes(results: Results) -> dict[str, str]:
    """What became of each host; why it has no remedy at all, if it has none."""
    return {
        name: result["remedy"]["outcome"] if "remedy" in result else result["msg"] for name, result in results.items()
    }


def test_check_mode_refuses_what_is_refused_and_foresees_the_rest(foreseen: Results) -> None:
    said = outcomes(foreseen)
    assert {name for name, outcome in said.items() if outcome == "failed"} == {"first-release", "nobody-vouches"}
    assert {outcome for name, outcome in said.items() if outcome != "failed"} == {"would_change"}
    assert all(foreseen[name]["changed"] is (outcome == "would_change") for name, outcome in said.items())


def test_what_became_of_every_host(results: Results) -> None:
    changed = {"plain", "by-msi", "large", "busy", "as-system", "site"} & results.keys()
    failed = {"first-release", "nobody-vouches", "fails", "crashes", "hangs", "does-nothing"}
    assert outcomes(results) == {
        "restarts": "reboot_required",
        **dict.fromkeys(changed, "changed"),
        **dict.fromkeys(failed, "failed"),
    }, [result["msg"] for result in results.values()]
    for name, result in results.items():
        assert (result["failed"], result["changed"]) == (name in failed, name not in failed)


def test_the_installed_update_is_seen(results: Results) -> None:
    for name in ("plain", "by-msi", "large", "busy"):
        remedy = results[name]["remedy"]
        assert remedy["before"]["wsus.client_dll.version"] == "3.1.6001.65"
        assert remedy["after"]["wsus.client_dll.version"] == "3.1.6001.66"
        assert (remedy["exit_code"], remedy["log_tail"]) == (0, None)
    site = results["site"]["remedy"]
    assert (site["before"]["configmgr.hotfixes"], site["after"]["configmgr.hotfixes"]) == ("none", "KB954474")


@pytest.mark.parametrize(
    ("name", "code", "words", "log"),
    [
        ("first-release", None, "was built on 2008-07-09, before 2008-08-01", None),
        ("nobody-vouches", None, "has no signature that counts: it is not signed", None),
        ("restarts", 3010, "success; a restart is needed", None),
        ("fails", 1603, "fatal error during the installation", "no room in the database"),
        ("crashes", 0xC0000005, "a code that is not known", None),
        ("hangs", None, "had not ended after 5 s and was terminated", None),
        ("does-nothing", 0, "(success), but wsus.client_dll.version is still 3.1.6001.65", "Returning 0."),
    ],
)
def test_why(results: Results, name: str, code: int | None, words: str, log: str | None) -> None:
    remedy = results[name]["remedy"]
    assert remedy["exit_code"] == code, remedy["message"]
    assert words in remedy["message"]
    assert log in remedy["log_tail"] if log else remedy["log_tail"] is None


def test_nothing_is_left_but_the_record(lab: Lab, results: Results) -> None:
    for name, outcome in outcomes(results).items():
        host = lab.host(name)
        assert host.run(r'dir /b "%TEMP%\unblock*" 2>nul')[1] == b"", name
        listing = host.run(r"reg query HKLM\SOFTWARE\unblock /s")[1].decode()
        assert "Session" not in listing
        assert ("Record" in listing) == (outcome in ("changed", "reboot_required")), name


def test_a_second_run_changes_nothing(lab: Lab, results: Results) -> None:
    # Wine's script host cannot read a REG_MULTI_SZ, so the restart that is pending there stays hidden from the rule.
    names = ("plain", "by-msi") if lab.options.executor == "wine" else ("plain", "by-msi", "restarts")
    before = {name: lab.host(name).snapshot() for name in names}
    again = module_results(lab.inventory, ",".join(names), MODULE, "-a", KB954960)
    assert outcomes(again) == dict.fromkeys(names, "unchanged")
    assert not any(result["changed"] for result in again.values())
    assert {name: before[name].differences(lab.host(name).snapshot()) for name in names} == dict.fromkeys(names, [])


def test_what_failed_can_be_run_again(lab: Lab, results: Results) -> None:
    names = ("hangs", "crashes")
    for name in names:
        assert results[name]["failed"]
        lab.host(name).run(f"reg delete {SETTINGS} /f")
    again = module_results(lab.inventory, ",".join(names), MODULE, "-a", KB954960)
    assert outcomes(again) == dict.fromkeys(names, "changed"), {name: again[name]["msg"] for name in names}
